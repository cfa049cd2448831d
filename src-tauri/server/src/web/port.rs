//! One port for HTTP and HTTPS: the first byte of a connection tells which it is.
//!
//! A TLS connection begins with the byte 0x16, no HTTP request does. TLS goes to the app, as does plain HTTP from this
//! computer itself; plain HTTP from elsewhere is sent to HTTPS. All waiting (for the first byte, the handshake, the
//! request's header) happens in the connection's own task and ends after a time, so nobody keeps others from the door.
//!
//! It drives hyper itself rather than `axum-server`: there, HTTP/1 alone excludes WebSockets, and a shutdown does not
//! reach connections that are still in their handshake.

use std::{
    convert::Infallible,
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use super::redirect;
use crate::problems::{Problems, Subject};

/// The first byte of a TLS connection: a record with a handshake message in it (RFC 8446, 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// How long a connection may take to send its first byte, and again to finish its TLS handshake.
const OPENING_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a request's header may take, and a kept connection may idle between two requests.
const HEADER_TIMEOUT: Duration = Duration::from_secs(60);

/// How long requests that are being answered may go on after the shutdown began.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(3);

/// How long nobody must have been refused for that to be over, where nobody came either.
const CALM: Duration = Duration::from_secs(10);

/// The wait after the system refused to accept a connection, mostly because too many files are open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves `app` on `listener` until `shutdown`, then closes the port, lets requests under way finish for some seconds
/// and ends. WebSockets belong to who accepted them: close them before. Handlers may take
/// `ConnectInfo<SocketAddr>`, the peer's address (an IPv4 one as such). While the system lets nobody in, `problems` says
/// so.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(
    listener: TcpListener,
    app: Router,
    tls: Arc<ServerConfig>,
    problems: &Problems,
    shutdown: CancellationToken,
) -> io::Result<JoinHandle<()>> {
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let door = Door {
        app,
        tls: TlsAcceptor::from(tls),
        port,
        problems: problems.clone(),
        shutdown,
        abandoned: CancellationToken::new(),
    };
    Ok(tokio::spawn(door.keep(listener)))
}

/// What every connection needs.
#[derive(Clone)]
struct Door {
    app: Router,
    tls: TlsAcceptor,
    port: u16,
    problems: Problems,
    /// Finish what you do.
    shutdown: CancellationToken,
    /// Drop what you do.
    abandoned: CancellationToken,
}

impl Door {
    async fn keep(self, listener: tokio::net::TcpListener) {
        let connections = TaskTracker::new();
        let mut was_refused = false;
        loop {
            let accepted = tokio::select! {
                () = self.shutdown.cancelled() => break,
                accepted = listener.accept() => Some(accepted),
                () = tokio::time::sleep(CALM), if was_refused => None,
            };
            if was_refused && !matches!(&accepted, Some(Err(_))) {
                was_refused = false;
                self.problems.set(Subject::Connections, None);
            }
            let Some(accepted) = accepted else { continue };
            match accepted {
                Ok((stream, peer)) => {
                    let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
                    let (door, abandoned) = (self.clone(), self.abandoned.clone());
                    connections.spawn(async move { abandoned.run_until_cancelled(door.admit(stream, peer)).await });
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    was_refused = true;
                    if self.problems.set(Subject::Connections, Some(refusal(&error))) {
                        tracing::error!(%error, "cannot accept connections");
                    }
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(listener);
        connections.close();
        if timeout(SHUTDOWN_GRACE, connections.wait()).await.is_err() {
            self.abandoned.cancel();
            connections.wait().await;
        }
    }

    /// Takes one connection from its first byte to its end. How it fails is the peer's business: a scanner, a browser
    /// that does not trust the certificate, a phone that left.
    async fn admit(self, stream: TcpStream, peer: SocketAddr) {
        let shutdown = self.shutdown.clone();
        let opening = async {
            // Small answers and events must not wait for more to send.
            stream.set_nodelay(true)?;
            let mut first = [0];
            if timeout(OPENING_TIMEOUT, stream.peek(&mut first)).await?? == 0 {
                return Ok(None);
            }
            if first[0] != TLS_HANDSHAKE {
                return Ok(Some(Opened::Plain(stream)));
            }
            let stream = timeout(OPENING_TIMEOUT, self.tls.accept(stream)).await??;
            Ok::<_, io::Error>(Some(Opened::Secure(Box::new(stream))))
        };
        // Nothing was asked yet that would have to be answered.
        let Some(opened) = shutdown.run_until_cancelled(opening).await else {
            return;
        };
        match opened {
            Ok(Some(Opened::Secure(stream))) => self.answer(*stream, peer).await,
            Ok(Some(Opened::Plain(stream))) if redirect::is_this_computer(peer.ip()) => self.answer(stream, peer).await,
            Ok(Some(Opened::Plain(stream))) => self.redirect(stream, peer).await,
            Ok(None) => {}
            Err(error) => tracing::debug!(%peer, %error, "a connection did not open"),
        }
    }

    /// Answers requests by the app.
    async fn answer(&self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, peer: SocketAddr) {
        let service = service_fn(|request: Request<Incoming>| {
            let app = self.app.clone();
            async move {
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(peer));
                app.oneshot(request).await
            }
        });
        let connection = http().serve_connection(TokioIo::new(stream), service).with_upgrades();
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = &mut connection => ended,
            () = self.shutdown.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%peer, %error, "a connection broke");
        }
    }

    /// Sends every request to HTTPS; one answer, then the connection has no more use.
    async fn redirect(&self, stream: TcpStream, peer: SocketAddr) {
        let port = self.port;
        let service = service_fn(move |request: Request<Incoming>| async move {
            Ok::<_, Infallible>(redirect::to_https(&request, port))
        });
        let connection = http().keep_alive(false).serve_connection(TokioIo::new(stream), service);
        if let Some(Err(error)) = self.shutdown.run_until_cancelled(connection).await {
            tracing::debug!(%peer, %error, "a connection broke");
        }
    }
}

/// A connection whose kind is known.
enum Opened {
    Plain(TcpStream),
    Secure(Box<tokio_rustls::server::TlsStream<TcpStream>>),
}

fn http() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    http
}

/// What the owner can do when the system accepts no connection.
fn refusal(error: &io::Error) -> String {
    format!(
        "The system lets no more guests in ({error}): end programs that are not needed, or raise the limit of open \
         files (ulimit -n) and start Confab again."
    )
}

/// Whether accepting failed because that one peer was gone already.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}

#[cfg(test)]
#[path = "port_tests.rs"]
mod tests;
