//! HTTP/1, which is all that a page in a local network needs, and which websockets begin with.

use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::TokioTimer;

/// How long a request's header may take, and a kept connection may idle between two requests.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(60);

/// What reads and answers the requests of a connection.
#[must_use]
pub fn builder() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    http
}
