//! Files that people share, over HTTP: sent by one `PUT` to the address that `offer-file` answered, had by `GET` from
//! the same address, which the chat tells everybody.
//!
//! Whoever knows an address may use it; nobody can guess one. A file goes out as something to be saved, never as a page:
//! what guests bring must not run under this server's name.

mod receiving;
mod sending;

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use confab_edge::attachment;
use serde_json::json;
use tower::ServiceExt as _;
use tower_http::services::ServeFile;
use tracing::debug;

use super::headers;
use crate::files::FileFailure;
use crate::meeting::{Meeting, Meetings, Upload};
use crate::monitoring::Monitor;
use crate::signaling::Origins;
use crate::wire::{Bound, FileId, RoomId};

/// The events under which what failed is counted.
const UPLOAD: &str = "upload-file";
const DOWNLOAD: &str = "download-file";

/// What a question about a file costs, as a multiple of the cheapest request: its room is asked, and must not be kept
/// busy by whoever asks without end.
const COST: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);

/// Where files go to and come from.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    pub(super) meetings: Arc<Meetings>,
    pub(super) monitor: Arc<Monitor>,
    pub(super) origins: Arc<Origins>,
}

/// The route. Bodies have no bound here: a file's own length bounds it.
pub(super) fn router(shared: Shared) -> Router {
    Router::new()
        .route("/files/{room}/{file}", get(download).put(upload))
        .layer(middleware::from_fn(headers::secure))
        .with_state(shared)
}

impl Shared {
    /// Counts a question from this address.
    fn count(&self, address: IpAddr) -> Result<(), Bound> {
        let counted = self.origins.of(address).count_request(COST);
        counted.then_some(()).ok_or(Bound::RequestsOfAddress)
    }

    /// Lets a file come that is waited for, if this address has not shared too much.
    async fn begin(&self, address: IpAddr, room: &str, file: &str) -> Result<Upload, FileFailure> {
        self.count(address)?;
        let meeting = self.meeting(room).ok_or(FileFailure::NotWaitedFor)?;
        let upload = meeting.receive_file(FileId::from(file)).await;
        let upload = upload.ok_or(FileFailure::NotWaitedFor)?;
        self.origins.of(address).count_file(upload.size)?;
        Ok(upload)
    }

    fn meeting(&self, room: &str) -> Option<Meeting> {
        self.meetings.find(&room.parse::<RoomId>().ok()?)
    }
}

async fn upload(
    State(shared): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path((room, file)): Path<(String, String)>,
    request: Request,
) -> Response {
    let upload = shared.begin(peer.ip(), &room, &file).await;
    match receiving::receive(upload, request.into_body(), &shared.monitor).await {
        Ok(()) => axum::Json(json!({})).into_response(),
        Err(failure) => {
            debug!(room, %failure, "A file did not arrive");
            shared.monitor.refused(UPLOAD, failure.kind());
            let answer = axum::Json(json!({ "error": failure.to_string() }));
            (status(&failure), answer).into_response()
        }
    }
}

fn status(failure: &FileFailure) -> StatusCode {
    match failure {
        FileFailure::NotWaitedFor => StatusCode::NOT_FOUND,
        FileFailure::Stopped => StatusCode::GONE,
        FileFailure::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
        FileFailure::TooShort => StatusCode::BAD_REQUEST,
        FileFailure::TooMuch(_) => StatusCode::TOO_MANY_REQUESTS,
        FileFailure::Stalled => StatusCode::REQUEST_TIMEOUT,
        FileFailure::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
        FileFailure::Disk(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

async fn download(
    State(shared): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path((room, file)): Path<(String, String)>,
    request: Request,
) -> Response {
    if let Err(bound) = shared.count(peer.ip()) {
        shared.monitor.refused(DOWNLOAD, bound.kind());
        return (StatusCode::TOO_MANY_REQUESTS, format!("{bound}\n")).into_response();
    }
    let found = match shared.meeting(&room) {
        Some(meeting) => meeting.file(FileId::from(file.as_str())).await,
        None => None,
    };
    let Some(download) = found else {
        return gone();
    };
    let Ok(file) = ServeFile::new(download.file.path()).oneshot(request).await;
    if file.status() == StatusCode::NOT_FOUND {
        // Somebody removed it from the disk.
        return gone();
    }
    let disposition = attachment::under(&download.name);
    let mut response = file.map(|body| sending::send(axum::body::Body::new(body), download, shared.monitor));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn gone() -> Response {
    let sentence =
        "This file is not here any more: files go with their meeting. Ask who shared it to share it again.\n";
    (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")], sentence).into_response()
}
