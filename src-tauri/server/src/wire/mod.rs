//! Every message on the wire, and the only place that knows its names and casing.
//!
//! A request is parsed totally: an event name and whatever JSON came with it become a typed [`Request`], a typed
//! [`Refusal`], or nothing for an event that this server does not know. What the pages need of these types is
//! generated for them into `ui/src/wire`.

mod ack;
mod event;
mod ids;
mod payload;
mod request;

pub use ack::{
    Candidate, CapabilitiesAck, ConsumeAck, Empty, JoinAck, ProduceAck, ProducerSummary, RestartIceAck,
    RunningRecording, SocketIdAck, StartRecordingAck, StopRecordingAck, TransportAck, TransportParams,
};
pub use event::{ChatEntry, ChatMessage, ParticipantEntry, Sender, ServerEvent};
pub use ids::{Claimed, PeerId, RoomId};
pub use payload::*;
pub use request::{Refusal, Request};
