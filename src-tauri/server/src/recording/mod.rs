//! Recordings: what is sent in a room, unre-encoded, one file per peer and source, and afterwards composed into one film.
//!
//! `Library` knows all recordings of a folder and starts new ones; `Recorder` is a member of a room while one runs. Inside, in the order that a packet takes:
//! `recorder` and `listening` (mediasoup), `queue`, `disk` (a thread), `track`; then `compose` (ffmpeg). What needs no media engine is a crate of its own, [`confab_media_file`]:
//! order, frames and time (`rtp`), the track files (`webm`), what lies where (`metadata`), and what happened (`sidecar`).

mod catalogue;
pub(crate) mod compose;
mod composing;
mod disk;
pub(crate) mod error;
mod housekeeping;
mod library;
pub(crate) mod listening;
mod people;
mod queue;
mod recorder;
mod settings;
mod snapshot;
mod space;
mod tickets;
mod track;

use confab_media_file::records::{id, metadata, products, rebuild, sidecar};
use confab_media_file::{rtp, webm};

pub use compose::{ExportFormat, ExportOptions, PictureSize};
pub use error::RecordingError;
pub use id::RecordingId;
pub use library::Library;
pub use people::RecordedPerson;
pub use recorder::{MemberEvent, RecordedProducer, RecordedTracks, Recorder};
pub use settings::LibrarySettings;
pub use snapshot::{HeldBy, RecordingSnapshot, RecordingState};
