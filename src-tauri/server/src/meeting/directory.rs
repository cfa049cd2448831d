//! The meetings that there are, each found by its room's id.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};
use tokio_util::task::TaskTracker;

use super::created::{CreatedMeeting, CreatedMeetings};
use super::task::MeetingTask;
use super::{MAX_WAITING, Meeting, RoomView};
use crate::files::{FileStorage, RoomFolder};
use crate::kept::Kept;
use crate::media::WorkerPool;
use crate::network::links::JoinLinks;
use crate::recording::{Library, RecordingSnapshot};
use crate::room::RoomSettings;
use crate::wire::{Bound, Refusal, RoomId};

/// What all meetings are set to.
#[derive(Debug, Clone, Copy)]
pub struct MeetingsSettings {
    /// What each room is set to.
    pub room: RoomSettings,
    /// The most rooms at once.
    pub max_rooms: usize,
    /// How long a room that nobody joined stays.
    pub unjoined_grace: Duration,
}

impl Default for MeetingsSettings {
    fn default() -> Self {
        Self {
            room: RoomSettings::default(),
            max_rooms: 1_000,
            unjoined_grace: Duration::from_secs(45),
        }
    }
}

/// The meetings of the server.
#[derive(Debug)]
pub struct Meetings {
    pool: Arc<WorkerPool>,
    library: Library,
    files: Arc<FileStorage>,
    links: JoinLinks,
    kept: Kept,
    settings: MeetingsSettings,
    state: Mutex<State>,
    created: Mutex<CreatedMeetings>,
    /// The meetings at work, those included that are forgotten already and still write their recordings.
    tasks: TaskTracker,
    views: watch::Sender<BTreeMap<RoomId, RoomView>>,
}

#[derive(Debug, Default)]
struct State {
    meetings: HashMap<RoomId, Meeting>,
    closing: bool,
}

impl Meetings {
    /// No meetings yet.
    #[must_use]
    pub fn new(
        pool: Arc<WorkerPool>,
        library: Library,
        files: Arc<FileStorage>,
        links: JoinLinks,
        kept: Kept,
        settings: MeetingsSettings,
    ) -> Arc<Self> {
        let views = watch::Sender::new(BTreeMap::new());
        Arc::new(Self {
            pool,
            library,
            files,
            links,
            kept,
            settings,
            state: Mutex::default(),
            created: Mutex::default(),
            tasks: TaskTracker::new(),
            views,
        })
    }

    /// The meeting in this room, if there is one.
    #[must_use]
    pub fn find(&self, room_id: &RoomId) -> Option<Meeting> {
        self.lock().meetings.get(room_id).cloned()
    }

    /// The meeting in this room, opened if there is none. However many ask at once, there is one.
    ///
    /// # Errors
    /// [`Refusal::Closing`], [`Refusal::NoSuchRoom`] where guests may not make rooms, and [`Refusal::Limit`] when there
    /// are too many.
    pub fn open(self: &Arc<Self>, room_id: &RoomId) -> Result<Meeting, Refusal> {
        let mut state = self.lock();
        if state.closing {
            return Err(Refusal::Closing);
        }
        if let Some(meeting) = state.meetings.get(room_id) {
            return Ok(meeting.clone());
        }
        if !self.kept.has(room_id) && !self.kept.guests_may_make_rooms() {
            return Err(Refusal::NoSuchRoom);
        }
        if state.meetings.len() >= self.settings.max_rooms {
            return Err(Bound::Rooms.into());
        }
        let (commands, receiver) = mpsc::channel(MAX_WAITING);
        let meeting = Meeting {
            room_id: Arc::new(room_id.clone()),
            commands,
        };
        state.meetings.insert(room_id.clone(), meeting.clone());
        let task = MeetingTask::new(Arc::clone(self), meeting.clone(), self.library.clone(), self.settings);
        self.tasks.spawn(task.run(Arc::clone(&self.pool), receiver));
        Ok(meeting)
    }

    /// Whether somebody who opens this room's link finds it, or may make it.
    #[must_use]
    pub fn has(&self, room_id: &RoomId) -> bool {
        self.kept.guests_may_make_rooms() || self.kept.has(room_id) || self.find(room_id).is_some()
    }

    /// What is kept over restarts.
    #[must_use]
    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// How many rooms there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().meetings.len()
    }

    /// Whether there is no room.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All recordings, in the order in which the library has them.
    pub(crate) fn recordings(&self) -> Vec<RecordingSnapshot> {
        self.library.snapshots().borrow().clone()
    }

    /// All meetings.
    #[must_use]
    pub fn all(&self) -> Vec<Meeting> {
        self.lock().meetings.values().cloned().collect()
    }

    /// What is to be seen of the rooms, and how it changes.
    #[must_use]
    pub fn views(&self) -> watch::Receiver<BTreeMap<RoomId, RoomView>> {
        self.views.subscribe()
    }

    /// Opens no more meetings, ends those that there are with a goodbye, and returns when all is done.
    pub async fn close(&self, reason: &str) {
        self.lock().closing = true;
        let meetings = self.all();
        let goodbyes = meetings.iter().map(|meeting| meeting.close(reason.to_owned()));
        futures::future::join_all(goodbyes).await;
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Where the files of a new room can lie.
    pub(super) fn folder(&self) -> Arc<RoomFolder> {
        self.files.room()
    }

    /// The link of a room at this moment.
    pub(super) fn link_to(&self, room_id: &RoomId) -> String {
        self.links.best(room_id)
    }

    /// What was announced of a room, if anything was.
    pub(super) fn created(&self, room_id: &RoomId, now: Instant) -> Option<CreatedMeeting> {
        self.lock_created().find(room_id, now)
    }

    /// Keeps a meeting in mind that is announced; false where one of this id was already.
    pub(super) fn remember(&self, room_id: RoomId, meeting: CreatedMeeting) -> Result<bool, Refusal> {
        if self.lock().closing {
            return Err(Refusal::Closing);
        }
        self.lock_created()
            .add(room_id, meeting, self.settings.max_rooms, Instant::now())
    }

    fn lock_created(&self) -> MutexGuard<'_, CreatedMeetings> {
        self.created.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows what a room looks like now.
    pub(super) fn show(&self, room_id: &RoomId, view: RoomView) {
        self.views.send_modify(|views| {
            views.insert(room_id.clone(), view);
        });
    }

    /// Forgets a meeting that ended, so that the next who asks for its room gets a new one.
    pub(super) fn forget(&self, room_id: &RoomId) {
        self.lock().meetings.remove(room_id);
        self.views.send_if_modified(|views| views.remove(room_id).is_some());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
