//! The local authority: one key and one certificate that vouch for this installation's leaves, for ten years.

use bytes::Bytes;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use time::{Duration, OffsetDateTime};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{CertificateError, leaf, leaves};
use crate::folder::Folder;

const FILE: &str = "authority.pem";

/// The authority's lifetime: longer than a laptop's, so that nobody has to install a second one.
const LIFETIME: Duration = Duration::days(3650);

/// The authority with its key, ready to sign leaves.
#[derive(Debug)]
pub(super) struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Reads the authority from the folder, or makes it on the first start.
    pub(super) fn open(folder: &Folder, hostname: &str, now: OffsetDateTime) -> Result<Self, CertificateError> {
        if let Some(pem) = folder.read(FILE)? {
            return Self::from_pem(&pem, now).map_err(|reason| damaged(folder, reason));
        }
        // Only an authority of this folder can have made the leaves: somebody took the authority away.
        if folder.file(leaves::FILE).exists() {
            return Err(damaged(
                folder,
                "the file is missing although its certificates are there".to_owned(),
            ));
        }
        let pem = make(hostname, now)?;
        if folder.create(FILE, &pem)? {
            tracing::info!(path = %folder.file(FILE).display(), "made the certificate authority");
            return Self::from_pem(pem.as_bytes(), now).map_err(|reason| damaged(folder, reason));
        }
        // A second start was quicker by a moment: use what it made.
        let pem = folder.read(FILE)?.unwrap_or_default();
        Self::from_pem(&pem, now).map_err(|reason| damaged(folder, reason))
    }

    /// The certificate alone (DER).
    pub(super) fn certificate(&self) -> Bytes {
        Bytes::copy_from_slice(&self.certificate)
    }

    /// The certificate, to follow a leaf in the chain.
    pub(super) fn chain_link(&self) -> CertificateDer<'static> {
        self.certificate.clone()
    }

    /// What signs leaves.
    pub(super) fn issuer(&self) -> &Issuer<'static, KeyPair> {
        &self.issuer
    }

    /// Checks all that a later handshake would stumble over; the reason is to follow "for".
    fn from_pem(pem: &[u8], now: OffsetDateTime) -> Result<Self, String> {
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| "it holds no readable key".to_owned())?;
        let key = KeyPair::try_from(&key).map_err(|_| "its key is of a kind that Confab does not make".to_owned())?;
        let certificate =
            CertificateDer::from_pem_slice(pem).map_err(|_| "it holds no readable certificate".to_owned())?;
        let (_, parsed) =
            X509Certificate::from_der(&certificate).map_err(|_| "its certificate cannot be understood".to_owned())?;
        if !parsed.is_ca() {
            return Err("its certificate is not one of an authority".to_owned());
        }
        if parsed.public_key().raw != key.subject_public_key_info() {
            return Err("its key and its certificate do not belong together".to_owned());
        }
        if parsed.validity().not_after.to_datetime() <= now {
            let end = parsed.validity().not_after.to_datetime().date();
            return Err(format!("it ran out on {end}, if this computer's clock is right"));
        }
        let issuer =
            Issuer::from_ca_cert_der(&certificate, key).map_err(|error| format!("it is not usable ({error})"))?;
        Ok(Self { certificate, issuer })
    }
}

fn damaged(folder: &Folder, reason: String) -> CertificateError {
    CertificateError::Damaged {
        path: folder.file(FILE),
        folder: folder.path().to_owned(),
        reason,
    }
}

/// A new authority as one PEM text: the certificate, then its key.
fn make(hostname: &str, now: OffsetDateTime) -> Result<String, CertificateError> {
    let refused = |error: rcgen::Error| CertificateError::Make(error.to_string());
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(refused)?;
    let mut params = CertificateParams::default();
    // Four digits of the key tell two authorities of one computer apart in a phone's list.
    let mark: String = params
        .key_identifier(&key)
        .iter()
        .take(2)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, "Confab");
    name.push(DnType::CommonName, format!("Confab on {} ({mark})", short(hostname)));
    params.distinguished_name = name;
    params.not_before = leaf::whole_seconds(now - Duration::days(1));
    params.not_after = leaf::whole_seconds(now + LIFETIME);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = params.self_signed(&key).map_err(refused)?;
    Ok(format!("{}{}", certificate.pem(), key.serialize_pem()))
}

/// A certificate's name holds 64 characters at most (RFC 5280, ub-common-name).
fn short(hostname: &str) -> String {
    hostname
        .split('.')
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|letter| !letter.is_control())
        .take(40)
        .collect()
}
