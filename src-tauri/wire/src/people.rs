//! People as everybody sees them, and who did what to whom.

use serde::Serialize;
use ts_rs::TS;

use super::ids::PeerId;

/// One person in `participant-list-update`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ParticipantEntry {
    /// The peer.
    pub id: PeerId,
    /// The name that the person gave, or one made for them.
    pub name: String,
    /// Whether the microphone is muted, by the person or by a host.
    pub is_audio_muted: bool,
    /// Whether the camera is off, by the person's or a host's doing.
    pub is_video_paused: bool,
    /// The opaque label that the client brought.
    pub user_id: Option<String>,
    /// The picture that the client brought.
    pub image_url: Option<String>,
    /// Whether the person hosts the room.
    pub is_host: bool,
    /// Whether the person helps to host the room.
    pub is_co_host: bool,
    /// Whether the person shares a screen.
    pub is_screen_sharing: bool,
    /// Whether the person's connection is lost and their place kept for them.
    pub is_reconnecting: bool,
    /// Whether a host keeps the person muted.
    pub is_audio_held: bool,
    /// Whether a host keeps the person's camera off.
    pub is_video_held: bool,
    /// The same as `is_audio_held`, for frontends that look for it by this name.
    pub audio_locked: bool,
    /// Whether the room lets the person share no screen.
    pub screen_share_locked: bool,
    /// Whether the person asked to be left out of recordings, and is.
    pub is_left_out: bool,
    /// When the hand went up, in ms since 1970; no two in a room are the same.
    #[ts(type = "number | null")]
    pub hand_raised_at: Option<u64>,
    /// When the person joined, in ms since 1970.
    #[ts(type = "number")]
    pub joined_at: u64,
}

/// Who did something, at the time when they did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct By {
    /// The person's name, fit for a sentence: "Anna muted you".
    pub by: String,
    /// The peer; none for the owner of the machine, who is in no room.
    pub by_id: Option<PeerId>,
}

impl By {
    /// The owner of the machine, at its window.
    #[must_use]
    pub fn owner() -> Self {
        Self {
            by: "The host".to_owned(),
            by_id: None,
        }
    }
}

/// What changed of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RoleUpdate {
    /// Whether the person hosts the room.
    pub is_host: bool,
    /// Whether the person helps to host the room.
    pub is_co_host: bool,
}

/// Somebody whom a host removed from the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RemovedPerson {
    /// The removal, by which it can be lifted.
    #[ts(type = "number")]
    pub id: u64,
    /// The name that others saw.
    pub name: String,
    /// When it happened, in ms since 1970.
    #[ts(type = "number")]
    pub removed_at: u64,
}

/// What a room allows. Hosts and co-hosts may do all of it at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RoomPolicy {
    /// Whether nobody new gets in.
    pub locked: bool,
    /// Whether guests may share a screen.
    pub screen_share_enabled: bool,
    /// Whether guests' cameras may be on.
    pub cameras_enabled: bool,
    /// Whether guests may write in the chat.
    pub chat_enabled: bool,
    /// Whether guests may start and stop a recording.
    pub guests_may_record: bool,
    /// The largest file that can be shared, in bytes; 0 where none can be.
    #[ts(type = "number")]
    pub max_file_bytes: u64,
}

impl Default for RoomPolicy {
    fn default() -> Self {
        Self {
            locked: false,
            screen_share_enabled: true,
            cameras_enabled: true,
            chat_enabled: true,
            guests_may_record: true,
            max_file_bytes: 50 << 20,
        }
    }
}
