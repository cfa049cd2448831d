//! What clients may say, read from whatever came: an event's name and its JSON become a typed [`Request`], a typed
//! [`Refusal`], or nothing for an event that nobody knows.
//!
//! It stands without the media engine, so that it can be fuzzed by itself (`tests/fuzz`). The server's module `wire` adds
//! what only the engine can say.

mod bound;
mod chat;
mod chat_features;
mod door;
mod everybody;
mod files;
mod ids;
mod media;
mod moderation;
mod payload;
mod people;
mod refusal;
mod request;
mod secret;
mod words;

pub use bound::Bound;
pub use chat::{ChatEntry, ChatMessage, ReplyTo, Sender};
pub use chat_features::*;
pub use door::*;
pub use everybody::*;
pub use files::{FileId, OfferFile, OfferFileAck, SharedFile};
pub use ids::{Claimed, PeerId, RoomId, SocketId};
pub use moderation::*;
pub use payload::*;
pub use people::{By, ParticipantEntry, RemovedPerson, RoleUpdate, RoomPolicy};
pub use refusal::{Refusal, Wait};
pub use request::Request;
pub use secret::Secret;
pub use words::*;
