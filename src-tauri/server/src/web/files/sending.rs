//! A file on its way out: a piece at a time, as fast as whoever asked for it takes it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use futures::StreamExt as _;
use futures::stream;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::meeting::Download;
use crate::monitoring::Monitor;

/// How long a reader may take nothing.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a reader that was there when the file went may go on: who leaves a meeting has often just asked for it.
const AFTERWARDS: Duration = Duration::from_secs(600);
/// How many pieces are read ahead.
const AHEAD: usize = 4;

/// The body that carries this one while the file may be had. A reader that stands still holds neither the file nor its
/// place on the disk.
pub(super) fn send(body: Body, download: Download, monitor: Arc<Monitor>) -> Body {
    let (pieces, mut sent) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        let mut body = body.into_data_stream();
        let carrying = async {
            while let Some(Ok(piece)) = body.next().await {
                let length = piece.len() as u64;
                if !matches!(timeout(PATIENCE, pieces.send(piece)).await, Ok(Ok(()))) {
                    break;
                }
                monitor.file_sent(length);
            }
        };
        let too_late = async {
            download.over.cancelled().await;
            sleep(AFTERWARDS).await;
        };
        tokio::select! {
            () = carrying => (),
            () = too_late => (),
        }
    });
    // A body that ends before its length ends the connection, which the reader sees.
    Body::from_stream(stream::poll_fn(move |context| {
        sent.poll_recv(context).map(|piece| piece.map(Ok::<_, Infallible>))
    }))
}
