//! What was said in a room, bounded: the oldest goes first.

use std::collections::VecDeque;

use super::{Audience, Effect, Now, Room, Seat};
use crate::wire::{Bound, ChatEntry, ChatMessage, OutgoingMessage, Refusal, Sender, ServerEvent};

/// The longest message, in characters.
const MAX_TEXT: usize = 4_000;
/// The longest id that a client may give a message, in bytes.
const MAX_ID: usize = 128;
/// The most messages kept in a room.
const MAX_MESSAGES: usize = 1_000;
/// The most kept in a room, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// A room's chat.
#[derive(Debug, Default)]
pub struct Chat {
    entries: VecDeque<ChatEntry>,
    bytes: usize,
}

impl Chat {
    /// What was said, oldest first.
    #[must_use]
    pub fn history(&self) -> Vec<ChatEntry> {
        self.entries.iter().cloned().collect()
    }

    fn push(&mut self, entry: ChatEntry) {
        self.bytes += size(&entry);
        self.entries.push_back(entry);
        while self.entries.len() > MAX_MESSAGES || self.bytes > MAX_BYTES {
            if let Some(oldest) = self.entries.pop_front() {
                self.bytes -= size(&oldest);
            }
        }
    }
}

/// How much is kept of a message, in bytes: all that a client chose.
fn size(entry: &ChatEntry) -> usize {
    let sender = match &entry.message.sender {
        Sender::Name(name) => name.len(),
        Sender::Person { id, name, image_url } => id.len() + name.len() + image_url.as_ref().map_or(0, String::len),
    };
    entry.message.id.len() + entry.message.text.len() + sender
}

impl Room {
    /// Takes in what a peer says. Sender and time are the server's word; times never go back.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] where hosts alone may write, [`Refusal::Limit`] when it is too long,
    /// [`Refusal::Invalid`] when it is empty.
    pub fn say(&mut self, seat: Seat, message: OutgoingMessage, now: Now) -> Result<Vec<Effect>, Refusal> {
        if message.text.trim().is_empty() {
            return Err(Refusal::Invalid("`message.text` is empty".to_owned()));
        }
        if message.text.chars().count() > MAX_TEXT {
            return Err(Bound::MessageLength.into());
        }
        if message.id.len() > MAX_ID {
            return Err(Refusal::Invalid("`message.id` is longer than 128 bytes".to_owned()));
        }
        let peer = self.peers.get(&seat).ok_or(Refusal::PeerNotFound)?;
        self.allows(seat, self.policy.chat_enabled)?;
        let last = self.chat.entries.back().map_or(0, |entry| entry.message.created_at);
        let entry = ChatEntry {
            socket_id: peer.id.clone(),
            message: ChatMessage {
                id: message.id,
                text: message.text,
                created_at: now.epoch_ms.max(last),
                sender: peer.as_sender(message.sender.is_some_and(|sender| sender.is_object())),
            },
        };
        self.chat.push(entry.clone());
        Ok(vec![Effect::tell(Audience::All, ServerEvent::ReceiveMessage(entry))])
    }
}
