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

use super::compose::ExportOptions;
use super::composing::{CANCELLED, Holds, Turn, compose_in_turn};
use super::error::RecordingError;
use super::id::{Place, RecordingId, parse_base_name};
use super::metadata::{FILE_NAME, Metadata, Status};
use super::rebuild::rebuild;
use super::recorder::{RecordedProducer, Recorder};
use super::settings::LibrarySettings;
use super::sidecar;
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

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) metadata: Metadata,
    /// What the metadata should say is still to be read from the folder.
    pub(super) is_unread: bool,
    pub(super) place: Place,
    pub(super) state: RecordingState,
    pub(super) progress: Option<f64>,
    pub(super) seconds_left: Option<u64>,
    pub(super) message: Option<String>,
    pub(super) bytes: u64,
    /// For how long there is room on the disk, while it runs.
    pub(super) room_for_seconds: Option<u64>,
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
        let waiting = waiting_in(&entries);
        let (queue, queued) = mpsc::unbounded_channel();
        let stopped = CancellationToken::new();
        let inner = Arc::new(Inner {
            root: Mutex::new(root),
            snapshots: watch::Sender::new(snapshots_of(&entries, false)),
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
        let unlisted = |reason: String| RecordingError::Unlisted {
            folder: root.clone(),
            reason,
        };
        let found = read
            .map_err(|panicked| unlisted(panicked.to_string()))?
            .map_err(|error| unlisted(error.to_string()))?;
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
        let is_held = *self.held.borrow();
        self.snapshots.send_replace(snapshots_of(&entries, is_held));
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

/// Those that wait to be composed.
fn waiting_in(entries: &BTreeMap<RecordingId, Entry>) -> Vec<RecordingId> {
    let waiting = entries
        .iter()
        .filter(|(_, entry)| entry.state == RecordingState::Waiting);
    waiting.map(|(id, _)| *id).collect()
}

fn snapshots_of(entries: &BTreeMap<RecordingId, Entry>, is_held: bool) -> Vec<RecordingSnapshot> {
    let entries = entries.iter().rev();
    entries.map(|(id, entry)| entry.snapshot(*id, is_held)).collect()
}

impl Entry {
    fn snapshot(&self, id: RecordingId, is_held: bool) -> RecordingSnapshot {
        let newest = self.metadata.products.newest(&self.place.root);
        RecordingSnapshot {
            id,
            room_id: self.metadata.room_id.clone(),
            title: self.metadata.products.title.clone(),
            started_at: self.metadata.started_at,
            duration_ms: self.metadata.duration_ms,
            people: self.metadata.people(),
            state: self.state,
            progress: self.progress,
            seconds_left: self.seconds_left,
            is_held: is_held && self.state == RecordingState::Composing,
            file: newest.map(|(_, path)| path.to_string_lossy().into_owned()),
            folder: self.place.folder.to_string_lossy().into_owned(),
            bytes: self.bytes,
            room_for_seconds: self.room_for_seconds,
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
        let is_one = |path: &str| !matches!(place.folder.join(path).try_exists(), Ok(false));
        if is_one(FILE_NAME) || is_one(sidecar::FILE_NAME) {
            entries.insert(id, read_or_tell(place, id));
        }
    }
    Ok(entries)
}

/// A recording as its folder has it, or an entry that says why it cannot be read: nobody's recording vanishes silently.
pub(super) fn read_or_tell(place: Place, id: RecordingId) -> Entry {
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
        let metadata = Metadata::new(id, room_id, id.as_millis());
        let bytes = size_on_disk(&place, &metadata);
        Entry {
            metadata,
            is_unread: true,
            place,
            state: RecordingState::Failed,
            progress: None,
            seconds_left: None,
            message: Some(error.to_string()),
            bytes,
            room_for_seconds: None,
        }
    })
}

/// What a recording's description says; made anew if it is gone or was not written to its end.
fn load_or_rebuild(place: &Place) -> io::Result<Metadata> {
    let error = match Metadata::load(&place.folder) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof) => error,
        loaded => return loaded,
    };
    let name = place
        .folder
        .file_name()
        .and_then(|name| parse_base_name(name.to_str()?));
    let Some((room_id, id)) = name else { return Err(error) };
    let metadata = rebuild(&place.folder, id, room_id)?.ok_or(error)?;
    if let Err(error) = metadata.save(&place.folder) {
        // It is made anew at the next start.
        tracing::warn!(folder = %place.folder.display(), %error, "a recording's description cannot be saved");
    }
    Ok(metadata)
}

fn read_recording(place: &Place) -> io::Result<Entry> {
    let mut metadata = load_or_rebuild(place)?;
    if metadata.status == Status::Recording {
        metadata.mend(&place.folder);
        if let Err(error) = metadata.save(&place.folder) {
            // It is mended again at the next start.
            tracing::warn!(folder = %place.folder.display(), %error, "a mended recording's description cannot be saved");
        }
    }
    if metadata.status == Status::Composed {
        let name = place.folder.file_name().unwrap_or_default();
        metadata.products.or_earlier(&name.to_string_lossy());
    }
    let products = &metadata.products;
    let state = match metadata.status {
        Status::Recording | Status::Recorded if products.is_cancelled => RecordingState::TracksOnly,
        Status::Recording | Status::Recorded => RecordingState::Waiting,
        Status::Failed => RecordingState::Failed,
        Status::Composed if products.wanted.is_some() => RecordingState::Waiting,
        Status::Composed if products.newest(&place.root).is_some() => RecordingState::Ready,
        Status::Composed => RecordingState::TracksOnly,
    };
    let message = match state {
        RecordingState::TracksOnly if products.is_cancelled => Some(CANCELLED.to_owned()),
        RecordingState::TracksOnly => {
            Some("The finished file is no longer there: choose Try again to make it anew from the tracks.".to_owned())
        }
        _ => metadata.failure.clone().or_else(|| metadata.message.clone()),
    };
    let bytes = size_on_disk(place, &metadata);
    Ok(Entry {
        metadata,
        is_unread: false,
        place: place.clone(),
        state,
        progress: None,
        seconds_left: None,
        message,
        bytes,
        room_for_seconds: None,
    })
}

/// What a recording's files take, in bytes.
pub(super) fn size_on_disk(place: &Place, metadata: &Metadata) -> u64 {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    let tracks: u64 =
        std::fs::read_dir(&place.folder).map_or(0, |names| names.flatten().map(|entry| size(&entry.path())).sum());
    let files = metadata.products.files.iter();
    tracks + files.map(|product| size(&place.root.join(&product.file))).sum::<u64>()
}
