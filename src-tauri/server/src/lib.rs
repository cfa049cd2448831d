//! Confab's meeting server.

pub mod media;
pub mod meeting;
pub mod network;
pub mod room;
pub mod signaling;
pub mod web;
pub mod wire;
