//! What hosts and co-hosts send to run a room. People are named by their peer id or by the label that they brought.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ids::RoomId;
use super::payload::payloads;
use super::request::Payload;

payloads!(
    ToggleRemoteAudio,
    ToggleRemoteVideo,
    OfTarget,
    OfParticipant,
    LetBackIn,
    OfRecording,
    SetRoomPolicy,
);

/// What to do about a microphone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
#[ts(export)]
pub enum ForceAudio {
    /// Mute it, and keep it so.
    Mute,
    /// Let its person unmute it.
    Unmute,
}

/// `toggle-remote-audio`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ToggleRemoteAudio {
    /// The room joined.
    pub room_id: RoomId,
    /// Whom it is about.
    pub target_user_id: String,
    /// What to do.
    pub force: ForceAudio,
}

/// What to do about a camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
#[ts(export)]
pub enum ForceVideo {
    /// Turn it off, and keep it so.
    #[serde(alias = "disable")]
    Pause,
    /// Let its person turn it on.
    #[serde(alias = "enable")]
    Unpause,
}

/// `toggle-remote-video`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ToggleRemoteVideo {
    /// The room joined.
    pub room_id: RoomId,
    /// Whom it is about.
    pub target_user_id: String,
    /// What to do.
    pub force: ForceVideo,
}

/// `remove-participant`, `stop-remote-screenshare`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OfTarget {
    /// The room joined.
    pub room_id: RoomId,
    /// Whom it is about.
    pub target_user_id: String,
}

/// `make-host`, `remove-host`, `make-cohost`, `remove-cohost`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OfParticipant {
    /// The room joined.
    pub room_id: RoomId,
    /// Whom it is about.
    pub participant_id: String,
}

/// `let-back-in`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LetBackIn {
    /// The room joined.
    pub room_id: RoomId,
    /// The removal to lift, as `removed-people` names it.
    #[ts(type = "number")]
    pub removed_id: u64,
}

/// `get-recording-link`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OfRecording {
    /// The room joined.
    pub room_id: RoomId,
    /// The recording, as `recording-ready` names it.
    #[ts(type = "number")]
    pub recording_id: u64,
}

/// `set-room-policy`. What is left out stays as it is.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct SetRoomPolicy {
    /// The room joined.
    pub room_id: RoomId,
    /// Whether nobody new gets in.
    pub locked: Option<bool>,
    /// Whether guests may share a screen.
    pub screen_share_enabled: Option<bool>,
    /// Whether guests' cameras may be on.
    pub cameras_enabled: Option<bool>,
    /// Whether guests may write in the chat.
    pub chat_enabled: Option<bool>,
    /// Whether guests may start and stop a recording.
    pub guests_may_record: Option<bool>,
    /// The largest file that can be shared, in bytes; 0 for none. `largestFileBytes` of the join's answer is the most.
    #[ts(optional, type = "number")]
    pub max_file_bytes: Option<u64>,
}
