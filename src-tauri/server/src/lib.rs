//! Confab's meeting server.

pub mod media;
pub mod room;
pub mod wire;
