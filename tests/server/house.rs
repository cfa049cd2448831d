//! A server of a test's own: real workers, ports that are free, folders that go away with it.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use confab_server::Server;
use confab_server::config::Config;
use confab_server::meeting::MeetingsSettings;
use confab_server::signaling::Limits;
use confab_server::snapshot::{RoomSnapshot, ServerSnapshot};
use futures::future::join_all;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::guest::{Guest, HUNG};

/// More than any test asks for.
const MANY: NonZeroU32 = NonZeroU32::new(10_000_000).unwrap();

/// The rooms that are open: those made ahead are shown also while nobody is there.
pub(crate) fn open_rooms(snapshot: &ServerSnapshot) -> impl Iterator<Item = &RoomSnapshot> {
    snapshot.rooms.iter().filter(|room| room.is_open)
}

pub(crate) struct House {
    pub(crate) server: Server,
    folder: TempDir,
}

impl House {
    /// A server with two workers and the settings that people get.
    pub(crate) async fn open() -> Self {
        Self::set_to(MeetingsSettings::default()).await
    }

    pub(crate) async fn set_to(meetings: MeetingsSettings) -> Self {
        Self::with(|config| config.meetings = meetings).await
    }

    /// A server whose settings are changed before it starts; its folders are not made yet.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Self::config(folder.path());
        change(&mut config);
        Self {
            server: Server::start(config).await.unwrap(),
            folder,
        }
    }

    /// Stops the server and starts it again in the same folder, with settings that are changed.
    pub(crate) async fn reopen(self, change: impl FnOnce(&mut Config)) -> Self {
        self.server.stop().await;
        let mut config = Self::config(self.folder.path());
        change(&mut config);
        Self {
            server: Server::start(config).await.unwrap(),
            folder: self.folder,
        }
    }

    /// What is shown of a room, open or made ahead.
    pub(crate) fn room(&self, id: &str) -> Option<RoomSnapshot> {
        let snapshot = self.server.snapshots().borrow().clone();
        snapshot.rooms.iter().find(|room| room.id == id).cloned()
    }

    /// The settings of a server in this folder.
    pub(crate) fn config(folder: &Path) -> Config {
        Config {
            port: 0,
            announced_ip: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            frontend_url: "http://localhost:3000".parse().unwrap(),
            media_ports: 22_000..=22_899,
            workers: NonZeroUsize::new(2).unwrap(),
            data_dir: folder.join("data"),
            keep_free: 0,
            recordings_dir: folder.join("recordings"),
            metrics_token: None,
            default_room: "meeting".parse().unwrap(),
            guests_make_rooms: None,
            // Tests ask for more at once than people do; `fairness` has the limits that people get.
            limits: Limits {
                requests_per_second: MANY,
                requests_per_second_of_address: MANY,
                connections_of_address: MANY,
                message_bytes: NonZeroUsize::new(2 << 20).unwrap(),
                chat_bytes_per_second: MANY,
                transports_per_minute: MANY,
                rooms_per_minute: MANY,
                file_mb_per_minute: MANY,
                unjoined: HUNG * 10,
            },
            meetings: MeetingsSettings::default(),
        }
    }

    pub(crate) async fn guest(&self) -> Guest {
        Guest::connect(self.server.port()).await
    }

    /// Somebody who is in a room already.
    pub(crate) async fn guest_in(&self, room: &str) -> Guest {
        let mut guest = self.guest().await;
        guest.enter(room).await;
        guest
    }

    /// The workers' own word on all that they hold: routers, transports, producers, consumers, observers.
    pub(crate) async fn held(&self) -> BTreeSet<String> {
        let mut held = BTreeSet::new();
        for worker in self.server.media_workers().workers() {
            let dump = worker.dump().await.unwrap();
            let ids = dump.channel_message_handlers.channel_request_handlers;
            held.extend(ids.iter().map(ToString::to_string));
        }
        held
    }

    /// How many routers each worker has.
    pub(crate) async fn routers(&self) -> Vec<usize> {
        let mut routers = Vec::new();
        for worker in self.server.media_workers().workers() {
            routers.push(worker.dump().await.unwrap().router_ids.len());
        }
        routers
    }

    /// Waits until there are so many routers.
    pub(crate) async fn until_routers(&self, expected: usize) {
        let deadline = tokio::time::Instant::now() + HUNG;
        loop {
            let routers = self.routers().await;
            if routers.iter().sum::<usize>() == expected {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "{routers:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until the workers hold just this again.
    pub(crate) async fn until_held(&self, expected: &BTreeSet<String>) {
        let deadline = tokio::time::Instant::now() + HUNG;
        loop {
            let held = self.held().await;
            if held == *expected {
                return;
            }
            let left: Vec<_> = held.difference(expected).collect();
            let lost: Vec<_> = expected.difference(&held).collect();
            assert!(
                tokio::time::Instant::now() < deadline,
                "left behind: {left:?}; lost: {lost:?}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Asks for a page on a connection of its own, as [`http`].
    pub(crate) async fn http(&self, line: &str) -> (String, String) {
        http(&mut self.connections(1).await[0], line, "").await
    }

    /// So many new connections.
    pub(crate) async fn connections(&self, count: usize) -> Vec<TcpStream> {
        let connecting = (0..count).map(|_| TcpStream::connect(("127.0.0.1", self.server.port())));
        let connected = join_all(connecting).await;
        connected.into_iter().map(Result::unwrap).collect()
    }

    /// The figures by name and labels, as they are written.
    pub(crate) async fn figures(&self) -> HashMap<String, f64> {
        let (head, body) = self.http("GET /metrics").await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        body.lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.rsplit_once(' '))
            .filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
            .collect()
    }

    /// Waits until a snapshot of the server fits.
    pub(crate) async fn until(&self, fits: impl FnMut(&Arc<ServerSnapshot>) -> bool) -> Arc<ServerSnapshot> {
        let mut snapshots = self.server.snapshots();
        let found = tokio::time::timeout(HUNG, snapshots.wait_for(fits)).await;
        match found {
            Ok(Ok(snapshot)) => Arc::clone(&snapshot),
            _ => panic!("never so: {:?}", self.server.snapshots().borrow()),
        }
    }

    /// Waits until so many rooms are open.
    pub(crate) async fn until_rooms(&self, expected: usize) {
        self.until(|snapshot| open_rooms(snapshot).count() == expected).await;
    }

    pub(crate) async fn close(self) {
        self.server.stop().await;
    }
}

/// Asks on a connection: the answer's head and body. Both are empty where the other side hangs up instead.
pub(crate) async fn http(stream: &mut TcpStream, line: &str, body: &str) -> (String, String) {
    let length = body.len();
    let request = format!("{line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{body}");
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = String::new();
    loop {
        if let Some((head, body)) = answer.split_once("\r\n\r\n") {
            let fields = head.lines().filter_map(|field| field.split_once(": "));
            let mut lengths = fields.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            let length: usize = lengths.next().map_or(0, |(_, length)| length.parse().unwrap());
            if body.len() >= length {
                return (head.to_owned(), body.to_owned());
            }
        }
        let mut part = vec![0; 64 * 1024];
        match stream.read(&mut part).await {
            Ok(read @ 1..) => answer.push_str(std::str::from_utf8(&part[..read]).unwrap()),
            _ => return Default::default(),
        }
    }
}
