//! The server as a whole: started from a configuration, watched by snapshots, told what to do, and stopped.

mod broadcasts;
mod drawing;
mod followers;
mod recordings;
mod rooms;

use std::io;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use socketioxide::SocketIo;
use time::OffsetDateTime;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use self::drawing::SnapshotSources;
use self::followers::{NetworkFollower, announce_recordings, listen_addresses, tell_of_meetings};
use crate::config::Config;
use crate::files::FileStorage;
use crate::kept::{Kept, KeptError, KeptSettings};
use crate::media::{MediaError, WorkerPool, WorkerPoolSettings};
use crate::meeting::{CommandError, Meetings};
use crate::monitoring::Monitor;
use crate::network::certificates::hostname;
use crate::network::links::JoinLinks;
use crate::network::{AddressWatch, CertificateError, Certificates, ChooseError};
use crate::open_files;
use crate::problems::{Problems, Subject};
use crate::recording::{Library, LibrarySettings, RecordingId};
use crate::room::Action;
use crate::signaling::{self, Origins};
use crate::snapshot::ServerSnapshot;
use crate::web::{self, BindError};
use crate::wire::RoomId;

/// What the owner is told when a media worker is gone.
const WORKER_DIED: &str = "A part of Confab that carries media has stopped, and the meetings on it have ended. Others go on; start \
                           Confab again as soon as you can.";

/// Why the server could not start, as a sentence for a person.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is not to be had.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The certificates are not to be had.
    #[error(transparent)]
    Certificates(#[from] CertificateError),
    /// The owner's settings are not to be had.
    #[error(transparent)]
    Kept(#[from] KeptError),
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
    sockets: SocketIo,
    addresses: AddressWatch,
    library: Library,
    files: Arc<FileStorage>,
    data_dir: PathBuf,
    /// There is something to show that no watch tells of.
    redraw: Arc<Notify>,
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
        open_files::raise_limit();
        let listener = web::bind(config.port)?;
        let port = listener.local_addr()?.port();
        let shutdown = CancellationToken::new();
        // A start that fails from here on ends what it began.
        let giving_up = shutdown.clone().drop_guard();
        let problems = Problems::default();
        let tasks = TaskTracker::new();

        let (addresses, looking) = AddressWatch::start(config.announced_ip, shutdown.clone()).await;
        let current = addresses.current();
        let now = OffsetDateTime::now_utc();
        let certificates = Certificates::open(&config.data_dir, &hostname(), &current.certified(), now)?;
        let certificates = Arc::new(certificates);
        let kept_settings = KeptSettings {
            default_room: config.default_room.clone(),
            most_people: config.meetings.room.max_peers,
            guests_make_rooms: config.guests_make_rooms,
        };
        let kept = Kept::open(&config.data_dir, kept_settings, problems.clone())?;
        let pool_settings = WorkerPoolSettings {
            workers: workers_for(&config.media_ports, config.workers),
            ports: config.media_ports.clone(),
        };
        let pool = Arc::new(WorkerPool::start(pool_settings, &listen_addresses(&current)).await?);
        for worker in pool.workers() {
            let problems = problems.clone();
            let died = move |_| {
                problems.set(Subject::Worker, Some(WORKER_DIED.to_owned()));
            };
            worker.on_dead(died).detach();
        }
        let library = Library::open(config.recordings_dir.clone(), problems.clone()).await;
        let files = FileStorage::open(&config.data_dir, config.keep_free, problems.clone()).await;
        library.set(LibrarySettings::load(&config.data_dir));
        let data_dir = config.data_dir.clone();
        let redraw = Arc::new(Notify::new());
        let links = JoinLinks::new(addresses.clone(), port);
        let meetings = Meetings::new(
            Arc::clone(&pool),
            library.clone(),
            Arc::clone(&files),
            links.clone(),
            kept,
            config.meetings,
        );

        let monitor = Monitor::new();
        let bounds = signaling::Bounds {
            origins: Origins::new(&config.limits),
            monitor: Arc::clone(&monitor),
            limits: config.limits,
        };
        let (layer, sockets) = signaling::layer(Arc::clone(&meetings), bounds.clone());
        let app = web::app(
            &config,
            layer,
            bounds.clone(),
            Arc::clone(&meetings),
            Arc::clone(&pool),
            library.clone(),
            certificates.authority(),
        );
        let tls = certificates.server_config();
        let serving = web::serve(listener, app, tls, bounds.clone(), &problems, shutdown.clone())?;

        let sources = SnapshotSources {
            port,
            config,
            addresses: addresses.clone(),
            meetings: Arc::clone(&meetings),
            library: library.clone(),
            pool: Arc::clone(&pool),
            problems: problems.clone(),
            redraw: Arc::clone(&redraw),
        };
        let snapshots = watch::Sender::new(Arc::new(sources.draw()));
        let inner = Arc::new(Inner {
            port,
            meetings: Arc::clone(&meetings),
            sockets,
            addresses: addresses.clone(),
            library,
            files,
            data_dir,
            redraw,
            snapshots: snapshots.clone(),
            pool: Arc::clone(&pool),
            shutdown: shutdown.clone(),
            tasks: tasks.clone(),
        });
        tasks.spawn(async move { drop((looking.await, serving.await)) });
        tasks.spawn(monitor.keep_up(shutdown.clone()));
        tasks.spawn(bounds.origins.keep_up(shutdown.clone()));
        tasks.spawn(certificates.follow(addresses.subscribe(), problems.clone(), shutdown.clone()));
        let follower = NetworkFollower {
            addresses,
            pool,
            meetings,
            links,
            problems,
        };
        tasks.spawn(shutdown.clone().run_until_cancelled_owned(follower.follow(current)));
        let meeting = tell_of_meetings(sources.library.clone(), Arc::clone(&sources.meetings));
        tasks.spawn(shutdown.clone().run_until_cancelled_owned(meeting));
        tasks.spawn(
            shutdown
                .clone()
                .run_until_cancelled_owned(sources.library.clone().keep_clearing()),
        );
        let announcing = announce_recordings(sources.library.clone(), Arc::clone(&sources.meetings));
        tasks.spawn(shutdown.clone().run_until_cancelled_owned(announcing));
        tasks.spawn(shutdown.run_until_cancelled_owned(sources.keep_drawing(snapshots)));
        giving_up.disarm();
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

    fn kept(&self) -> &Kept {
        self.inner.meetings.kept()
    }

    /// Does in a room what its hosts may do, as the owner of the machine.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn act(&self, room: &RoomId, action: Action) -> Result<(), CommandError> {
        let meeting = self.inner.meetings.find(room).ok_or(CommandError::NoRoom)?;
        meeting.act(action).await
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

    /// Stops: refuses joins, says goodbye, finishes recordings, closes everything.
    pub async fn stop(self) {
        info!("Server stopping");
        self.inner.meetings.close("The host has ended the meeting").await;
        self.inner.library.stop();
        self.inner.sockets.close().await;
        // What goes wrong there is logged.
        drop(self.kept().write().await);
        self.inner.shutdown.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
        self.inner.files.close().await;
        info!("Server stopped");
    }
}

/// As many workers as are wanted and have a port each.
fn workers_for(ports: &RangeInclusive<u16>, wanted: NonZeroUsize) -> NonZeroUsize {
    let room = NonZeroUsize::new(ports.len()).unwrap_or(NonZeroUsize::MIN);
    if wanted > room {
        warn!(
            "The media ports {} to {} are enough for {room} of the {wanted} media workers: name more ports with \
             --media-ports or the setting MEDIA_PORTS to have them all.",
            ports.start(),
            ports.end()
        );
    }
    wanted.min(room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_workers_than_ports() {
        let workers = |ports, wanted| workers_for(&ports, NonZeroUsize::new(wanted).unwrap()).get();
        assert_eq!(workers(10_000..=10_100, 8), 8);
        assert_eq!(workers(10_000..=10_001, 8), 2);
        assert_eq!(workers(10_000..=10_000, 8), 1);
    }
}
