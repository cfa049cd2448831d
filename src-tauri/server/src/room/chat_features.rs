//! What people do about messages of the chat: who is writing one, reactions, and the one that is pinned.

use super::signals::check_sign;
use super::{Actor, Audience, Effect, Role, Room, Seat};
use crate::wire::{Bound, ReactionChange, ReactionUpdate, Refusal, ServerEvent};

/// The most reactions kept in a room.
const MAX_REACTIONS: usize = 5_000;

impl Room {
    /// Tells the others that somebody writes a message, or does no longer.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] where hosts alone may write.
    pub fn type_message(&self, seat: Seat, is_typing: bool) -> Result<Vec<Effect>, Refusal> {
        let peer = self.peers.get(&seat).ok_or(Refusal::PeerNotFound)?;
        self.allows(seat, self.policy.chat_enabled)?;
        let (socket_id, name) = (peer.id.clone(), peer.name());
        let event = if is_typing {
            ServerEvent::TypingStart { socket_id, name }
        } else {
            ServerEvent::TypingStop { socket_id, name }
        };
        Ok(vec![Effect::tell(Audience::Others(seat), event)])
    }

    /// Takes in a person's reaction to a message: they have one at most. The same once more takes it back.
    ///
    /// # Errors
    /// [`Refusal::MessageNotFound`], [`Refusal::NotAllowed`] where hosts alone may write, [`Refusal::Invalid`] when it is
    /// not one sign, [`Refusal::Limit`].
    pub fn react_to_message(&mut self, seat: Seat, message_id: &str, emoji: String) -> Result<Vec<Effect>, Refusal> {
        check_sign(&emoji)?;
        let user_id = self.peers.get(&seat).ok_or(Refusal::PeerNotFound)?.public_id();
        self.allows(seat, self.policy.chat_enabled)?;
        let kept: usize = self
            .chat
            .messages()
            .flat_map(|message| message.reactions.values().map(Vec::len))
            .sum();
        let message = self.chat.message(message_id).ok_or(Refusal::MessageNotFound)?;
        let before = message.reactions.iter().find(|(_, users)| users.contains(&user_id));
        let before = before.map(|(emoji, _)| emoji.clone());
        let action = match &before {
            Some(before) if *before == emoji => ReactionChange::Removed,
            Some(_) => ReactionChange::Updated,
            None if kept >= MAX_REACTIONS => return Err(Bound::Reactions.into()),
            None => ReactionChange::Added,
        };
        if let Some(before) = before {
            let users = message.reactions.entry(before.clone()).or_default();
            users.retain(|user| *user != user_id);
            if users.is_empty() {
                message.reactions.remove(&before);
            }
        }
        if action != ReactionChange::Removed {
            message
                .reactions
                .entry(emoji.clone())
                .or_default()
                .push(user_id.clone());
        }
        let update = ReactionUpdate {
            message_id: message_id.to_owned(),
            user_id,
            emoji,
            action,
        };
        Ok(vec![Effect::tell(
            Audience::All,
            ServerEvent::MessageReactUpdate(update),
        )])
    }

    /// Pins a message, by a host's or co-host's wish, or takes that back. One is pinned at a time.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`], [`Refusal::MessageNotFound`].
    pub fn pin_message(&mut self, seat: Seat, message_id: &str, pinned: bool) -> Result<Vec<Effect>, Refusal> {
        self.authorise(Actor::Peer(seat), Role::CoHost)?;
        let is_pinned = self.chat.message(message_id).ok_or(Refusal::MessageNotFound)?.pinned;
        if is_pinned == pinned {
            return Ok(Vec::new());
        }
        let mut changed = Vec::new();
        for message in self.chat.messages().filter(|message| message.pinned) {
            message.pinned = false;
            changed.push((message.id.clone(), false));
        }
        if let Some(message) = self.chat.message(message_id).filter(|_| pinned) {
            message.pinned = true;
            changed.push((message.id.clone(), true));
        }
        let told = changed.into_iter().map(|(message_id, pinned)| {
            let event = ServerEvent::PinMessageUpdate { message_id, pinned };
            Effect::tell(Audience::All, event)
        });
        Ok(told.collect())
    }
}
