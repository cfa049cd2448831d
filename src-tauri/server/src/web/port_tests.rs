//! A real listener on a free port, real clients on this computer.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::Path,
};

use axum::{
    Extension,
    extract::{WebSocketUpgrade, ws::Message},
    response::Response,
    routing::get,
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName},
};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::*;
use crate::monitoring::Monitor;
use crate::network::Certificates;
use crate::signaling::{Limits, Origins};

/// A served app and what is needed to reach it.
struct Running {
    certificates: Certificates,
    port: u16,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
    /// Told when a request for `/slow` has arrived.
    asked: Arc<Notify>,
    _data: tempfile::TempDir,
}

fn run() -> Running {
    run_with(Limits::default())
}

fn run_with(limits: Limits) -> Running {
    let data = tempfile::tempdir().expect("a folder");
    let certificates = open(data.path());
    let listener = crate::web::bind(0).expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let shutdown = CancellationToken::new();
    let asked = Arc::new(Notify::new());
    let app = Router::new()
        .route(
            "/peer",
            get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string()),
        )
        .route("/echo", get(echo))
        .route("/slow", get(slow))
        .layer(Extension(Arc::clone(&asked)));
    let bounds = signaling::Bounds {
        origins: Origins::new(&limits),
        monitor: Monitor::new(),
        limits,
    };
    let task = serve(
        listener,
        app,
        certificates.server_config(),
        bounds,
        &Problems::default(),
        shutdown.clone(),
    )
    .expect("it serves");
    Running {
        certificates,
        port,
        shutdown,
        task,
        asked,
        _data: data,
    }
}

fn open(data_dir: &Path) -> Certificates {
    Certificates::open(data_dir, "laptop", &[], OffsetDateTime::now_utc()).expect("a first start")
}

/// Says that it was asked and never answers.
async fn slow(Extension(asked): Extension<Arc<Notify>>) {
    asked.notify_one();
    std::future::pending::<()>().await;
}

async fn echo(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async |mut socket| {
        while let Some(Ok(Message::Text(text))) = socket.recv().await {
            if socket.send(Message::Text(text)).await.is_err() {
                return;
            }
        }
    })
}

impl Running {
    async fn connect(&self, ip: IpAddr) -> TcpStream {
        TcpStream::connect((ip, self.port)).await.expect("the port is open")
    }

    async fn local(&self) -> TcpStream {
        self.connect(Ipv4Addr::LOCALHOST.into()).await
    }

    async fn secure(&self) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from(self.certificates.authority().to_vec()))
            .expect("a root");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let name = ServerName::from(IpAddr::from(Ipv4Addr::LOCALHOST));
        TlsConnector::from(Arc::new(config))
            .connect(name, self.local().await)
            .await
            .expect("a handshake")
    }
}

/// Sends a request and reads what comes until the server closes.
async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), path: &str, host: Option<&str>) -> String {
    let host = host.map_or(String::new(), |host| format!("Host: {host}\r\n"));
    let request = format!("GET {path} HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it is read");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

#[tokio::test]
async fn the_first_byte_tells_tls_from_plain_http() {
    let running = run();
    let plain = ask(&mut running.local().await, "/peer", Some("localhost")).await;
    assert!(
        plain.starts_with("HTTP/1.1 200 ") && plain.ends_with("127.0.0.1"),
        "{plain}"
    );

    let mut stream = running.secure().await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
    let secure = ask(&mut stream, "/peer", Some("localhost")).await;
    assert!(
        secure.starts_with("HTTP/1.1 200 ") && secure.ends_with("127.0.0.1"),
        "{secure}"
    );
}

#[tokio::test]
async fn plain_http_from_ipv6_loopback_stays_plain() {
    if TcpListener::bind("[::1]:0").is_err() {
        return;
    }
    let running = run();
    let answer = ask(
        &mut running.connect(std::net::Ipv6Addr::LOCALHOST.into()).await,
        "/peer",
        Some("localhost"),
    )
    .await;
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("::1"),
        "{answer}"
    );
}

/// From this computer's own LAN address a connection looks like one from another device.
#[tokio::test]
async fn plain_http_from_elsewhere_is_sent_to_https() {
    let survey = crate::network::interfaces::survey().expect("the system lists its interfaces");
    let Some((_, ip)) = survey.found.into_iter().find(|(_, ip)| !ip.is_loopback()) else {
        return;
    };
    let running = run();
    let host = SocketAddr::new(ip, running.port);
    let answer = ask(
        &mut running.connect(ip).await,
        "/r/standup?x=1",
        Some(&host.to_string()),
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 308 "), "{answer}");
    assert!(
        answer.contains(&format!("location: https://{host}/r/standup?x=1\r\n")),
        "{answer}"
    );

    let nameless = ask(&mut running.connect(ip).await, "/", None).await;
    assert!(
        nameless.starts_with("HTTP/1.1 400 ") && nameless.contains("names no valid host"),
        "{nameless}"
    );
}

#[tokio::test]
async fn websockets_work_both_ways() {
    let running = run();
    echoes(&mut running.local().await).await;
    echoes(&mut running.secure().await).await;
}

/// A WebSocket by hand: upgrade, one masked text frame, the same text back.
async fn echoes(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    let upgrade = "GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(upgrade.as_bytes()).await.expect("it is read");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("an answer"));
    }
    assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&head));
    stream
        .write_all(&[0x81, 0x82, 0, 0, 0, 0, b'h', b'i'])
        .await
        .expect("it is read");
    let mut frame = [0; 4];
    stream.read_exact(&mut frame).await.expect("an echo");
    assert_eq!(frame, [0x81, 2, b'h', b'i']);
}

#[tokio::test]
async fn silent_and_broken_clients_keep_nobody_from_the_door() {
    let running = run();
    let mut silent = Vec::new();
    for opening in [
        b"".as_slice(),
        b"\x16",
        b"\x16\x03\x01\x02\x00",
        b"G",
        b"GET / HTTP/1.1\r\nHo",
    ] {
        let mut stream = running.local().await;
        stream.write_all(opening).await.expect("it is read");
        silent.push(stream);
    }
    for nonsense in [
        b"\x16\x03\x01\x00\x05nonsense".as_slice(),
        b"\x00\xff\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let mut stream = running.local().await;
        stream.write_all(nonsense).await.expect("it is read");
        let mut answer = Vec::new();
        // Reset or answered: either is an end.
        _ = stream.read_to_end(&mut answer).await;
    }
    drop(running.local().await);
    let answer = ask(&mut running.secure().await, "/peer", Some("localhost")).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    drop(silent);
}

#[tokio::test]
async fn a_new_certificate_is_shown_without_a_restart() {
    let running = run();
    let shown = |stream: &TlsStream<TcpStream>| {
        let chain = stream.get_ref().1.peer_certificates().expect("a chain");
        (chain[0].as_ref().to_vec(), chain[1].as_ref().to_vec())
    };
    let mut old = running.secure().await;
    let (old_leaf, old_authority) = shown(&old);
    let made = running
        .certificates
        .cover(&[IpAddr::from([10, 0, 0, 5])], OffsetDateTime::now_utc());
    assert!(made.expect("a new leaf"));
    let (new_leaf, new_authority) = shown(&running.secure().await);
    assert_ne!(new_leaf, old_leaf);
    assert_eq!(new_authority, old_authority);
    let answer = ask(&mut old, "/peer", Some("localhost")).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 "),
        "connections that exist keep running: {answer}"
    );
}

#[tokio::test]
async fn the_shutdown_closes_the_port_and_ends_every_connection() {
    let running = run();
    let idle = running.local().await;
    let mut half_open = running.local().await;
    half_open.write_all(b"\x16").await.expect("it is read");
    let mut slow = running.local().await;
    slow.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .expect("it is read");
    running.asked.notified().await;
    running.shutdown.cancel();
    running.task.await.expect("it ends by itself");
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, running.port)).await.is_err());
    drop((idle, half_open, slow));
}
