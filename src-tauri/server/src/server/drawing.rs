//! Draws a new snapshot whenever something changed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};

use crate::config::Config;
use crate::media::WorkerPool;
use crate::meeting::Meetings;
use crate::network::AddressWatch;
use crate::problems::Problems;
use crate::recording::Library;
use crate::snapshot::{ServerSnapshot, Sources};

/// How long changes are gathered before they are shown.
const SNAPSHOT_PAUSE: Duration = Duration::from_millis(50);

/// How often it is looked at what nobody tells of: how much space is left.
const LOOK_AGAIN: Duration = Duration::from_secs(20);

/// What snapshots are drawn from, as it changes.
pub(super) struct SnapshotSources {
    pub(super) port: u16,
    pub(super) config: Config,
    pub(super) addresses: AddressWatch,
    pub(super) meetings: Arc<Meetings>,
    pub(super) library: Library,
    pub(super) pool: Arc<WorkerPool>,
    pub(super) problems: Problems,
    /// There is something to show that no watch tells of.
    pub(super) redraw: Arc<Notify>,
}

impl SnapshotSources {
    pub(super) fn draw(&self) -> ServerSnapshot {
        Sources {
            port: self.port,
            default_room: &self.config.default_room,
            addresses: &self.addresses.current(),
            kept: self.meetings.kept(),
            rooms: &self.meetings.views().borrow(),
            recordings: self.library.snapshots().borrow().clone(),
            recordings_folder: self.library.root().display().to_string(),
            recording_settings: self.library.settings(),
            recordings_free_bytes: self.library.free_bytes(),
            problems: self.problems.sentences(),
            workers: self.pool.len(),
            largest_file_bytes: self.config.meetings.room.files.largest,
        }
        .draw()
    }

    pub(super) async fn keep_drawing(self, snapshots: watch::Sender<Arc<ServerSnapshot>>) {
        let mut addresses = self.addresses.subscribe();
        let mut rooms = self.meetings.views();
        let mut kept = self.meetings.kept().subscribe();
        let mut recordings = self.library.snapshots();
        let mut problems = self.problems.subscribe();
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
                changed = kept.changed() => changed,
                changed = recordings.changed() => changed,
                changed = problems.changed() => changed,
                () = self.redraw.notified() => Ok(()),
                () = tokio::time::sleep(LOOK_AGAIN) => Ok(()),
            };
            if changed.is_err() {
                return;
            }
            tokio::time::sleep(SNAPSHOT_PAUSE).await;
        }
    }
}
