//! Confab's meeting server.

pub mod media;
pub mod meeting;
pub mod room;
pub mod signaling;
pub mod wire;
