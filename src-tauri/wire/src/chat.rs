//! What is said in the chat, as everybody hears it.

use std::collections::BTreeMap;

use serde::Serialize;
use ts_rs::TS;

use super::files::SharedFile;
use super::ids::{PeerId, SocketId};

/// Who said a chat message, by the server's knowledge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Sender {
    /// The person, as everybody is told of them.
    pub id: PeerId,
    /// The person's name.
    pub name: String,
    /// The person's picture, if it is small.
    pub image_url: Option<String>,
    /// The same, for frontends that look for it by this name.
    pub avatar_url: Option<String>,
}

/// The message that another one answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ReplyTo {
    /// The message.
    pub id: String,
    /// What it says, or how it begins.
    pub text: String,
    /// Who said it.
    pub sender_name: String,
}

/// A chat message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct ChatMessage {
    /// The sending client's id of the message; of one with a file, the file's.
    pub id: String,
    /// What was said.
    pub text: String,
    /// When the server got it, in ms since 1970.
    #[ts(type = "number")]
    pub created_at: u64,
    /// Who said it, by the server's knowledge.
    pub sender: Sender,
    /// The file that is shared by this message; its text says so too, for clients that know of no files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<SharedFile>,
    /// What this message answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<ReplyTo>,
    /// Who reacted to it, by emoji.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(optional, type = "Record<string, string[]>")]
    pub reactions: BTreeMap<String, Vec<PeerId>>,
    /// Set while it is pinned.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>")]
    pub pinned: bool,
}

/// A chat message and the socket that it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ChatEntry {
    /// The socket of its person when they spoke.
    pub socket_id: SocketId,
    /// What it said.
    pub message: ChatMessage,
}
