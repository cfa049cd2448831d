//! A file on its way in: from the request's body to the disk, a piece at a time.

use std::time::Duration;

use axum::body::{Body, BodyDataStream, HttpBody as _};
use futures::StreamExt as _;
use tokio::io::{AsyncWriteExt as _, BufWriter};
use tokio::time::timeout;

use crate::files::{FileFailure, StoredFile};
use crate::meeting::Upload;
use crate::monitoring::Monitor;

/// How long a sender may be silent.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much is gathered before it is written, in bytes: each write is a way to another thread and back.
const GATHERED: usize = 256 * 1024;
/// How much of a file that is not taken is read all the same, in bytes, and for how long: a browser that is still
/// sending does not listen, and would show a broken line instead of the reason.
const HEARD_OUT: usize = 64 << 20;
const HEARD_OUT_FOR: Duration = Duration::from_secs(10);

/// Takes in a file, if it may come, and returns when everybody has been told of it.
pub(super) async fn receive(
    upload: Result<Upload, FileFailure>,
    body: Body,
    monitor: &Monitor,
) -> Result<(), FileFailure> {
    let mut incoming = Incoming {
        announced: body.size_hint().exact(),
        chunks: body.into_data_stream(),
        monitor,
    };
    let upload = match upload {
        Ok(upload) => upload,
        Err(failure) => {
            incoming.hear_out().await;
            return Err(failure);
        }
    };
    let taken = tokio::select! {
        biased;
        () = upload.stopped.cancelled() => Err(FileFailure::Stopped),
        taken = incoming.save(&upload) => taken,
    };
    match taken {
        Ok(file) => {
            upload.folder.tell_saved();
            let is_told = upload.arrived(file).await;
            is_told.then_some(()).ok_or(FileFailure::Stopped)
        }
        Err(failure) => {
            upload.folder.tell(&failure);
            // The meeting is told by this that nothing comes.
            drop(upload);
            incoming.hear_out().await;
            Err(failure)
        }
    }
}

/// A file as it comes.
struct Incoming<'a> {
    chunks: BodyDataStream,
    /// How long the request says that it is, in bytes.
    announced: Option<u64>,
    monitor: &'a Monitor,
}

impl Incoming<'_> {
    /// Writes it to the disk. A file that is not whole is removed.
    async fn save(&mut self, upload: &Upload) -> Result<StoredFile, FileFailure> {
        if self.announced.is_some_and(|announced| announced > upload.size) {
            return Err(FileFailure::TooLong);
        }
        let (stored, file, _expected) = upload.folder.create(upload.size).await?;
        let mut disk = BufWriter::with_capacity(GATHERED, tokio::fs::File::from_std(file));
        let mut missing = upload.size;
        loop {
            let chunk = match timeout(PATIENCE, self.chunks.next()).await {
                Ok(Some(Ok(chunk))) => chunk,
                // The sender hung up, or there is no more.
                Ok(Some(Err(_)) | None) => break,
                Err(_) => return Err(FileFailure::Stalled),
            };
            let length = chunk.len() as u64;
            missing = missing.checked_sub(length).ok_or(FileFailure::TooLong)?;
            self.monitor.file_received(length);
            disk.write_all(&chunk).await?;
        }
        if missing > 0 {
            return Err(FileFailure::TooShort);
        }
        disk.flush().await?;
        Ok(stored)
    }

    /// Reads on without keeping anything.
    async fn hear_out(&mut self) {
        let reading = async {
            let mut heard = 0;
            while let Some(Ok(chunk)) = self.chunks.next().await {
                heard += chunk.len();
                if heard > HEARD_OUT {
                    break;
                }
            }
        };
        // Whoever takes longer has to do without the reason.
        let _ = timeout(HEARD_OUT_FOR, reading).await;
    }
}
