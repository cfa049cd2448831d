//! What the owner of the machine sets up once and finds again after a restart: rooms made ahead, each with its own host
//! key and door, whether guests may make rooms up, and where rooms are broadcast to.
//!
//! All of it is one file, `settings.json` in the data folder, readable by the owner alone as it holds keys. It is written
//! whole or not at all; one that cannot be understood is put aside and told of, never written over.

mod error;
mod file;
mod plan;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::watch;
use tracing::{error, warn};

pub use self::error::KeptError;
pub use self::plan::RoomPlan;
use crate::broadcast::Target;
use crate::folder::Folder;
use crate::problems::{Problems, Subject};
use crate::room::{Door, DoorChange, Guesses};
use crate::wire::{RoomId, Secret};

/// The file in the data folder.
const FILE: &str = "settings.json";
/// The most rooms that can be made ahead.
const MAX_ROOMS: usize = 200;

/// What the owner's settings depend on.
#[derive(Debug, Clone)]
pub struct KeptSettings {
    /// The room that is always there, made ahead with the rest.
    pub default_room: RoomId,
    /// The most people that a room may be set to take.
    pub most_people: usize,
    /// Whether guests may make rooms up, where that was said at the start: the owner's switch does not count then.
    pub guests_make_rooms: Option<bool>,
}

/// A room made ahead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRoom {
    /// The name that people see.
    pub name: Option<String>,
    /// Who may come in.
    pub door: Door,
    /// Proof of being its host, the same for as long as the room is kept.
    pub host_key: Secret,
    /// When it was made ahead, in ms since 1970.
    pub created_at: u64,
}

/// The owner's settings. Clones are handles of the same ones.
#[derive(Debug, Clone)]
pub struct Kept(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: KeptSettings,
    folder: Folder,
    problems: Problems,
    state: Mutex<State>,
    changes: watch::Sender<()>,
    /// Wrong passcodes at the doors of rooms that nobody is in: closing and opening a room forgives none.
    guesses: Mutex<HashMap<RoomId, Guesses>>,
    /// What is on the disk; held while it is written, so that the latest is what stays.
    written: tokio::sync::Mutex<State>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct State {
    rooms: BTreeMap<RoomId, KeptRoom>,
    guests_make_rooms: Option<bool>,
    /// Where rooms are broadcast to, also such as are not made ahead.
    targets: BTreeMap<RoomId, Target>,
}

impl Kept {
    /// Reads the settings in the data folder, or begins them.
    ///
    /// # Errors
    /// [`KeptError::Read`] and [`KeptError::Write`], when the file cannot be used at all.
    pub fn open(data_dir: &Path, settings: KeptSettings, problems: Problems) -> Result<Self, KeptError> {
        let folder = Folder::open(data_dir.to_owned())?;
        let read = match folder.read(FILE)? {
            Some(content) => file::read(&content, settings.most_people).map_err(Some),
            None => Err(None),
        };
        let found = read.as_ref().ok().cloned();
        let mut state = match read {
            Ok(state) => state,
            Err(None) => State::default(),
            Err(Some(reason)) => {
                let (path, aside) = (folder.file(FILE), folder.put_aside(FILE)?);
                let problem = KeptError::Broken { path, aside, reason }.to_string();
                warn!(%problem);
                problems.set(Subject::Settings, Some(problem));
                State::default()
            }
        };
        let default_room = state.rooms.entry(settings.default_room.clone());
        default_room.or_insert_with(|| KeptRoom::new(None, Door::default(), Secret::random()));
        if found.as_ref() != Some(&state) {
            folder.replace(FILE, &file::text(&state))?;
        }
        Ok(Self(Arc::new(Inner {
            settings,
            folder,
            problems,
            written: tokio::sync::Mutex::new(state.clone()),
            state: Mutex::new(state),
            changes: watch::Sender::new(()),
            guesses: Mutex::default(),
        })))
    }

    /// Hears of every change.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<()> {
        self.0.changes.subscribe()
    }

    /// The rooms made ahead.
    #[must_use]
    pub fn rooms(&self) -> BTreeMap<RoomId, KeptRoom> {
        self.state().rooms.clone()
    }

    /// A room made ahead.
    #[must_use]
    pub fn room(&self, room_id: &RoomId) -> Option<KeptRoom> {
        self.state().rooms.get(room_id).cloned()
    }

    /// Whether a room was made ahead.
    #[must_use]
    pub fn has(&self, room_id: &RoomId) -> bool {
        self.state().rooms.contains_key(room_id)
    }

    /// Where rooms are broadcast to.
    #[must_use]
    pub fn targets(&self) -> BTreeMap<RoomId, Target> {
        self.state().targets.clone()
    }

    /// Keeps where a room is broadcast to, or keeps it no longer.
    ///
    /// # Errors
    /// [`KeptError::Write`].
    pub async fn set_target(&self, room_id: &RoomId, target: Option<Target>) -> Result<(), KeptError> {
        self.change(|state| {
            match target {
                Some(target) => state.targets.insert(room_id.clone(), target),
                None => state.targets.remove(room_id),
            };
            Ok(())
        })?;
        self.write().await
    }

    /// The most people that a room may be set to take.
    #[must_use]
    pub fn most_people(&self) -> usize {
        self.0.settings.most_people
    }

    /// Whether guests may make rooms up by opening a link: as said at the start, else as the owner set it, else yes.
    #[must_use]
    pub fn guests_may_make_rooms(&self) -> bool {
        let said = self.0.settings.guests_make_rooms;
        said.or_else(|| self.state().guests_make_rooms).unwrap_or(true)
    }

    /// Whether that was said at the start, so that the owner's switch does not count.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.0.settings.guests_make_rooms.is_some()
    }

    /// Lets guests make rooms up, or not.
    ///
    /// # Errors
    /// [`KeptError::Fixed`], [`KeptError::Write`].
    pub async fn set_guests_may_make_rooms(&self, may: bool) -> Result<(), KeptError> {
        if self.is_fixed() {
            return Err(KeptError::Fixed);
        }
        self.change(|state| {
            state.guests_make_rooms = Some(may);
            Ok(())
        })?;
        self.write().await
    }

    /// Makes a room ahead. One that is open already becomes kept as it is, with the key and the door that `open` tells of
    /// it, unless the plan names no id: then a free one is made of the name.
    pub(crate) async fn make(
        &self,
        plan: RoomPlan,
        open: impl Fn(&RoomId) -> Option<(Secret, Door)>,
    ) -> Result<RoomId, KeptError> {
        let most_people = self.most_people();
        let room_id = self.change(|state| {
            if state.rooms.len() >= MAX_ROOMS {
                return Err(KeptError::TooMany);
            }
            let is_taken = |id: &RoomId| state.rooms.contains_key(id) || open(id).is_some();
            let (room_id, name) = plan.named(is_taken);
            if state.rooms.contains_key(&room_id) {
                return Err(KeptError::Taken(room_id));
            }
            let (host_key, door) = open(&room_id).unwrap_or_else(|| (Secret::random(), Door::default()));
            let door = door.changed(plan.door.clone(), most_people)?;
            state.rooms.insert(room_id.clone(), KeptRoom::new(name, door, host_key));
            Ok(room_id)
        })?;
        self.write().await?;
        Ok(room_id)
    }

    /// Gives a room another name, or none.
    pub(crate) async fn rename(&self, room_id: &RoomId, name: Option<String>) -> Result<(), KeptError> {
        self.change_room(room_id, |room| {
            room.name = name;
            Ok(())
        })?;
        self.write().await
    }

    /// Changes a room's door.
    pub(crate) async fn change_door(&self, room_id: &RoomId, change: DoorChange) -> Result<(), KeptError> {
        let most_people = self.most_people();
        self.change_room(room_id, |room| {
            room.door = room.door.changed(change, most_people)?;
            Ok(())
        })?;
        self.write().await
    }

    /// Keeps how a room's hosts left its door, if it is a room made ahead. That it lasts is seen to later: a meeting does
    /// not wait for the disk.
    pub(crate) fn set_door(&self, room_id: &RoomId, door: Door) {
        let kept = self.change_room(room_id, |room| {
            room.door = door;
            Ok(())
        });
        if kept.is_ok() {
            let kept = self.clone();
            // What goes wrong there is told as a problem.
            tokio::spawn(async move { drop(kept.write().await) });
        }
    }

    /// Keeps a room no longer.
    pub(crate) async fn delete(&self, room_id: &RoomId) -> Result<(), KeptError> {
        if *room_id == self.0.settings.default_room {
            return Err(KeptError::DefaultRoom);
        }
        self.change(|state| {
            state.targets.remove(room_id);
            state.rooms.remove(room_id).map(drop).ok_or(KeptError::NoRoom)
        })?;
        lock(&self.0.guesses).remove(room_id);
        self.write().await
    }

    /// The wrong passcodes that were shown at a room's door before.
    pub(crate) fn guesses(&self, room_id: &RoomId) -> Guesses {
        lock(&self.0.guesses).remove(room_id).unwrap_or_default()
    }

    /// Keeps in mind, until the room opens again, what was guessed at its door.
    pub(crate) fn set_guesses(&self, room_id: &RoomId, guesses: Guesses) {
        if self.has(room_id) && !guesses.is_empty() {
            lock(&self.0.guesses).insert(room_id.clone(), guesses);
        }
    }

    /// Writes what is not on the disk yet.
    ///
    /// # Errors
    /// [`KeptError::Write`]; it stands among the problems until it is over.
    pub async fn write(&self) -> Result<(), KeptError> {
        let mut written = self.0.written.lock().await;
        let state = self.state().clone();
        if *written == state {
            return Ok(());
        }
        let (inner, text) = (Arc::clone(&self.0), file::text(&state));
        let writing = tokio::task::spawn_blocking(move || inner.folder.replace(FILE, &text));
        let outcome = match writing.await {
            Ok(outcome) => outcome.map_err(KeptError::from),
            Err(error) => Err(KeptError::Write {
                path: self.0.folder.file(FILE),
                source: error.into(),
            }),
        };
        let problem = outcome.as_ref().err().map(ToString::to_string);
        if let Some(problem) = &problem {
            error!(%problem);
        } else {
            *written = state;
        }
        self.0.problems.set(Subject::Keeping, problem);
        outcome
    }

    fn change_room(
        &self,
        room_id: &RoomId,
        change: impl FnOnce(&mut KeptRoom) -> Result<(), KeptError>,
    ) -> Result<(), KeptError> {
        self.change(|state| change(state.rooms.get_mut(room_id).ok_or(KeptError::NoRoom)?))
    }

    /// Makes a change as a whole or, where it is refused, not at all.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> Result<T, KeptError>) -> Result<T, KeptError> {
        let mut state = self.state();
        let mut next = state.clone();
        let done = change(&mut next)?;
        let is_new = *state != next;
        *state = next;
        drop(state);
        if is_new {
            self.0.changes.send_replace(());
        }
        Ok(done)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }
}

impl KeptRoom {
    fn new(name: Option<String>, door: Door, host_key: Secret) -> Self {
        let created_at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            name,
            door,
            host_key,
            created_at: u64::try_from(created_at.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// A lock that a panic elsewhere has poisoned still holds a whole value here: every change is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
