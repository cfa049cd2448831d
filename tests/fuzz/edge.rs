//! Whatever bytes a connection brings, HTTP and Engine.IO answer them or end it, and nothing of it is left behind.
//!
//! What comes are connections, one after the other, with `%%` between them; `{sid}` stands for the id of the session that was begun last. They meet the readers of
//! the server as it sets them up, and routes like its own.

#![no_main]

use std::convert::Infallible;
use std::fs;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Path, Request};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::get;
use confab_edge::{attachment, engine_io, http1};
use confab_fuzz::{bounded, folder};
use confab_wire::RoomId;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use socketioxide::extract::{AckSender, Event, SocketRef, TryData};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::runtime::{Builder, Handle};
use tokio::time::{sleep, timeout};
use tower::ServiceExt as _;
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;
use tower_http::services::ServeFile;

/// The largest message, in bytes: small, so that one can be too large.
const MESSAGE_BYTES: NonZeroUsize = NonZeroUsize::new(256).unwrap();
/// The file that can be had.
const FILE: &[u8] = b"0123456789";
/// How many bytes a connection takes and gives before the other side has to read.
const LINE: usize = 16 << 10;
/// How long it takes until nothing is left of a client that says nothing any more.
const AFTERLIFE: Duration = http1::HEADER_TIMEOUT
    .saturating_add(engine_io::CONNECT_TIMEOUT)
    .saturating_add(engine_io::PING_INTERVAL)
    .saturating_add(engine_io::PING_TIMEOUT);

fuzz_target!(|data: &[u8]| {
    let file = folder().join("file");
    if !file.is_file() {
        fs::write(&file, FILE).expect("a file");
    }
    bounded(data, || {
        // Its time passes when nobody has anything to do.
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(serve(data));
    });
});

async fn serve(data: &[u8]) {
    let (sockets, io) = engine_io::builder(MESSAGE_BYTES).build_layer();
    io.ns("/", async |socket: SocketRef| socket.on_fallback(heard));
    let app = Router::new()
        .route("/", get(async || "hello"))
        .route("/r/{room}", get(room))
        .route("/files/{name}", get(download).put(upload))
        .layer(CompressionLayer::new())
        .layer(sockets)
        .layer(
            CorsLayer::new()
                .allow_origin([HeaderValue::from_static("https://example.org")])
                .allow_credentials(true),
        );
    let mut session = b"AAAA".to_vec();
    let mut rest = data;
    loop {
        let end = rest.windows(2).position(|pair| pair == b"%%");
        let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
        connect(&app, &with_session(piece, &session), &mut session).await;
        match after.get(2..) {
            Some(after) => rest = after,
            None => break,
        }
    }
    sleep(AFTERLIFE).await;
    assert!(io.sockets().is_empty(), "a socket outlived its client");
    assert_eq!(
        Handle::current().metrics().num_alive_tasks(),
        0,
        "a task outlived its client"
    );
}

/// What a client says to the session that it is in.
fn with_session(piece: &[u8], session: &[u8]) -> Vec<u8> {
    let mut said = Vec::with_capacity(piece.len());
    let mut rest = piece;
    while let Some(at) = rest.windows(5).position(|part| part == b"{sid}") {
        said.extend_from_slice(&rest[..at]);
        said.extend_from_slice(session);
        rest = &rest[at + 5..];
    }
    said.extend_from_slice(rest);
    said
}

/// One connection, from its first byte until nothing happens any more.
async fn connect(app: &Router, said: &[u8], session: &mut Vec<u8>) {
    let (near, far) = duplex(LINE);
    tokio::spawn(answer(near, app.clone()));
    let (mut answers, mut line) = tokio::io::split(far);
    let hear = async {
        let (mut heard, mut buffer) = (Vec::new(), [0; 4096]);
        // A second is long here: it passes at once where everybody waits.
        while let Ok(Ok(length @ 1..)) = timeout(Duration::from_secs(1), answers.read(&mut buffer)).await {
            heard.extend_from_slice(&buffer[..length]);
        }
        heard
    };
    let (_, heard) = tokio::join!(line.write_all(said), hear);
    assert!(
        heard.is_empty() || heard.starts_with(b"HTTP/1."),
        "an answer is one of HTTP"
    );
    assert!(
        heard.len() <= 64 * said.len() + 1024,
        "{} bytes got {}",
        said.len(),
        heard.len()
    );
    if let Some(at) = heard.windows(7).position(|part| part == b"\"sid\":\"") {
        let id = &heard[at + 7..];
        let end = id.iter().position(|byte| *byte == b'"').unwrap_or(id.len());
        *session = id[..end].to_vec();
    }
}

async fn answer(line: DuplexStream, app: Router) {
    let service = service_fn(|request: Request<Incoming>| {
        let app = app.clone();
        async move {
            let mut request = request.map(Body::new);
            request
                .extensions_mut()
                .insert(ConnectInfo(SocketAddr::from(([192, 168, 1, 20], 50_000))));
            app.oneshot(request).await
        }
    });
    // How it ends is the client's business.
    let _ = http1::builder()
        .serve_connection(TokioIo::new(line), service)
        .with_upgrades()
        .await;
}

/// Answers an event with what came with it.
async fn heard(Event(event): Event, TryData(payload): TryData<Value>, ack: AckSender, socket: SocketRef) {
    let payload = payload.unwrap_or_default();
    assert!(event.len() <= 2 * MESSAGE_BYTES.get() && payload.to_string().len() <= 16 * MESSAGE_BYTES.get());
    if event == "leave-room" {
        let _ = socket.disconnect(); // it may be gone
        return;
    }
    let _ = ack.send(&payload); // likewise
}

async fn room(Path(room): Path<String>) -> Response<Body> {
    match room.parse::<RoomId>() {
        Ok(room) => {
            assert!((1..=64).contains(&room.as_str().len()) && !room.as_str().contains(['/', '\\']));
            room.as_str().to_owned().into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A file under any name; of which a part may be asked for.
async fn download(Path(name): Path<String>, request: Request) -> Result<Response<Body>, Infallible> {
    let mut response = ServeFile::new(folder().join("file"))
        .oneshot(request)
        .await?
        .map(Body::new);
    let disposition = attachment::under(&name);
    assert!(disposition.as_bytes().is_ascii() && disposition != "attachment");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

async fn upload(request: Request) -> StatusCode {
    match to_bytes(request.into_body(), 1024).await {
        Ok(bytes) => {
            assert!(bytes.len() <= 1024);
            StatusCode::OK
        }
        Err(_) => StatusCode::PAYLOAD_TOO_LARGE,
    }
}
