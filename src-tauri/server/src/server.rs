//! The server as a whole: started from a configuration, watched by snapshots, told what to do, and stopped.

use std::collections::HashSet;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info};

use crate::config::Config;
use crate::media::{ListenAddress, MediaError, WorkerPool, WorkerPoolSettings};
use crate::meeting::{CommandError, Meetings};
use crate::network::certificates::hostname;
use crate::network::{AddressWatch, Addresses, CertificateError, Certificates, ChooseError, links};
use crate::recording::{Library, RecordingError, RecordingId, RecordingSnapshot, RecordingState};
use crate::snapshot::{ServerSnapshot, Sources};
use crate::web::{self, BindError};
use crate::wire::RoomId;

/// How long changes are gathered before they are shown.
const SNAPSHOT_PAUSE: Duration = Duration::from_millis(50);

/// Why the server could not start, as a sentence for a person.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is not to be had.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The certificates are not to be had.
    #[error(transparent)]
    Certificates(#[from] CertificateError),
    /// Media cannot be served.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// The port was taken and cannot be served.
    #[error("The port cannot be served ({0}). Start Confab again.")]
    Serve(#[from] io::Error),
}

/// A running server. Clones are handles of the same one.
#[derive(Debug, Clone)]
pub struct Server {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    port: u16,
    meetings: Arc<Meetings>,
    addresses: AddressWatch,
    library: Library,
    snapshots: watch::Sender<Arc<ServerSnapshot>>,
    pool: Arc<WorkerPool>,
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

impl Server {
    /// Starts a server. When this returns, it accepts joins.
    ///
    /// # Errors
    /// [`StartError`], whose text is a sentence for a person.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let listener = web::bind(config.port)?;
        let port = listener.local_addr()?.port();
        let shutdown = CancellationToken::new();
        let tasks = TaskTracker::new();

        let (addresses, looking) = AddressWatch::start(config.announced_ip, shutdown.clone()).await;
        let current = addresses.current();
        let now = OffsetDateTime::now_utc();
        let certificates = Certificates::open(&config.data_dir, &hostname(), &current.certified(), now)?;
        let certificates = Arc::new(certificates);
        let pool_settings = WorkerPoolSettings {
            workers: config.workers,
            ports: config.media_ports.clone(),
        };
        let pool = Arc::new(WorkerPool::start(pool_settings, &listen_addresses(&current)).await?);
        let library = Library::open(config.recordings_dir.clone()).await;
        let meetings = Meetings::new(Arc::clone(&pool), library.clone(), config.meetings);

        let app = web::app(
            &config,
            Arc::clone(&meetings),
            Arc::clone(&pool),
            certificates.authority(),
        );
        let serving = web::serve(listener, app, certificates.server_config(), shutdown.clone())?;

        let sources = SnapshotSources {
            port,
            config,
            addresses: addresses.clone(),
            meetings: Arc::clone(&meetings),
            library: library.clone(),
            pool: Arc::clone(&pool),
        };
        let snapshots = watch::Sender::new(Arc::new(sources.draw()));
        let inner = Arc::new(Inner {
            port,
            meetings: Arc::clone(&meetings),
            addresses: addresses.clone(),
            library,
            snapshots: snapshots.clone(),
            pool: Arc::clone(&pool),
            shutdown: shutdown.clone(),
            tasks: tasks.clone(),
        });
        tasks.spawn(async move { drop((looking.await, serving.await)) });
        tasks.spawn(certificates.follow(addresses.subscribe(), shutdown.clone()));
        tasks.spawn(
            shutdown
                .clone()
                .run_until_cancelled_owned(follow_network(addresses, pool, meetings, port)),
        );
        let announcing = announce_recordings(sources.library.clone(), Arc::clone(&sources.meetings));
        tasks.spawn(shutdown.clone().run_until_cancelled_owned(announcing));
        tasks.spawn(shutdown.run_until_cancelled_owned(sources.keep_drawing(snapshots)));
        info!(port, "Server running");
        Ok(Self { inner })
    }

    /// The port of pages and signalling.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.inner.port
    }

    /// What there is to show, and how it changes.
    #[must_use]
    pub fn snapshots(&self) -> watch::Receiver<Arc<ServerSnapshot>> {
        self.inner.snapshots.subscribe()
    }

    /// The media workers, for their dumps.
    #[must_use]
    pub fn media_workers(&self) -> &WorkerPool {
        &self.inner.pool
    }

    /// Starts recording a room, as its people can.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn start_recording(&self, room: &RoomId) -> Result<RecordingId, CommandError> {
        self.inner
            .meetings
            .find(room)
            .ok_or(CommandError::NobodyThere)?
            .start_recording()
            .await
    }

    /// Stops recording a room; returns how long it ran.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn stop_recording(&self, room: &RoomId) -> Result<Duration, CommandError> {
        self.inner
            .meetings
            .find(room)
            .ok_or(CommandError::NobodyThere)?
            .stop_recording()
            .await
    }

    /// Makes an address the one of the join link, or with none the best one again.
    ///
    /// # Errors
    /// [`ChooseError`], when it is none of this computer's or another is fixed.
    pub fn choose_address(&self, address: Option<IpAddr>) -> Result<(), ChooseError> {
        self.inner.addresses.choose(address)
    }

    /// Composes a recording anew, after a failure.
    ///
    /// # Errors
    /// [`RecordingError::NotComposable`].
    pub fn retry_composition(&self, recording: RecordingId) -> Result<(), RecordingError> {
        self.inner.library.retry(recording)
    }

    /// Stops: refuses joins, says goodbye, finishes recordings, closes everything.
    pub async fn stop(self) {
        info!("Server stopping");
        self.inner.meetings.close("The host has ended the meeting").await;
        self.inner.library.stop();
        self.inner.shutdown.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
        info!("Server stopped");
    }
}

/// Lets media, and those who are in a room, follow the network.
async fn follow_network(watch: AddressWatch, pool: Arc<WorkerPool>, meetings: Arc<Meetings>, port: u16) {
    let mut changes = watch.subscribe();
    let mut listening = listen_addresses(&changes.borrow_and_update().clone());
    while changes.changed().await.is_ok() {
        let addresses = Arc::clone(&changes.borrow_and_update());
        let wanted = listen_addresses(&addresses);
        if wanted != listening {
            match pool.listen_on(&wanted).await {
                Ok(()) => listening = wanted,
                Err(error) => error!(%error, "Media does not follow the network"),
            }
        }
        for meeting in meetings.all() {
            let others = addresses
                .all
                .iter()
                .map(|address| address.ip)
                .filter(|ip| *ip != addresses.chosen);
            let ips = std::iter::once(addresses.chosen).chain(others);
            let urls = ips.map(|ip| links::join_link(ip, port, meeting.room_id())).collect();
            meeting.addresses_changed(urls).await;
        }
    }
}

/// Tells the hosts of a room when a recording of it is one file now.
async fn announce_recordings(library: Library, meetings: Arc<Meetings>) {
    let mut changes = library.snapshots();
    let is_ready = |recording: &RecordingSnapshot| recording.state == RecordingState::Ready;
    let mut known: HashSet<RecordingId> = changes
        .borrow_and_update()
        .iter()
        .filter(|recording| is_ready(recording))
        .map(|recording| recording.id)
        .collect();
    while changes.changed().await.is_ok() {
        let ready: Vec<RecordingSnapshot> = changes
            .borrow_and_update()
            .iter()
            .filter(|recording| is_ready(recording))
            .cloned()
            .collect();
        for RecordingSnapshot { id, room_id, file, .. } in ready {
            let meeting = room_id.parse().ok().and_then(|room_id| meetings.find(&room_id));
            if let (true, Some(meeting), Some(file)) = (known.insert(id), meeting, file) {
                meeting.recording_ready(id, file).await;
            }
        }
    }
}

fn listen_addresses(addresses: &Addresses) -> Vec<ListenAddress> {
    addresses
        .listen
        .iter()
        .map(|ip| ListenAddress {
            ip: *ip,
            announced: addresses.announced,
        })
        .collect()
}

/// What snapshots are drawn from, as it changes.
struct SnapshotSources {
    port: u16,
    config: Config,
    addresses: AddressWatch,
    meetings: Arc<Meetings>,
    library: Library,
    pool: Arc<WorkerPool>,
}

impl SnapshotSources {
    fn draw(&self) -> ServerSnapshot {
        Sources {
            port: self.port,
            default_room: &self.config.default_room,
            addresses: &self.addresses.current(),
            rooms: &self.meetings.views().borrow(),
            recordings: self.library.snapshots().borrow().clone(),
            recordings_folder: self.config.recordings_dir.display().to_string(),
            problems: Vec::new(),
            workers: self.pool.len(),
        }
        .draw()
    }

    async fn keep_drawing(self, snapshots: watch::Sender<Arc<ServerSnapshot>>) {
        let mut addresses = self.addresses.subscribe();
        let mut rooms = self.meetings.views();
        let mut recordings = self.library.snapshots();
        loop {
            let snapshot = self.draw();
            snapshots.send_if_modified(|shown| {
                let is_new = **shown != snapshot;
                if is_new {
                    *shown = Arc::new(snapshot);
                }
                is_new
            });
            let changed = tokio::select! {
                changed = addresses.changed() => changed,
                changed = rooms.changed() => changed,
                changed = recordings.changed() => changed,
            };
            if changed.is_err() {
                return;
            }
            tokio::time::sleep(SNAPSHOT_PAUSE).await;
        }
    }
}
