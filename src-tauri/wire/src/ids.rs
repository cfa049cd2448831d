//! The ids that clients send and see.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A room's name in links and messages: 1 to 64 letters, digits, `-`, `_` and `.`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(try_from = "String")]
#[ts(type = "string")]
pub struct RoomId(String);

impl RoomId {
    /// The longest room id, in characters.
    pub const MAX_LENGTH: usize = 64;

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no room id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a room's name has 1 to 64 letters, digits, hyphens, underscores and dots")]
pub struct InvalidRoomId;

impl TryFrom<String> for RoomId {
    type Error = InvalidRoomId;

    fn try_from(text: String) -> Result<Self, InvalidRoomId> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if text.is_empty() || text.len() > Self::MAX_LENGTH || !text.bytes().all(allowed) {
            return Err(InvalidRoomId);
        }
        Ok(Self(text))
    }
}

impl std::str::FromStr for RoomId {
    type Err = InvalidRoomId;

    fn from_str(text: &str) -> Result<Self, InvalidRoomId> {
        Self::try_from(text.to_owned())
    }
}

impl fmt::Display for RoomId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A socket of a client, by the id that Socket.IO gave it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, TS)]
#[ts(type = "string")]
pub struct SocketId(String);

impl SocketId {
    /// The socket of this id.
    #[must_use]
    pub fn new(id: impl fmt::Display) -> Self {
        Self(id.to_string())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SocketId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The id under which a person is told of to everybody: the label that their client brought, or else the id of their
/// present socket. Frontends look for themselves by one or the other, so it stands wherever a person is named.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, TS)]
#[ts(type = "string")]
pub struct PeerId(String);

impl PeerId {
    /// The id of a person at this socket whose label, if they have one, is this.
    #[must_use]
    pub fn of(socket: &SocketId, label: Option<&str>) -> Self {
        Self(label.unwrap_or(socket.as_str()).to_owned())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// An id of the media engine's that a client names. Text that cannot be such an id is no mistake of shape: it names
/// nothing that exists.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Claimed(String);

impl Claimed {
    /// The id, or the refusal for what does not exist.
    ///
    /// # Errors
    /// The refusal given, when the text cannot be an id.
    pub fn or<T: std::str::FromStr, E>(&self, not_found: E) -> Result<T, E> {
        self.0.parse().map_err(|_| not_found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_id_is_short_and_plain() {
        for good in ["a", "Room-1", "team_2.b", &"x".repeat(64)] {
            assert_eq!(
                RoomId::try_from(good.to_owned()).map(|id| id.to_string()),
                Ok(good.to_owned())
            );
        }
        for bad in ["", "a b", "a/b", "ä", "..\\x", "🙂", &"x".repeat(65)] {
            assert_eq!(RoomId::try_from(bad.to_owned()), Err(InvalidRoomId), "{bad}");
        }
    }
}
