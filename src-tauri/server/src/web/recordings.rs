//! `GET /recordings/<secret>`: a finished recording, for whoever has the link that a host asked for, once.

use std::path::Path as FilePath;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use confab_edge::attachment;
use tokio_util::io::ReaderStream;

use super::headers;
use crate::recording::{ExportFormat, Library};

const SPENT: &str = "This link was used already, or is too old: ask for the recording again on the meeting's page.\n";
const GONE: &str = "The recording is no longer there: who runs Confab has moved or deleted it, so ask them for it.\n";

/// The route.
pub(super) fn router(library: Library) -> Router {
    Router::new()
        .route("/recordings/{secret}", get(fetch))
        .layer(middleware::from_fn(headers::secure))
        .with_state(library)
}

async fn fetch(State(library): State<Library>, Path(secret): Path<String>, method: Method) -> Response {
    // Whoever only asks about it must not use it up.
    if method != Method::GET {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET")]).into_response();
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
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(&path)));
    headers.insert(header::CONTENT_LENGTH, length.into());
    headers.insert(header::CONTENT_DISPOSITION, attachment::under(&name));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_of_the_type_that_its_ending_says() {
        assert_eq!(media_type(FilePath::new("a.webm")), "video/webm");
        assert_eq!(media_type(FilePath::new("a.exe")), "application/octet-stream");
    }
}
