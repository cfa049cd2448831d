//! What a recording is called: its id and the names of its folder and of its file.
//!
//! The id is the recording's start in milliseconds since the epoch, moved on by a millisecond where two recordings would share one. Room
//! ids come from clients, so they are checked again here before they become part of a path.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The id of a recording, unique within a recordings folder. Opaque to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordingId(u64);

/// A room id that cannot be part of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the room's name cannot be part of a file name")]
pub struct InvalidRoomName;

impl RecordingId {
    /// The id of a recording that started at this time, in milliseconds since the epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// The id as the number that the guide's `recordingId` is: milliseconds since the epoch.
    pub fn as_millis(self) -> u64 {
        self.0
    }

    /// The id after this one, for where this one is taken.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for RecordingId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for RecordingId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl Serialize for RecordingId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RecordingId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A room id that may become part of a path: 1 to 64 of `[A-Za-z0-9._-]`.
pub fn checked_room(room: &str) -> Result<&str, InvalidRoomName> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if (1..=64).contains(&room.len()) && room.bytes().all(allowed) {
        Ok(room)
    } else {
        Err(InvalidRoomName)
    }
}

/// `room_<roomId>_<timestamp>`: the name of the folder with the tracks and, with an ending, of the composed file.
pub fn base_name(room: &str, id: RecordingId) -> Result<String, InvalidRoomName> {
    Ok(format!("room_{}_{id}", checked_room(room)?))
}

/// The reverse of [`base_name`]; `None` for names that are not a recording's.
pub fn parse_base_name(name: &str) -> Option<(&str, RecordingId)> {
    let (room, id) = name.strip_prefix("room_")?.rsplit_once('_')?;
    Some((checked_room(room).ok()?, id.parse().ok()?))
}

/// Where a recording lives.
#[derive(Debug, Clone)]
pub struct Place {
    /// The folder with the tracks and `recording.json`.
    pub folder: PathBuf,
    /// The folder of all recordings, with the composed files.
    pub root: PathBuf,
}

impl Place {
    /// Where the recording of a room lives in `root`, whether it is there or not.
    pub fn new(root: &Path, room: &str, id: RecordingId) -> Result<Self, InvalidRoomName> {
        let name = base_name(room, id)?;
        Ok(Self {
            folder: root.join(name),
            root: root.to_path_buf(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_survives_the_way_there_and_back() {
        let id = RecordingId::from_millis(1_763_840_000_123);
        let name = base_name("team_a.b-c", id).unwrap();
        assert_eq!(name, "room_team_a.b-c_1763840000123");
        assert_eq!(parse_base_name(&name), Some(("team_a.b-c", id)));
    }

    #[test]
    fn a_room_that_would_leave_the_folder_is_refused() {
        let long = "x".repeat(65);
        for room in ["", "../x", "a/b", "a\\b", "ä", "a b", long.as_str()] {
            assert!(
                matches!(base_name(room, RecordingId::from_millis(1)), Err(InvalidRoomName)),
                "{room}"
            );
        }
        for name in ["room__1", "room_a", "room_a_x", "other_a_1", "room_a/b_1"] {
            assert_eq!(parse_base_name(name), None, "{name}");
        }
    }

    #[test]
    fn an_id_is_a_string_in_json() {
        let id = RecordingId::from_millis(5);
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"5\"");
        assert_eq!(serde_json::from_str::<RecordingId>("\"5\"").unwrap(), id);
    }
}
