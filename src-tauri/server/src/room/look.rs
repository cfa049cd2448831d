//! How people look to the others, and that everybody is told when that changes.

use std::collections::BTreeMap;

use mediasoup::prelude::MediaKind;

use super::{Audience, Effect, Peer, Role, Room, Seat};
use crate::wire::{ParticipantEntry, ServerEvent};

/// How a person looks to the others, as far as it changes while they are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// What the person may do.
    pub role: Role,
    /// Whether the microphone is muted, by the person or by a host.
    pub is_audio_muted: bool,
    /// Whether the camera is off, by the person's or a host's doing.
    pub is_video_paused: bool,
    /// Whether a host keeps the person muted.
    pub is_audio_held: bool,
    /// Whether a host keeps the person's camera off.
    pub is_video_held: bool,
    /// Whether the room lets the person share no screen.
    pub is_screen_share_locked: bool,
    /// Whether the person shares a screen.
    pub is_screen_sharing: bool,
    /// Whether recordings leave the person out.
    pub is_left_out: bool,
    /// When the hand went up, in ms since 1970.
    pub hand_raised_at: Option<u64>,
}

impl Room {
    /// How a person looks to the others.
    #[must_use]
    pub fn look(&self, peer: &Peer) -> Look {
        let is_silenced = |kind| {
            let mut devices = peer.streams.values().filter(|stream| !stream.is_screen_share);
            self.is_held(peer, kind) || devices.any(|stream| stream.kind == kind && stream.by_host)
        };
        Look {
            role: peer.role,
            is_audio_muted: peer.is_audio_muted || is_silenced(MediaKind::Audio),
            is_video_paused: peer.is_video_paused || is_silenced(MediaKind::Video),
            is_audio_held: self.is_held(peer, MediaKind::Audio),
            is_video_held: self.is_held(peer, MediaKind::Video),
            is_screen_share_locked: self.is_screen_share_locked(peer),
            is_screen_sharing: peer.is_screen_sharing(),
            is_left_out: peer.is_left_out,
            hand_raised_at: peer.hand_raised_at,
        }
    }

    /// The list of people, for everybody.
    #[must_use]
    pub fn list(&self) -> Effect {
        let entries: Vec<ParticipantEntry> = self.peers.values().map(|peer| self.entry(peer)).collect();
        Effect::tell(Audience::All, ServerEvent::ParticipantListUpdate(entries))
    }

    /// Makes a change, and tells everybody of those who look different after it.
    pub(super) fn and_tell(&mut self, change: impl FnOnce(&mut Self) -> Vec<Effect>) -> Vec<Effect> {
        let before = self.looks();
        let mut effects = change(self);
        let after = self.looks();
        for (seat, now) in &after {
            if let (Some(then), Some(peer)) = (before.get(seat), self.peers.get(seat)) {
                effects.extend(state_changed(peer, then, now));
            }
        }
        if after != before {
            effects.push(self.list());
        }
        // The worker tells of silence only after a while; a mute is silence at once.
        if self.speaker.is_some_and(|seat| !self.may_be_heard(seat)) {
            effects.extend(self.heard(None));
        }
        effects
    }

    /// Whether somebody is there and not muted.
    pub(super) fn may_be_heard(&self, seat: Seat) -> bool {
        self.peers
            .get(&seat)
            .is_some_and(|peer| !self.look(peer).is_audio_muted)
    }

    fn looks(&self) -> BTreeMap<Seat, Look> {
        self.peers().map(|(seat, peer)| (seat, self.look(peer))).collect()
    }

    fn entry(&self, peer: &Peer) -> ParticipantEntry {
        let look = self.look(peer);
        ParticipantEntry {
            id: peer.public_id(),
            name: peer.name(),
            is_audio_muted: look.is_audio_muted,
            is_video_paused: look.is_video_paused,
            user_id: peer.identity.user_id.clone(),
            image_url: peer.identity.image_url.clone(),
            is_host: look.role == Role::Host,
            is_co_host: look.role == Role::CoHost,
            is_screen_sharing: look.is_screen_sharing,
            is_reconnecting: peer.is_reconnecting(),
            is_audio_held: look.is_audio_held,
            is_video_held: look.is_video_held,
            audio_locked: look.is_audio_held,
            screen_share_locked: look.is_screen_share_locked,
            is_left_out: look.is_left_out,
            hand_raised_at: look.hand_raised_at,
            joined_at: peer.joined_at,
        }
    }
}

/// What is told when a microphone or a camera looks different.
pub(super) fn state_changed(peer: &Peer, then: &Look, now: &Look) -> Option<Effect> {
    let is_audio_muted = (now.is_audio_muted != then.is_audio_muted).then_some(now.is_audio_muted);
    let is_video_paused = (now.is_video_paused != then.is_video_paused).then_some(now.is_video_paused);
    if is_audio_muted.is_none() && is_video_paused.is_none() {
        return None;
    }
    let event = ServerEvent::ParticipantStateChanged {
        user_id: peer.identity.user_id.clone(),
        peer_id: peer.public_id(),
        is_audio_muted,
        is_video_paused,
    };
    Some(Effect::tell(Audience::All, event))
}
