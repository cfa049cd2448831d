//! What the owner of the machine sees of a room.

use serde::Serialize;
use ts_rs::TS;

use crate::broadcast::BroadcastStatus;
use crate::room::{Door, Peer, Role, Room, Seat};
use crate::wire::{PeerId, ProducerSummary, RemovedPerson, RoomPolicy, RunningRecording, Secret, WaitingPerson};

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
    /// Whether the person helps to host the room.
    pub is_co_host: bool,
    /// Whether the person's connection is lost and their place kept for them.
    pub is_reconnecting: bool,
    /// Whether the microphone is muted.
    pub is_audio_muted: bool,
    /// Whether the camera is off.
    pub is_video_paused: bool,
    /// Whether a host keeps the person muted.
    pub is_audio_held: bool,
    /// Whether a host keeps the person's camera off.
    pub is_video_held: bool,
    /// Whether the person shares a screen.
    pub is_screen_sharing: bool,
    /// Whether recordings leave the person out, by their own wish.
    pub is_left_out: bool,
    /// Whether the person speaks.
    pub is_speaking: bool,
    /// When the hand went up, in ms since 1970.
    #[ts(type = "number | null")]
    pub hand_raised_at: Option<u64>,
    /// When the person joined, in ms since 1970.
    #[ts(type = "number")]
    pub joined_at: u64,
    /// What the person sends.
    pub sends: Vec<ProducerSummary>,
}

/// A room, as the owner of the machine sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomView {
    /// When the room was made, in ms since 1970.
    pub created_at: u64,
    /// Proof of being the room's host.
    pub host_key: Secret,
    /// Who may come in.
    pub door: Door,
    /// Who waits to be let in.
    pub waiting: Vec<WaitingPerson>,
    /// What the room allows.
    pub policy: RoomPolicy,
    /// The recording that runs.
    pub recording: Option<RunningRecording>,
    /// The broadcast that runs, or that ended by itself.
    pub broadcast: Option<BroadcastStatus>,
    /// Who is in.
    pub people: Vec<PersonView>,
    /// Whom hosts removed.
    pub removed: Vec<RemovedPerson>,
}

impl RoomView {
    pub(super) fn of(room: &Room, created_at: u64, broadcast: Option<BroadcastStatus>) -> Self {
        Self {
            created_at,
            host_key: room.host_key().clone(),
            door: room.door().clone(),
            waiting: room.waiting_people(),
            policy: room.policy(),
            recording: room.recording(),
            broadcast,
            people: room.peers().map(|(seat, peer)| person(room, seat, peer)).collect(),
            removed: room.removed_people(),
        }
    }
}

fn person(room: &Room, seat: Seat, peer: &Peer) -> PersonView {
    let look = room.look(peer);
    PersonView {
        id: peer.public_id(),
        name: peer.name(),
        image_url: peer.identity.image_url.clone(),
        is_host: look.role == Role::Host,
        is_co_host: look.role == Role::CoHost,
        is_reconnecting: peer.is_reconnecting(),
        is_audio_muted: look.is_audio_muted,
        is_video_paused: look.is_video_paused,
        is_audio_held: look.is_audio_held,
        is_video_held: look.is_video_held,
        is_screen_sharing: look.is_screen_sharing,
        is_left_out: look.is_left_out,
        is_speaking: room.speaker() == Some(seat),
        hand_raised_at: look.hand_raised_at,
        joined_at: peer.joined_at,
        sends: peer.summaries().collect(),
    }
}
