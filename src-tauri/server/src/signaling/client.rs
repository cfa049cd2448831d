//! A client as the meeting sees it: somebody who can be told things.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use socketioxide::extract::SocketRef;
use socketioxide::{SendError, SocketError};
use tracing::{debug, warn};

use crate::wire::{PeerId, ServerEvent};

/// How long to wait before a client whose buffer is full is disconnected again.
const DISCONNECT_PAUSE: Duration = Duration::from_millis(200);

/// The server's end of one socket.
#[derive(Debug, Clone)]
pub struct Client {
    socket: SocketRef,
    is_disconnecting: Arc<AtomicBool>,
}

impl Client {
    pub(super) fn new(socket: SocketRef) -> Self {
        Self {
            socket,
            is_disconnecting: Arc::default(),
        }
    }

    /// The id under which others know the peer that speaks through this socket.
    #[must_use]
    pub fn peer_id(&self) -> PeerId {
        PeerId::of_socket(self.socket.id)
    }

    /// Sends an event's name and payload, as [`ServerEvent::to_wire`] gives them. A client that does not take its
    /// events any more is disconnected: it would go on with a wrong picture of the room.
    pub fn emit(&self, name: &str, payload: &serde_json::Value) {
        match self.socket.emit(name, payload) {
            Ok(()) => (),
            Err(SendError::Socket(SocketError::InternalChannelFull)) => {
                if !self.is_disconnecting.load(Ordering::Relaxed) {
                    warn!(socket = %self.socket.id, "A client is too slow for its events; disconnecting it");
                }
                self.disconnect();
            }
            Err(error) => debug!(socket = %self.socket.id, %error, "An event did not reach its client"),
        }
    }

    /// Tells this client alone.
    pub fn tell(&self, event: &ServerEvent) {
        let (name, payload) = event.to_wire();
        self.emit(&name, &payload);
    }

    /// Ends the client's part in this namespace; the client may connect anew, which Confab's page does by itself.
    ///
    /// The word of it needs room in the client's buffer. Where there is none it is said as soon as there is, or the
    /// heartbeat ends the connection first.
    pub fn disconnect(&self) {
        if self.is_disconnecting.swap(true, Ordering::Relaxed) {
            return;
        }
        let socket = self.socket.clone();
        if let Err(SocketError::InternalChannelFull) = socket.clone().disconnect() {
            tokio::spawn(async move {
                while let Err(SocketError::InternalChannelFull) = socket.clone().disconnect() {
                    tokio::time::sleep(DISCONNECT_PAUSE).await;
                }
            });
        }
    }
}
