//! Files on their way through the meeting: the room says who may share what, the disk is somebody else's work.
//!
//! Whoever receives or sends bytes holds a handle, and the meeting keeps the other end: a file that is not wanted any
//! more is stopped, and one whose receiver is gone has failed.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::{Instrument as _, info};

use super::requests::json_of;
use super::task::{Work, now};
use super::{Command, Meeting};
use crate::files::{RoomFolder, StoredFile};
use crate::room::{FileOffer, Seat};
use crate::wire::{FileId, OfferFile, OfferFileAck, Refusal};

/// A file that is about to come. Dropped before it [arrived](Self::arrived), it has failed.
#[derive(Debug)]
pub struct Upload {
    /// Where it is to lie.
    pub folder: Arc<RoomFolder>,
    /// How long it is, in bytes.
    pub size: u64,
    /// That it is not wanted any more.
    pub stopped: CancellationToken,
    arrived: oneshot::Sender<Arrival>,
}

/// A file that came whole, and who waits for what becomes of it.
#[derive(Debug)]
pub(super) struct Arrival {
    file: StoredFile,
    reply: oneshot::Sender<()>,
}

impl Upload {
    /// Hands the file over and returns once everybody was told, or with false if nobody wants it any more.
    pub async fn arrived(self, file: StoredFile) -> bool {
        let (reply, told) = oneshot::channel();
        // A meeting that ended drops the file, and with it the one to reply.
        let _ = self.arrived.send(Arrival { file, reply });
        told.await.is_ok()
    }
}

/// A file that is there.
#[derive(Debug)]
pub struct Download {
    /// The file.
    pub file: Arc<StoredFile>,
    /// The name to save it under.
    pub name: String,
    /// That its meeting is over, or its message forgotten.
    pub over: CancellationToken,
}

/// What the meeting holds of its files.
#[derive(Debug)]
pub(super) struct MeetingFiles {
    folder: Arc<RoomFolder>,
    arriving: HashMap<FileId, DropGuard>,
    there: HashMap<FileId, Lying>,
}

#[derive(Debug)]
struct Lying {
    file: Arc<StoredFile>,
    _held: DropGuard,
    over: CancellationToken,
}

impl MeetingFiles {
    pub(super) fn new(folder: Arc<RoomFolder>) -> Self {
        Self {
            folder,
            arriving: HashMap::new(),
            there: HashMap::new(),
        }
    }

    /// Lets go of a file, which stops whoever is receiving it and removes it once nobody reads it.
    pub(super) fn end(&mut self, id: &FileId) {
        self.arriving.remove(id);
        if let Some(lying) = self.there.remove(id) {
            let_go(lying);
        }
    }

    /// Lets go of all.
    pub(super) fn end_all(&mut self) {
        self.arriving.clear();
        let_go(std::mem::take(&mut self.there));
    }
}

/// Drops what removes files: on a slow disk that can take a while, and nobody here waits for it.
fn let_go(files: impl Send + 'static) {
    drop(tokio::task::spawn_blocking(move || drop(files)));
}

impl Work {
    pub(super) fn offer_file(&mut self, seat: Seat, body: OfferFile) -> Result<Value, Refusal> {
        let offer = FileOffer {
            name: body.name,
            size: body.size,
            kind: body.kind,
        };
        let file = self.room.offer_file(seat, offer, FileId::random(), now())?;
        json_of(&OfferFileAck {
            id: file.id,
            url: file.url,
        })
    }

    /// Lets an offered file come; nobody else may send it then.
    pub(super) fn receive_file(&mut self, id: FileId) -> Option<Upload> {
        let size = self.room.file_arrives(&id)?;
        let stopped = CancellationToken::new();
        self.files.arriving.insert(id.clone(), stopped.clone().drop_guard());
        let (arrived, arrival) = oneshot::channel();
        let later = self.later.clone();
        let waiting = async move {
            let arrival = arrival.await.ok();
            if let Some(commands) = later.upgrade() {
                // A meeting that ended has nobody to tell.
                let _ = commands.send(Command::FileCame(id, arrival)).await;
            }
        };
        tokio::spawn(waiting.in_current_span());
        Some(Upload {
            folder: Arc::clone(&self.files.folder),
            size,
            stopped,
            arrived,
        })
    }

    /// Takes in that a file came, or with none that it never will.
    pub(super) async fn file_came(&mut self, id: FileId, arrival: Option<Arrival>) {
        self.files.arriving.remove(&id);
        let Some(Arrival { file, reply }) = arrival else {
            let effects = self.room.file_failed(&id);
            return self.perform(effects).await;
        };
        let Some(effects) = self.room.file_arrived(&id, now()) else {
            return let_go(file);
        };
        if let Some(shared) = self.room.file(&id) {
            info!(bytes = shared.size, "File shared");
        }
        let over = CancellationToken::new();
        let lying = Lying {
            file: Arc::new(file),
            _held: over.clone().drop_guard(),
            over,
        };
        self.files.there.insert(id, lying);
        self.perform(effects).await;
        // Its sender may have hung up by now.
        let _ = reply.send(());
    }

    /// A file that is there, for whoever knows its id.
    pub(super) fn file(&self, id: &FileId) -> Option<Download> {
        let shared = self.room.file(id)?;
        let lying = self.files.there.get(id)?;
        Some(Download {
            file: Arc::clone(&lying.file),
            name: shared.name.clone(),
            over: lying.over.clone(),
        })
    }
}

impl Meeting {
    /// Lets an offered file come. None if it is not waited for.
    pub async fn receive_file(&self, id: FileId) -> Option<Upload> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::ReceiveFile(id, reply)).await;
        answer.await.ok().flatten()
    }

    /// A file that is there, if there is one of this id.
    pub async fn file(&self, id: FileId) -> Option<Download> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::File(id, reply)).await;
        answer.await.ok().flatten()
    }
}
