//! The settings' file: JSON that a person can read and mend.

use serde::{Deserialize, Serialize};

use super::{KeptRoom, State};
use crate::broadcast::Target;
use crate::room::{Door, DoorChange, tidied};
use crate::wire::{DoorKind, RoomId, Secret};

/// A key that is shorter was not made by Confab and could be guessed; in characters.
const MIN_KEY: usize = 16;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    #[serde(skip_serializing_if = "Option::is_none")]
    guests_make_rooms: Option<bool>,
    #[serde(default)]
    rooms: Vec<Entry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    broadcasts: Vec<Broadcast>,
}

/// Where a room is broadcast to.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Broadcast {
    room: RoomId,
    address: String,
    key: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: RoomId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default)]
    door: DoorKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    passcode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_people: Option<u32>,
    host_key: String,
    created_at: u64,
}

/// Reads what the file holds, or says what is wrong with it.
pub(super) fn read(content: &[u8], most_people: usize) -> Result<State, String> {
    let content: Content = serde_json::from_slice(content).map_err(|error| error.to_string())?;
    let rooms = content.rooms.into_iter().map(|entry| entry.into_room(most_people));
    Ok(State {
        guests_make_rooms: content.guests_make_rooms,
        rooms: rooms.collect::<Result<_, _>>()?,
        targets: content
            .broadcasts
            .into_iter()
            .map(Broadcast::into_target)
            .collect::<Result<_, _>>()?,
    })
}

/// What the file is to hold.
pub(super) fn text(state: &State) -> String {
    let content = Content {
        guests_make_rooms: state.guests_make_rooms,
        rooms: state.rooms.iter().map(Entry::of).collect(),
        broadcasts: state.targets.iter().map(Broadcast::of).collect(),
    };
    // The derived serialisation of these plain types does not fail.
    serde_json::to_string_pretty(&content).unwrap_or_default()
}

impl Broadcast {
    fn of((room, target): (&RoomId, &Target)) -> Self {
        Self {
            room: room.clone(),
            address: target.address(),
            key: target.key().reveal().to_owned(),
        }
    }

    fn into_target(self) -> Result<(RoomId, Target), String> {
        let target = Target::parse(&self.address, &self.key);
        let target = target.map_err(|error| format!("the broadcast of the room {}: {error}", self.room))?;
        Ok((self.room, target))
    }
}

impl Entry {
    fn of((id, room): (&RoomId, &KeptRoom)) -> Self {
        Self {
            id: id.clone(),
            name: room.name.clone(),
            door: room.door.kind,
            passcode: room.door.passcode.as_ref().map(|passcode| passcode.reveal().to_owned()),
            max_people: room.door.max_people,
            host_key: room.host_key.reveal().to_owned(),
            created_at: room.created_at,
        }
    }

    fn into_room(self, most_people: usize) -> Result<(RoomId, KeptRoom), String> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let length = MIN_KEY..=Secret::MAX_LENGTH;
        if !length.contains(&self.host_key.len()) || !self.host_key.bytes().all(is_plain) {
            return Err(format!("the hostKey of the room {} is none of Confab's", self.id));
        }
        let change = DoorChange {
            kind: Some(self.door),
            passcode: self.passcode.as_deref().map(Secret::from),
            max_people: self.max_people,
        };
        let door = Door::default().changed(change, most_people);
        let door = door.map_err(|refusal| format!("the door of the room {}: {refusal}", self.id))?;
        let room = KeptRoom {
            name: self.name.and_then(tidied),
            door,
            host_key: Secret::from(self.host_key.as_str()),
            created_at: self.created_at,
        };
        Ok((self.id, room))
    }
}
