//! The certificates behind the `https` links: a local authority that is made on the first start and kept, and under it
//! one leaf for the addresses of the moment, exchanged while the server runs.
//!
//! Both lie in `<data folder>/certificates`, each as one file with its key, readable by the owner alone. The authority
//! is what people may have installed on their phones: nothing here ever replaces it unasked. A file that is missing
//! though it should be there, or that cannot be read, is an error that names it and says what to do.
//! The leaf is kept too, because a browser whose user clicked the warning away asks again for every new certificate:
//! it lasts over restarts, a new one is made only when it lacks an address, nears its end or is damaged, and those of
//! other networks are taken up again there.

mod authority;
mod leaf;
mod leaves;

use std::{
    io,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use bytes::Bytes;
use rustls::{
    ServerConfig,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use thiserror::Error;
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::{authority::Authority, leaf::Leaf, leaves::Leaves};
use super::addresses::Addresses;
use crate::folder::{Attempt, Folder, FolderError};
use crate::problems::{Problems, Subject};

/// How often a running server looks whether its leaf nears its end.
const RENEWAL_CHECK: Duration = Duration::from_secs(60 * 60);

/// How soon a leaf that could not be made is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(30);

/// Why there is no certificate, in a sentence for the owner.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// The folder cannot be made or written to.
    #[error("Confab cannot write its certificates to {path} ({source}): make sure that the disk has space and that you may write there.", path = path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of the folder is there and cannot be read.
    #[error("Confab cannot read its certificates in {path} ({source}): give yourself the right to read that file.", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The authority's file is no longer what Confab wrote.
    #[error("Confab's certificate authority in {path} cannot be used, for {reason}: put back a copy of the file, or delete the folder {folder} to start with a new authority, which everybody who installed the old one must then install again.", path = path.display(), folder = folder.display())]
    Damaged {
        /// The authority's file.
        path: PathBuf,
        /// Its folder.
        folder: PathBuf,
        /// What is wrong, to follow "for".
        reason: String,
    },
    /// The libraries refused to make a certificate.
    #[error("Confab cannot make its certificates ({0}): start it again, and report this if it stays.")]
    Make(String),
}

impl From<FolderError> for CertificateError {
    fn from(error: FolderError) -> Self {
        let FolderError { attempt, path, source } = error;
        match attempt {
            Attempt::Read => Self::Read { path, source },
            Attempt::Write => Self::Write { path, source },
        }
    }
}

/// The authority and its current leaf. Made once, shared by the TLS port and whoever watches the addresses.
#[derive(Debug)]
pub struct Certificates {
    folder: Folder,
    authority: Authority,
    names: Vec<String>,
    /// Held while a leaf is taken, so that two changes at once take one after the other.
    leaves: Mutex<Leaves>,
    current: Arc<Current>,
    config: Arc<ServerConfig>,
}

/// What the TLS port presents at this moment.
#[derive(Debug)]
struct Current(RwLock<Arc<Leaf>>);

impl Current {
    fn get(&self) -> Arc<Leaf> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, leaf: Arc<Leaf>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = leaf;
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.get().certified_key())
    }
}

impl Certificates {
    /// Opens the folder `certificates` in `data_dir`, makes the authority if this is the first start, and sees to a
    /// leaf that names `addresses`, this computer's loopback addresses and its names (see [`host_names`]).
    ///
    /// # Errors
    /// When the folder cannot be used or the authority in it is damaged; the error says what to do.
    pub fn open(
        data_dir: &Path,
        hostname: &str,
        addresses: &[IpAddr],
        now: OffsetDateTime,
    ) -> Result<Self, CertificateError> {
        let folder = Folder::open_private(data_dir.join("certificates"))?;
        let authority = Authority::open(&folder, hostname, now)?;
        let names = host_names(hostname);
        let mut leaves = Leaves::load(&folder, &authority);
        let leaf = leaves.take(&folder, &authority, &names, addresses, now)?;
        let current = Arc::new(Current(RwLock::new(leaf)));
        let config = server_config(Arc::clone(&current) as Arc<dyn ResolvesServerCert>)?;
        Ok(Self {
            folder,
            authority,
            names,
            leaves: Mutex::new(leaves),
            current,
            config,
        })
    }

    /// Sees to it that the leaf names `addresses` and lasts; answers whether another took its place. Connections
    /// from then on get the other one, those that exist keep running.
    ///
    /// # Errors
    /// When the libraries refuse; the old leaf stays.
    pub fn cover(&self, addresses: &[IpAddr], now: OffsetDateTime) -> Result<bool, CertificateError> {
        let mut leaves = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        let leaf = leaves.take(&self.folder, &self.authority, &self.names, addresses, now)?;
        let is_other = !Arc::ptr_eq(&leaf, &self.current.get());
        if is_other {
            tracing::info!(?addresses, "exchanged the certificate");
            self.current.set(leaf);
        }
        Ok(is_other)
    }

    /// The authority's certificate (DER), for those who want to install it.
    #[must_use]
    pub fn authority(&self) -> Bytes {
        self.authority.certificate()
    }

    /// The TLS settings of the port, which always present the current leaf. HTTP/1.1 only: a WebSocket over HTTP/2
    /// needs an extension that the signalling does not speak.
    #[must_use]
    pub fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    /// Follows the addresses until `shutdown`: a new leaf when one is missing from it, or when it nears its end. While
    /// that fails, `problems` says so and it is tried again.
    pub async fn follow(
        self: Arc<Self>,
        mut addresses: watch::Receiver<Arc<Addresses>>,
        problems: Problems,
        shutdown: CancellationToken,
    ) {
        loop {
            let wanted = addresses.borrow_and_update().certified();
            let certificates = Arc::clone(&self);
            let made =
                tokio::task::spawn_blocking(move || certificates.cover(&wanted, OffsetDateTime::now_utc())).await;
            let problem = match made {
                Ok(covered) => covered.err().map(|error| error.to_string()),
                Err(panicked) => Some(CertificateError::Make(panicked.to_string()).to_string()),
            };
            let pause = if problem.is_some() { TRY_AGAIN } else { RENEWAL_CHECK };
            if problems.set(Subject::Certificates, problem.clone())
                && let Some(problem) = problem
            {
                tracing::error!(%problem, "the certificate does not follow the network");
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                changed = addresses.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}

/// This computer's name as the system knows it, or `localhost` if it has none or one that is no text.
#[must_use]
pub fn hostname() -> String {
    hostname::get()
        .ok()
        .and_then(|name| name.into_string().ok())
        .unwrap_or_else(|| "localhost".to_owned())
}

/// The names for a certificate: `localhost`, `<hostname>.local` (as Bonjour and Avahi announce it), `<hostname>`, and the
/// full name where the system has one. A name that is no host name is left out.
#[must_use]
pub fn host_names(hostname: &str) -> Vec<String> {
    let full = hostname.trim_end_matches('.').to_ascii_lowercase();
    let label = full.split('.').next().unwrap_or_default().to_owned();
    let mut names = vec!["localhost".to_owned()];
    for name in [format!("{label}.local"), label, full] {
        if is_host_name(&name) && !names.contains(&name) && name != "localhost.local" {
            names.push(name);
        }
    }
    names
}

fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

fn server_config(resolver: Arc<dyn ResolvesServerCert>) -> Result<Arc<ServerConfig>, CertificateError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| CertificateError::Make(error.to_string()))?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests;
