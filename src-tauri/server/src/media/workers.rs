//! The workers: one per core, each with one `WebRtcServer` and so one UDP and one TCP port.

use std::net::{IpAddr, TcpListener, UdpSocket};
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use mediasoup::prelude::*;
use mediasoup::worker::{WorkerLogLevel, WorkerLogTag};
use tracing::{debug, error, info, warn};

use super::codecs::media_codecs;

/// Why media cannot be served, as a sentence for a person.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// A worker thread could not be started.
    #[error("The media worker could not be started: {0}. Close other programs and start Confab again.")]
    Worker(String),
    /// No port of the range is free on these addresses.
    #[error(
        "No media port from {first} to {last} is free on {addresses}. Close the program that uses them, or choose \
         other ports."
    )]
    NoFreePort {
        /// The first port tried.
        first: u16,
        /// The last port tried.
        last: u16,
        /// The addresses, comma-separated.
        addresses: String,
    },
    /// A router could not be made.
    #[error("The media router could not be made: {0}. Start Confab again.")]
    Router(String),
}

/// An address to receive media on, and the address that guests are told instead where the two differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenAddress {
    /// The local address.
    pub ip: IpAddr,
    /// What guests are told; the local address itself if none.
    pub announced: Option<IpAddr>,
}

/// What a pool of workers is set to.
#[derive(Debug, Clone)]
pub struct WorkerPoolSettings {
    /// How many workers.
    pub workers: NonZeroUsize,
    /// The ports to take from: one UDP and the TCP port of the same number for each worker.
    pub ports: RangeInclusive<u16>,
}

/// The workers of the server.
#[derive(Debug)]
pub struct WorkerPool {
    slots: Vec<Arc<Slot>>,
    ports: RangeInclusive<u16>,
}

/// A worker, its present `WebRtcServer`, and how much it has to do.
#[derive(Debug)]
pub(super) struct Slot {
    worker: Worker,
    server: Mutex<WebRtcServer>,
    /// What the present server listens on.
    addresses: Mutex<Vec<ListenAddress>>,
    load: AtomicUsize,
}

/// A share of a worker's load, given back when dropped.
#[derive(Debug)]
pub(super) struct Load(Arc<Slot>);

impl Drop for Load {
    fn drop(&mut self) {
        self.0.load.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Slot {
    /// Whether its present server listens on just these.
    fn listens_on(&self, addresses: &[ListenAddress]) -> bool {
        *self.addresses.lock().unwrap_or_else(PoisonError::into_inner) == addresses
    }

    /// The `WebRtcServer` for new transports. An earlier one lives on until its last transport is gone.
    pub(super) fn server(&self) -> WebRtcServer {
        self.server.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes on one more thing to do: a router, a transport.
    pub(super) fn take_on(self: &Arc<Self>) -> Load {
        self.load.fetch_add(1, Ordering::Relaxed);
        Load(Arc::clone(self))
    }
}

impl WorkerPool {
    /// Starts the workers and takes their ports.
    ///
    /// # Errors
    /// [`MediaError::Worker`] and [`MediaError::NoFreePort`].
    pub async fn start(settings: WorkerPoolSettings, addresses: &[ListenAddress]) -> Result<Self, MediaError> {
        let threads = WorkerManager::new();
        let mut slots = Vec::new();
        for number in 1..=settings.workers.get() {
            let mut worker_settings = WorkerSettings::default();
            // The crate's own default is Debug with all tags.
            worker_settings.log_level = WorkerLogLevel::Warn;
            worker_settings.log_tags = vec![WorkerLogTag::Info, WorkerLogTag::Ice, WorkerLogTag::Dtls];
            let worker = threads.create_worker(worker_settings).await;
            let worker = worker.map_err(|error| MediaError::Worker(error.to_string()))?;
            worker
                .on_dead(move |exit| error!(worker = number, ?exit, "A media worker died; its rooms end"))
                .detach();
            let (server, port) = open_server(&worker, settings.ports.clone(), addresses).await?;
            info!(worker = number, port, "Media worker created");
            slots.push(Arc::new(Slot {
                worker,
                server: Mutex::new(server),
                addresses: Mutex::new(addresses.to_vec()),
                load: AtomicUsize::new(0),
            }));
        }
        Ok(Self {
            slots,
            ports: settings.ports,
        })
    }

    /// How many workers are alive.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.iter().filter(|slot| !slot.worker.closed()).count()
    }

    /// Whether no worker is alive.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The workers themselves, for their dumps.
    pub fn workers(&self) -> impl Iterator<Item = &Worker> {
        self.slots.iter().map(|slot| &slot.worker)
    }

    /// Lets new transports use these addresses. Those that exist keep theirs.
    ///
    /// # Errors
    /// [`MediaError::NoFreePort`]; workers not yet reached keep their addresses then, and another call goes on there.
    pub async fn listen_on(&self, addresses: &[ListenAddress]) -> Result<(), MediaError> {
        let elsewhere = |slot: &&Arc<Slot>| !slot.worker.closed() && !slot.listens_on(addresses);
        for slot in self.slots.iter().filter(elsewhere) {
            let (server, port) = open_server(&slot.worker, self.ports.clone(), addresses).await?;
            info!(port, ?addresses, "Media worker listens on new addresses");
            *slot.server.lock().unwrap_or_else(PoisonError::into_inner) = server;
            *slot.addresses.lock().unwrap_or_else(PoisonError::into_inner) = addresses.to_vec();
        }
        Ok(())
    }

    /// A router on the worker that has the least to do.
    ///
    /// # Errors
    /// [`MediaError::Worker`] when none is alive, [`MediaError::Router`].
    pub(super) async fn router(&self) -> Result<(Router, Arc<Slot>, Load), MediaError> {
        let alive = self.slots.iter().filter(|slot| !slot.worker.closed());
        let slot = alive.min_by_key(|slot| slot.load.load(Ordering::Relaxed));
        let slot = Arc::clone(slot.ok_or_else(|| MediaError::Worker("no worker is alive".to_owned()))?);
        let load = slot.take_on();
        let router = slot.worker.create_router(RouterOptions::new(media_codecs())).await;
        let router = router.map_err(|error| MediaError::Router(error.to_string()))?;
        Ok((router, slot, load))
    }
}

/// Opens a `WebRtcServer` on the first port of the range that is free, by UDP and TCP, on all the addresses.
async fn open_server(
    worker: &Worker,
    ports: RangeInclusive<u16>,
    addresses: &[ListenAddress],
) -> Result<(WebRtcServer, u16), MediaError> {
    for port in ports.clone().filter(|port| is_free(addresses, *port)) {
        let infos: Vec<ListenInfo> = addresses
            .iter()
            .flat_map(|address| [(Protocol::Udp, address), (Protocol::Tcp, address)])
            .map(listen_info(port))
            .collect();
        let Ok(infos) = infos.try_into() else { break };
        match worker.create_webrtc_server(WebRtcServerOptions::new(infos)).await {
            Ok(server) => return Ok((server, port)),
            // Another program may have been faster; the worker tells a taken port by text alone.
            Err(error) => debug!(port, %error, "Media port is not to be had"),
        }
    }
    let addresses: Vec<String> = addresses.iter().map(|address| address.ip.to_string()).collect();
    warn!(?ports, ?addresses, "No media port is free");
    Err(MediaError::NoFreePort {
        first: *ports.start(),
        last: *ports.end(),
        addresses: addresses.join(", "),
    })
}

fn listen_info(port: u16) -> impl Fn((Protocol, &ListenAddress)) -> ListenInfo {
    move |(protocol, address)| ListenInfo {
        protocol,
        ip: address.ip,
        announced_address: address.announced.map(|ip| ip.to_string()),
        expose_internal_ip: false,
        port: Some(port),
        port_range: None,
        flags: None,
        send_buffer_size: None,
        recv_buffer_size: None,
    }
}

fn is_free(addresses: &[ListenAddress], port: u16) -> bool {
    addresses
        .iter()
        .all(|address| UdpSocket::bind((address.ip, port)).is_ok() && TcpListener::bind((address.ip, port)).is_ok())
}
