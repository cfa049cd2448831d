//! `GET /recordings/<secret>`: a finished recording, for whoever has the link that a host asked for, once.

use std::path::Path as FilePath;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio_util::io::ReaderStream;

use crate::recording::{ExportFormat, Library};

const SPENT: &str = "This link was used already, or is too old: ask for the recording again on the meeting's page.\n";
const GONE: &str = "The recording is no longer there.\n";

/// The route.
pub(super) fn router(library: Library) -> Router {
    Router::new()
        .route("/recordings/{secret}", get(fetch))
        .with_state(library)
}

async fn fetch(State(library): State<Library>, Path(secret): Path<String>, method: Method) -> Response {
    // Whoever only asks about it must not use it up.
    if method != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let Some(path) = library.spend(&secret) else {
        return (StatusCode::NOT_FOUND, SPENT).into_response();
    };
    let opened = async {
        let file = tokio::fs::File::open(&path).await?;
        let length = file.metadata().await?.len();
        std::io::Result::Ok((file, length))
    };
    let (file, length) = match opened.await {
        Ok(opened) => opened,
        Err(error) => {
            tracing::warn!(%error, "a recording that was asked for cannot be read");
            return (StatusCode::NOT_FOUND, GONE).into_response();
        }
    };
    let mut response = Body::from_stream(ReaderStream::with_capacity(file, 256 << 10)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(&path)));
    headers.insert(header::CONTENT_LENGTH, length.into());
    headers.insert(header::CONTENT_DISPOSITION, disposition(&path));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn media_type(path: &FilePath) -> &'static str {
    let extension = path.extension().unwrap_or_default();
    [
        ExportFormat::Mp4,
        ExportFormat::WebM,
        ExportFormat::Opus,
        ExportFormat::Mp3,
    ]
    .into_iter()
    .find(|format| extension == format.extension())
    .map_or("application/octet-stream", ExportFormat::media_type)
}

/// To be kept under its name, not shown.
fn disposition(path: &FilePath) -> HeaderValue {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = utf8_percent_encode(&name, NON_ALPHANUMERIC);
    HeaderValue::try_from(format!("attachment; filename*=UTF-8''{name}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_under_its_own_name_whatever_that_is() {
        let of = |name: &str| disposition(FilePath::new(name)).to_str().unwrap().to_owned();
        assert_eq!(of("/v/room_a_7.mp4"), "attachment; filename*=UTF-8''room%5Fa%5F7%2Emp4");
        assert_eq!(of("a\r\nb\".mp4"), "attachment; filename*=UTF-8''a%0D%0Ab%22%2Emp4");
        assert_eq!(media_type(FilePath::new("a.webm")), "video/webm");
        assert_eq!(media_type(FilePath::new("a.exe")), "application/octet-stream");
    }
}
