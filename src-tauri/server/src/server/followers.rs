//! What follows what while the server runs: media and guests the network, hosts their recordings.

use std::collections::HashSet;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tracing::error;

use crate::media::{ListenAddress, WorkerPool};
use crate::meeting::Meetings;
use crate::network::links::JoinLinks;
use crate::network::{AddressWatch, Addresses};
use crate::problems::{Problems, Subject};
use crate::recording::{Library, RecordingId, RecordingSnapshot, RecordingState};

/// How soon media that could not follow the network tries again.
const TRY_AGAIN: Duration = Duration::from_secs(3);

/// Lets media, and those who are in a room, follow the network.
pub(super) struct NetworkFollower {
    pub(super) addresses: AddressWatch,
    pub(super) pool: Arc<WorkerPool>,
    pub(super) meetings: Arc<Meetings>,
    pub(super) links: JoinLinks,
    pub(super) problems: Problems,
}

impl NetworkFollower {
    /// Follows from `started` on: the addresses by which media was started and guests have their links.
    pub(super) async fn follow(self, started: Arc<Addresses>) {
        let mut changes = self.addresses.subscribe();
        let mut listening = listen_addresses(&started);
        let mut told = linked(&started);
        loop {
            let addresses = Arc::clone(&changes.borrow_and_update());
            let wanted = listen_addresses(&addresses);
            let follows = wanted == listening || self.listen_on(&wanted).await;
            if follows {
                listening = wanted;
                self.problems.set(Subject::Media, None);
            }
            let links = linked(&addresses);
            if links != told {
                told = links;
                self.tell_meetings().await;
            }
            let changed = tokio::select! {
                changed = changes.changed() => changed,
                () = tokio::time::sleep(TRY_AGAIN), if !follows => Ok(()),
            };
            if changed.is_err() {
                return;
            }
        }
    }

    /// Whether media listens on these addresses now.
    async fn listen_on(&self, wanted: &[ListenAddress]) -> bool {
        let Err(problem) = self.pool.listen_on(wanted).await else {
            return true;
        };
        if self.problems.set(Subject::Media, Some(problem.to_string())) {
            error!(%problem, "Media does not follow the network yet");
        }
        false
    }

    async fn tell_meetings(&self) {
        for meeting in self.meetings.all() {
            meeting.addresses_changed(self.links.all(meeting.room_id())).await;
        }
    }
}

/// What the links of rooms are made of.
fn linked(addresses: &Addresses) -> (IpAddr, Vec<IpAddr>) {
    let all = addresses.all.iter().map(|address| address.ip).collect();
    (addresses.chosen, all)
}

/// Tells the library whether somebody is meeting, which composing may be set to wait for.
pub(super) async fn tell_of_meetings(library: Library, meetings: Arc<Meetings>) {
    let mut rooms = meetings.views();
    loop {
        library.meeting_runs(rooms.borrow_and_update().values().any(|room| !room.people.is_empty()));
        if rooms.changed().await.is_err() {
            return;
        }
    }
}

/// Tells the hosts of a room when a recording of it is one file now.
pub(super) async fn announce_recordings(library: Library, meetings: Arc<Meetings>) {
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
            // Guests hear its name alone: where the owner keeps it is the owner's.
            let name = file.as_deref().and_then(|file| Path::new(file).file_name());
            if let (true, Some(meeting), Some(name)) = (known.insert(id), meeting, name) {
                let name = name.to_string_lossy().into_owned();
                meeting.recording_ready(id, name).await;
            }
        }
    }
}

/// Where media listens, and what guests are told instead.
pub(super) fn listen_addresses(addresses: &Addresses) -> Vec<ListenAddress> {
    addresses
        .listen
        .iter()
        .map(|ip| ListenAddress {
            ip: *ip,
            announced: addresses.announced,
        })
        .collect()
}

#[cfg(test)]
#[path = "followers_tests.rs"]
mod tests;
