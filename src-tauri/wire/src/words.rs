//! What clients send to be read, heard of and seen: messages, hands, reactions.

use serde::Deserialize;
use serde_json::{Value, json};
use ts_rs::TS;

use super::ids::RoomId;
#[cfg(doc)]
use super::payload::Join;
use super::payload::payloads;
use super::request::Payload;

payloads!(
    SendMessage,
    JoinChat => take_bare_room,
    LeaveRoom => take_bare_room,
    SetHand,
    SendReaction,
);

/// Takes a room's id alone for a payload that names it.
fn take_bare_room(payload: &mut Value) {
    if payload.is_string() {
        *payload = json!({ "roomId": payload.take() });
    }
}

/// `send-message`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SendMessage {
    /// The room joined.
    pub room_id: RoomId,
    /// What is said.
    pub message: OutgoingMessage,
}

/// A chat message on its way in. A client may send its own `sender` and `createdAt`; the server's word counts.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct OutgoingMessage {
    /// The client's id of the message, by which it knows its own again.
    pub id: String,
    /// The text as typed.
    pub text: String,
    /// The message that it answers, if there is one.
    pub reply_to: Option<Reply>,
    /// Who the client says that its person is. It is looked at only where a socket of the chat alone looks for its person.
    #[ts(skip)]
    pub sender: Option<Value>,
}

/// The message that another one answers. What that said, and who, is the server's word.
#[derive(Debug, Clone, Deserialize, TS)]
#[ts(export)]
pub struct Reply {
    /// The message.
    pub id: String,
}

/// `join-room`, with which some frontends introduce themselves to the chat. Its payload may be the room's id alone.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct JoinChat {
    /// The room joined.
    pub room_id: RoomId,
    /// As in [`Join`].
    pub user_id: Option<String>,
    /// As in [`Join`].
    pub user_name: Option<String>,
    /// As in [`Join`].
    pub user_image_url: Option<String>,
}

/// `leave-room`, whose payload may be the room's id alone.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LeaveRoom {
    /// The room joined.
    pub room_id: RoomId,
}

/// `set-hand`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct SetHand {
    /// The room joined.
    pub room_id: RoomId,
    /// Whether the hand is up.
    pub raised: bool,
    /// Whose hand a host lowers, by peer id or label; the own if left out.
    pub target_user_id: Option<String>,
}

/// `send-reaction`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SendReaction {
    /// The room joined.
    pub room_id: RoomId,
    /// One sign, of 32 bytes at most.
    pub emoji: String,
}
