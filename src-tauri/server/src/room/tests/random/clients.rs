//! What the clients of a room know: each believes what it is told and nothing else, so that whatever the room forgets to
//! tell shows.

use std::collections::{BTreeMap, HashMap};

use mediasoup::prelude::{MediaKind, ProducerId};

use super::super::super::Role;
use super::model::{Flow, Model, Person};
use crate::wire::{
    By, JoinAck, ParticipantEntry, PeerId, ProducerSummary, RemovedPerson, RoomDoor, RoomPolicy, RunningRecording,
    ServerEvent, SocketId, WaitingPerson,
};

/// One client, and what it knows.
#[derive(Debug)]
pub(super) struct Client {
    id: SocketId,
    lists: Vec<Vec<ParticipantEntry>>,
    /// What was told of microphones and cameras, for clients that follow changes rather than lists.
    states: HashMap<PeerId, (bool, bool)>,
    streams: BTreeMap<ProducerId, ProducerSummary>,
    policy: RoomPolicy,
    screens: bool,
    cameras: bool,
    speaker: Option<Option<PeerId>>,
    recording: Option<RunningRecording>,
    removed: Vec<RemovedPerson>,
    waiting: Vec<WaitingPerson>,
    door: Option<RoomDoor>,
    role: Role,
    is_answered: bool,
    chat: Vec<String>,
    pub(super) is_removed: bool,
}

impl Client {
    pub(super) fn new(id: SocketId, chat: Vec<String>) -> Self {
        Self {
            id,
            lists: Vec::new(),
            states: HashMap::new(),
            streams: BTreeMap::new(),
            policy: RoomPolicy::default(),
            screens: true,
            cameras: true,
            speaker: None,
            recording: None,
            removed: Vec::new(),
            waiting: Vec::new(),
            door: None,
            role: Role::Guest,
            is_answered: false,
            chat,
            is_removed: false,
        }
    }

    /// The lists told so far, in their order.
    pub(super) fn lists(&self) -> &[Vec<ParticipantEntry>] {
        &self.lists
    }

    pub(super) fn hears_answer(&mut self, ack: &JoinAck) {
        let ids: Vec<ProducerId> = ack.producers.iter().map(|one| one.producer_id).collect();
        assert_eq!(ack.existing_producers, ids);
        self.streams = ack.producers.iter().map(|one| (one.producer_id, one.clone())).collect();
        self.recording = ack.recording;
        self.policy = ack.policy;
        self.forgets_what_hosts_know();
        self.is_answered = true;
        self.role = match (ack.is_host, ack.is_co_host) {
            (true, false) => Role::Host,
            (false, true) => Role::CoHost,
            (false, false) => Role::Guest,
            (true, true) => panic!("a host is no co-host"),
        };
    }

    pub(super) fn hears(&mut self, event: &ServerEvent) {
        match event {
            ServerEvent::ParticipantListUpdate(list) => self.hears_list(list),
            ServerEvent::ParticipantStateChanged {
                peer_id,
                is_audio_muted,
                is_video_paused,
                ..
            } => {
                let state = self.states.get_mut(peer_id);
                assert!(state.is_some() || self.lists.is_empty(), "of somebody unknown");
                if let Some((audio, video)) = state {
                    *audio = is_audio_muted.unwrap_or(*audio);
                    *video = is_video_paused.unwrap_or(*video);
                }
            }
            ServerEvent::PeerResumed { old_peer_id, peer_id } => self.renames(old_peer_id, peer_id),
            ServerEvent::NewProducer {
                producer_id,
                peer_id,
                kind,
                is_screen_share,
                ..
            } => {
                let summary = ProducerSummary {
                    producer_id: *producer_id,
                    peer_id: peer_id.clone(),
                    kind: *kind,
                    is_screen_share: *is_screen_share,
                    paused: false,
                };
                assert!(
                    self.streams.insert(*producer_id, summary).is_none(),
                    "a stream begins once"
                );
            }
            ServerEvent::ProducerClosed {
                producer_id, peer_id, ..
            } => {
                let ended = self.streams.remove(producer_id).expect("a stream that was told of");
                assert_eq!(ended.peer_id, *peer_id);
            }
            ServerEvent::ProducerPaused { producer_id, peer_id } => self.hears_flow(producer_id, peer_id, true),
            ServerEvent::ProducerResumed { producer_id, peer_id } => self.hears_flow(producer_id, peer_id, false),
            ServerEvent::ActiveSpeaker { peer_id } => self.speaker = Some(peer_id.clone()),
            ServerEvent::ReceiveMessage(entry) => self.chat.push(entry.message.id.clone()),
            ServerEvent::KickedFromRoom { .. } => self.is_removed = true,
            ServerEvent::RemovedPeople(people) => {
                // Who comes with the key does not know yet that they are a host.
                let may_know = self.role > Role::Guest || !self.is_answered;
                assert!(may_know, "guests are not told whom hosts removed");
                self.removed.clone_from(people);
            }
            ServerEvent::WaitingPeople(people) => {
                let may_know = self.role > Role::Guest || !self.is_answered;
                assert!(may_know, "guests are not told who waits");
                self.waiting.clone_from(people);
            }
            ServerEvent::RoomDoor { door, .. } => {
                let may_know = self.role == Role::Host || !self.is_answered;
                assert!(may_know, "hosts alone are told the passcode");
                self.door = Some(door.clone());
            }
            ServerEvent::Admitted { .. } | ServerEvent::TurnedAway { .. } => {
                panic!("who is in the room does not wait")
            }
            ServerEvent::RoomPolicy { policy, .. } => self.policy = *policy,
            ServerEvent::ScreenshareGlobalUpdate { enabled, .. } => self.screens = *enabled,
            ServerEvent::DisableAllCameras(_) => self.cameras = false,
            ServerEvent::EnableAllCameras(_) => self.cameras = true,
            ServerEvent::HostGranted(_) => self.role = Role::Host,
            ServerEvent::CohostGranted(_) => self.role = Role::CoHost,
            ServerEvent::HostRevoked(_) | ServerEvent::CohostRevoked(_) => {
                self.role = Role::Guest;
                self.forgets_what_hosts_know();
            }
            ServerEvent::RecordingStarted {
                recording_id,
                started_at,
                ..
            } => {
                self.recording = Some(RunningRecording {
                    recording_id: *recording_id,
                    started_at: *started_at,
                });
            }
            ServerEvent::RecordingStopped { .. } => self.recording = None,
            _ => (),
        }
    }

    fn forgets_what_hosts_know(&mut self) {
        self.removed.clear();
        self.waiting.clear();
        self.door = None;
    }

    fn hears_list(&mut self, list: &[ParticipantEntry]) {
        for entry in list {
            let state = (entry.is_audio_muted, entry.is_video_paused);
            let known = *self.states.entry(entry.id.clone()).or_insert(state);
            assert_eq!(known, state, "a microphone or a camera changed and nobody said so");
        }
        self.states.retain(|id, _| list.iter().any(|entry| entry.id == *id));
        self.lists.push(list.to_vec());
    }

    fn hears_flow(&mut self, id: &ProducerId, sender: &PeerId, paused: bool) {
        let stream = self.streams.get_mut(id).expect("a stream that was told of");
        assert_eq!(stream.peer_id, *sender);
        assert_ne!(stream.paused, paused, "what flows already is not resumed");
        stream.paused = paused;
    }

    fn renames(&mut self, old: &PeerId, new: &PeerId) {
        if let Some(state) = self.states.remove(old) {
            self.states.insert(new.clone(), state);
        }
        for stream in self.streams.values_mut().filter(|stream| stream.peer_id == *old) {
            stream.peer_id = new.clone();
        }
        if self.speaker == Some(Some(old.clone())) {
            self.speaker = Some(Some(new.clone()));
        }
    }

    /// Holds what this client knows against what is.
    pub(super) fn check(&self, model: &Model, recording: Option<RunningRecording>) {
        assert_eq!(self.lists.last(), Some(&model.list()), "{}", self.id);
        let others = model.sent().filter(|(person, _)| person.id != self.id);
        let streams: BTreeMap<ProducerId, ProducerSummary> = others
            .map(|(person, sent)| {
                let summary = ProducerSummary {
                    producer_id: sent.id,
                    peer_id: person.told(),
                    kind: sent.kind,
                    is_screen_share: sent.is_share,
                    paused: sent.flow != Flow::On,
                };
                (sent.id, summary)
            })
            .collect();
        assert_eq!(self.streams, streams, "{}", self.id);
        assert_eq!(self.policy, model.policy);
        assert_eq!(self.screens, model.policy.screen_share_enabled);
        assert_eq!(self.cameras, model.policy.cameras_enabled);
        assert_eq!(self.recording, recording);
        assert_eq!(self.chat, model.chat);
        let own = model
            .people
            .iter()
            .find(|person| person.id == self.id)
            .expect("a place");
        assert_eq!(self.role, own.role);
        if self.role > Role::Guest {
            assert_eq!(self.removed, model.removed());
            assert_eq!(self.waiting, model.doorstep.waiting());
        }
        if self.role == Role::Host {
            assert_eq!(self.door, Some(model.doorstep.shown()));
        }
        if let Some(speaker) = &self.speaker {
            let speaks = model.speaker.and_then(|seat| model.person(seat));
            assert_eq!(speaker.as_ref(), speaks.map(Person::told).as_ref());
        }
    }
}

/// The peers that an event is about. The old id of somebody who came back is no such, and neither is who wrote a rule
/// once.
pub(super) fn subjects(event: &ServerEvent) -> Vec<&PeerId> {
    match event {
        ServerEvent::ParticipantListUpdate(list) => list.iter().map(|entry| &entry.id).collect(),
        ServerEvent::ParticipantStateChanged { peer_id, .. }
        | ServerEvent::PeerResumed { peer_id, .. }
        | ServerEvent::NewProducer { peer_id, .. }
        | ServerEvent::ProducerPaused { peer_id, .. }
        | ServerEvent::ProducerResumed { peer_id, .. }
        | ServerEvent::ParticipantUpdated {
            participant_id: peer_id,
            ..
        }
        | ServerEvent::Reaction { peer_id, .. } => vec![peer_id],
        ServerEvent::ActiveSpeaker { peer_id } => peer_id.iter().collect(),
        ServerEvent::ReceiveMessage(entry) => vec![&entry.message.sender.id],
        _ => Vec::new(),
    }
}

/// Who did what an event tells of.
pub(super) fn doer(event: &ServerEvent) -> Option<&By> {
    match event {
        ServerEvent::ForceMute { by, .. }
        | ServerEvent::ForceVideoPause { by, .. }
        | ServerEvent::KickedFromRoom { by, .. }
        | ServerEvent::RoomPolicy { by, .. }
        | ServerEvent::Admitted { by, .. }
        | ServerEvent::TurnedAway { by, .. }
        | ServerEvent::ScreenshareGlobalUpdate { by, .. }
        | ServerEvent::HostStopScreenshare(by)
        | ServerEvent::DisableAllCameras(by)
        | ServerEvent::EnableAllCameras(by)
        | ServerEvent::HostGranted(by)
        | ServerEvent::HostRevoked(by)
        | ServerEvent::CohostGranted(by)
        | ServerEvent::CohostRevoked(by) => Some(by),
        _ => None,
    }
}

/// What is told a person that is done to them alone: its kind, and whether it is on.
pub(super) fn force(event: &ServerEvent) -> Option<(MediaKind, bool)> {
    match event {
        ServerEvent::ForceMute { audio, .. } => Some((MediaKind::Audio, *audio)),
        ServerEvent::ForceVideoPause { video, .. } => Some((MediaKind::Video, *video)),
        _ => None,
    }
}
