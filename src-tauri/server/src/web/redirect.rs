//! The answer to plain HTTP from another device: the same place over HTTPS, because browsers give a page no camera
//! without it.
//!
//! It is a 308, which keeps method and body, but one that must not be remembered: on a LAN an address may belong to
//! another program tomorrow, and a browser that remembers a 308 would never ask it again.

use std::net::IpAddr;

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderValue, Request, Response, StatusCode, Uri,
        header::{CACHE_CONTROL, CONTENT_TYPE, HOST, LOCATION},
        uri::Authority,
    },
};

/// Whether a connection comes from this computer itself; such a one may stay plain.
pub(super) fn is_this_computer(peer: IpAddr) -> bool {
    // A dual-stack listener sees IPv4 peers as ::ffff:a.b.c.d.
    peer.to_canonical().is_loopback()
}

/// Sends a request to HTTPS at the host that it named, or says what it lacks. `port` is the port that it came in on.
pub(super) fn to_https<B>(request: &Request<B>, port: u16) -> Response<Body> {
    let location = host_of(request.headers(), request.uri())
        .and_then(|host| HeaderValue::try_from(secure(&host, port, request.uri())).ok());
    let Some(location) = location else {
        let sentence =
            "The request names no valid host, so Confab cannot send it to https. Open the join link again.\n";
        return answer(StatusCode::BAD_REQUEST, sentence.into());
    };
    let sentence = format!("This page is at {}\n", location.to_str().unwrap_or("https"));
    let mut response = answer(StatusCode::PERMANENT_REDIRECT, sentence);
    response.headers_mut().insert(LOCATION, location);
    response
}

fn answer(status: StatusCode, sentence: String) -> Response<Body> {
    let mut response = Response::new(Body::from(sentence));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The one host that the request names; nothing that carries a user name, which only a deceiver would send.
fn host_of(headers: &HeaderMap, uri: &Uri) -> Option<Authority> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => Authority::try_from(host.as_bytes()).ok()?,
        (None, _) => uri.authority()?.clone(),
        (Some(_), Some(_)) => return None,
    };
    (!host.host().is_empty() && !host.as_str().contains('@')).then_some(host)
}

/// A host without a port means port 80 over HTTP but 443 over HTTPS, so the port must be said.
fn secure(host: &Authority, port: u16, uri: &Uri) -> String {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    // In an OPTIONS request the path can be "*".
    let path = if path.starts_with('/') { path } else { "/" };
    match host.port() {
        None if port != 443 => format!("https://{}:{port}{path}", host.host()),
        _ => format!("https://{host}{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirected(uri: &str, hosts: &[&str], port: u16) -> (StatusCode, Option<String>) {
        let mut request = Request::builder().uri(uri);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let response = to_https(&request.body(()).expect("a request"), port);
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        let location = response
            .headers()
            .get(LOCATION)
            .map(|value| value.to_str().expect("ASCII").to_owned());
        (response.status(), location)
    }

    fn location(uri: &str, host: &str, port: u16) -> String {
        let (status, location) = redirected(uri, &[host], port);
        assert_eq!(status, StatusCode::PERMANENT_REDIRECT);
        location.expect("a location")
    }

    #[test]
    fn the_same_place_over_https() {
        assert_eq!(
            location("/r/standup?x=1&y=%20", "192.168.1.20:8080", 8080),
            "https://192.168.1.20:8080/r/standup?x=1&y=%20"
        );
        assert_eq!(location("/", "laptop.local:8080", 8080), "https://laptop.local:8080/");
        assert_eq!(location("/", "[fd00::7]:8080", 8080), "https://[fd00::7]:8080/");
        assert_eq!(
            location("//evil.example/x", "laptop:8080", 8080),
            "https://laptop:8080//evil.example/x"
        );
        assert_eq!(location("*", "laptop:8080", 8080), "https://laptop:8080/");
    }

    #[test]
    fn a_host_without_a_port_gets_ours() {
        assert_eq!(location("/r/a", "laptop.local", 80), "https://laptop.local:80/r/a");
        assert_eq!(location("/r/a", "[fd00::7]", 80), "https://[fd00::7]:80/r/a");
        assert_eq!(location("/r/a", "laptop.local", 443), "https://laptop.local/r/a");
    }

    #[test]
    fn a_request_to_a_proxy_names_its_host_in_the_first_line() {
        assert_eq!(
            redirected("http://laptop:8080/r/a", &[], 8080).1.as_deref(),
            Some("https://laptop:8080/r/a")
        );
    }

    #[test]
    fn no_host_or_a_strange_one_is_refused() {
        for hosts in [
            &[][..],
            &["a", "b"],
            &[""],
            &["me@evil.example"],
            &["a b"],
            &["a/b"],
            &["[::1"],
        ] {
            assert_eq!(
                redirected("/r/a", hosts, 8080),
                (StatusCode::BAD_REQUEST, None),
                "{hosts:?}"
            );
        }
    }

    #[test]
    fn only_loopback_is_this_computer() {
        for here in ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"] {
            assert!(is_this_computer(here.parse().expect("an address")), "{here}");
        }
        for other in [
            "192.168.1.20",
            "::ffff:192.168.1.20",
            "fd00::7",
            "10.0.0.1",
            "128.0.0.1",
        ] {
            assert!(!is_this_computer(other.parse().expect("an address")), "{other}");
        }
    }
}
