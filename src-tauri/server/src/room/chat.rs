//! What was said in a room, bounded: the oldest goes first.

use std::collections::{BTreeMap, VecDeque};

use super::{Audience, Effect, Now, Room, Seat};
use crate::wire::{Bound, ChatEntry, ChatMessage, OutgoingMessage, Refusal, ReplyTo, Sender, ServerEvent};

/// The longest message, in characters.
const MAX_TEXT: usize = 4_000;
/// The longest id that a client may give a message, in bytes.
const MAX_ID: usize = 128;
/// How much of a message stands with one that answers it, in characters.
const MAX_QUOTE: usize = 200;
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

    /// A message for another one that answers it, if it is still known.
    fn quoted(&self, id: &str) -> Option<ReplyTo> {
        let ChatEntry { message, .. } = self.entries.iter().find(|entry| entry.message.id == id)?;
        Some(ReplyTo {
            id: message.id.clone(),
            text: message.text.chars().take(MAX_QUOTE).collect(),
            sender_name: message.sender.name.clone(),
        })
    }

    /// The first message of this id: who takes it a second time does not get what is meant for the first.
    pub(super) fn message(&mut self, id: &str) -> Option<&mut ChatMessage> {
        let entry = self.entries.iter_mut().find(|entry| entry.message.id == id);
        entry.map(|entry| &mut entry.message)
    }

    pub(super) fn messages(&mut self) -> impl Iterator<Item = &mut ChatMessage> {
        self.entries.iter_mut().map(|entry| &mut entry.message)
    }

    /// When something is said now, in ms since 1970.
    pub(super) fn time(&self, now: Now) -> u64 {
        let last = self.entries.back().map_or(0, |entry| entry.message.created_at);
        now.epoch_ms.max(last)
    }

    /// Keeps a message; returns those that are forgotten for it.
    fn push(&mut self, entry: ChatEntry) -> Vec<ChatEntry> {
        let mut forgotten = Vec::new();
        self.bytes += size(&entry);
        self.entries.push_back(entry);
        while self.entries.len() > MAX_MESSAGES || self.bytes > MAX_BYTES {
            if let Some(oldest) = self.entries.pop_front() {
                self.bytes -= size(&oldest);
                forgotten.push(oldest);
            }
        }
        forgotten
    }
}

/// How much is kept of a message, in bytes: all that a client chose.
fn size(entry: &ChatEntry) -> usize {
    let Sender {
        id,
        name,
        image_url,
        avatar_url,
    } = &entry.message.sender;
    let pictures = [image_url, avatar_url].into_iter().flatten().map(String::len);
    let sender = id.as_str().len() + name.len() + pictures.sum::<usize>();
    let reply = entry
        .message
        .reply_to
        .as_ref()
        .map_or(0, |reply| reply.id.len() + reply.text.len() + reply.sender_name.len());
    let file = entry.message.file.as_ref().map_or(0, |file| {
        file.name.len() + file.url.len() + file.kind.as_ref().map_or(0, String::len)
    });
    entry.message.id.len() + entry.message.text.len() + sender + reply + file
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
        let reply_to = message.reply_to.and_then(|reply| self.chat.quoted(&reply.id));
        let entry = ChatEntry {
            socket_id: peer.id.clone(),
            message: ChatMessage {
                id: message.id,
                text: message.text,
                created_at: self.chat.time(now),
                sender: peer.as_sender(),
                file: None,
                reply_to,
                reactions: BTreeMap::new(),
                pinned: false,
            },
        };
        Ok(self.said(entry))
    }

    /// Keeps a message and tells everybody. The files of those that are forgotten for it go too.
    pub(super) fn said(&mut self, entry: ChatEntry) -> Vec<Effect> {
        let forgotten = self.chat.push(entry.clone());
        let mut effects = vec![Effect::tell(Audience::All, ServerEvent::ReceiveMessage(entry))];
        for file in forgotten.into_iter().filter_map(|entry| entry.message.file) {
            effects.extend(self.forget_file(&file.id));
        }
        effects
    }
}
