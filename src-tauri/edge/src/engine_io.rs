//! Engine.IO and Socket.IO, as far as the library reads them.

use std::num::NonZeroUsize;
use std::time::Duration;

use socketioxide::{SocketIo, SocketIoBuilder};

/// A message that is larger than clients may send is refused; one that is so many times larger ends its connection unread.
const TOO_LARGE: usize = 2;
/// How many packets may wait for a client before it counts as gone.
const MAX_WAITING: usize = 4_096;
/// How long a connection may take to become a socket.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a client is asked whether it is there.
pub const PING_INTERVAL: Duration = Duration::from_secs(10);
/// How long it may take to answer that.
pub const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// What reads Socket.IO of clients whose messages may have so many bytes.
#[must_use]
pub fn builder(message_bytes: NonZeroUsize) -> SocketIoBuilder {
    let max_payload = message_bytes.get().saturating_mul(TOO_LARGE);
    SocketIo::builder()
        .max_payload(u64::try_from(max_payload).unwrap_or(u64::MAX))
        .ws_max_message_size(max_payload)
        .ws_max_frame_size(max_payload)
        .max_buffer_size(MAX_WAITING)
        .connect_timeout(CONNECT_TIMEOUT)
        .ping_interval(PING_INTERVAL)
        .ping_timeout(PING_TIMEOUT)
}
