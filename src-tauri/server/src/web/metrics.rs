//! `GET /metrics`: the server's figures, for this computer itself and for whoever shows the token.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use subtle::ConstantTimeEq as _;

use super::redirect::is_this_computer;
use crate::media::WorkerPool;
use crate::meeting::Meetings;
use crate::monitoring::Monitor;

/// What the figures are drawn from, and the token that opens them to other computers.
#[derive(Debug, Clone)]
pub(super) struct Figures {
    pub(super) monitor: Arc<Monitor>,
    pub(super) meetings: Arc<Meetings>,
    pub(super) pool: Arc<WorkerPool>,
    pub(super) token: Option<Arc<str>>,
}

/// The route.
pub(super) fn router(figures: Figures) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(figures)
}

async fn metrics(
    State(figures): State<Figures>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    if !is_this_computer(peer.ip()) && !shows_token(&headers, figures.token.as_deref()) {
        let sentence = "These figures are for the computer that Confab runs on. To read them from another, start \
                        Confab with CONFAB_METRICS_TOKEN and send it as “Authorization: Bearer …”.\n";
        return (StatusCode::FORBIDDEN, sentence).into_response();
    }
    let text = figures.monitor.text(&figures.meetings, &figures.pool).await;
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text,
    )
        .into_response()
}

fn shows_token(headers: &HeaderMap, token: Option<&str>) -> bool {
    let shown = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    match (shown, token) {
        (Some(shown), Some(token)) => shown.trim().as_bytes().ct_eq(token.as_bytes()).into(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_the_token_opens_the_figures() {
        let mut headers = HeaderMap::new();
        assert!(!shows_token(&headers, Some("secret")));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer secret"));
        assert!(shows_token(&headers, Some("secret")));
        assert!(!shows_token(&headers, Some("other")) && !shows_token(&headers, None));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Basic secret"));
        assert!(!shows_token(&headers, Some("secret")));
    }
}
