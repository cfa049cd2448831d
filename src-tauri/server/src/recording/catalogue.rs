//! What the recordings folder holds: an entry for each recording in it, as its own folder describes it.
//!
//! What a crash left is mended here, and a description that is gone or torn is made anew.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::composing::CANCELLED;
use super::error::RecordingError;
use super::id::{Place, RecordingId, parse_base_name};
use super::metadata::{FILE_NAME, Metadata, Status};
use super::rebuild::rebuild;
use super::sidecar;
use super::snapshot::{HeldBy, RecordingSnapshot, RecordingState};

/// A recording of the library.
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

/// Those that wait to be composed.
pub(super) fn waiting_in(entries: &BTreeMap<RecordingId, Entry>) -> Vec<RecordingId> {
    let waiting = entries
        .iter()
        .filter(|(_, entry)| entry.state == RecordingState::Waiting);
    waiting.map(|(id, _)| *id).collect()
}

pub(super) fn snapshots_of(entries: &BTreeMap<RecordingId, Entry>, held_by: Option<HeldBy>) -> Vec<RecordingSnapshot> {
    let entries = entries.iter().rev();
    entries.map(|(id, entry)| entry.snapshot(*id, held_by)).collect()
}

impl Entry {
    fn snapshot(&self, id: RecordingId, held_by: Option<HeldBy>) -> RecordingSnapshot {
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
            held_by: held_by.filter(|_| self.state == RecordingState::Composing),
            file: newest.map(|(_, path)| path.to_string_lossy().into_owned()),
            folder: self.place.folder.to_string_lossy().into_owned(),
            bytes: self.bytes,
            room_for_seconds: self.room_for_seconds,
            message: self.message.clone(),
        }
    }
}

/// The recordings in a folder; none if it is not there.
pub(super) fn read_folder(root: &Path) -> io::Result<BTreeMap<RecordingId, Entry>> {
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
        tracing::warn!(folder = %place.folder.display(), %error, "a recording cannot be read");
        let error = RecordingError::unread(&error, &place.folder);
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
