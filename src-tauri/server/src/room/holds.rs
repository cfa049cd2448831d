//! What hosts keep off: microphones, cameras, shared screens.
//!
//! A hold pauses what is sent and keeps it so. Lifting it resumes nothing: a microphone or camera that a host turned
//! off comes on again by its own person's doing alone.

use mediasoup::prelude::{MediaKind, ProducerId};

use super::{Audience, Effect, Peer, Role, Room, Seat, Stream};
use crate::wire::{By, Refusal, ServerEvent};

impl Room {
    /// Whether a person's microphone or camera is kept off.
    pub(super) fn is_held(&self, peer: &Peer, kind: MediaKind) -> bool {
        match kind {
            MediaKind::Audio => peer.holds.audio.is_some(),
            MediaKind::Video => peer.holds.video.is_some() || self.are_cameras_off_for(peer),
        }
    }

    /// Whether a person's stream may not flow. Who is muted is silent, the sound of their screen included: a microphone
    /// could pass for it. A shared picture is no camera; there is another way to end it.
    pub(super) fn must_pause(&self, peer: &Peer, kind: MediaKind, is_screen_share: bool) -> bool {
        let is_screen = is_screen_share && kind == MediaKind::Video;
        !is_screen && self.is_held(peer, kind)
    }

    /// Whether the person themself may let what sends this kind flow.
    pub(super) fn may_turn_on(&self, seat: Seat, kind: MediaKind) -> Result<(), Refusal> {
        match self.peers.get(&seat) {
            Some(peer) if self.is_held(peer, kind) => Err(match kind {
                MediaKind::Audio => Refusal::AudioHeld,
                MediaKind::Video => Refusal::VideoHeld,
            }),
            _ => Ok(()),
        }
    }

    /// Keeps a person's microphone or camera off, or lifts that.
    pub(super) fn hold(&mut self, seat: Seat, kind: MediaKind, held: bool, by: By) -> Result<Vec<Effect>, Refusal> {
        let peer = self.peers.get(&seat).ok_or(Refusal::PeerNotFound)?;
        if kind == MediaKind::Video && !held && self.are_cameras_off_for(peer) {
            return Err(Refusal::CamerasOff);
        }
        Ok(self.and_tell(|room| {
            if let Some(peer) = room.peers.get_mut(&seat) {
                *peer.holds.of(kind) = held.then(|| by.clone());
            }
            let mut effects = vec![Effect::tell(Audience::One(seat), force(kind, held, by.clone()))];
            effects.extend(room.enforce(seat, &by));
            effects
        }))
    }

    /// What somebody is told again who may have missed it: what hosts keep off.
    pub(super) fn holds_on(&self, seat: Seat) -> Vec<Effect> {
        let Some(peer) = self.peers.get(&seat) else {
            return Vec::new();
        };
        let audio = peer
            .holds
            .audio
            .iter()
            .map(|by| force(MediaKind::Audio, true, by.clone()));
        let video = peer
            .holds
            .video
            .iter()
            .map(|by| force(MediaKind::Video, true, by.clone()));
        audio
            .chain(video)
            .map(|event| Effect::tell(Audience::One(seat), event))
            .collect()
    }

    /// Brings what a person sends in line with what they may send now: pauses what is held, ends a forbidden screen
    /// share or file.
    pub(super) fn enforce(&mut self, seat: Seat, by: &By) -> Vec<Effect> {
        let mut effects = Vec::new();
        if !self.may_share_screen(seat) {
            effects.extend(self.end_share(seat, by));
        }
        effects.extend(self.end_forbidden_files(seat));
        let Some(peer) = self.peers.get(&seat) else {
            return effects;
        };
        let must_pause = |stream: &Stream| !stream.paused && self.must_pause(peer, stream.kind, stream.is_screen_share);
        let held: Vec<ProducerId> = streams_where(peer, must_pause);
        for id in held {
            effects.extend(self.set_paused(seat, id, true, true));
        }
        effects
    }

    /// Lets what a host paused flow again, as far as it may: the person turned the microphone or camera on.
    pub(super) fn release(&mut self, seat: Seat, kind: MediaKind) -> Vec<Effect> {
        let Some(peer) = self.peers.get(&seat) else {
            return Vec::new();
        };
        let may_flow = |stream: &Stream| {
            stream.kind == kind && stream.by_host && !self.must_pause(peer, kind, stream.is_screen_share)
        };
        let released: Vec<ProducerId> = streams_where(peer, may_flow);
        released
            .into_iter()
            .flat_map(|id| self.set_paused(seat, id, false, false))
            .collect()
    }

    /// Ends a person's screen share, if there is one, by a host's wish.
    pub(super) fn end_share(&mut self, seat: Seat, by: &By) -> Vec<Effect> {
        let Some(peer) = self.peers.get(&seat) else {
            return Vec::new();
        };
        let shared = streams_where(peer, |stream| stream.is_screen_share);
        if shared.is_empty() {
            return Vec::new();
        }
        let told = Effect::tell(Audience::One(seat), ServerEvent::HostStopScreenshare(by.clone()));
        let ended = shared.into_iter().flat_map(|id| self.end_stream(seat, id));
        std::iter::once(told).chain(ended).collect()
    }

    fn are_cameras_off_for(&self, peer: &Peer) -> bool {
        !self.policy.cameras_enabled && peer.role == Role::Guest
    }
}

fn force(kind: MediaKind, held: bool, by: By) -> ServerEvent {
    match kind {
        MediaKind::Audio => ServerEvent::ForceMute {
            audio: held,
            locked: held,
            by,
        },
        MediaKind::Video => ServerEvent::ForceVideoPause { video: held, by },
    }
}

fn streams_where(peer: &Peer, is_meant: impl Fn(&Stream) -> bool) -> Vec<ProducerId> {
    let meant = peer.streams.iter().filter(|(_, stream)| is_meant(stream));
    meant.map(|(id, _)| *id).collect()
}
