//! A room's rules: who is in it, what they may do, and what everybody is told.
//!
//! A [`Room`] is a plain struct without input or output. Each change takes the time from its caller and returns
//! [`Effect`]s, in the order in which they are to happen; the meeting that owns the room performs them.

mod action;
mod broadcast;
mod chat;
mod chat_features;
mod creator;
mod door;
mod effect;
mod everybody;
mod file_name;
mod files;
mod guesses;
mod holds;
mod labels;
mod left_out;
mod lobby;
mod locks;
mod look;
mod membership;
mod peer;
mod policy;
mod removed;
mod role;
mod signals;
mod streams;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

pub use action::Action;
pub use chat::Chat;
pub use door::{Door, DoorChange};
pub use effect::{Audience, Effect};
use files::Files;
pub use files::{FileBounds, FileOffer};
pub use guesses::Guesses;
pub use lobby::Knocked;
use lobby::Lobby;
pub use look::Look;
pub use mediasoup::prelude::MediaKind;
pub use membership::{Joined, Newcomer};
pub(crate) use peer::tidied;
pub use peer::{Holds, Identity, Peer, Presence, Seat, Stream};
pub use policy::PolicyChange;
use removed::Removals;
pub use role::{Actor, Role};

use crate::wire::{By, RoomId, RoomPolicy, RunningBroadcast, RunningRecording, Secret, ServerEvent, SocketId};

/// The time at which something happens, told from outside.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// For measuring spans.
    pub instant: Instant,
    /// For people: ms since 1970.
    pub epoch_ms: u64,
}

/// What a room is set to.
#[derive(Debug, Clone, Copy)]
pub struct RoomSettings {
    /// Whether the first to join an empty room hosts it, as frontends of the guide expect. Where the door says who comes
    /// in, only the key makes hosts.
    pub first_comer_hosts: bool,
    /// How long the place of a peer whose socket was lost without a goodbye is kept for it.
    pub resume_grace: Duration,
    /// The most people that any room takes; its door may bound it further.
    pub max_peers: usize,
    /// The most streams that one peer sends.
    pub max_streams: usize,
    /// How much files may take.
    pub files: FileBounds,
}

impl Default for RoomSettings {
    fn default() -> Self {
        Self {
            first_comer_hosts: true,
            resume_grace: Duration::from_secs(20),
            max_peers: 500,
            // A camera, a microphone, a screen with its sound, and some to spare.
            max_streams: 12,
            files: FileBounds::default(),
        }
    }
}

/// What a room allows at first.
fn first_policy(settings: RoomSettings) -> RoomPolicy {
    let usual = RoomPolicy::default();
    RoomPolicy {
        max_file_bytes: usual.max_file_bytes.min(settings.files.largest),
        ..usual
    }
}

/// A room: its peers in the order in which they came, their streams, and what they said.
#[derive(Debug)]
pub struct Room {
    id: RoomId,
    link: String,
    settings: RoomSettings,
    host_key: Secret,
    name: Option<String>,
    creator_id: Option<String>,
    door: Door,
    door_by: By,
    guesses: Guesses,
    lobby: Lobby,
    policy: RoomPolicy,
    policy_by: Option<By>,
    peers: BTreeMap<Seat, Peer>,
    next_seat: u64,
    removals: Removals,
    last_hand: u64,
    chat: Chat,
    files: Files,
    speaker: Option<Seat>,
    recording: Option<RunningRecording>,
    broadcast: Option<RunningBroadcast>,
}

impl Room {
    /// An empty room that others reach by this link. Whoever shows the key hosts it; random, from outside.
    #[must_use]
    pub fn new(id: RoomId, link: String, settings: RoomSettings, host_key: Secret) -> Self {
        Self {
            id,
            link,
            settings,
            host_key,
            name: None,
            creator_id: None,
            door: Door::default(),
            door_by: By::owner(),
            guesses: Guesses::default(),
            lobby: Lobby::default(),
            policy: first_policy(settings),
            policy_by: None,
            peers: BTreeMap::new(),
            next_seat: 0,
            removals: Removals::default(),
            last_hand: 0,
            chat: Chat::default(),
            files: Files::default(),
            speaker: None,
            recording: None,
            broadcast: None,
        }
    }

    /// The same behind a door of its own, with the wrong passcodes shown there before.
    #[must_use]
    pub fn behind(self, door: Door, guesses: Guesses) -> Self {
        Self { door, guesses, ..self }
    }

    /// Gives the room a name that people see, or takes it back.
    pub fn rename(&mut self, name: Option<String>) {
        self.name = name;
    }

    /// The wrong passcodes shown at the door.
    #[must_use]
    pub fn guesses(&self) -> &Guesses {
        &self.guesses
    }

    /// Makes the room new for those who wait before it, once everybody left: what was said, shared and decided in it is
    /// gone.
    pub fn begin_anew(&mut self) -> Vec<Effect> {
        if !self.is_empty() {
            return Vec::new();
        }
        self.policy = first_policy(self.settings);
        self.policy_by = None;
        self.removals = Removals::default();
        self.chat = Chat::default();
        self.end_files()
    }

    /// The room's id.
    #[must_use]
    pub fn id(&self) -> &RoomId {
        &self.id
    }

    /// Proof of being the host; for the owner of the machine alone.
    #[must_use]
    pub fn host_key(&self) -> &Secret {
        &self.host_key
    }

    /// Whether nobody has a place in the room, not even a lost peer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.peers.is_empty()
    }

    /// The peers with their seats, in the order in which they joined.
    pub fn peers(&self) -> impl Iterator<Item = (Seat, &Peer)> {
        self.peers.iter().map(|(seat, peer)| (*seat, peer))
    }

    /// The peer in a seat.
    #[must_use]
    pub fn peer(&self, seat: Seat) -> Option<&Peer> {
        self.peers.get(&seat)
    }

    /// The seat of the peer that speaks through this socket.
    #[must_use]
    pub fn seat_of(&self, socket: &SocketId) -> Option<Seat> {
        self.peers
            .iter()
            .find(|(_, candidate)| candidate.id == *socket)
            .map(|(seat, _)| *seat)
    }

    /// Who speaks now.
    #[must_use]
    pub fn speaker(&self) -> Option<Seat> {
        self.speaker
    }

    /// The recording that runs now.
    #[must_use]
    pub fn recording(&self) -> Option<RunningRecording> {
        self.recording
    }

    /// What was said.
    #[must_use]
    pub fn chat(&self) -> &Chat {
        &self.chat
    }

    /// Takes in who speaks loudest, or that nobody does.
    pub fn heard(&mut self, loudest: Option<Seat>) -> Vec<Effect> {
        let speaker = loudest.filter(|seat| self.may_be_heard(*seat));
        if speaker == self.speaker {
            return Vec::new();
        }
        self.speaker = speaker;
        let peer_id = self.speaking().map(Peer::public_id);
        vec![Effect::tell(Audience::All, ServerEvent::ActiveSpeaker { peer_id })]
    }

    /// What somebody who comes in is told of who speaks: nothing while nobody does.
    fn speaker_for(&self, seat: Seat) -> Option<Effect> {
        let peer_id = Some(self.speaking()?.public_id());
        let event = ServerEvent::ActiveSpeaker { peer_id };
        Some(Effect::tell(Audience::One(seat), event))
    }

    fn speaking(&self) -> Option<&Peer> {
        self.speaker.and_then(|seat| self.peers.get(&seat))
    }

    /// Takes in that the room has other links now, best first.
    pub fn moved(&mut self, urls: Vec<String>) -> Vec<Effect> {
        if let Some(best) = urls.first() {
            self.link.clone_from(best);
        }
        vec![Effect::tell(Audience::All, ServerEvent::ServerAddressChanged { urls })]
    }

    /// Takes in that a recording of the room began.
    pub fn recording_started(&mut self, recording: RunningRecording) -> Vec<Effect> {
        self.recording = Some(recording);
        vec![Effect::tell(Audience::All, self.recording_event(recording))]
    }

    /// Takes in that the recording ended after `duration` ms.
    pub fn recording_stopped(&mut self, duration: u64) -> Vec<Effect> {
        let Some(RunningRecording { recording_id, .. }) = self.recording.take() else {
            return Vec::new();
        };
        let event = ServerEvent::RecordingStopped {
            room_id: self.id.clone(),
            recording_id,
            duration,
        };
        vec![Effect::tell(Audience::All, event)]
    }

    fn recording_event(&self, recording: RunningRecording) -> ServerEvent {
        ServerEvent::RecordingStarted {
            room_id: self.id.clone(),
            recording_id: recording.recording_id,
            started_at: recording.started_at,
        }
    }
}
