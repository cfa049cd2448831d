//! Files that people share: asked for by socket, carried by HTTP, shown in the chat.

use serde::{Deserialize, Serialize, Serializer};
use ts_rs::TS;

use super::ids::RoomId;
use super::payload::payloads;
use super::request::Payload;
use super::secret::Secret;

payloads!(OfferFile);

/// What a file is known by. Whoever has it may have the file, so nobody can guess it and a log gets dots.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileId(Secret);

impl FileId {
    /// A new id.
    ///
    /// # Panics
    /// As [`Secret::random`].
    #[must_use]
    pub fn random() -> Self {
        Self(Secret::random())
    }

    /// The id itself, for those who may have the file.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

impl From<&str> for FileId {
    fn from(text: &str) -> Self {
        Self(Secret::from(text))
    }
}

impl Serialize for FileId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.reveal())
    }
}

/// `offer-file`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct OfferFile {
    /// The room joined.
    pub room_id: RoomId,
    /// The file's name, without the folders that it is in.
    pub name: String,
    /// How long it is, in bytes.
    #[ts(type = "number")]
    pub size: u64,
    /// What it holds, as `image/png`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// Answers `offer-file`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export)]
pub struct OfferFileAck {
    /// The file.
    #[ts(type = "string")]
    pub id: FileId,
    /// Where to send it with one `PUT`, as a path on this server.
    pub url: String,
}

/// A file that somebody shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct SharedFile {
    /// The file.
    #[ts(type = "string")]
    pub id: FileId,
    /// Its name, fit to be shown and to be saved under.
    pub name: String,
    /// How long it is, in bytes.
    #[ts(type = "number")]
    pub size: u64,
    /// What its sender says that it holds, as `image/png`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Where it can be had, as a path on this server.
    pub url: String,
}
