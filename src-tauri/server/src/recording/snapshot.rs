//! A recording as the window shows it.

use serde::Serialize;
use ts_rs::TS;

use super::id::RecordingId;

/// One recording of the library.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RecordingSnapshot {
    /// The recording's id.
    #[ts(type = "string")]
    pub id: RecordingId,
    /// The room that was recorded.
    pub room_id: String,
    /// What the owner calls it.
    pub title: Option<String>,
    /// When it started, in milliseconds since the epoch.
    #[ts(type = "number")]
    pub started_at: u64,
    /// How long it ran, in milliseconds; `None` while it runs.
    #[ts(type = "number | null")]
    pub duration_ms: Option<u64>,
    /// The names of those who were recorded.
    pub people: Vec<String>,
    /// Where it stands.
    pub state: RecordingState,
    /// How far composing is, from 0 to 1; only while it composes.
    pub progress: Option<f64>,
    /// How many seconds composing takes still, as far as one can tell.
    #[ts(type = "number | null")]
    pub seconds_left: Option<u64>,
    /// Why composing stands still, if it does.
    pub held_by: Option<HeldBy>,
    /// The newest composed file, once there is one.
    pub file: Option<String>,
    /// The folder with the tracks.
    pub folder: String,
    /// What the tracks and the file take on the disk, in bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// For how many seconds there is room on the disk at the present rate; only while it runs, and once that is known.
    #[ts(type = "number | null")]
    pub room_for_seconds: Option<u64>,
    /// A sentence for a person where something is to be said.
    pub message: Option<String>,
}

/// Why composing stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum HeldBy {
    /// The owner wants it so.
    Owner,
    /// People meet, and it is set to wait for that.
    Meeting,
}

/// Where a recording stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum RecordingState {
    /// It runs.
    Recording,
    /// It waits for its turn to be composed.
    Waiting,
    /// It is being composed.
    Composing,
    /// The composed file is there.
    Ready,
    /// The tracks are there and the composed file is not; the message says why.
    TracksOnly,
    /// Nothing could be kept, or composing failed; the message says why.
    Failed,
}
