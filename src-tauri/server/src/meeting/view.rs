//! What the owner of the machine sees of a room.

use serde::Serialize;
use ts_rs::TS;

use crate::room::{Peer, Room, Seat};
use crate::wire::{PeerId, ProducerSummary, RunningRecording};

/// A person, as the owner of the machine sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PersonView {
    /// The peer.
    pub id: PeerId,
    /// The name that others see.
    pub name: String,
    /// The picture that the client brought.
    pub image_url: Option<String>,
    /// Whether the person hosts the room.
    pub is_host: bool,
    /// Whether the person's connection is lost and their place kept for them.
    pub is_reconnecting: bool,
    /// Whether the microphone is muted.
    pub is_audio_muted: bool,
    /// Whether the camera is off.
    pub is_video_paused: bool,
    /// Whether the person shares a screen.
    pub is_screen_sharing: bool,
    /// Whether the person speaks.
    pub is_speaking: bool,
    /// When the person joined, in ms since 1970.
    #[ts(type = "number")]
    pub joined_at: u64,
    /// What the person sends.
    pub sends: Vec<ProducerSummary>,
}

/// A room, as the owner of the machine sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoomView {
    /// When the room was made, in ms since 1970.
    pub created_at: u64,
    /// The recording that runs.
    pub recording: Option<RunningRecording>,
    /// Who is in.
    pub people: Vec<PersonView>,
}

impl RoomView {
    pub(super) fn of(room: &Room, created_at: u64) -> Self {
        let speaker = room.speaker();
        Self {
            created_at,
            recording: room.recording(),
            people: room.peers().map(|(seat, peer)| person(seat, peer, speaker)).collect(),
        }
    }
}

fn person(seat: Seat, peer: &Peer, speaker: Option<Seat>) -> PersonView {
    PersonView {
        id: peer.id.clone(),
        name: peer.name(),
        image_url: peer.identity.image_url.clone(),
        is_host: peer.is_host,
        is_reconnecting: peer.is_reconnecting(),
        is_audio_muted: peer.is_audio_muted,
        is_video_paused: peer.is_video_paused,
        is_screen_sharing: peer.is_screen_sharing(),
        is_speaking: speaker == Some(seat),
        joined_at: peer.joined_at,
        sends: peer.summaries().collect(),
    }
}
