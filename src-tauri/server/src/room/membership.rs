//! Coming, going, and coming back.

use std::time::Instant;

use indexmap::IndexMap;

use super::{Audience, Effect, Identity, Now, Peer, Presence, Room, Seat};
use crate::wire::{JoinAck, PeerId, ProducerSummary, Refusal, ServerEvent};

/// Who asks to join.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// The id of the socket.
    pub id: PeerId,
    /// How the person wants to be known.
    pub identity: Identity,
    /// A new proof to come back with, if the client asked for one. Random, from outside.
    pub new_token: Option<String>,
    /// Proof of a lost place, if the client brought one.
    pub old_token: Option<String>,
}

/// How a join went.
#[derive(Debug)]
pub struct Joined {
    /// The place in the room.
    pub seat: Seat,
    /// What the joiner is told.
    pub ack: JoinAck,
    /// What everybody is told before the joiner's acknowledgement.
    pub effects: Vec<Effect>,
    /// What the joiner is told right after its acknowledgement.
    pub afterwards: Vec<Effect>,
}

impl Room {
    /// Lets a newcomer in, or gives a lost peer its place back.
    ///
    /// # Errors
    /// [`Refusal::Limit`] when the room is full.
    pub fn join(&mut self, newcomer: Newcomer, now: Now) -> Result<Joined, Refusal> {
        if let Some(seat) = self.seat_of(&newcomer.id) {
            return Ok(self.joined(seat, Vec::new(), now, |ack| ack.already_joined = true));
        }
        if let Some(seat) = newcomer
            .old_token
            .as_deref()
            .and_then(|token| self.seat_of_token(token))
        {
            return Ok(self.resume(seat, newcomer, now));
        }
        if self.peers.len() >= self.settings.max_peers {
            return Err(Refusal::Limit("Room is full"));
        }
        let seat = Seat(self.next_seat);
        self.next_seat += 1;
        let peer = Peer {
            id: newcomer.id,
            identity: newcomer.identity,
            is_host: self.settings.first_comer_hosts && self.peers.is_empty(),
            is_audio_muted: false,
            is_video_paused: false,
            joined_at: now.epoch_ms,
            resume_token: newcomer.new_token,
            presence: Presence::Here,
            streams: IndexMap::new(),
        };
        self.peers.insert(seat, peer);
        let effects = vec![self.list()];
        Ok(self.joined(seat, effects, now, |_| ()))
    }

    /// Takes in that a peer left for good.
    pub fn leave(&mut self, seat: Seat) -> Vec<Effect> {
        let Some(peer) = self.peers.remove(&seat) else {
            return Vec::new();
        };
        let mut effects = vec![Effect::EndMedia(seat)];
        for producer_id in peer.streams.keys() {
            let event = ServerEvent::ProducerClosed {
                producer_id: *producer_id,
                peer_id: peer.id.clone(),
            };
            effects.push(Effect::tell(Audience::All, event));
        }
        effects.push(Effect::tell(
            Audience::All,
            ServerEvent::ParticipantLeft { peer_id: peer.id },
        ));
        effects.push(self.list());
        if self.speaker == Some(seat) {
            effects.extend(self.heard(None));
        }
        effects
    }

    /// Takes in that a peer's socket is gone without a goodbye: a resumable peer keeps its place for as long as the
    /// settings say, any other leaves.
    pub fn lose(&mut self, seat: Seat, now: Now) -> Vec<Effect> {
        let until = now.instant + self.settings.resume_grace;
        match self.peers.get_mut(&seat) {
            Some(peer) if peer.resume_token.is_some() => {
                peer.presence = Presence::Lost { until };
                vec![self.list()]
            }
            _ => self.leave(seat),
        }
    }

    /// When the next lost place is to be given up.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Instant> {
        self.peers.values().filter_map(lost_until).min()
    }

    /// Gives up the places whose time is over.
    pub fn expire(&mut self, now: Now) -> Vec<Effect> {
        let is_over = |peer: &Peer| lost_until(peer).is_some_and(|until| until <= now.instant);
        let over: Vec<Seat> = self
            .peers()
            .filter(|(_, peer)| is_over(peer))
            .map(|(seat, _)| seat)
            .collect();
        over.into_iter().flat_map(|seat| self.leave(seat)).collect()
    }

    /// Takes in a new name, picture or label; what is left out stays.
    pub fn introduce(&mut self, seat: Seat, identity: Identity) -> Vec<Effect> {
        let Some(peer) = self.peers.get_mut(&seat) else {
            return Vec::new();
        };
        let known = std::mem::take(&mut peer.identity);
        let completed = identity.or(known.clone());
        let changed = completed != known;
        peer.identity = completed;
        if changed { vec![self.list()] } else { Vec::new() }
    }

    fn seat_of_token(&self, token: &str) -> Option<Seat> {
        let holds = |peer: &Peer| {
            peer.resume_token
                .as_deref()
                .is_some_and(|held| equal_in_constant_time(held, token))
        };
        self.peers.iter().find(|(_, peer)| holds(peer)).map(|(seat, _)| *seat)
    }

    fn resume(&mut self, seat: Seat, newcomer: Newcomer, now: Now) -> Joined {
        let mut effects = Vec::new();
        if let Some(peer) = self.peers.get_mut(&seat) {
            let old_peer_id = std::mem::replace(&mut peer.id, newcomer.id.clone());
            peer.presence = Presence::Here;
            peer.resume_token = newcomer.new_token;
            let known = std::mem::take(&mut peer.identity);
            peer.identity = newcomer.identity.or(known);
            let event = ServerEvent::PeerResumed {
                old_peer_id,
                peer_id: newcomer.id,
            };
            effects.push(Effect::tell(Audience::All, event));
            effects.push(self.list());
        }
        self.joined(seat, effects, now, |ack| ack.resumed = true)
    }

    fn joined(&self, seat: Seat, effects: Vec<Effect>, now: Now, mark: impl FnOnce(&mut JoinAck)) -> Joined {
        let producers: Vec<ProducerSummary> = self.streams_of_others(seat).collect();
        let peer = &self.peers[&seat];
        let mut ack = JoinAck {
            existing_producers: producers.iter().map(|producer| producer.producer_id).collect(),
            peer_id: peer.id.clone(),
            is_host: peer.is_host,
            is_co_host: false,
            producers,
            link: self.link.clone(),
            recording: self.recording,
            server_time: now.epoch_ms,
            already_joined: false,
            resumed: false,
            resume_token: peer.resume_token.clone(),
        };
        mark(&mut ack);
        let afterwards = self
            .recording
            .map(|recording| Effect::tell(Audience::One(seat), self.recording_event(recording)))
            .into_iter()
            .collect();
        Joined {
            seat,
            ack,
            effects,
            afterwards,
        }
    }
}

fn lost_until(peer: &Peer) -> Option<Instant> {
    match peer.presence {
        Presence::Here => None,
        Presence::Lost { until } => Some(until),
    }
}

/// Compares secrets without telling by the time taken how much of one was guessed.
fn equal_in_constant_time(left: &str, right: &str) -> bool {
    let differences = left
        .bytes()
        .zip(right.bytes())
        .fold(0, |sum, (one, other)| sum | (one ^ other));
    left.len() == right.len() && differences == 0
}
