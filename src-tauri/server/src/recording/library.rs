//! All recordings of the recordings folder: those that run, those that wait for their turn to be composed, and those of earlier days.
//!
//! The folder is the truth: each recording's `recording.json` says how far it got, so a queue survives a restart, and what a crash left is mended and composed.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

use mediasoup::prelude::Router;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::compose;
use super::error::RecordingError;
use super::id::{Place, RecordingId, parse_base_name};
use super::metadata::{FILE_NAME, Metadata, Status};
use super::recorder::{RecordedProducer, Recorder};
use super::snapshot::{RecordingSnapshot, RecordingState};
use crate::problems::{Problems, Subject};

/// The recordings of one folder. A cheap handle; clones share everything.
#[derive(Debug, Clone)]
pub struct Library(Arc<Inner>);

/// What a recorder may change in the library that it belongs to.
#[derive(Debug, Clone)]
pub(super) struct Shelf(Weak<Inner>);

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    entries: Mutex<BTreeMap<RecordingId, Entry>>,
    snapshots: watch::Sender<Vec<RecordingSnapshot>>,
    problems: Problems,
    queue: mpsc::UnboundedSender<RecordingId>,
    stopped: CancellationToken,
}

/// What is said of a recording that its own thread gave up.
const LOST: &str = "This recording ended by a fault of Confab: choose Try again to keep what there is of it.";

#[derive(Debug, Clone)]
struct Entry {
    metadata: Metadata,
    /// What the metadata should say is still to be read from the folder.
    is_unread: bool,
    place: Place,
    state: RecordingState,
    progress: Option<f64>,
    message: Option<String>,
    bytes: u64,
}

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
        let (entries, unlisted) = match read {
            Ok(Ok(entries)) => (entries, None),
            Ok(Err(error)) => (BTreeMap::new(), Some(error.to_string())),
            Err(panicked) => (BTreeMap::new(), Some(panicked.to_string())),
        };
        if let Some(reason) = unlisted {
            let folder = root.clone();
            let sentence = RecordingError::Unlisted { folder, reason }.to_string();
            tracing::error!("{sentence}");
            problems.set(Subject::Library, Some(sentence));
        }
        let waiting: Vec<RecordingId> = entries
            .iter()
            .filter(|(_, entry)| entry.state == RecordingState::Waiting)
            .map(|(id, _)| *id)
            .collect();
        let (queue, queued) = mpsc::unbounded_channel();
        let stopped = CancellationToken::new();
        let inner = Arc::new(Inner {
            root,
            snapshots: watch::Sender::new(snapshots_of(&entries)),
            entries: Mutex::new(entries),
            problems,
            queue,
            stopped: stopped.clone(),
        });
        for id in waiting {
            let _ = inner.queue.send(id); // the receiver is held right here
        }
        tokio::spawn(stopped.run_until_cancelled_owned(compose_in_turn(Arc::downgrade(&inner), queued)));
        Self(inner)
    }

    /// The folder that the recordings are in.
    pub fn root(&self) -> &Path {
        &self.0.root
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

    /// Composes a recording again that could not be composed.
    pub fn retry(&self, id: RecordingId) -> Result<(), RecordingError> {
        {
            let mut entries = self.0.lock();
            let entry = entries
                .get_mut(&id)
                .ok_or(RecordingError::NotComposable("it is no longer there"))?;
            match entry.state {
                RecordingState::TracksOnly | RecordingState::Failed => {}
                RecordingState::Recording => return Err(RecordingError::NotComposable("it is still running")),
                RecordingState::Ready => return Err(RecordingError::NotComposable("it is composed already")),
                RecordingState::Waiting | RecordingState::Composing => return Ok(()),
            }
            entry.state = RecordingState::Waiting;
            entry.message = None;
        }
        self.0.publish();
        let _ = self.0.queue.send(id); // a stopped library composes nothing any more
        Ok(())
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
    /// More of a running recording is on the disk.
    pub(super) fn grew(&self, id: RecordingId, bytes: u64) {
        self.change(id, |entry| {
            let differs = entry.bytes != bytes;
            entry.bytes = bytes;
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
            entry.bytes = bytes;
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
    fn lock(&self) -> MutexGuard<'_, BTreeMap<RecordingId, Entry>> {
        // Nothing can panic while it is held, and whole entries are written at once.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes an entry and tells so if `change` says that it did.
    fn change(&self, id: RecordingId, change: impl FnOnce(&mut Entry) -> bool) {
        if self.lock().get_mut(&id).is_some_and(change) {
            self.publish();
        }
    }

    fn publish(&self) {
        let entries = self.lock();
        self.snapshots.send_replace(snapshots_of(&entries));
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
        let place = Place::new(&self.root, room_id, id)?;
        let metadata = Metadata::new(id, room_id.to_owned(), now);
        let entry = Entry {
            metadata: metadata.clone(),
            is_unread: false,
            place: place.clone(),
            state: RecordingState::Recording,
            progress: None,
            message: None,
            bytes: 0,
        };
        entries.insert(id, entry);
        Ok((place, metadata))
    }

    /// The entry with its metadata, read now if it could not be read before; `None` if there is nothing to compose.
    async fn read_again(&self, id: RecordingId, entry: Entry) -> Option<Entry> {
        if !entry.is_unread {
            return Some(entry);
        }
        let place = entry.place.clone();
        let read = tokio::task::spawn_blocking(move || read_or_tell(place, id))
            .await
            .ok()?;
        self.change(id, |shown| {
            shown.clone_from(&read);
            true
        });
        (read.state == RecordingState::Waiting).then_some(read)
    }

    async fn compose(&self, id: RecordingId) {
        let Some(entry) = self.lock().get(&id).cloned() else {
            return;
        };
        if entry.state != RecordingState::Waiting {
            return;
        }
        let Some(entry) = self.read_again(id, entry).await else {
            return;
        };
        self.change(id, |entry| {
            entry.state = RecordingState::Composing;
            entry.progress = Some(0.0);
            true
        });
        let progress = |fraction: f64| {
            self.change(id, |entry| {
                let differs = entry.progress.is_none_or(|before| fraction >= before + 0.005);
                if differs {
                    entry.progress = Some(fraction);
                }
                differs
            });
        };
        let result = compose::compose(&entry.metadata, &entry.place, progress).await;
        if let Err(error) = &result {
            tracing::warn!(recording = %id, %error, "the recording was not composed");
        }
        let mut metadata = entry.metadata;
        let (state, status, message) = outcome(result, metadata.message.clone());
        metadata.status = status;
        metadata.failure = message.clone().filter(|_| status == Status::Failed);
        if let Err(error) = metadata.save(&entry.place.folder) {
            tracing::warn!(recording = %id, %error, "the recording's description cannot be saved");
        }
        let bytes = size_on_disk(&entry.place);
        self.change(id, |entry| {
            entry.state = state;
            entry.progress = None;
            entry.message = message;
            entry.metadata = metadata;
            entry.bytes = bytes;
            true
        });
    }
}

/// What becomes of a recording after composing. `earlier` is what was to be said of it anyway.
fn outcome(result: Result<(), RecordingError>, earlier: Option<String>) -> (RecordingState, Status, Option<String>) {
    match result {
        Ok(()) => (RecordingState::Ready, Status::Composed, earlier),
        Err(
            error @ (RecordingError::FfmpegMissing
            | RecordingError::FfmpegOld { .. }
            | RecordingError::FfmpegLimited(_)),
        ) => (RecordingState::TracksOnly, Status::Recorded, Some(error.to_string())),
        // A disk that failed while it recorded explains better than that nothing is there.
        Err(RecordingError::Nothing) => {
            let message = earlier.unwrap_or_else(|| RecordingError::Nothing.to_string());
            (RecordingState::Failed, Status::Failed, Some(message))
        }
        Err(error) => (RecordingState::Failed, Status::Failed, Some(error.to_string())),
    }
}

/// Composes one recording at a time, for as long as the library lives.
async fn compose_in_turn(library: Weak<Inner>, mut queued: mpsc::UnboundedReceiver<RecordingId>) {
    while let Some(id) = queued.recv().await {
        let Some(inner) = library.upgrade() else { return };
        inner.compose(id).await;
    }
}

fn snapshots_of(entries: &BTreeMap<RecordingId, Entry>) -> Vec<RecordingSnapshot> {
    entries.iter().rev().map(|(id, entry)| entry.snapshot(*id)).collect()
}

impl Entry {
    fn snapshot(&self, id: RecordingId) -> RecordingSnapshot {
        let is_ready = self.state == RecordingState::Ready;
        RecordingSnapshot {
            id,
            room_id: self.metadata.room_id.clone(),
            started_at: self.metadata.started_at,
            duration_ms: self.metadata.duration_ms,
            state: self.state,
            progress: self.progress,
            file: is_ready.then(|| self.place.file.to_string_lossy().into_owned()),
            folder: self.place.folder.to_string_lossy().into_owned(),
            bytes: self.bytes,
            message: self.message.clone(),
        }
    }
}

/// The recordings in a folder; none if it is not there.
fn read_folder(root: &Path) -> io::Result<BTreeMap<RecordingId, Entry>> {
    let names = match std::fs::read_dir(root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        names => names?,
    };
    let mut entries = BTreeMap::new();
    for name in names {
        let name = name?.file_name();
        let Some((room, id)) = name.to_str().and_then(parse_base_name) else {
            continue;
        };
        let Ok(place) = Place::new(root, room, id) else {
            continue;
        };
        // A folder that cannot be looked into may well hold a recording.
        if !matches!(place.folder.join(FILE_NAME).try_exists(), Ok(false)) {
            entries.insert(id, read_or_tell(place, id));
        }
    }
    Ok(entries)
}

/// A recording as its folder has it, or an entry that says why it cannot be read: nobody's recording vanishes silently.
fn read_or_tell(place: Place, id: RecordingId) -> Entry {
    read_recording(&place).unwrap_or_else(|error| {
        let error = RecordingError::Unread {
            folder: place.folder.clone(),
            reason: error.to_string(),
        };
        tracing::warn!("{error}");
        let room_id = place
            .folder
            .file_name()
            .and_then(|name| parse_base_name(name.to_str()?));
        let room_id = room_id.map_or_else(String::new, |(room_id, _)| room_id.to_owned());
        let bytes = size_on_disk(&place);
        Entry {
            metadata: Metadata::new(id, room_id, id.as_millis()),
            is_unread: true,
            place,
            state: RecordingState::Failed,
            progress: None,
            message: Some(error.to_string()),
            bytes,
        }
    })
}

fn read_recording(place: &Place) -> io::Result<Entry> {
    let mut metadata = Metadata::load(&place.folder)?;
    if metadata.status == Status::Recording {
        metadata.mend(&place.folder);
        if let Err(error) = metadata.save(&place.folder) {
            // It is mended again at the next start.
            tracing::warn!(folder = %place.folder.display(), %error, "a mended recording's description cannot be saved");
        }
    }
    let state = match metadata.status {
        Status::Recording | Status::Recorded => RecordingState::Waiting,
        Status::Failed => RecordingState::Failed,
        Status::Composed if place.file.exists() => RecordingState::Ready,
        Status::Composed => RecordingState::TracksOnly,
    };
    let message = match state {
        RecordingState::TracksOnly => {
            Some("The finished file is no longer there: choose Try again to make it anew from the tracks.".to_owned())
        }
        _ => metadata.failure.clone().or_else(|| metadata.message.clone()),
    };
    let bytes = size_on_disk(place);
    Ok(Entry {
        metadata,
        is_unread: false,
        place: place.clone(),
        state,
        progress: None,
        message,
        bytes,
    })
}

/// What a recording's files take, in bytes.
fn size_on_disk(place: &Place) -> u64 {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    let tracks: u64 =
        std::fs::read_dir(&place.folder).map_or(0, |names| names.flatten().map(|entry| size(&entry.path())).sum());
    tracks + size(&place.file)
}
