//! Hands and reactions.

use unicode_segmentation::UnicodeSegmentation as _;

use super::{Action, Actor, Audience, Effect, Now, Room, Seat};
use crate::wire::{Refusal, ServerEvent};

/// The longest reaction, in bytes: a family of four fits.
const MAX_EMOJI: usize = 32;
/// The longest word of a client on its meeting, in bytes.
const MAX_SESSION_ID: usize = 128;

impl Room {
    /// Raises or lowers a person's own hand, or lowers that of somebody below them.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`], [`Refusal::ParticipantNotFound`].
    pub fn set_hand(
        &mut self,
        seat: Seat,
        raised: bool,
        target: Option<String>,
        now: Now,
    ) -> Result<Vec<Effect>, Refusal> {
        match target.filter(|name| self.seat_named(name) != Some(seat)) {
            None => Ok(self.move_hand(seat, raised, now)),
            Some(_) if raised => Err(Refusal::NotAllowed),
            Some(name) => self.act(Actor::Peer(seat), Action::LowerHand(name), now),
        }
    }

    /// Takes in that a hand went up or down. Hands rise one after the other, so that their order is plain.
    pub(super) fn move_hand(&mut self, seat: Seat, raised: bool, now: Now) -> Vec<Effect> {
        self.and_tell(|room| {
            let time = now.epoch_ms.max(room.last_hand + 1);
            if let Some(peer) = room.peers.get_mut(&seat) {
                peer.hand_raised_at = match (raised, peer.hand_raised_at) {
                    (true, None) => {
                        room.last_hand = time;
                        Some(time)
                    }
                    (true, already) => already,
                    (false, _) => None,
                };
            }
            Vec::new()
        })
    }

    /// Shows all a sign that passes. Frontends know it by one of two events; the others are told both.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] when it is not one sign.
    pub fn react(&self, seat: Seat, emoji: String, session_id: Option<String>) -> Result<Vec<Effect>, Refusal> {
        check_sign(&emoji)?;
        if session_id.as_ref().is_some_and(|id| id.len() > MAX_SESSION_ID) {
            let explanation = format!("`sessionId` is longer than {MAX_SESSION_ID} bytes");
            return Err(Refusal::Invalid(explanation));
        }
        let peer = self.peers.get(&seat).ok_or(Refusal::PeerNotFound)?;
        let event = ServerEvent::Reaction {
            peer_id: peer.public_id(),
            emoji: emoji.clone(),
        };
        let video = ServerEvent::ReceiveVideoReaction {
            emoji,
            session_id: session_id.unwrap_or_else(|| self.id.to_string()),
            user_id: peer.public_id(),
            user_name: peer.name(),
        };
        Ok(vec![
            Effect::tell(Audience::All, event),
            Effect::tell(Audience::Others(seat), video),
        ])
    }
}

/// Whether this is one sign.
pub(super) fn check_sign(emoji: &str) -> Result<(), Refusal> {
    let is_sign = emoji.len() <= MAX_EMOJI
        && emoji.graphemes(true).count() == 1
        && !emoji.chars().any(|char| char.is_control() || char.is_whitespace());
    if is_sign {
        return Ok(());
    }
    let explanation = format!("`emoji` is not one sign of {MAX_EMOJI} bytes at most");
    Err(Refusal::Invalid(explanation))
}
