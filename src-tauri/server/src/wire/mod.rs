//! Every message on the wire, and the only place that knows its names and casing.
//!
//! What clients say is read by the crate `confab-wire`, and all of it is here too; what only the media engine can say,
//! with its ids and figures, is added here. What the pages need of these types is generated for them into
//! `ui/src/wire`.

mod ack;
#[cfg(test)]
mod document;
mod event;
mod stats;

pub use ack::{
    Candidate, CapabilitiesAck, ConsumeAck, Empty, JoinAck, ProduceAck, ProducerSummary, RecordingLinkAck,
    RestartIceAck, RunningBroadcast, RunningRecording, SocketIdAck, StartRecordingAck, StopRecordingAck, TransportAck,
    TransportParams,
};
pub use confab_wire::*;
pub use event::ServerEvent;
pub use stats::{StatsAck, StreamStats, TransportStats};
