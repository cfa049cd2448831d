//! The pages for browsers: the meeting page under every room's link, its files, and the authority's certificate with
//! the page that says how to install it.
//!
//! A release carries the files of `ui/dist` inside the program; a debug build reads them from that folder at each
//! request, so a change of the page needs no new server. Texts go out compressed; signalling and media, which are no
//! business of this module, do not.

use std::borrow::Cow;
use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    middleware,
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use bytes::Bytes;
use rust_embed::{EmbeddedFile, RustEmbed};
use tower_http::compression::CompressionLayer;

use super::headers;
use crate::wire::RoomId;

/// Vite puts a hash of the content into the names below `assets/`, so a browser may keep them for ever.
const KEEP: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Names that stay while their content changes: ask each time whether it did.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// The page that every room's link opens.
const MEETING_PAGE: &str = "meeting.html";

/// The page about the authority's certificate.
const TRUST_PAGE: &str = "trust.html";

/// The page that says one sentence, with a place for it.
const SENTENCE_PAGE: &str = "sentence.html";

#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
struct Files;

/// What the pages need to know of the server.
#[derive(Clone)]
pub struct Site {
    /// The room to which `/` leads.
    pub default_room: RoomId,
    /// Whether a room is there, or may be made by who opens its link.
    pub has_room: Arc<dyn Fn(&RoomId) -> bool + Send + Sync>,
    /// The local authority's certificate (DER).
    pub authority: Bytes,
}

/// The routes of all pages. Its fallback answers every path that no other route knows, with a sentence.
pub fn router(site: Site) -> Router {
    Router::new()
        .route("/", get(default_room))
        .route("/r/{room}", get(meeting))
        .route("/assets/{*name}", get(asset))
        .route("/trust", get(async |request: HeaderMap| page(TRUST_PAGE, &request)))
        .route("/trust/confab-ca.crt", get(authority))
        .fallback(other_file)
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn(headers::secure))
        .with_state(site)
}

async fn default_room(State(site): State<Site>) -> Response {
    // Not a permanent one: the default room can be another after the next start.
    Redirect::temporary(&format!("/r/{}", site.default_room)).into_response()
}

async fn meeting(State(site): State<Site>, Path(room): Path<String>, request: HeaderMap) -> Response {
    match room.parse::<RoomId>() {
        Err(_) => not_found(
            "There is no such room: a room's name has 1 to 64 letters, digits, hyphens, underscores and dots.",
        ),
        Ok(room) if !(site.has_room)(&room) => not_found("There is no such room here. Ask the host for the link."),
        Ok(_) => page(MEETING_PAGE, &request),
    }
}

/// One of Confab's own pages.
fn page(name: &str, request: &HeaderMap) -> Response {
    match Files::get(name) {
        Some(file) => deliver(name, file, request, ASK_AGAIN),
        None => sentence(
            StatusCode::SERVICE_UNAVAILABLE,
            "This Confab was built without its pages. Start it with “cargo xtask run”, which builds them.",
        ),
    }
}

async fn asset(Path(name): Path<String>, request: HeaderMap) -> Response {
    let name = format!("assets/{name}");
    match file(&name) {
        Some(file) => deliver(&name, file, &request, KEEP),
        None => not_found("There is no such file."),
    }
}

/// Icons and the like beside the pages. The pages themselves are not served by their names: `host.html` is the
/// native window's.
async fn other_file(method: axum::http::Method, uri: Uri, request: HeaderMap) -> Response {
    let name = uri.path().trim_start_matches('/');
    let is_page = name.ends_with(".html") || name.starts_with("assets/");
    match file(name) {
        Some(file) if !is_page && (method == "GET" || method == "HEAD") => deliver(name, file, &request, ASK_AGAIN),
        _ => not_found("There is nothing here. Join a meeting by its link or QR code."),
    }
}

async fn authority(State(site): State<Site>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/x-x509-ca-cert"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"confab-ca.crt\""),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, site.authority).into_response()
}

/// A file by its path in the folder. A debug build looks into the file system, so the path is checked here.
fn file(name: &str) -> Option<EmbeddedFile> {
    let is_plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':', '\0']);
    name.split('/').all(is_plain).then(|| Files::get(name)).flatten()
}

/// The file, or 304 for a browser that has it.
fn deliver(name: &str, file: EmbeddedFile, request: &HeaderMap, cache: HeaderValue) -> Response {
    let tag: String = file
        .metadata
        .sha256_hash()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let tag = format!("\"{tag}\"");
    let is_known = request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|known| {
            known
                .split(',')
                .map(|one| one.trim().trim_start_matches("W/"))
                .any(|one| one == tag || one == "*")
        });
    let kind = content_type(name, file.metadata.mimetype());
    let caching = [(header::CACHE_CONTROL, cache), tag_header(&tag)];
    if is_known {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    let content = match file.data {
        Cow::Borrowed(bytes) => Body::from(Bytes::from_static(bytes)),
        Cow::Owned(bytes) => Body::from(bytes),
    };
    (caching, [(header::CONTENT_TYPE, kind)], content).into_response()
}

fn tag_header(tag: &str) -> (HeaderName, HeaderValue) {
    // Hexadecimal digits in quotes are a valid header value; the other arm cannot happen and harms nobody.
    (
        header::ETAG,
        HeaderValue::from_str(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\"")),
    )
}

/// Texts are UTF-8, which their type by file name does not say.
fn content_type(name: &str, guessed: &str) -> String {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8".to_owned(),
        Some("js" | "mjs") => "text/javascript; charset=utf-8".to_owned(),
        Some("css") => "text/css; charset=utf-8".to_owned(),
        Some("webmanifest") => "application/manifest+json".to_owned(),
        _ => guessed.to_owned(),
    }
}

fn not_found(text: &'static str) -> Response {
    sentence(StatusCode::NOT_FOUND, text)
}

/// A page with one sentence and the way to the default room. `text` is ours and needs no escaping. Without the pages, the
/// sentence alone.
fn sentence(status: StatusCode, text: &'static str) -> Response {
    let page = Files::get(SENTENCE_PAGE).map(|file| String::from_utf8_lossy(&file.data).replace("{sentence}", text));
    let page = page.unwrap_or_else(|| text.to_owned());
    (status, [(header::CACHE_CONTROL, ASK_AGAIN)], Html(page)).into_response()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    fn site() -> Site {
        let default_room = "standup".parse().expect("a room's id");
        Site {
            default_room,
            has_room: Arc::new(|room| room.as_str() != "unknown"),
            authority: Bytes::from_static(b"DER"),
        }
    }

    async fn fetch(path: &str) -> Response {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        router(site()).oneshot(request).await.expect("an answer")
    }

    #[tokio::test]
    async fn texts_go_out_compressed_to_those_who_can_read_that() {
        let request = |encodings| {
            Request::get("/nothing")
                .header(header::ACCEPT_ENCODING, encodings)
                .body(Body::empty())
                .expect("a request")
        };
        let compressed = router(site()).oneshot(request("gzip, br")).await.expect("an answer");
        assert_eq!(compressed.headers()[header::CONTENT_ENCODING], "gzip");
        let body = axum::body::to_bytes(compressed.into_body(), 1 << 20)
            .await
            .expect("a body");
        assert_eq!(body[..2], [0x1f, 0x8b], "the mark of gzip");
        let plain = router(site()).oneshot(request("identity")).await.expect("an answer");
        assert!(plain.headers().get(header::CONTENT_ENCODING).is_none());
        assert!(text(plain).await.starts_with("<!doctype html>"));
    }

    async fn text(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20)
            .await
            .expect("a body");
        String::from_utf8(bytes.to_vec()).expect("UTF-8")
    }

    fn example() -> EmbeddedFile {
        let metadata = rust_embed::Metadata::__rust_embed_new([7; 32], None, None, "text/html");
        EmbeddedFile {
            data: Cow::Borrowed(b"<p>hello"),
            metadata,
        }
    }

    #[tokio::test]
    async fn the_root_leads_to_the_default_room() {
        let response = fetch("/").await;
        assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
        assert_eq!(response.headers()[header::LOCATION], "/r/standup");
    }

    #[tokio::test]
    async fn what_is_no_room_is_a_sentence() {
        for path in [
            "/r/no%20room",
            "/r/a%2Fb",
            "/r/%C3%BC",
            "/r/",
            "/r",
            "/r/unknown",
            "/r/a/b",
            "/nothing",
            "/host.html",
            "/meeting.html",
            "/trust.html",
            "/sentence.html",
        ] {
            let response = fetch(path).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
            assert!(text(response).await.contains("There is no"), "{path}");
        }
    }

    #[tokio::test]
    async fn no_path_leads_out_of_the_folder() {
        for path in [
            "/assets/../../package.json",
            "/assets/%2e%2e/%2e%2e/package.json",
            "/assets/..%2f..%2fpackage.json",
            "/assets//etc/passwd",
            "/assets/..%5c..%5cpackage.json",
            "/%2e%2e/package.json",
            "/.gitignore",
        ] {
            assert_eq!(fetch(path).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
        assert!(file("../package.json").is_none() && file("assets/../../package.json").is_none());
    }

    #[tokio::test]
    async fn a_page_is_there_if_the_pages_were_built() {
        for (path, name) in [("/r/standup", MEETING_PAGE), ("/trust", TRUST_PAGE)] {
            let response = fetch(path).await;
            if Files::get(name).is_some() {
                assert_eq!(response.status(), StatusCode::OK, "{path}");
                assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
                assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
            } else {
                assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
                assert!(text(response).await.contains("cargo xtask run"));
            }
        }
    }

    #[tokio::test]
    async fn the_authority_can_be_fetched() {
        let response = fetch("/trust/confab-ca.crt").await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/x-x509-ca-cert");
        assert_eq!(text(response).await, "DER");
    }

    #[tokio::test]
    async fn every_answer_has_the_security_headers() {
        for path in ["/", "/r/standup", "/nothing", "/trust/confab-ca.crt"] {
            let response = fetch(path).await;
            let policy = response.headers()[header::CONTENT_SECURITY_POLICY]
                .to_str()
                .expect("ASCII")
                .to_owned();
            assert!(
                policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
                "{path}"
            );
            assert!(!policy.contains("unsafe") && !policy.contains("https:"), "{path}");
            assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
            assert_eq!(response.headers()[header::REFERRER_POLICY], "no-referrer");
            assert!(
                response.headers()["permissions-policy"]
                    .to_str()
                    .expect("ASCII")
                    .contains("camera=(self)")
            );
        }
    }

    #[tokio::test]
    async fn a_browser_that_has_the_file_is_told_so() {
        let first = deliver("meeting.html", example(), &HeaderMap::new(), ASK_AGAIN);
        assert_eq!(first.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
        let tag = first.headers()[header::ETAG].clone();
        assert_eq!(text(first).await, "<p>hello");
        let mut request = HeaderMap::new();
        for known in [
            tag.to_str().expect("ASCII").to_owned(),
            format!("\"x\", W/{}", tag.to_str().expect("ASCII")),
        ] {
            request.insert(header::IF_NONE_MATCH, HeaderValue::try_from(known).expect("a header"));
            let again = deliver("meeting.html", example(), &request, ASK_AGAIN);
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
            assert_eq!(again.headers()[header::ETAG], tag);
        }
        request.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"other\""));
        assert_eq!(
            deliver("meeting.html", example(), &request, ASK_AGAIN).status(),
            StatusCode::OK
        );
    }

    #[test]
    fn files_with_hashed_names_are_kept() {
        let response = deliver("assets/a-1234.js", example(), &HeaderMap::new(), KEEP);
        assert!(
            response.headers()[header::CACHE_CONTROL]
                .to_str()
                .expect("ASCII")
                .contains("immutable")
        );
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/javascript; charset=utf-8"
        );
    }
}
