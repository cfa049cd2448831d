//! All recordings of the recordings folder: those that run, those that wait for their turn to be composed, and those of earlier days.
//!
//! The folder is the truth: each recording's `recording.json` says how far it got, so a queue survives a restart, and what a crash left is mended and composed.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

use mediasoup::prelude::Router;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::catalogue::{Entry, read_folder, snapshots_of, waiting_in};
use super::compose::ExportOptions;
use super::composing::{Holds, Turn, compose_in_turn};
use super::error::RecordingError;
use super::id::{Place, RecordingId};
use super::metadata::Metadata;
use super::recorder::{RecordedProducer, Recorder};
use super::settings::LibrarySettings;
use super::snapshot::{RecordingSnapshot, RecordingState};
use super::space::Space;
use super::tickets::Tickets;
use crate::problems::{Problems, Subject};

/// The recordings of one folder. A cheap handle; clones share everything.
#[derive(Debug, Clone)]
pub struct Library(pub(super) Arc<Inner>);

/// What a recorder may change in the library that it belongs to.
#[derive(Debug, Clone)]
pub(super) struct Shelf(Weak<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    root: Mutex<PathBuf>,
    entries: Mutex<BTreeMap<RecordingId, Entry>>,
    snapshots: watch::Sender<Vec<RecordingSnapshot>>,
    problems: Problems,
    pub(super) queue: mpsc::UnboundedSender<RecordingId>,
    turn: Mutex<Option<Turn>>,
    holds: Mutex<Holds>,
    settings: Mutex<LibrarySettings>,
    pub(super) tickets: Tickets,
    /// Whether composing is to stand still.
    pub(super) held: watch::Sender<bool>,
    stopped: CancellationToken,
}

/// What is said of a recording that its own thread gave up.
const LOST: &str = "This recording ended by a fault of Confab: choose Try again to keep what there is of it.";

impl Library {
    /// Reads what is in the folder (which is made when the first recording starts) and begins to compose what waits there.
    ///
    /// What keeps it from that, or a recording from being started or written, is told to `problems`.
    /// Needs a tokio runtime.
    pub async fn open(root: impl Into<PathBuf>, problems: Problems) -> Self {
        let root = root.into();
        let root = std::path::absolute(&root).unwrap_or(root);
        let folder = root.clone();
        let read = tokio::task::spawn_blocking(move || read_folder(&folder)).await;
        let entries = read.unwrap_or_else(|panicked| Err(io::Error::other(panicked)));
        let entries = entries.unwrap_or_else(|error| {
            let sentence = RecordingError::unlisted(&error, &root).to_string();
            tracing::error!(%error, "{sentence}");
            problems.set(Subject::Library, Some(sentence));
            BTreeMap::new()
        });
        let waiting = waiting_in(&entries);
        let (queue, queued) = mpsc::unbounded_channel();
        let stopped = CancellationToken::new();
        let inner = Arc::new(Inner {
            root: Mutex::new(root),
            snapshots: watch::Sender::new(snapshots_of(&entries, None)),
            entries: Mutex::new(entries),
            problems,
            queue,
            turn: Mutex::default(),
            holds: Mutex::default(),
            settings: Mutex::default(),
            tickets: Tickets::default(),
            held: watch::Sender::new(false),
            stopped: stopped.clone(),
        });
        for id in waiting {
            let _ = inner.queue.send(id); // the receiver is held right here
        }
        tokio::spawn(stopped.run_until_cancelled_owned(compose_in_turn(Arc::downgrade(&inner), queued)));
        Self(inner)
    }

    /// What is wanted of all recordings from now on; the folder is of no account here.
    pub fn set(&self, settings: LibrarySettings) {
        let waits = settings.waits_for_meetings;
        *self.0.settings() = settings;
        self.0.change_holds(|holds| holds.waits_for_meetings = waits);
    }

    /// The folder that the recordings are in.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.0.root()
    }

    /// What is wanted of all recordings.
    #[must_use]
    pub fn settings(&self) -> LibrarySettings {
        self.0.settings().clone()
    }

    /// Changes the folder: from now on, recordings go there, and those that are there are shown. Where it was, nothing changes.
    ///
    /// # Errors
    /// [`RecordingError::Busy`] while something is recorded or composed, and [`RecordingError::Unlisted`].
    pub async fn move_to(&self, root: PathBuf) -> Result<(), RecordingError> {
        let folder = root.clone();
        let read = tokio::task::spawn_blocking(move || read_folder(&folder)).await;
        let read = read.unwrap_or_else(|panicked| Err(io::Error::other(panicked)));
        let found = read.map_err(|error| RecordingError::unlisted(&error, &root))?;
        let waiting = waiting_in(&found);
        {
            let mut entries = self.0.lock();
            let is_busy = |entry: &Entry| matches!(entry.state, RecordingState::Recording | RecordingState::Composing);
            if entries.values().any(is_busy) {
                return Err(RecordingError::Busy);
            }
            *entries = found;
            *self.0.root.lock().unwrap_or_else(PoisonError::into_inner) = root;
        }
        self.0.problems.set(Subject::Library, None);
        self.0.publish();
        for id in waiting {
            let _ = self.0.queue.send(id); // a stopped library composes nothing any more
        }
        Ok(())
    }

    /// Starts to record what is sent in a room. `existing` is what is sent already; what comes later is told to the recorder.
    pub async fn start(
        &self,
        router: &Router,
        room_id: &str,
        existing: Vec<RecordedProducer>,
    ) -> Result<Recorder, RecordingError> {
        let (place, metadata) = self.0.enter(room_id)?;
        let id = metadata.id;
        let shelf = Shelf(Arc::downgrade(&self.0));
        let started = Recorder::start(router, place, metadata, existing, shelf).await;
        if started.is_err() {
            self.0.lock().remove(&id);
        }
        let problem = started.as_ref().err().map(ToString::to_string);
        self.0.problems.set(Subject::Recording, problem);
        self.0.publish();
        started
    }

    /// The recordings, the newest first, and every change of them.
    pub fn snapshots(&self) -> watch::Receiver<Vec<RecordingSnapshot>> {
        self.0.snapshots.subscribe()
    }

    /// Waits until nothing is recorded, waits for composing or is being composed.
    pub async fn wait_idle(&self) {
        let busy = |snapshot: &RecordingSnapshot| {
            matches!(
                snapshot.state,
                RecordingState::Recording | RecordingState::Waiting | RecordingState::Composing
            )
        };
        let mut snapshots = self.snapshots();
        // The sender is held by `self`, so it cannot be gone.
        let _ = snapshots.wait_for(|snapshots| !snapshots.iter().any(busy)).await;
    }

    /// Ends composing at once, for a quick shutdown. What is not composed yet is taken up when the folder is opened the next time. Recorders are not touched.
    pub fn stop(&self) {
        self.0.stopped.cancel();
    }
}

impl Shelf {
    /// More of a running recording is on the disk, or there is room for another time.
    pub(super) fn grew(&self, id: RecordingId, space: Space) {
        self.change(id, |entry| {
            let Space { bytes, seconds_left } = space;
            let differs = (entry.bytes, entry.room_for_seconds) != (bytes, seconds_left);
            (entry.bytes, entry.room_for_seconds) = (bytes, seconds_left);
            differs
        });
    }

    /// There is something to say of a running recording.
    pub(super) fn told_while_running(&self, id: RecordingId, sentence: Option<String>) {
        self.change(id, |entry| {
            entry.message = sentence;
            true
        });
    }

    /// A running recording cannot be written any more.
    pub(super) fn failed_while_running(&self, id: RecordingId, sentence: Option<String>) {
        if let Some(inner) = self.0.upgrade() {
            inner.problems.set(Subject::Recording, sentence.clone());
        }
        self.told_while_running(id, sentence);
    }

    /// A recording ended without a word from those who wrote it.
    pub(super) fn lost(&self, id: RecordingId) {
        tracing::error!(recording = %id, "the recording ended by a fault of Confab");
        if let Some(inner) = self.0.upgrade() {
            inner.problems.set(Subject::Recording, Some(LOST.to_owned()));
        }
        self.change(id, |entry| {
            entry.state = RecordingState::Failed;
            entry.is_unread = true;
            entry.message = Some(LOST.to_owned());
            true
        });
    }

    /// A recording's tracks are complete: it waits for composing now.
    pub(super) fn recorded(&self, metadata: Metadata, bytes: u64) {
        let id = metadata.id;
        self.change(id, |entry| {
            entry.message = metadata.message.clone();
            entry.metadata = metadata;
            (entry.bytes, entry.room_for_seconds) = (bytes, None);
            entry.state = RecordingState::Waiting;
            true
        });
        if let Some(inner) = self.0.upgrade() {
            let _ = inner.queue.send(id); // a stopped library leaves it for the next start
        }
    }

    fn change(&self, id: RecordingId, change: impl FnOnce(&mut Entry) -> bool) {
        if let Some(inner) = self.0.upgrade() {
            inner.change(id, change);
        }
    }
}

impl Inner {
    pub(super) fn lock(&self) -> MutexGuard<'_, BTreeMap<RecordingId, Entry>> {
        // Nothing can panic while it is held, and whole entries are written at once.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes an entry and tells so if `change` says that it did.
    pub(super) fn change(&self, id: RecordingId, change: impl FnOnce(&mut Entry) -> bool) {
        if self.lock().get_mut(&id).is_some_and(change) {
            self.publish();
        }
    }

    pub(super) fn publish(&self) {
        let entries = self.lock();
        let held_by = self.holds().held_by();
        self.snapshots.send_replace(snapshots_of(&entries, held_by));
    }

    /// What is being composed.
    pub(super) fn turn(&self) -> MutexGuard<'_, Option<Turn>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn holds(&self) -> MutexGuard<'_, Holds> {
        self.holds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is made of recordings that nobody said more of.
    pub(super) fn usual_export(&self) -> ExportOptions {
        self.settings().export
    }

    fn settings(&self) -> MutexGuard<'_, LibrarySettings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn root(&self) -> PathBuf {
        self.root.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reserves an id for a recording that starts now.
    fn enter(&self, room_id: &str) -> Result<(Place, Metadata), RecordingError> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis() as u64;
        let mut id = RecordingId::from_millis(now);
        let mut entries = self.lock();
        while entries.contains_key(&id) {
            id = id.next();
        }
        let place = Place::new(&self.root(), room_id, id)?;
        let metadata = Metadata::new(id, room_id.to_owned(), now);
        let entry = Entry {
            metadata: metadata.clone(),
            is_unread: false,
            place: place.clone(),
            state: RecordingState::Recording,
            progress: None,
            seconds_left: None,
            message: None,
            bytes: 0,
            room_for_seconds: None,
        };
        entries.insert(id, entry);
        Ok((place, metadata))
    }
}
