//! Confab's meeting server.

pub mod media;
pub mod network;
pub mod room;
pub mod web;
pub mod wire;
