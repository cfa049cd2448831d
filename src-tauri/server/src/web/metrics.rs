//! `GET /metrics`: the server's figures, for this computer itself and for whoever shows the token.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use super::redirect::is_this_computer;
use crate::media::WorkerPool;
use crate::meeting::Meetings;
use crate::monitoring::Monitor;
use crate::wire::Secret;

/// What the figures are drawn from, and the token that opens them to other computers.
#[derive(Debug, Clone)]
pub(super) struct Figures {
    pub(super) monitor: Arc<Monitor>,
    pub(super) meetings: Arc<Meetings>,
    pub(super) pool: Arc<WorkerPool>,
    pub(super) token: Option<Secret>,
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
    if !is_this_computer(peer.ip()) && !shows_token(&headers, figures.token.as_ref()) {
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

fn shows_token(headers: &HeaderMap, token: Option<&Secret>) -> bool {
    let shown = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    match (shown, token) {
        (Some(shown), Some(token)) => Secret::from(shown.trim()).matches(token),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_the_token_opens_the_figures() {
        let secret = Secret::from("secret");
        let mut headers = HeaderMap::new();
        assert!(!shows_token(&headers, Some(&secret)));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer secret"));
        assert!(shows_token(&headers, Some(&secret)));
        assert!(!shows_token(&headers, Some(&"other".into())) && !shows_token(&headers, None));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Basic secret"));
        assert!(!shows_token(&headers, Some(&secret)));
    }
}
