//! Every message on the wire, and the only place that knows its names and casing.
//!
//! A request is parsed totally: an event name and whatever JSON came with it become a typed [`Request`], a typed
//! [`Refusal`], or nothing for an event that this server does not know. What the pages need of these types is
//! generated for them into `ui/src/wire`.

mod ack;
mod bound;
mod chat;
#[cfg(test)]
mod document;
mod door;
mod event;
mod files;
mod ids;
mod moderation;
mod payload;
mod people;
mod refusal;
mod request;
mod secret;
mod stats;
mod words;

pub use ack::{
    Candidate, CapabilitiesAck, ConsumeAck, Empty, JoinAck, ProduceAck, ProducerSummary, RecordingLinkAck,
    RestartIceAck, RunningRecording, SocketIdAck, StartRecordingAck, StopRecordingAck, TransportAck, TransportParams,
};
pub use bound::Bound;
pub use chat::{ChatEntry, ChatMessage, Sender};
pub use door::*;
pub use event::ServerEvent;
pub use files::{FileId, OfferFile, OfferFileAck, SharedFile};
pub use ids::{Claimed, PeerId, RoomId};
pub use moderation::*;
pub use payload::*;
pub use people::{By, ParticipantEntry, RemovedPerson, RoleUpdate, RoomPolicy};
pub use refusal::{Refusal, Wait};
pub use request::Request;
pub use secret::Secret;
pub use stats::{StatsAck, StreamStats, TransportStats};
pub use words::*;
