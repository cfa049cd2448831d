//! Hands and reactions.

use unicode_segmentation::UnicodeSegmentation as _;

use super::{Action, Actor, Audience, Effect, Now, Room, Seat};
use crate::wire::{Refusal, ServerEvent};

/// The longest reaction, in bytes: a family of four fits.
const MAX_EMOJI: usize = 32;

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

    /// Shows all a sign that passes.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] when it is not one sign.
    pub fn react(&self, seat: Seat, emoji: String) -> Result<Vec<Effect>, Refusal> {
        let is_sign = emoji.len() <= MAX_EMOJI
            && emoji.graphemes(true).count() == 1
            && !emoji.chars().any(|char| char.is_control() || char.is_whitespace());
        if !is_sign {
            let explanation = format!("`emoji` is not one sign of {MAX_EMOJI} bytes at most");
            return Err(Refusal::Invalid(explanation));
        }
        let peer = self.peers.get(&seat).ok_or(Refusal::PeerNotFound)?;
        let event = ServerEvent::Reaction {
            peer_id: peer.id.clone(),
            emoji,
        };
        Ok(vec![Effect::tell(Audience::All, event)])
    }
}
