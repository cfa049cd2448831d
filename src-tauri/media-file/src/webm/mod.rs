//! Track files: WebM (or Matroska, where WebM may not hold the codec) with one track, written so that a killed process leaves a file that plays.
//!
//! A cluster is put together in memory and written in one go with its size, so the file on the disk is whole up to the last cluster at any moment; the
//! segment's size stays "unknown" (which players accept) until the file is finished, and the duration in the header is
//! corrected after every cluster. `libwebm` does neither: it leaves clusters without sizes and a duration of 0.001 s until it finishes.

pub mod ebml;
mod live;
mod reader;
mod writer;

pub use live::LiveTrack;
pub use reader::{duration_in, read_duration};
pub use writer::{TrackWriter, VideoSize};
