//! mediasoup, as Confab uses it: the workers with their ports, a router per room, and what each seat in a room sends
//! and receives. Handles are lifetimes: dropping one of these closes what it stands for.

mod beginning;
mod codecs;
mod events;
mod room_media;
mod seat_media;
mod stats;
mod workers;

pub use codecs::media_codecs;
pub use events::{MediaEvent, Report};
pub(crate) use room_media::internal;
pub use room_media::{Consumed, RoomMedia};
pub use workers::{ListenAddress, MediaError, WorkerPool, WorkerPoolSettings};
