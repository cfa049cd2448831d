//! What is written, parsed back by another library; and what happens to a folder that somebody touched.

use std::fs;

use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{RootCertStore, client::WebPkiServerVerifier, client::danger::ServerCertVerifier};
use time::macros::datetime;
use x509_parser::prelude::{FromDer, GeneralName, ParsedExtension, X509Certificate};

use super::*;

const NOW: OffsetDateTime = datetime!(2026-03-04 05:06:07.89 UTC);

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn open(data_dir: &Path, addresses: &[&str]) -> Result<Certificates, CertificateError> {
    let addresses: Vec<IpAddr> = addresses.iter().map(|text| ip(text)).collect();
    Certificates::open(data_dir, "Laptop.example.org", &addresses, NOW)
}

fn chain(certificates: &Certificates) -> Vec<CertificateDer<'static>> {
    certificates.current.get().certified_key().cert.clone()
}

fn leaf(certificates: &Certificates) -> CertificateDer<'static> {
    chain(certificates).swap_remove(0)
}

fn authority_file(data_dir: &Path) -> PathBuf {
    data_dir.join("certificates/authority.pem")
}

#[test]
fn the_leaf_is_one_that_browsers_and_phones_take() {
    let data = tempfile::tempdir().expect("a folder");
    let certificates = open(data.path(), &["192.168.1.20", "fd00::7"]).expect("a first start");
    let chain = chain(&certificates);
    assert_eq!(chain.len(), 2);
    let (_, leaf) = X509Certificate::from_der(&chain[0]).expect("a certificate");
    let (_, authority) = X509Certificate::from_der(&chain[1]).expect("a certificate");

    let mut names: Vec<String> = Vec::new();
    for name in &leaf
        .subject_alternative_name()
        .expect("one")
        .expect("some")
        .value
        .general_names
    {
        names.push(match name {
            GeneralName::DNSName(name) => (*name).to_owned(),
            GeneralName::IPAddress(bytes) if bytes.len() == 4 => {
                IpAddr::from([bytes[0], bytes[1], bytes[2], bytes[3]]).to_string()
            }
            GeneralName::IPAddress(bytes) => IpAddr::from(<[u8; 16]>::try_from(*bytes).expect("16 bytes")).to_string(),
            other => panic!("unexpected {other:?}"),
        });
    }
    assert_eq!(
        names,
        [
            "localhost",
            "laptop.local",
            "laptop",
            "laptop.example.org",
            "192.168.1.20",
            "fd00::7",
            "127.0.0.1",
            "::1"
        ]
    );

    let validity = leaf.validity();
    assert_eq!(validity.not_before.to_datetime(), datetime!(2026-03-03 05:06:07 UTC));
    let days = (validity.not_after.to_datetime() - validity.not_before.to_datetime()).whole_days();
    assert_eq!(days, 397);
    assert!(days <= 825);

    let usage = leaf.extended_key_usage().expect("one").expect("some").value;
    assert!(usage.server_auth && !usage.client_auth && !usage.any);
    assert!(leaf.key_usage().expect("one").expect("some").value.digital_signature());
    assert!(!leaf.is_ca());
    assert_eq!(leaf.public_key().parsed().expect("a key").key_size(), 256);
    assert!(
        leaf.extensions()
            .iter()
            .any(|e| matches!(e.parsed_extension(), ParsedExtension::AuthorityKeyIdentifier(_)))
    );

    assert!(authority.is_ca());
    assert_eq!(
        authority
            .basic_constraints()
            .expect("one")
            .expect("some")
            .value
            .path_len_constraint,
        Some(0)
    );
    assert!(authority.key_usage().expect("one").expect("some").value.key_cert_sign());
    assert!(
        authority.subject().to_string().contains("Confab on Laptop ("),
        "{}",
        authority.subject()
    );
    assert_eq!(leaf.issuer(), authority.subject());
    assert_eq!(certificates.authority().as_ref(), chain[1].as_ref());
}

#[test]
fn a_client_that_trusts_the_authority_accepts_every_name() {
    let data = tempfile::tempdir().expect("a folder");
    let certificates = open(data.path(), &["192.168.1.20"]).expect("a first start");
    let chain = chain(&certificates);
    let mut roots = RootCertStore::empty();
    roots.add(chain[1].clone()).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .expect("a verifier");
    let at = UnixTime::since_unix_epoch(Duration::from_secs(NOW.unix_timestamp().unsigned_abs()));
    let accepts = |name: &'static str| {
        let name = ServerName::try_from(name).expect("a name");
        verifier
            .verify_server_cert(&chain[0], &chain[1..], &name, &[], at)
            .is_ok()
    };
    for name in [
        "192.168.1.20",
        "127.0.0.1",
        "::1",
        "localhost",
        "laptop.local",
        "laptop",
    ] {
        assert!(accepts(name), "{name}");
    }
    assert!(!accepts("192.168.1.21"));
}

#[test]
fn a_restart_keeps_authority_and_leaf() {
    let data = tempfile::tempdir().expect("a folder");
    let first = chain(&open(data.path(), &["192.168.1.20", "10.0.0.5"]).expect("a first start"));
    assert_eq!(
        chain(&open(data.path(), &["192.168.1.20", "10.0.0.5"]).expect("a second start")),
        first
    );
    let fewer = open(data.path(), &["10.0.0.5"]).expect("a third start");
    assert_eq!(chain(&fewer), first, "a leaf that names more than needed is good");
}

#[test]
fn a_new_address_gets_a_new_leaf_of_the_same_authority() {
    let data = tempfile::tempdir().expect("a folder");
    let certificates = open(data.path(), &["192.168.1.20"]).expect("a first start");
    let before = chain(&certificates);
    assert!(!certificates.cover(&[ip("192.168.1.20")], NOW).expect("nothing to do"));
    assert!(certificates.cover(&[ip("10.0.0.5")], NOW).expect("a new leaf"));
    let after = chain(&certificates);
    assert_ne!(after[0], before[0]);
    assert_eq!(after[1], before[1]);
    let serial = |der: &CertificateDer<'static>| {
        X509Certificate::from_der(der)
            .expect("a certificate")
            .1
            .raw_serial()
            .to_vec()
    };
    assert_ne!(serial(&after[0]), serial(&before[0]));
    assert_eq!(chain(&open(data.path(), &["10.0.0.5"]).expect("a restart")), after);
}

#[test]
fn a_known_network_gets_its_leaf_back() {
    let data = tempfile::tempdir().expect("a folder");
    let certificates = open(data.path(), &["192.168.1.20"]).expect("a first start");
    let home = leaf(&certificates);
    assert!(certificates.cover(&[ip("10.0.0.5")], NOW).expect("a new leaf"));
    let office = leaf(&certificates);
    assert!(certificates.cover(&[ip("192.168.1.20")], NOW).expect("the old leaf"));
    assert_eq!(leaf(&certificates), home);
    let restarted = open(data.path(), &["10.0.0.5"]).expect("a restart in the office");
    assert_eq!(leaf(&restarted), office);
    assert!(restarted.cover(&[ip("192.168.1.20")], NOW).expect("the old leaf"));
    assert_eq!(leaf(&restarted), home);
}

#[test]
fn only_some_leaves_are_kept() {
    let data = tempfile::tempdir().expect("a folder");
    let certificates = open(data.path(), &["10.0.0.0"]).expect("a first start");
    let first = leaf(&certificates);
    for last in 1..20 {
        certificates
            .cover(&[IpAddr::from([10, 0, 0, last])], NOW)
            .expect("a new leaf");
    }
    let kept = fs::read_to_string(data.path().join("certificates/leaves.pem")).expect("it is there");
    assert_eq!(kept.matches("BEGIN CERTIFICATE").count(), leaves::KEPT);
    assert_eq!(kept.matches("BEGIN PRIVATE KEY").count(), leaves::KEPT);
    certificates.cover(&[ip("10.0.0.0")], NOW).expect("a new leaf");
    assert_ne!(leaf(&certificates), first);
}

#[test]
fn a_leaf_is_renewed_before_its_end_and_when_the_clock_went_back() {
    let data = tempfile::tempdir().expect("a folder");
    let certificates = open(data.path(), &["192.168.1.20"]).expect("a first start");
    let addresses = [ip("192.168.1.20")];
    let days = time::Duration::days;
    assert!(!certificates.cover(&addresses, NOW + days(360)).expect("nothing to do"));
    assert!(certificates.cover(&addresses, NOW + days(370)).expect("renewed"));
    assert!(!certificates.cover(&addresses, NOW + days(370)).expect("nothing to do"));
    assert!(
        certificates.cover(&addresses, NOW).expect("renewed"),
        "a leaf from the future is refused by browsers"
    );
}

#[cfg(unix)]
#[test]
fn keys_are_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    let data = tempfile::tempdir().expect("a folder");
    open(data.path(), &[]).expect("a first start");
    let folder = data.path().join("certificates");
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("authority.pem")), 0o600);
    assert_eq!(mode(&folder.join("leaves.pem")), 0o600);
    assert_eq!(
        fs::read_dir(&folder).expect("it is there").count(),
        2,
        "nothing is left lying about"
    );

    fs::set_permissions(folder.join("authority.pem"), fs::Permissions::from_mode(0o644)).expect("it is ours");
    open(data.path(), &[]).expect("a second start");
    assert_eq!(mode(&folder.join("authority.pem")), 0o600);
}

#[test]
fn a_damaged_authority_is_refused_and_left_alone() {
    let data = tempfile::tempdir().expect("a folder");
    open(data.path(), &[]).expect("a first start");
    let good = fs::read_to_string(authority_file(data.path())).expect("it is there");
    let other = tempfile::tempdir().expect("a folder");
    open(other.path(), &[]).expect("a first start");
    let other = fs::read_to_string(authority_file(other.path())).expect("it is there");
    let (certificate, _) = good.split_at(good.find("-----BEGIN PRIVATE KEY").expect("a key"));
    let (_, other_key) = other.split_at(other.find("-----BEGIN PRIVATE KEY").expect("a key"));

    let damages = [
        String::new(),
        "nonsense".to_owned(),
        certificate.to_owned(),
        good[certificate.len()..].to_owned(),
        good[..good.len() / 2].to_owned(),
        good[..good.len() - 40].to_owned(),
        format!("{certificate}{other_key}"),
        fs::read_to_string(data.path().join("certificates/leaves.pem")).expect("it is there"),
    ];
    for damage in damages {
        fs::write(authority_file(data.path()), &damage).expect("it is ours");
        let error = open(data.path(), &[]).expect_err(&damage);
        let sentence = error.to_string();
        assert!(matches!(error, CertificateError::Damaged { .. }), "{sentence}");
        assert!(
            sentence.contains("authority.pem") && sentence.contains("delete the folder"),
            "{sentence}"
        );
        assert_eq!(
            fs::read_to_string(authority_file(data.path())).expect("it is there"),
            damage
        );
    }
    fs::write(authority_file(data.path()), &good).expect("it is ours");
    open(data.path(), &[]).expect("the copy put back works");
}

#[test]
fn an_authority_that_ran_out_or_vanished_is_not_silently_replaced() {
    let data = tempfile::tempdir().expect("a folder");
    open(data.path(), &[]).expect("a first start");
    let late =
        Certificates::open(data.path(), "laptop", &[], NOW + time::Duration::days(4000)).expect_err("it ran out");
    assert!(late.to_string().contains("ran out on 2036-03-01"), "{late}");
    fs::remove_file(authority_file(data.path())).expect("it is ours");
    let gone = open(data.path(), &[]).expect_err("it is missing");
    assert!(gone.to_string().contains("missing"), "{gone}");
    fs::remove_dir_all(data.path().join("certificates")).expect("it is ours");
    open(data.path(), &[]).expect("what the sentence advises works");
}

#[test]
fn a_damaged_leaf_is_made_anew() {
    let data = tempfile::tempdir().expect("a folder");
    let before = chain(&open(data.path(), &[]).expect("a first start"));
    for damage in [b"nonsense".as_slice(), b"", &[0xff, 0xfe]] {
        fs::write(data.path().join("certificates/leaves.pem"), damage).expect("it is ours");
        let after = chain(&open(data.path(), &[]).expect("a second start"));
        assert_ne!(after[0], before[0]);
        assert_eq!(after[1], before[1]);
    }
}

#[test]
fn a_folder_that_cannot_be_one_is_named() {
    let data = tempfile::tempdir().expect("a folder");
    fs::write(data.path().join("certificates"), "a file in the way").expect("it is ours");
    let error = open(data.path(), &[]).expect_err("there is a file in the way");
    assert!(matches!(error, CertificateError::Write { .. }));
    assert!(error.to_string().contains("certificates"), "{error}");

    let data = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(authority_file(data.path())).expect("it is ours");
    let error = open(data.path(), &[]).expect_err("there is a folder in the way");
    assert!(matches!(error, CertificateError::Read { .. }), "{error}");
}

#[test]
fn names_that_cannot_stand_in_a_certificate_are_left_out() {
    assert_eq!(host_names("laptop"), ["localhost", "laptop.local", "laptop"]);
    assert_eq!(
        host_names("Anna-Mac.local"),
        ["localhost", "anna-mac.local", "anna-mac"]
    );
    assert_eq!(host_names("localhost"), ["localhost"]);
    for odd in ["", "my laptop", "büro", "-x", "a_b"] {
        assert_eq!(host_names(odd), ["localhost"], "{odd}");
    }
    let data = tempfile::tempdir().expect("a folder");
    Certificates::open(data.path(), &"büro ".repeat(40), &[], NOW).expect("an odd name is no obstacle");
}

#[tokio::test]
async fn the_leaf_follows_the_addresses() {
    let data = tempfile::tempdir().expect("a folder");
    let now = OffsetDateTime::now_utc();
    let certificates = Arc::new(Certificates::open(data.path(), "laptop", &[], now).expect("a first start"));
    let before = leaf(&certificates);
    let of = |text: &str| {
        let survey = crate::network::interfaces::Survey {
            found: vec![("wlan0".to_owned(), ip(text))],
            routed: None,
        };
        Arc::new(Addresses::new(crate::network::ranking::rank(&survey), None, None))
    };
    let (sender, receiver) = watch::channel(of("192.168.1.20"));
    let following =
        tokio::spawn(Arc::clone(&certificates).follow(receiver, Problems::default(), CancellationToken::new()));
    sender.send_replace(of("10.0.0.5"));
    while !certificates.current.get().serves(&[], &[ip("10.0.0.5")], now) {
        tokio::task::yield_now().await;
    }
    drop(sender);
    following.await.expect("it ends with its addresses");
    assert_ne!(leaf(&certificates), before);
}

#[tokio::test(start_paused = true)]
async fn a_leaf_that_cannot_be_made_is_told_and_tried_again() {
    let data = tempfile::tempdir().expect("a folder");
    let mut certificates =
        Certificates::open(data.path(), "laptop", &[], OffsetDateTime::now_utc()).expect("a first start");
    certificates.names = vec!["no host name: \u{fc}".to_owned()];
    let problems = Problems::default();
    let mut changes = problems.subscribe();
    let (sender, receiver) = watch::channel(Arc::new(Addresses::new(Vec::new(), None, None)));
    let shutdown = CancellationToken::new();
    let following = tokio::spawn(Arc::new(certificates).follow(receiver, problems.clone(), shutdown.clone()));
    changes.changed().await.expect("the problems are held here");
    let sentences = problems.sentences();
    assert!(
        sentences[0].starts_with("Confab cannot make its certificates"),
        "{sentences:?}"
    );
    // Taken back by hand, it is told again by the next try.
    problems.set(Subject::Certificates, None);
    let told = changes.wait_for(|standing| !standing.is_empty());
    assert_eq!(told.await.expect("the problems are held here").len(), 1);
    shutdown.cancel();
    following.await.expect("it ends with the shutdown");
    drop(sender);
}
