//! The leaf: the certificate that browsers see, for the addresses and names of the moment.

use std::{collections::HashSet, net::IpAddr, sync::Arc};

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};
use time::{Duration, OffsetDateTime};
use x509_parser::{
    extensions::GeneralName,
    prelude::{FromDer, X509Certificate},
};

use super::{CertificateError, authority::Authority};

/// From not-before to not-after. Apple takes 825 days at most from an authority that the user installed and 398 from
/// a public one; the shorter leaves room for both rules.
pub(super) const LIFETIME: Duration = Duration::days(397);

/// Clocks of phones go wrong: a leaf is valid from a day before it was made.
const BACKDATED: Duration = Duration::days(1);

/// A leaf with less time left than this is renewed.
pub(super) const RENEWED_BEFORE: Duration = Duration::days(30);

/// Loopback addresses, in every leaf.
const LOOPBACKS: [IpAddr; 2] = [
    IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
    IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
];

/// A leaf with its chain and key.
#[derive(Debug)]
pub(super) struct Leaf {
    certified: Arc<CertifiedKey>,
    /// The leaf and its key, as they are kept.
    pem: String,
    names: HashSet<String>,
    ips: HashSet<IpAddr>,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
}

impl Leaf {
    /// Makes a leaf with a new key. The serial number is the key's hash, so no two leaves of an authority share one:
    /// Firefox refuses two certificates with the same number.
    pub(super) fn make(
        authority: &Authority,
        names: &[String],
        addresses: &[IpAddr],
        now: OffsetDateTime,
    ) -> Result<Self, CertificateError> {
        let refused = |error: rcgen::Error| CertificateError::Make(error.to_string());
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(refused)?;
        let mut params = CertificateParams::default();
        let mut subject = DistinguishedName::new();
        subject.push(DnType::OrganizationName, "Confab");
        subject.push(DnType::CommonName, "Confab");
        params.distinguished_name = subject;
        params.not_before = whole_seconds(now - BACKDATED);
        params.not_after = whole_seconds(params.not_before + LIFETIME);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        for name in names {
            params
                .subject_alt_names
                .push(SanType::DnsName(name.as_str().try_into().map_err(refused)?));
        }
        for ip in wanted(addresses) {
            params.subject_alt_names.push(SanType::IpAddress(ip));
        }
        let certificate = params.signed_by(&key, authority.issuer()).map_err(refused)?;
        let pem = format!("{}{}", certificate.pem(), key.serialize_pem());
        Self::from_pem(&pem, authority).map_err(CertificateError::Make)
    }

    /// The leaf as it is kept: certificate, then key, in one PEM text.
    pub(super) fn pem(&self) -> &str {
        &self.pem
    }

    /// Whether it names all of that and lasts for some time from `now`.
    pub(super) fn serves(&self, names: &[String], addresses: &[IpAddr], now: OffsetDateTime) -> bool {
        self.not_before <= now
            && now + RENEWED_BEFORE < self.not_after
            && names.iter().all(|name| self.names.contains(name))
            && wanted(addresses).iter().all(|ip| self.ips.contains(ip))
    }

    /// What the TLS port presents: the leaf, then its authority.
    pub(super) fn certified_key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.certified)
    }

    /// Reads what [`pem`](Self::pem) gave, and checks all that a later handshake would stumble over.
    pub(super) fn from_pem(pem: &str, authority: &Authority) -> Result<Self, String> {
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| error.to_string())?;
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|error| error.to_string())?;
        let (_, parsed) = X509Certificate::from_der(&certificate).map_err(|error| error.to_string())?;
        let issuer = authority.chain_link();
        let (_, issuer_parsed) = X509Certificate::from_der(&issuer).map_err(|error| error.to_string())?;
        parsed
            .verify_signature(Some(issuer_parsed.public_key()))
            .map_err(|_| "another authority made it".to_owned())?;
        let (mut names, mut ips) = (HashSet::new(), HashSet::new());
        let alternatives = parsed.subject_alternative_name().map_err(|error| error.to_string())?;
        for name in alternatives.iter().flat_map(|extension| &extension.value.general_names) {
            match name {
                GeneralName::DNSName(name) => _ = names.insert((*name).to_owned()),
                GeneralName::IPAddress(octets) => ips.extend(ip_from(octets)),
                _ => {}
            }
        }
        let (not_before, not_after) = (
            parsed.validity().not_before.to_datetime(),
            parsed.validity().not_after.to_datetime(),
        );
        let provider = rustls::crypto::ring::default_provider();
        let certified = CertifiedKey::from_der(vec![certificate.clone(), issuer], key, &provider)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            certified: Arc::new(certified),
            pem: pem.to_owned(),
            names,
            ips,
            not_before,
            not_after,
        })
    }
}

/// All addresses that a leaf must name.
fn wanted(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let mut all = Vec::new();
    for ip in addresses.iter().copied().chain(LOOPBACKS) {
        if !all.contains(&ip) {
            all.push(ip);
        }
    }
    all
}

/// An address as certificates write it: 4 or 16 bytes.
fn ip_from(octets: &[u8]) -> Option<IpAddr> {
    <[u8; 4]>::try_from(octets)
        .map(IpAddr::from)
        .or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from))
        .ok()
}

/// Certificates count whole seconds.
pub(super) fn whole_seconds(moment: OffsetDateTime) -> OffsetDateTime {
    moment.replace_nanosecond(0).unwrap_or(moment)
}
