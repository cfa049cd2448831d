//! A socket and the chat of a room that it did not join: some frontends say `join-room` before they join, and some have a
//! socket of its own for the chat. What is asked too early is answered once there is somebody to whom the socket belongs.

use std::collections::BTreeMap;

use tokio::time::Instant;

use super::Reply;
use super::session::Session;
use crate::meeting::{Accompanied, RoomView};
use crate::room::Identity;
use crate::wire::{Empty, PeerId, Request, RoomId};

/// The people of a room, as far as a socket could belong to one of them.
type People = Vec<(PeerId, String)>;

/// What a socket wants of the chat of a room that it did not join.
#[derive(Debug)]
pub(super) struct ChatSocket {
    room: Option<RoomId>,
    /// Whether it speaks as somebody in that room.
    has_person: bool,
    /// Who was in the room when its person was looked for last.
    seen: People,
}

impl ChatSocket {
    pub(super) fn new() -> Self {
        Self {
            room: None,
            has_person: false,
            seen: Vec::new(),
        }
    }

    /// The room for which the socket said `join-room`.
    pub(super) fn room(&self) -> Option<&RoomId> {
        self.room.as_ref()
    }

    /// Whether the socket said `join-room` for this room.
    pub(super) fn is_for(&self, room: &RoomId) -> bool {
        self.room.as_ref() == Some(room)
    }

    /// Whether the socket is to be told when there is another person in its room.
    pub(super) fn is_waiting(&self) -> bool {
        self.room.is_some()
    }

    /// Takes in that the socket wants nothing more of this room.
    pub(super) fn forget(&mut self, room: &RoomId) {
        if self.is_for(room) {
            *self = Self::new();
        }
    }

    /// Takes in who is in its room now; false if those are the same as before.
    pub(super) fn sees_others(&mut self, views: &BTreeMap<RoomId, RoomView>) -> bool {
        let view = self.room.as_ref().and_then(|room| views.get(room));
        let people = view.into_iter().flat_map(|view| &view.people);
        let known = self.seen.iter().map(|(id, name)| (id, name));
        // Rooms change often, and their people seldom.
        if people.clone().map(|person| (&person.id, &person.name)).eq(known) {
            return false;
        }
        self.seen = people.map(|person| (person.id.clone(), person.name.clone())).collect();
        true
    }
}

impl Session {
    /// Whether this socket is in no room, neither by itself nor as somebody's.
    pub(super) fn is_outside(&self) -> bool {
        self.meeting.is_none() && !self.chat.has_person
    }

    /// Takes what a socket asks of the chat before it is in the room. Gives the reply back where the room is to answer.
    pub(super) async fn chat_before_join(&mut self, request: &Request, reply: Reply) -> Option<Reply> {
        let room = request.room_id()?;
        if self.meeting.as_ref().is_some_and(|meeting| meeting.room_id() == room) {
            return Some(reply);
        }
        match request {
            Request::JoinChat(_) => {
                if !self.chat.is_for(room) {
                    self.leave_chat().await;
                    self.chat.room = Some(room.clone());
                }
                reply.give(&Empty {});
                self.look_for_person().await;
                return None;
            }
            Request::SendMessage(body) if self.chat.is_for(room) && !self.chat.has_person => {
                let said = body.message.sender.as_ref().map(sender_as_named).unwrap_or_default();
                self.identity = std::mem::take(&mut self.identity).or(said);
                self.look_for_person().await;
            }
            Request::LeaveRoom(_) | Request::GetChatHistory(_) | Request::RequestChatHistory(_)
                if self.chat.is_for(room) && self.house.meetings.find(room).is_none() =>
            {
                if matches!(request, Request::LeaveRoom(_)) {
                    self.chat.forget(room);
                }
                reply.give(&Empty {});
                return None;
            }
            _ => (),
        }
        Some(reply)
    }

    /// Looks for the person of this socket in the room for which it said `join-room`.
    pub(super) async fn look_for_person(&mut self) {
        let Some(meeting) = self.chat.room.as_ref().and_then(|room| self.house.meetings.find(room)) else {
            return self.has_person(false);
        };
        let found = meeting.accompany(self.client.clone(), self.identity.clone()).await;
        match found {
            Accompanied::Joined => self.chat = ChatSocket::new(),
            Accompanied::Found => self.has_person(true),
            Accompanied::Not => self.has_person(false),
        }
    }

    fn has_person(&mut self, has_person: bool) {
        if self.chat.has_person && !has_person {
            self.outside_since = Instant::now();
        }
        self.chat.has_person = has_person;
    }

    /// Leaves the chat of a room for that of another one.
    async fn leave_chat(&mut self) {
        let left = std::mem::replace(&mut self.chat, ChatSocket::new());
        if let Some(meeting) = left.room.and_then(|room| self.house.meetings.find(&room)) {
            let is_in = self
                .meeting
                .as_ref()
                .is_some_and(|own| own.room_id() == meeting.room_id());
            if !is_in {
                meeting.lost(self.client.socket_id(), true).await;
            }
        }
    }
}

/// Who a message says that it is from.
fn sender_as_named(sender: &serde_json::Value) -> Identity {
    let text = |name: &str| sender.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let name = text("name").or_else(|| sender.as_str().map(str::to_owned));
    Identity::new(name, None, text("id"))
}
