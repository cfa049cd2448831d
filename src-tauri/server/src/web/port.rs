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

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Request, Response, StatusCode, header::UPGRADE},
};
use confab_edge::http1;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
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

use super::line::{Line, Use};
use super::redirect;
use crate::problems::{Problems, Subject};
use crate::signaling::{self, Place};
use crate::wire::Bound;

/// The first byte of a TLS connection: a record with a handshake message in it (RFC 8446, 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// How long a connection may take to send its first byte, and again to finish its TLS handshake.
const OPENING_TIMEOUT: Duration = Duration::from_secs(10);

/// How long requests that are being answered may go on after the shutdown began.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(3);

/// How long nobody must have been refused for that to be over, where nobody came either.
const CALM: Duration = Duration::from_secs(10);

/// The wait after the system refused to accept a connection, mostly because too many files are open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves `app` on `listener` until `shutdown`, then closes the port, lets requests under way finish for some seconds
/// and ends. WebSockets belong to who accepted them: close them before. Handlers may take
/// `ConnectInfo<SocketAddr>`, the peer's address (an IPv4 one as such). `bounds` are those of what comes from one address;
/// while the system lets nobody in, `problems` says so.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(
    listener: TcpListener,
    app: Router,
    tls: Arc<ServerConfig>,
    bounds: signaling::Bounds,
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
        bounds,
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
    bounds: signaling::Bounds,
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
                    let origin = self.bounds.origins.of(peer.ip());
                    if let Err(bound) = origin.arrive() {
                        // To say so would take a handshake, which is the work that there is too much of.
                        self.bounds.monitor.refused("connection", bound.kind());
                        continue;
                    }
                    // Here, so that those count first who came first.
                    let place = origin.connect();
                    let (door, abandoned) = (self.clone(), self.abandoned.clone());
                    connections
                        .spawn(async move { abandoned.run_until_cancelled(door.admit(stream, peer, place)).await });
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
    async fn admit(self, stream: TcpStream, peer: SocketAddr, place: Result<Place, Bound>) {
        let shutdown = self.shutdown.clone();
        let r#use = Use::default();
        let (place, bound) = match place {
            Ok(place) => (Some(place), None),
            Err(bound) => (None, Some(bound)),
        };
        let (flow, traffic) = (self.bounds.limits.flow(), self.bounds.monitor.traffic());
        let opening = async {
            // Small answers and events must not wait for more to send.
            stream.set_nodelay(true)?;
            let mut first = [0];
            if timeout(OPENING_TIMEOUT, stream.peek(&mut first)).await?? == 0 {
                return Ok(None);
            }
            let stream = Line::new(stream, r#use.clone(), flow, traffic, place);
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
        let is_near = redirect::is_this_computer(peer.ip());
        match (opened, bound) {
            (Ok(Some(Opened::Secure(stream))), None) => self.answer(*stream, r#use, peer).await,
            (Ok(Some(Opened::Plain(stream))), None) if is_near => self.answer(stream, r#use, peer).await,
            (Ok(Some(Opened::Plain(stream))), None) => self.redirect(stream, peer).await,
            (Ok(Some(Opened::Secure(stream))), Some(bound)) => self.turn_away(*stream, bound, peer).await,
            (Ok(Some(Opened::Plain(stream))), Some(bound)) => self.turn_away(stream, bound, peer).await,
            (Ok(None), _) => {}
            (Err(error), _) => tracing::debug!(%peer, %error, "a connection did not open"),
        }
    }

    /// Answers requests by the app.
    async fn answer(&self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, r#use: Use, peer: SocketAddr) {
        let service = service_fn(|request: Request<Incoming>| {
            let app = self.app.clone();
            r#use.carries_words(is_websocket(request.headers()) || signaling::serves(request.uri()));
            async move {
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(peer));
                app.oneshot(request).await
            }
        });
        let connection = http1::builder()
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
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

    /// Sends every request to HTTPS.
    async fn redirect(&self, stream: Line<TcpStream>, peer: SocketAddr) {
        let port = self.port;
        let answer = move |request: &Request<Incoming>| redirect::to_https(request, port);
        self.answer_once(stream, answer, peer).await;
    }

    /// Says to whoever has too many connections that this is one too many.
    async fn turn_away(&self, stream: impl AsyncRead + AsyncWrite + Send + Unpin, bound: Bound, peer: SocketAddr) {
        self.bounds.monitor.refused("connection", bound.kind());
        let answer = |_: &Request<Incoming>| {
            let mut response = Response::new(Body::from(format!("{bound}\n")));
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response
        };
        self.answer_once(stream, answer, peer).await;
    }

    /// Gives one answer, then the connection has no more use.
    async fn answer_once(
        &self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin,
        answer: impl Fn(&Request<Incoming>) -> Response<Body>,
        peer: SocketAddr,
    ) {
        let service = service_fn(|request: Request<Incoming>| {
            let response = answer(&request);
            async move { Ok::<_, Infallible>(response) }
        });
        let connection = http1::builder()
            .keep_alive(false)
            .serve_connection(TokioIo::new(stream), service);
        if let Some(Err(error)) = self.shutdown.run_until_cancelled(connection).await {
            tracing::debug!(%peer, %error, "a connection broke");
        }
    }
}

/// A connection whose kind is known.
enum Opened {
    Plain(Line<TcpStream>),
    Secure(Box<tokio_rustls::server::TlsStream<Line<TcpStream>>>),
}

/// Whether a request would have its connection become a websocket.
fn is_websocket(headers: &HeaderMap) -> bool {
    headers
        .get(UPGRADE)
        .is_some_and(|upgrade| upgrade.as_bytes().eq_ignore_ascii_case(b"websocket"))
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
