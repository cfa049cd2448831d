//! Recordings: what is sent in a room, unre-encoded, one file per peer and source, and afterwards composed into one film.
//!
//! `Library` knows all recordings of a folder and starts new ones; `Recorder` is a member of a room while one runs. Inside, in the order that a packet takes:
//! `recorder` and `listening` (mediasoup), `queue`, `disk` (a thread), `track` with `rtp` (order, frames, time) and `webm` (the file), `metadata` (what lies where) and `sidecar`
//! (what happened, see `SIDECAR.md`); then `compose` (ffmpeg).

mod catalogue;
pub(crate) mod compose;
mod composing;
mod disk;
pub(crate) mod error;
mod housekeeping;
mod id;
mod library;
pub(crate) mod listening;
mod metadata;
mod people;
mod products;
mod queue;
mod rebuild;
mod recorder;
pub(crate) mod rtp;
mod settings;
mod sidecar;
mod snapshot;
mod space;
mod tickets;
mod track;
pub(crate) mod webm;

pub use compose::{ExportFormat, ExportOptions, PictureSize};
pub use error::RecordingError;
pub use id::RecordingId;
pub use library::Library;
pub use people::RecordedPerson;
pub use recorder::{MemberEvent, RecordedProducer, RecordedTracks, Recorder};
pub use settings::LibrarySettings;
pub use snapshot::{HeldBy, RecordingSnapshot, RecordingState};
