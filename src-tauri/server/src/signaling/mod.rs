//! Socket.IO in and out: reads events, keeps each socket's in their order, hands them to the meeting, and carries
//! answers and broadcasts back.

mod client;
mod limits;
mod reply;
mod session;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

pub use client::Client;
pub use limits::Limits;
pub use reply::Reply;
use socketioxide::SocketIo;
use socketioxide::extract::SocketRef;
use socketioxide::handler::ConnectHandler as _;
use socketioxide::layer::SocketIoLayer;

use self::limits::NewRooms;
use crate::meeting::Meetings;
use crate::monitoring::Monitor;

/// The largest message that a client may send, in bytes.
const MAX_PAYLOAD: usize = 2 * 1024 * 1024;
/// How many packets may wait for a client before it counts as gone.
const MAX_WAITING: usize = 4_096;

/// Makes the Socket.IO layer that serves these meetings, and the handle that ends all its connections.
pub fn layer(meetings: Arc<Meetings>, monitor: Arc<Monitor>, limits: Limits) -> (SocketIoLayer, SocketIo) {
    let (layer, io) = SocketIo::builder()
        .max_payload(MAX_PAYLOAD as u64)
        .ws_max_message_size(MAX_PAYLOAD)
        .ws_max_frame_size(MAX_PAYLOAD)
        .max_buffer_size(MAX_WAITING)
        .ping_interval(Duration::from_secs(10))
        .ping_timeout(Duration::from_secs(20))
        .build_layer();
    let house = Arc::new(session::House {
        meetings,
        new_rooms: NewRooms::new(&limits),
        limits,
    });
    let connected = move |socket: SocketRef| {
        session::open(socket, Arc::clone(&house));
        std::future::ready(())
    };
    let connecting = move |socket: SocketRef| {
        session::prepare(&socket, &monitor);
        std::future::ready(Ok::<_, Infallible>(()))
    };
    io.ns("/", connected.with(connecting));
    (layer, io)
}
