//! Socket.IO in and out: reads events, keeps each socket's in their order, hands them to the meeting, and carries
//! answers and broadcasts back.

mod bounds;
mod chat;
mod client;
mod intake;
mod limits;
mod origins;
mod reply;
mod session;

use std::sync::Arc;

pub use bounds::{Bounds, admit, serves};
pub use client::{Announcement, Client};
use confab_edge::engine_io;
pub use limits::{Flow, Limits};
pub use origins::{Origin, Origins, Place};
pub use reply::Reply;
use socketioxide::SocketIo;
use socketioxide::extract::SocketRef;
use socketioxide::handler::ConnectHandler as _;
use socketioxide::layer::SocketIoLayer;

use crate::meeting::Meetings;

/// Makes the Socket.IO layer that serves these meetings, and the handle that ends all its connections.
pub fn layer(meetings: Arc<Meetings>, bounds: Bounds) -> (SocketIoLayer, SocketIo) {
    let (layer, io) = engine_io::builder(bounds.limits.message_bytes).build_layer();
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
