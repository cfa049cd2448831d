//! What follows what while the server runs: media and guests the network, hosts their recordings.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::watch;
use tracing::error;

use crate::media::{ListenAddress, WorkerPool};
use crate::meeting::Meetings;
use crate::network::links::JoinLinks;
use crate::network::{AddressWatch, Addresses};
use crate::recording::{Library, RecordingId, RecordingSnapshot, RecordingState};

/// Lets media, and those who are in a room, follow the network.
pub(super) struct NetworkFollower {
    pub(super) addresses: AddressWatch,
    pub(super) pool: Arc<WorkerPool>,
    pub(super) meetings: Arc<Meetings>,
    pub(super) links: JoinLinks,
    pub(super) problem: watch::Sender<Option<String>>,
}

impl NetworkFollower {
    pub(super) async fn follow(self) {
        let mut changes = self.addresses.subscribe();
        let mut listening = listen_addresses(&changes.borrow_and_update().clone());
        while changes.changed().await.is_ok() {
            let addresses = Arc::clone(&changes.borrow_and_update());
            let wanted = listen_addresses(&addresses);
            if wanted != listening {
                let listened = self.pool.listen_on(&wanted).await;
                let problem = listened.as_ref().err().map(ToString::to_string);
                if let Some(problem) = &problem {
                    error!(%problem, "Media does not follow the network");
                }
                self.problem.send_replace(problem);
                listening = wanted;
            }
            self.tell_meetings().await;
        }
    }

    async fn tell_meetings(&self) {
        for meeting in self.meetings.all() {
            meeting.addresses_changed(self.links.all(meeting.room_id())).await;
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
            if let (true, Some(meeting), Some(file)) = (known.insert(id), meeting, file) {
                meeting.recording_ready(id, file).await;
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
