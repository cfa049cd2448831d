//! Who may come in: the door of a room, and those who wait before it.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ids::RoomId;
use super::payload::payloads;
use super::request::Payload;
use super::secret::{self, Secret};

payloads!(SetRoomDoor, OfWaiting);

/// What somebody new must do to come in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum DoorKind {
    /// Nothing.
    #[default]
    Open,
    /// Show the passcode.
    Passcode,
    /// Knock, and wait until a host admits them.
    WaitingRoom,
}

/// `set-room-door`. What is left out stays as it is.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct SetRoomDoor {
    /// The room joined.
    pub room_id: RoomId,
    /// What somebody new must do to come in.
    pub door: Option<DoorKind>,
    /// What opens a door with a passcode, 4 to 32 characters.
    #[ts(as = "Option<String>")]
    pub passcode: Option<Secret>,
    /// How many people the room takes at most.
    pub max_people: Option<u32>,
}

/// `admit`, `turn-away`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OfWaiting {
    /// The room joined.
    pub room_id: RoomId,
    /// Whom it is about.
    #[ts(type = "number | 'all'")]
    pub waiting_id: Waiting,
}

/// Whom of those who wait: nobody is let in because a field was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// One, as `waiting-people` names them.
    One(u64),
    /// All of them.
    All,
}

impl<'de> Deserialize<'de> for Waiting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Expected;

        impl Visitor<'_> for Expected {
            type Value = Waiting;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a waiting person's id or \"all\"")
            }

            fn visit_u64<E: de::Error>(self, id: u64) -> Result<Waiting, E> {
                Ok(Waiting::One(id))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Waiting, E> {
                match text {
                    "all" => Ok(Waiting::All),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_any(Expected)
    }
}

/// Somebody who knocked and waits to be let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct WaitingPerson {
    /// The knock, by which its person can be admitted or turned away.
    #[ts(type = "number")]
    pub id: u64,
    /// The name that the person gave, or one made for them.
    pub name: String,
    /// The picture that the client brought, if it is small.
    pub image_url: Option<String>,
    /// When the person knocked, in ms since 1970.
    #[ts(type = "number")]
    pub knocked_at: u64,
}

/// A room's door, as its hosts see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RoomDoor {
    /// What somebody new must do to come in.
    pub door: DoorKind,
    /// The passcode, also while the door is another one.
    #[serde(serialize_with = "secret::in_full")]
    #[ts(as = "Option<String>")]
    pub passcode: Option<Secret>,
    /// How many people the room takes at most.
    pub max_people: u32,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn whom_it_is_about_is_said_and_never_guessed() {
        let read = |value: Value| serde_json::from_value::<Waiting>(value).ok();
        assert_eq!(read(json!(7)), Some(Waiting::One(7)));
        assert_eq!(read(json!("all")), Some(Waiting::All));
        for wrong in [
            json!(null),
            json!(-1),
            json!(1.5),
            json!("7"),
            json!("All"),
            json!([]),
            json!(true),
        ] {
            assert_eq!(read(wrong.clone()), None, "{wrong}");
        }
    }

    #[test]
    fn a_passcode_goes_to_hosts_and_into_no_log() {
        let door = RoomDoor {
            door: DoorKind::WaitingRoom,
            passcode: Some(Secret::from("sesame")),
            max_people: 12,
        };
        let expected = json!({ "door": "waiting-room", "passcode": "sesame", "maxPeople": 12 });
        assert_eq!(serde_json::to_value(&door).unwrap(), expected);
        assert!(!format!("{door:?}").contains("sesame"));
    }
}
