//! What is said in the chat, as everybody hears it.

use serde::Serialize;
use ts_rs::TS;

use super::files::SharedFile;
use super::ids::PeerId;

/// Who said a chat message, in the shape that the client used: a bare name or an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(untagged, rename_all_fields = "camelCase")]
#[ts(export)]
pub enum Sender {
    /// The name alone.
    Name(String),
    /// The person.
    Person {
        /// The opaque label that the client brought, or the peer's id.
        id: String,
        /// The person's name.
        name: String,
        /// The person's picture.
        image_url: Option<String>,
    },
}

impl Sender {
    /// The person's name, in either shape.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Name(name) | Self::Person { name, .. } => name,
        }
    }
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
}

/// A chat message and the peer that it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ChatEntry {
    /// The peer's id when it spoke.
    pub socket_id: PeerId,
    /// What it said.
    pub message: ChatMessage,
}
