//! Broadcasting: a room's composed picture and sound, live to an RTMP server.
//!
//! A [`Broadcaster`] is one more member of the room. In the order that a packet takes: `capture` (mediasoup's packets to frames), `decoder` (an ffmpeg for each stream),
//! `picture` and `sound` (what was decoded last, put together thirty times a second by `studio`, in the places of `stage`), `feed` (the bytes of that), `line`
//! (the ffmpeg that encodes them and speaks RTMP, begun anew whenever it ends) and `course` (what is to be done then, and what the owner sees).
//!
//! Only the decoders come and go with the scene, and nothing waits for them: who sends nothing holds nobody up, and the line to the server lasts.

mod broadcaster;
mod capture;
mod course;
mod decoder;
mod feed;
mod line;
mod picture;
mod sound;
mod stage;
mod studio;
mod target;

pub use broadcaster::{BroadcastOptions, Broadcaster};
pub use course::{BroadcastState, BroadcastStatus};
pub use target::{Target, TargetError};
