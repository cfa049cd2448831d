//! From RTP packets to whole frames with a time: parse, put in order, join what belongs together, and place it on the recording's clock.
//!
//! All of it is plain data without I/O; nothing here trusts a packet, since every byte comes from somebody's browser.

pub(super) mod av1;
pub(super) mod clock;
pub(crate) mod frames;
pub(super) mod h264;
pub(super) mod held;
pub(super) mod opus;
pub(crate) mod packet;
pub(super) mod pictures;
pub(crate) mod reorder;
pub(super) mod reports;
pub(super) mod vp8;
pub(super) mod vp9;
