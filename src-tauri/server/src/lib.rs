//! Confab's meeting server: rooms, mediasoup, Socket.IO signalling, recordings and the web pages, without a window.
//!
//! [`Server::start`] is the way in. A guest's browser talks to one port ([`web`]); its events go to a meeting
//! ([`signaling`], [`meeting`]), which owns a room's rules ([`room`]) and its media ([`media`]).

pub mod broadcast;
pub mod config;
pub mod files;
mod folder;
pub mod headless;
pub mod kept;
pub mod media;
pub mod meeting;
pub mod monitoring;
pub mod network;
mod open_files;
pub mod problems;
pub mod recording;
pub mod room;
mod server;
pub mod signaling;
pub mod snapshot;
pub mod web;
pub mod wire;

pub use server::{Server, StartError};
