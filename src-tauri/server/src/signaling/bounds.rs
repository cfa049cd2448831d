//! What everybody passes who comes: the bounds of their address, and where sessions of Engine.IO begin. One connection
//! can begin many, so they are counted as connections are.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::limits::Limits;
use super::origins::Origins;
use crate::monitoring::Monitor;

/// Where Socket.IO is served.
const PATH: &str = "/socket.io";

/// What those who come are counted by.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// All addresses.
    pub origins: Arc<Origins>,
    /// Counts who is turned away.
    pub monitor: Arc<Monitor>,
    /// What clients are bounded to.
    pub limits: Limits,
}

/// Lets requests through, but for those that begin one session too many.
pub async fn admit(
    State(bounds): State<Bounds>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    if begins_session(&request)
        && let Err(bound) = bounds.origins.of(peer.ip()).arrive()
    {
        bounds.monitor.refused("connection", bound.kind());
        return (StatusCode::TOO_MANY_REQUESTS, format!("{bound}\n")).into_response();
    }
    next.run(request).await
}

/// Whether Socket.IO is what answers there.
#[must_use]
pub fn serves(uri: &Uri) -> bool {
    uri.path().starts_with(PATH)
}

fn begins_session(request: &Request) -> bool {
    let query = request.uri().query().unwrap_or_default();
    serves(request.uri()) && !query.split('&').any(|part| part.starts_with("sid="))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn only_the_first_request_of_a_session_begins_it() {
        let begins = |uri: &str| begins_session(&Request::builder().uri(uri).body(Body::empty()).unwrap());
        assert!(begins("/socket.io/?EIO=4&transport=polling"));
        assert!(begins("/socket.io/?EIO=4&transport=websocket&t=sid"));
        assert!(!begins("/socket.io/?EIO=4&transport=polling&sid=AAAA"));
        assert!(!begins("/r/meeting") && !begins("/r/meeting?x=/socket.io/"));
    }

    #[test]
    fn words_by_polling_are_told_from_files() {
        let serves = |uri: &'static str| serves(&Uri::from_static(uri));
        assert!(serves("/socket.io/?EIO=4&transport=polling&sid=AAAA"));
        assert!(!serves("/files/meeting/AAAA?x=/socket.io/") && !serves("/"));
    }
}
