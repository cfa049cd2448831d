//! Coming, going, and coming back.

use std::net::IpAddr;
use std::time::Instant;

use indexmap::IndexMap;

use super::labels::Claimant;
use super::look::state_changed;
use super::peer::{Holds, MAX_IMAGES};
use super::streams::closed;
use super::{Audience, Effect, Identity, Now, Peer, Presence, Role, Room, Seat};
use crate::wire::{DoorKind, JoinAck, ProducerSummary, Refusal, Secret, ServerEvent, SocketId};

/// Who asks to join.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// The id of the socket.
    pub id: SocketId,
    /// How the person wants to be known.
    pub identity: Identity,
    /// A new proof to come back with, if the client asked for one. Random, from outside.
    pub new_token: Option<Secret>,
    /// Proof of a lost place, if the client brought one.
    pub old_token: Option<Secret>,
    /// Proof of being the room's host, if the client brought one.
    pub host_key: Option<Secret>,
    /// What opens a door with a passcode, if the client brought one.
    pub passcode: Option<Secret>,
    /// Whether the client's browser announced the meeting that the room is for.
    pub is_creator: bool,
    /// Where the client is; one who guesses passcodes is slowed by it.
    pub address: IpAddr,
    /// What the client's browser knows itself by again, if its page keeps something.
    pub device: Option<Secret>,
    /// Whether the person wants to be left out of recordings, if the client said.
    pub left_out: Option<bool>,
    /// Whether the client looks at whether a stream of its own begins paused.
    pub understands_paused: bool,
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
    /// Not to who has the host's key: [`Refusal::Removed`], [`Refusal::RoomLocked`], [`Refusal::PasscodeRequired`],
    /// [`Refusal::WrongPasscode`], [`Refusal::TooManyGuesses`], [`Refusal::TurnedAway`], and
    /// [`Refusal::WaitingForHost`], which is for [`Room::knock`]. To everybody: [`Refusal::RoomFull`].
    pub fn join(&mut self, newcomer: Newcomer, now: Now) -> Result<Joined, Refusal> {
        if let Some(seat) = self.seat_of(&newcomer.id) {
            return Ok(self.joined(seat, Vec::new(), now, |ack| ack.already_joined = true));
        }
        let has_key = newcomer
            .host_key
            .as_ref()
            .is_some_and(|key| key.matches(&self.host_key));
        if let Some(seat) = newcomer.old_token.as_ref().and_then(|token| self.seat_of_token(token)) {
            return Ok(self.resume(seat, newcomer, has_key, now));
        }
        if !has_key {
            self.pass_door(&newcomer, now)?;
        } else if self.peers.len() >= self.settings.max_peers {
            return Err(Refusal::RoomFull);
        }
        let is_first = self.settings.first_comer_hosts && self.peers.is_empty() && self.door.kind == DoorKind::Open;
        let is_first = is_first && self.may_host_as_first(&newcomer.identity);
        let hosts_as_creator = newcomer.is_creator && !self.has_host();
        let pardon = if has_key { self.pardon(&newcomer) } else { Vec::new() };
        let arrival = self.waits_no_more(&newcomer);
        let seat = Seat(self.next_seat);
        self.next_seat += 1;
        let wanted_label = newcomer.identity.user_id.clone();
        let claimant = Claimant {
            own: None,
            socket: &newcomer.id,
            device: newcomer.device.as_ref(),
        };
        let (identity, renamed) = self.as_known(newcomer.identity, &claimant);
        let peer = Peer {
            wanted_label: wanted_label.filter(|_| identity.user_id.is_none()),
            identity,
            id: newcomer.id,
            role: if is_first || has_key || hosts_as_creator {
                Role::Host
            } else {
                Role::Guest
            },
            is_audio_muted: false,
            is_video_paused: false,
            understands_paused: newcomer.understands_paused,
            holds: Holds::default(),
            is_left_out: newcomer.left_out.unwrap_or_default(),
            hand_raised_at: None,
            joined_at: now.epoch_ms,
            device: newcomer.device,
            resume_token: newcomer.new_token,
            presence: Presence::Here,
            streams: IndexMap::new(),
        };
        self.peers.insert(seat, peer);
        let told = std::iter::once(self.list()).chain(pardon).chain(arrival);
        let effects = renamed.into_iter().chain(told).collect();
        Ok(self.joined(seat, effects, now, |_| ()))
    }

    /// Takes in that a peer left for good.
    pub fn leave(&mut self, seat: Seat) -> Vec<Effect> {
        let Some(peer) = self.peers.remove(&seat) else {
            return Vec::new();
        };
        let mut effects = vec![Effect::EndMedia(seat)];
        effects.extend(self.end_files_on_their_way(seat));
        for (producer_id, stream) in &peer.streams {
            effects.push(Effect::tell(Audience::All, closed(&peer, *producer_id, *stream)));
        }
        let left = ServerEvent::ParticipantLeft {
            peer_id: peer.public_id(),
            user_id: peer.identity.user_id.clone(),
        };
        effects.push(Effect::tell(Audience::All, left));
        effects.extend(self.pass_on_label(peer.identity.user_id.as_deref()));
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

    /// When the next place is to be given up, one of a lost peer or one in the lobby, or a file that was
    /// offered.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Instant> {
        let lost = self.peers.values().filter_map(lost_until);
        let others = self.lobby.next_expiry().into_iter().chain(self.next_offer_expiry());
        lost.chain(others).min()
    }

    /// Gives up the places and offers whose time is over.
    pub fn expire(&mut self, now: Now) -> Vec<Effect> {
        let is_over = |peer: &Peer| lost_until(peer).is_some_and(|until| until <= now.instant);
        let over: Vec<Seat> = self
            .peers()
            .filter(|(_, peer)| is_over(peer))
            .map(|(seat, _)| seat)
            .collect();
        let mut effects = self.expire_offers(now);
        effects.extend(over.into_iter().flat_map(|seat| self.leave(seat)));
        effects.extend(self.expire_waits(now));
        effects
    }

    /// Takes in a new name, picture or label; what is left out stays.
    pub fn introduce(&mut self, seat: Seat, identity: Identity) -> Vec<Effect> {
        let Some(Peer { id, device, .. }) = self.peers.get(&seat).cloned() else {
            return Vec::new();
        };
        let wanted_label = identity.user_id.clone();
        let claimant = Claimant {
            own: Some(seat),
            socket: &id,
            device: device.as_ref(),
        };
        let (identity, mut effects) = self.as_known(identity, &claimant);
        let Some(peer) = self.peers.get_mut(&seat) else {
            return effects;
        };
        if wanted_label.is_some() {
            peer.wanted_label = wanted_label.filter(|_| identity.user_id.is_none());
        }
        let freed = peer.identity.user_id.clone();
        let completed = identity.or(peer.identity.clone());
        if completed == peer.identity && effects.is_empty() {
            return effects;
        }
        let freed = freed.filter(|label| completed.user_id.as_ref() != Some(label));
        effects.extend(self.set_identity(seat, completed));
        effects.extend(self.pass_on_label(freed.as_deref()));
        effects.push(self.list());
        effects
    }

    /// What others are to know of somebody: a label that nobody else in the room has, and no picture for which there is
    /// no space. Returns also what others are told who make way for it.
    fn as_known(&mut self, identity: Identity, claimant: &Claimant) -> (Identity, Vec<Effect>) {
        let (user_id, effects) = self.claim_label(claimant, identity.user_id.as_deref());
        let others = self.peers().filter(|(seat, _)| Some(*seat) != claimant.own);
        let taken: usize = others
            .filter_map(|(_, peer)| peer.identity.image_url.as_ref().map(String::len))
            .sum();
        let known = Identity {
            name: identity.name,
            image_url: identity.image_url.filter(|url| taken + url.len() <= MAX_IMAGES),
            user_id,
        };
        (known, effects)
    }

    fn seat_of_token(&self, token: &Secret) -> Option<Seat> {
        let holds = |peer: &Peer| peer.resume_token.as_ref().is_some_and(|held| held.matches(token));
        self.peers.iter().find(|(_, peer)| holds(peer)).map(|(seat, _)| *seat)
    }

    fn resume(&mut self, seat: Seat, newcomer: Newcomer, has_key: bool, now: Now) -> Joined {
        let mut effects = Vec::new();
        let pardon = if has_key { self.pardon(&newcomer) } else { Vec::new() };
        let before = self.peers.get(&seat).map(|peer| self.look(peer));
        let wanted_label = newcomer.identity.user_id.clone();
        let claimant = Claimant {
            own: Some(seat),
            socket: &newcomer.id,
            device: newcomer.device.as_ref(),
        };
        let (identity, renamed) = self.as_known(newcomer.identity, &claimant);
        effects.extend(renamed);
        let mut freed = None;
        if let Some(peer) = self.peers.get_mut(&seat) {
            let old_peer_id = peer.public_id();
            peer.id = newcomer.id;
            peer.presence = Presence::Here;
            peer.understands_paused = newcomer.understands_paused;
            if wanted_label.is_some() {
                peer.wanted_label = wanted_label.filter(|_| identity.user_id.is_none());
            }
            peer.resume_token = newcomer.new_token;
            peer.device = newcomer.device.or(peer.device.take());
            if has_key {
                peer.role = Role::Host;
            }
            let known = std::mem::take(&mut peer.identity);
            let before = known.user_id.clone();
            peer.identity = identity.or(known);
            freed = before.filter(|label| peer.identity.user_id.as_ref() != Some(label));
            let event = ServerEvent::PeerResumed {
                old_peer_id,
                peer_id: peer.public_id(),
            };
            effects.push(Effect::tell(Audience::All, event));
        }
        effects.extend(self.pass_on_label(freed.as_deref()));
        if let Some(left_out) = newcomer.left_out {
            effects.extend(self.set_left_out(seat, left_out));
        }
        // Who comes back as a host is not held any more by what is for guests.
        if let (Some(before), Some(peer)) = (before, self.peers.get(&seat)) {
            effects.extend(state_changed(peer, &before, &self.look(peer)));
            effects.push(self.list());
        }
        effects.extend(pardon);
        self.joined(seat, effects, now, |ack| ack.resumed = true)
    }

    fn joined(&self, seat: Seat, effects: Vec<Effect>, now: Now, mark: impl FnOnce(&mut JoinAck)) -> Joined {
        let producers: Vec<ProducerSummary> = self.streams_of_others(seat).collect();
        let peer = &self.peers[&seat];
        let mut ack = JoinAck {
            existing_producers: producers.iter().map(|producer| producer.producer_id).collect(),
            success: true,
            peer_id: peer.public_id(),
            is_host: peer.role == Role::Host,
            is_co_host: peer.role == Role::CoHost,
            producers,
            link: self.link.clone(),
            room_name: self.name.clone(),
            recording: self.recording,
            broadcast: self.broadcast(),
            server_time: now.epoch_ms,
            policy: self.policy,
            largest_file_bytes: self.settings.files.largest,
            most_people: u32::try_from(self.settings.max_peers).unwrap_or(u32::MAX),
            already_joined: false,
            resumed: false,
            resume_token: peer.resume_token.as_ref().map(|token| token.reveal().to_owned()),
        };
        mark(&mut ack);
        Joined {
            seat,
            ack,
            effects,
            afterwards: self.news_for(seat),
        }
    }

    /// What goes on in the room, for somebody who comes, comes back or asks again.
    fn news_for(&self, seat: Seat) -> Vec<Effect> {
        let recording = self
            .recording
            .map(|recording| Effect::tell(Audience::One(seat), self.recording_event(recording)));
        let mut news: Vec<Effect> = recording.into_iter().collect();
        news.extend(self.broadcast_for(seat));
        news.extend(self.speaker_for(seat));
        news.extend(self.policy_for(seat));
        news.extend(self.holds_on(seat));
        news.extend(self.removed_people_for(seat));
        news.extend(self.waiting_people_for(seat));
        news.extend(self.door_for(seat));
        news
    }
}

fn lost_until(peer: &Peer) -> Option<Instant> {
    match peer.presence {
        Presence::Here => None,
        Presence::Lost { until } => Some(until),
    }
}
