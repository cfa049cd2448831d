//! Confab's meeting server.

pub mod media;
pub mod recording;
pub mod room;
pub mod wire;
