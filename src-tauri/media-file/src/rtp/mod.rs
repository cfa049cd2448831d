//! From RTP packets to whole frames with a time: parse, put in order, join what belongs together, and place it on the recording's clock.
//!
//! All of it is plain data without I/O; nothing here trusts a packet, since every byte comes from somebody's browser.

mod av1;
pub mod clock;
pub mod frames;
mod h264;
pub mod held;
pub(crate) mod opus;
pub mod packet;
mod pictures;
pub mod reorder;
pub mod reports;
mod vp8;
mod vp9;
