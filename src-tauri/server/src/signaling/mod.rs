//! Socket.IO in and out: reads events, keeps each socket's in their order, hands them to the meeting, and carries
//! answers and broadcasts back.

mod bounds;
mod client;
mod intake;
mod limits;
mod origins;
mod reply;
mod session;

use std::sync::Arc;
use std::time::Duration;

pub use bounds::{Bounds, admit, serves};
pub use client::{Announcement, Client};
pub use limits::{Flow, Limits};
pub use origins::{Origin, Origins, Place};
pub use reply::Reply;
use socketioxide::SocketIo;
use socketioxide::extract::SocketRef;
use socketioxide::handler::ConnectHandler as _;
use socketioxide::layer::SocketIoLayer;

use crate::meeting::Meetings;

/// A message that is larger than clients may send is refused; one that is so many times larger ends its connection
/// unread.
const TOO_LARGE: usize = 2;
/// How long a connection may take to become a socket.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How many packets may wait for a client before it counts as gone.
const MAX_WAITING: usize = 4_096;

/// Makes the Socket.IO layer that serves these meetings, and the handle that ends all its connections.
pub fn layer(meetings: Arc<Meetings>, bounds: Bounds) -> (SocketIoLayer, SocketIo) {
    let max_payload = bounds.limits.message_bytes.get().saturating_mul(TOO_LARGE);
    let (layer, io) = SocketIo::builder()
        .max_payload(u64::try_from(max_payload).unwrap_or(u64::MAX))
        .ws_max_message_size(max_payload)
        .ws_max_frame_size(max_payload)
        .max_buffer_size(MAX_WAITING)
        .connect_timeout(CONNECT_TIMEOUT)
        .ping_interval(Duration::from_secs(10))
        .ping_timeout(Duration::from_secs(20))
        .build_layer();
    let house = Arc::new(session::House { meetings, bounds });
    let entered = Arc::clone(&house);
    let connecting = move |socket: SocketRef| std::future::ready(session::prepare(&socket, &entered));
    let connected = move |socket: SocketRef| {
        session::open(socket, Arc::clone(&house));
        std::future::ready(())
    };
    io.ns("/", connected.with(connecting));
    (layer, io)
}
