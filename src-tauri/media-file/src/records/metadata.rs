//! `recording.json`: what the tracks in a recording's folder are and where they lie in time. Written anew, atomically, whenever something changes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Component, Path};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::id::RecordingId;
use super::products::Products;
use crate::rtp::frames::CodecName;
use crate::webm::read_duration;

/// The file's name within the recording's folder.
pub const FILE_NAME: &str = "recording.json";
/// Raised when a reader of the older form would misunderstand the newer.
const VERSION: u32 = 1;
/// No track is longer: one that says so, in milliseconds of the recording, is damaged.
const LAST_MS: i64 = 30 * 24 * 3600 * 1000;

/// What is known of a recording. All times are milliseconds since its start unless said otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// The form of the file.
    pub version: u32,
    /// What the recording is called, with its room.
    pub id: RecordingId,
    /// The room that it was made in.
    pub room_id: String,
    /// Milliseconds since the epoch.
    pub started_at: u64,
    /// `None` while it runs, and after a crash until the next start mends it.
    pub duration_ms: Option<u64>,
    /// How far it got.
    pub status: Status,
    /// What went wrong while it ran, as a sentence.
    pub message: Option<String>,
    /// Why it could not be composed, as a sentence.
    #[serde(default)]
    pub failure: Option<String>,
    /// The track files, in no order while it runs.
    pub tracks: Vec<TrackRecord>,
    /// What was made of it and is to be made.
    #[serde(default)]
    pub products: Products,
}

/// How far a recording got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// It runs, or the process that ran it died.
    Recording,
    /// The tracks are complete; the composed file is still to be made.
    Recorded,
    /// The composed file was made.
    Composed,
    /// It cannot be composed; `failure` says why.
    Failed,
}

/// One track file: one peer, one source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrackRecord {
    /// The track's number within the recording; 0 in recordings of earlier versions.
    #[serde(default)]
    pub number: usize,
    /// The file's name within the folder.
    pub file: String,
    /// The person, the same over reconnects.
    pub seat: u64,
    /// What the person was called last.
    pub peer_name: String,
    /// Whether it is to be heard or to be seen.
    pub kind: TrackKind,
    /// Whether it is of a screen that was shared.
    pub is_screen_share: bool,
    /// `None` in recordings of earlier versions, which hold VP8 and Opus alone.
    #[serde(default)]
    pub codec: Option<CodecName>,
    /// Where the file's own time 0 lies; below 0 where something was captured before the recording began, and came after.
    pub offset_ms: i64,
    /// Where its last frame ends; `None` while it is written.
    pub end_ms: Option<i64>,
    /// The size of the first picture, in pixels.
    pub width: Option<u16>,
    /// From top to bottom.
    pub height: Option<u16>,
    /// How many frames it has.
    pub frames: u64,
    /// How many packets never came.
    pub lost_packets: u64,
    /// When the sender paused it.
    pub pauses: Vec<Pause>,
}

/// What a track holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TrackKind {
    /// What is to be heard.
    Audio,
    /// What is to be seen.
    Video,
}

/// A time in which a track stood still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pause {
    /// When it began.
    pub from_ms: u64,
    /// `None` while it lasts, and for good if the track ended in it.
    pub to_ms: Option<u64>,
}

/// A stretch of time in milliseconds of the recording; `to` is after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first millisecond.
    pub from: u64,
    /// The one after its last.
    pub to: u64,
}

impl TrackRecord {
    /// When there is something of the track, cut at the recording's start; `None` if that is never, or cannot be.
    pub fn span(&self) -> Option<Span> {
        if self.end_ms? > LAST_MS {
            return None;
        }
        let (from, to) = (self.offset_ms.max(0) as u64, self.end_ms?.max(0) as u64);
        (from < to).then_some(Span { from, to })
    }
}

impl Metadata {
    /// The description of a recording that starts now, with nothing in it; `started_at` is in milliseconds since the epoch.
    pub fn new(id: RecordingId, room_id: String, started_at: u64) -> Self {
        Self {
            version: VERSION,
            id,
            room_id,
            started_at,
            duration_ms: None,
            status: Status::Recording,
            message: None,
            failure: None,
            tracks: Vec::new(),
            products: Products::default(),
        }
    }

    /// Writes the file beside the old one and then puts it in its place, so that there is a whole one at any moment.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        let part = folder.join(format!("{FILE_NAME}.part"));
        let written = self
            .write(&part)
            .and_then(|()| std::fs::rename(&part, folder.join(FILE_NAME)));
        if written.is_err() {
            let _ = std::fs::remove_file(&part); // it may not even have come to be
        }
        written
    }

    fn write(&self, path: &Path) -> io::Result<()> {
        let mut file = File::create(path)?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.sync_data()
    }

    /// Reads the file of a folder. Names of files that would lead out of the folder are an error, as is what a newer version wrote; what is torn is
    /// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof).
    pub fn load(folder: &Path) -> io::Result<Self> {
        Self::parse(&std::fs::read(folder.join(FILE_NAME))?)
    }

    /// As [`load`](Self::load), of the file's content.
    pub fn parse(json: &[u8]) -> io::Result<Self> {
        let metadata: Self = serde_json::from_slice(json).map_err(|error| {
            // A disk that lost its power fills with anything what it did not come to write.
            let is_torn = error.is_syntax() || error.is_eof();
            let kind = if is_torn {
                io::ErrorKind::UnexpectedEof
            } else {
                io::ErrorKind::InvalidData
            };
            io::Error::new(kind, error)
        })?;
        if metadata.version > VERSION {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "written by a newer version"));
        }
        let files = metadata.products.files.iter().map(|product| &product.file);
        let mut names = metadata.tracks.iter().map(|track| &track.file).chain(files);
        match names.find(|name| !is_plain_name(name)) {
            None => Ok(metadata),
            Some(name) => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("\"{name}\" is no file name"),
            )),
        }
    }

    /// The names of those who were recorded, by seat.
    pub fn people(&self) -> Vec<String> {
        let people: BTreeMap<u64, &String> = self.tracks.iter().map(|track| (track.seat, &track.peer_name)).collect();
        people.into_values().cloned().collect()
    }

    /// Completes what a process left that died while it recorded.
    pub fn mend(&mut self, folder: &Path) {
        self.measure(folder);
        self.status = Status::Recorded;
        self.message = Some("Confab ended while this recording ran: everything up to then was kept.".to_owned());
    }

    /// How long the tracks are that nobody completed is read from their files; tracks with nothing in them go.
    pub fn measure(&mut self, folder: &Path) {
        for track in self.tracks.iter_mut().filter(|track| track.end_ms.is_none()) {
            match read_duration(&folder.join(&track.file)) {
                Ok(duration) => {
                    track.end_ms = duration.map(|duration| track.offset_ms.saturating_add_unsigned(millis(duration)))
                }
                Err(error) => {
                    tracing::warn!(file = track.file, %error, "a track of an unfinished recording cannot be read")
                }
            }
        }
        self.tracks.retain(|track| track.end_ms.is_some());
        let end = self.tracks.iter().filter_map(|track| track.end_ms).max().unwrap_or(0);
        self.duration_ms.get_or_insert(end.max(0) as u64);
    }
}

/// Whether a name is that of a file in the folder itself.
pub fn is_plain_name(name: &str) -> bool {
    let mut components = Path::new(name).components();
    matches!(components.next(), Some(Component::Normal(_))) && components.next().is_none()
}

/// Whole milliseconds of a duration.
pub fn millis(duration: Duration) -> u64 {
    duration.as_millis() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(file: &str) -> TrackRecord {
        TrackRecord {
            number: 1,
            file: file.to_owned(),
            seat: 1,
            peer_name: "Zoë 🦊 \"../..\"".to_owned(),
            kind: TrackKind::Audio,
            is_screen_share: false,
            codec: Some(CodecName::Opus),
            offset_ms: -500,
            end_ms: None,
            width: None,
            height: None,
            frames: 0,
            lost_packets: 0,
            pauses: vec![Pause {
                from_ms: 1,
                to_ms: None,
            }],
        }
    }

    #[test]
    fn it_survives_the_way_to_the_disk_and_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut metadata = Metadata::new(RecordingId::from_millis(7), "room".to_owned(), 7);
        metadata.tracks.push(track("track-001.webm"));
        metadata.save(folder.path()).unwrap();
        assert_eq!(Metadata::load(folder.path()).unwrap(), metadata);
    }

    #[test]
    fn what_a_lost_power_leaves_is_torn_and_what_another_version_wrote_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let kind = |bytes: &[u8]| {
            std::fs::write(folder.path().join(FILE_NAME), bytes).unwrap();
            Metadata::load(folder.path()).unwrap_err().kind()
        };
        for torn in [&b""[..], b"{\"version\": 1, \"id", &[0; 4096], b"\xff\xfe\x00\x01"] {
            assert_eq!(kind(torn), io::ErrorKind::UnexpectedEof, "{torn:?}");
        }
        for other in ["{\"version\": 2}", "[]"] {
            assert_eq!(kind(other.as_bytes()), io::ErrorKind::InvalidData, "{other}");
        }
    }

    #[test]
    fn a_file_name_that_leads_out_of_the_folder_is_refused() {
        for name in ["../x.webm", "/etc/passwd", "a/b.webm", "..", ""] {
            let folder = tempfile::tempdir().unwrap();
            let mut metadata = Metadata::new(RecordingId::from_millis(7), "room".to_owned(), 7);
            metadata.tracks.push(track(name));
            metadata.save(folder.path()).unwrap();
            assert!(Metadata::load(folder.path()).is_err(), "{name}");
        }
    }

    #[test]
    fn tracks_without_a_frame_are_left_out_when_a_crash_is_mended() {
        let folder = tempfile::tempdir().unwrap();
        let mut metadata = Metadata::new(RecordingId::from_millis(7), "room".to_owned(), 7);
        metadata.tracks.push(track("missing.webm"));
        metadata.mend(folder.path());
        assert_eq!(
            (metadata.tracks.len(), metadata.duration_ms, metadata.status),
            (0, Some(0), Status::Recorded)
        );
    }
}
