//! What a socket's client sends, before anything is made of it: counted first, read only if it may be, and queued for
//! the socket's session. Whoever asks for too much is refused before the payload is read, and hung up on in the end.
//!
//! This is done where the frame arrives, one after the other: Socket.IO runs the handlers of events side by side.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;
use socketioxide::adapter::LocalAdapter;
use socketioxide::extract::{AckSender, Event, SocketRef, TryData};
use socketioxide::handler::{FromMessageParts as _, MessageHandler};
use socketioxide::socket::Socket;
use tokio::sync::mpsc;
use tracing::{debug, info};

use super::limits::Pace;
use super::origins::Origin;
use super::{Client, Reply};
use crate::monitoring::Monitor;
use crate::wire::{Bound, Request};

/// How many requests of one socket may wait; a page in a large room asks for many streams at once.
const MAX_WAITING: usize = 1_024;

/// A request on its way to the session.
pub(super) struct Incoming {
    pub(super) event: &'static str,
    pub(super) payload: Value,
    pub(super) reply: Reply,
}

/// Takes in what one socket's client sends.
pub(super) struct Intake {
    pace: Arc<Pace>,
    origin: Origin,
    monitor: Arc<Monitor>,
    queue: mpsc::Sender<Incoming>,
    has_hung_up: AtomicBool,
}

impl Intake {
    /// The intake of a socket, and what it takes in. The socket owns it, so it does not own the socket.
    pub(super) fn new(pace: Arc<Pace>, origin: Origin, monitor: Arc<Monitor>) -> (Self, mpsc::Receiver<Incoming>) {
        let (queue, requests) = mpsc::channel(MAX_WAITING);
        let intake = Self {
            pace,
            origin,
            monitor,
            queue,
            has_hung_up: AtomicBool::new(false),
        };
        (intake, requests)
    }

    /// Refuses what there is too much of. Who goes on all the same is not worth the words any more.
    fn turn_away(&self, socket: SocketRef, reply: Reply, bound: Bound) {
        if self.pace.may_be_refused() {
            return reply.refuse(&bound.into());
        }
        reply.keep_silent();
        if !self.has_hung_up.swap(true, Ordering::Relaxed) {
            info!(socket = %socket.id, "A client that asks without an end is disconnected");
            self.monitor.hung_up("flood");
            Client::new(socket, Arc::clone(&self.monitor)).disconnect();
        }
    }
}

/// Marks the one way in which this handler takes its arguments.
pub(super) struct AsItComes;

impl MessageHandler<LocalAdapter, AsItComes> for Intake {
    fn call(&self, socket: Arc<Socket>, mut payload: socketioxide_core::Value, ack_id: Option<i64>) {
        if self.has_hung_up.load(Ordering::Relaxed) {
            return;
        }
        let Ok(Event(event)) = Event::from_message_parts(&socket, &mut payload, &ack_id) else {
            return;
        };
        let Ok(ack) = AckSender::from_message_parts(&socket, &mut payload, &ack_id);
        let Ok(own) = SocketRef::from_message_parts(&socket, &mut payload, &ack_id);
        let known = Request::known(&event);
        let reply = Reply::new(known, ack, Arc::clone(&self.monitor));
        if let Err(bound) = self.pace.count(Request::cost(&event), length(&payload), &self.origin) {
            return self.turn_away(own, reply, bound);
        }
        let Some(event) = known else {
            debug!(event = %event.chars().take(64).collect::<String>(), "Unknown event ignored");
            return;
        };
        let Ok(TryData(payload)) = TryData::from_message_parts(&socket, &mut payload, &ack_id);
        let incoming = Incoming {
            event,
            // An event without a payload fails to decode; to its parser it is one with nothing in it.
            payload: payload.unwrap_or_default(),
            reply,
        };
        if let Err(mpsc::error::TrySendError::Full(incoming)) = self.queue.try_send(incoming) {
            self.turn_away(own, incoming.reply, Bound::Waiting);
        }
    }
}

/// How long what came with an event is, in bytes.
fn length(payload: &socketioxide_core::Value) -> usize {
    match payload {
        socketioxide_core::Value::Str(text, attached) => {
            text.len() + attached.iter().flatten().map(|bytes| bytes.len()).sum::<usize>()
        }
        socketioxide_core::Value::Bytes(bytes) => bytes.len(),
    }
}
