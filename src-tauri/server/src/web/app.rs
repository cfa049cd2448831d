//! Everything behind the port: signalling, the pages, and how the server does.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use bytes::Bytes;
use serde_json::json;
use socketioxide::layer::SocketIoLayer;
use tower_http::cors::CorsLayer;

use super::files::{self, Shared};
use super::meetings_api::{self, MeetingsApi};
use super::metrics::{self, Figures};
use super::pages::{self, Site};
use super::recordings;
use crate::config::Config;
use crate::media::WorkerPool;
use crate::meeting::Meetings;
use crate::recording::Library;
use crate::signaling;

/// Puts the app together. `authority` is the local authority's certificate (DER).
pub fn app(
    config: &Config,
    sockets: SocketIoLayer,
    bounds: signaling::Bounds,
    meetings: Arc<Meetings>,
    pool: Arc<WorkerPool>,
    library: Library,
    authority: Bytes,
) -> Router {
    let site = Site {
        default_room: config.default_room.clone(),
        has_room: {
            let meetings = Arc::clone(&meetings);
            Arc::new(move |room| meetings.has(room))
        },
        authority,
    };
    let shared = Shared {
        meetings: Arc::clone(&meetings),
        monitor: Arc::clone(&bounds.monitor),
        origins: Arc::clone(&bounds.origins),
    };
    let api = MeetingsApi {
        meetings: Arc::clone(&meetings),
        monitor: Arc::clone(&bounds.monitor),
        origins: Arc::clone(&bounds.origins),
        frontend: Some(config.frontend_url.clone()),
    };
    let figures = Figures {
        monitor: Arc::clone(&bounds.monitor),
        meetings: Arc::clone(&meetings),
        pool: Arc::clone(&pool),
        token: config.metrics_token.clone(),
    };
    let health = async move || axum::Json(json!({ "status": "ok", "rooms": meetings.len(), "workers": pool.len() }));
    Router::new()
        .route("/health", get(health))
        .merge(metrics::router(figures))
        .merge(files::router(shared))
        .merge(meetings_api::router(api))
        .merge(recordings::router(library))
        .merge(pages::router(site))
        .layer(sockets)
        .layer(from_fn_with_state(bounds, signaling::admit))
        .layer(cors(config.frontend_url.clone()))
}

/// Lets a frontend served from elsewhere use signalling, as the guide has it, and files.
fn cors(origin: HeaderValue) -> CorsLayer {
    CorsLayer::new()
        .allow_origin([origin])
        .allow_methods([Method::GET, Method::POST, Method::PUT])
        .allow_headers([header::CONTENT_TYPE])
        .expose_headers([header::CONTENT_DISPOSITION])
        .allow_credentials(true)
}
