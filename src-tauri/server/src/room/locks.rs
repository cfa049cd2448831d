//! What frontends are told of locks that do not know that a stream may begin paused: for them what is kept off is
//! refused, and an event says why beside the refusal.

use mediasoup::prelude::MediaKind;

use super::{Audience, Effect, Peer, Role, Room, Seat};
use crate::wire::{Refusal, ServerEvent};

impl Room {
    /// Whether a person may not share a screen, as the room lets hosts alone.
    pub(super) fn is_screen_share_locked(&self, peer: &Peer) -> bool {
        !self.policy.screen_share_enabled && peer.role == Role::Guest
    }

    /// Refuses a stream that would begin paused to a client that would take it for one that flows. The sound of a shared
    /// screen begins paused for all: without it the picture would not come either.
    pub(super) fn may_begin_paused(&self, peer: &Peer, kind: MediaKind, is_screen_share: bool) -> Result<(), Refusal> {
        if peer.understands_paused || is_screen_share {
            return Ok(());
        }
        Err(match kind {
            MediaKind::Audio => Refusal::AudioHeld,
            MediaKind::Video => Refusal::VideoHeld,
        })
    }

    /// What a client is told beside a refusal to take its stream.
    #[must_use]
    pub fn told_beside(&self, seat: Seat, kind: MediaKind, is_screen_share: bool, refusal: &Refusal) -> Option<Effect> {
        let peer = self.peers.get(&seat).filter(|peer| !peer.understands_paused)?;
        let event = match refusal {
            Refusal::AudioHeld if kind == MediaKind::Audio => ServerEvent::AudioLocked {
                reason: "A host has muted you. Ask to be allowed to unmute.".to_owned(),
            },
            Refusal::NotAllowed if is_screen_share && self.is_screen_share_locked(peer) => {
                ServerEvent::ScreenshareDenied {
                    reason: "Guests cannot share their screens in this room now. Ask a host to allow it.".to_owned(),
                }
            }
            _ => return None,
        };
        Some(Effect::tell(Audience::One(seat), event))
    }
}
