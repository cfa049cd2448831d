//! What clients send about messages of the chat besides the messages themselves.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ids::{PeerId, RoomId};
use super::payload::payloads;
use super::request::Payload;

payloads!(TypingStart, MessageReact, PinMessage, VideoReaction);

/// `typing-start`. Who types is the server's word.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TypingStart {
    /// The room joined.
    pub room_id: RoomId,
}

/// `message-react`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MessageReact {
    /// The room joined.
    pub room_id: RoomId,
    /// The message.
    pub message_id: String,
    /// One emoji, of 32 bytes at most.
    pub emoji: String,
}

/// `pin-message`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PinMessage {
    /// The room joined.
    pub room_id: RoomId,
    /// The message.
    pub message_id: String,
    /// Whether it is to be pinned.
    pub pinned: bool,
}

/// `video-reaction`. Who reacts is the server's word.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct VideoReaction {
    /// The room joined.
    pub room_id: RoomId,
    /// One emoji, of 32 bytes at most.
    pub emoji: String,
    /// The client's word on its meeting, of 128 bytes at most, which the others are told as it is.
    pub session_id: Option<String>,
}

/// What became of a person's reaction to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "lowercase")]
#[ts(export)]
pub enum ReactionChange {
    /// They had none.
    Added,
    /// They had another.
    Updated,
    /// They took it back.
    Removed,
}

/// A person's reaction to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ReactionUpdate {
    /// The message.
    pub message_id: String,
    /// Whose reaction it is.
    pub user_id: PeerId,
    /// Which.
    pub emoji: String,
    /// What became of it.
    pub action: ReactionChange,
}
