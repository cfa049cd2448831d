//! The leaves that this computer used lately. A laptop that comes back to a network, or whose Wi-Fi was away for a
//! moment, presents the same certificate there again, so nobody has to click the same warning away twice.

use std::{net::IpAddr, sync::Arc};

use time::OffsetDateTime;

use super::{CertificateError, authority::Authority, leaf::Leaf};
use crate::folder::Folder;

/// The leaves' file in the certificates folder.
pub(super) const FILE: &str = "leaves.pem";

/// How many are kept: home, office, hotspot and then some.
pub(super) const KEPT: usize = 8;

/// Where one leaf begins in the file; its key follows.
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

/// Leaves with the latest used first.
#[derive(Debug)]
pub(super) struct Leaves(Vec<Arc<Leaf>>);

impl Leaves {
    /// The leaves of earlier runs that are in good order and of this authority. They can be made anew at any time, so
    /// whatever is wrong with the file is only a warning.
    pub(super) fn load(folder: &Folder, authority: &Authority) -> Self {
        let pem = folder.read(FILE).unwrap_or_else(|error| {
            tracing::warn!(%error, "cannot use the kept certificates");
            None
        });
        let pem = String::from_utf8(pem.unwrap_or_default()).unwrap_or_default();
        let mut leaves = Vec::new();
        for rest in pem.split(BEGIN).skip(1) {
            match Leaf::from_pem(&format!("{BEGIN}{rest}"), authority) {
                Ok(leaf) => leaves.push(Arc::new(leaf)),
                Err(reason) => tracing::warn!(%reason, "a kept certificate is of no use"),
            }
        }
        Self(leaves)
    }

    /// The leaf for these names and addresses: the latest that names them all and lasts, or else a new one.
    pub(super) fn take(
        &mut self,
        folder: &Folder,
        authority: &Authority,
        names: &[String],
        addresses: &[IpAddr],
        now: OffsetDateTime,
    ) -> Result<Arc<Leaf>, CertificateError> {
        let leaf = match self.0.iter().position(|leaf| leaf.serves(names, addresses, now)) {
            Some(0) => return Ok(Arc::clone(&self.0[0])),
            Some(known) => self.0.remove(known),
            None => {
                tracing::info!(?addresses, "making a new certificate");
                Arc::new(Leaf::make(authority, names, addresses, now)?)
            }
        };
        self.0.insert(0, Arc::clone(&leaf));
        self.0.truncate(KEPT);
        let pem: String = self.0.iter().map(|leaf| leaf.pem()).collect();
        // It serves this run even if the disk is full.
        if let Err(error) = folder.replace(FILE, &pem) {
            tracing::warn!(%error, "the certificate lasts until the next start only");
        }
        Ok(leaf)
    }
}
