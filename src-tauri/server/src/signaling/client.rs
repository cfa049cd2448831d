//! A client as the meeting sees it: somebody who can be told things.

use socketioxide::extract::SocketRef;
use socketioxide::{SendError, SocketError};
use tracing::{debug, warn};

use crate::wire::{PeerId, ServerEvent};

/// The server's end of one socket.
#[derive(Debug, Clone)]
pub struct Client {
    socket: SocketRef,
}

impl Client {
    pub(super) fn new(socket: SocketRef) -> Self {
        Self { socket }
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
                warn!(socket = %self.socket.id, "A client is too slow for its events; disconnecting it");
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

    /// Ends the connection; the client may come back.
    pub fn disconnect(&self) {
        if let Err(error) = self.socket.clone().disconnect() {
            debug!(socket = %self.socket.id, %error, "The socket was gone already");
        }
    }
}
