//! Broadcasts by TLS: to a server whose certificate this computer trusts, and to one that cannot prove who it is.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use confab_server::broadcast::{BroadcastState, Target};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::station::{Colour, KEY, Station};
use super::{broadcast, is_live, people, until};
use crate::guest::HUNG;
use crate::own_process;
use crate::recording::studio::{Source, Studio, probe};

/// The variable that tells many programs which certificates to trust.
const TRUSTED: &str = "SSL_CERT_FILE";

fn acceptor(certificate: CertificateDer<'static>, key: PrivateKeyDer<'static>) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Answers by TLS with a certificate that nobody vouches for; returns the port, and whether it was told anything.
async fn impostor() -> (u16, Arc<AtomicBool>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let acceptor = acceptor(made.cert.der().clone(), key);
    let (listener, port) = listen().await;
    let told = Arc::new(AtomicBool::new(false));
    let hearing = Arc::clone(&told);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let is_silent = stream.read_u8().await.is_err();
                hearing.fetch_or(!is_silent, Ordering::Relaxed);
            }
        }
    });
    (port, told)
}

/// Takes TLS off what comes for a server; returns the port for that.
async fn in_front_of(station: &Station, acceptor: TlsAcceptor) -> u16 {
    let (listener, port) = listen().await;
    let behind = station.port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut inside = TcpStream::connect(("127.0.0.1", behind)).await.unwrap();
                let mut outside = acceptor.accept(stream).await.unwrap();
                // Either may hang up as it likes.
                let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
            });
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_prove_who_it_is_gets_nothing() {
    let studio = Studio::new().await;
    let (port, told) = impostor().await;
    let target = Target::parse(&format!("rtmps://localhost:{port}/live"), KEY).unwrap();
    let broadcaster = broadcast(&studio, target, &[]).await;
    let failed = until(&broadcaster, |state| matches!(state, BroadcastState::Failed { .. })).await;
    assert!(format!("{failed:?}").contains("certificate"), "{failed:?}");
    assert!(!told.load(Ordering::Relaxed), "it talks to whoever answers");
}

#[test]
fn a_server_whose_certificate_is_trusted_gets_the_stream_by_tls() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(key, made.signing_key.serialize_pem()).unwrap();
    let mut command = own_process::this_program();
    command.env(TRUSTED, certificate);
    own_process::run(command, "broadcast::secure::by_tls_with_a_certificate_that_is_trusted");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a certificate that its process trusts: the test above starts it"]
async fn by_tls_with_a_certificate_that_is_trusted() {
    let certificate = PathBuf::from(std::env::var_os(TRUSTED).unwrap());
    let key = PrivateKeyDer::from_pem_file(certificate.with_file_name("key.pem")).unwrap();
    let certificate = CertificateDer::from_pem_file(certificate).unwrap();
    let (studio, station) = (Studio::new().await, Station::open().await);
    let port = in_front_of(&station, acceptor(certificate, key)).await;
    let target = Target::parse(&format!("rtmps://localhost:{port}/live"), KEY).unwrap();
    let anna = studio.send(1, Source::Wall("red")).await;
    let broadcaster = broadcast(&studio, target, &[&anna]).await;
    broadcaster.tell(people(&[(1, "Anna")]));
    until(&broadcaster, is_live).await;
    station.until_seen("Anna", |seen| seen.is(Colour::Red, 0.5, 0.2)).await;
    timeout(HUNG, broadcaster.finish()).await.unwrap();
    let kept = station.kept();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(probe(&kept[0]).codecs(), ["h264", "aac"]);

    // The certificate is of localhost alone.
    let target = Target::parse(&format!("rtmps://127.0.0.1:{port}/live"), KEY).unwrap();
    let broadcaster = broadcast(&studio, target, &[]).await;
    let failed = until(&broadcaster, |state| matches!(state, BroadcastState::Failed { .. })).await;
    assert!(format!("{failed:?}").contains("certificate"), "{failed:?}");
}
