//! A client as the meeting sees it: somebody who can be told things.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, header};
use serde_json::value::{RawValue, to_raw_value};
use socketioxide::extract::SocketRef;
use socketioxide::{SendError, SocketError};
use tracing::{debug, warn};

use super::origins::site;
use crate::meeting::Browser;
use crate::monitoring::Monitor;
use crate::wire::{ServerEvent, SocketId};

/// How long to wait before a client whose buffer is full is disconnected again.
const DISCONNECT_PAUSE: Duration = Duration::from_millis(200);

/// An event as it goes out, written once for all who hear it.
#[derive(Debug)]
pub struct Announcement {
    name: String,
    payload: Box<RawValue>,
}

impl From<&ServerEvent> for Announcement {
    fn from(event: &ServerEvent) -> Self {
        let (name, payload) = event.to_wire();
        let payload = to_raw_value(&payload).unwrap_or_else(|_| RawValue::NULL.to_owned());
        Self { name, payload }
    }
}

impl Announcement {
    /// How long what comes with it is, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.payload.get().len()
    }
}

/// The server's end of one socket.
#[derive(Debug, Clone)]
pub struct Client {
    socket: SocketRef,
    monitor: Arc<Monitor>,
    is_disconnecting: Arc<AtomicBool>,
}

impl Client {
    pub(super) fn new(socket: SocketRef, monitor: Arc<Monitor>) -> Self {
        Self {
            socket,
            monitor,
            is_disconnecting: Arc::default(),
        }
    }

    /// The socket's id.
    #[must_use]
    pub fn socket_id(&self) -> SocketId {
        SocketId::new(self.socket.id)
    }

    /// Whether this and another socket could be of one browser: they come from the same address, and what opened them
    /// calls itself the same.
    #[must_use]
    pub fn may_share_browser_with(&self, other: &Self) -> bool {
        self.address() == other.address() && self.browser() == other.browser()
    }

    /// The browser that opened this socket, at this address.
    #[must_use]
    pub fn in_browser(&self, address: IpAddr) -> Browser {
        Browser::of(&self.socket.req_parts().headers, address)
    }

    fn address(&self) -> Option<IpAddr> {
        let address = self.socket.req_parts().extensions.get::<ConnectInfo<SocketAddr>>();
        address.map(|ConnectInfo(address)| site(address.ip()))
    }

    fn browser(&self) -> Option<&HeaderValue> {
        self.socket.req_parts().headers.get(header::USER_AGENT)
    }

    /// Sends an event. A client that does not take its events any more is disconnected: it would go on with a wrong
    /// picture of the room.
    pub fn emit(&self, event: &Announcement) {
        match self.socket.emit(&event.name, &event.payload) {
            Ok(()) => (),
            Err(SendError::Socket(SocketError::InternalChannelFull)) => {
                if !self.is_disconnecting.load(Ordering::Relaxed) {
                    warn!(socket = %self.socket.id, "A client is too slow for its events; disconnecting it");
                    self.monitor.hung_up("slow");
                }
                self.disconnect();
            }
            Err(error) => debug!(socket = %self.socket.id, %error, "An event did not reach its client"),
        }
    }

    /// Tells this client alone.
    pub fn tell(&self, event: &ServerEvent) {
        self.emit(&event.into());
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
