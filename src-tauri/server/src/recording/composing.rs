//! Composing in turn: which recording is put together next, how far that is, and what the owner says to it.
//!
//! What is to be made is in each recording's `recording.json` before its turn comes, so the queue survives a restart. One recording is composed at a time.

use std::sync::{Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::catalogue::{Entry, read_or_tell, size_on_disk};
use super::compose::{self, ExportOptions, Order};
use super::error::RecordingError;
use super::housekeeping::free_name;
use super::id::{RecordingId, base_name};
use super::library::{Inner, Library};
use super::metadata::Status;
use super::products;
use super::snapshot::{HeldBy, RecordingState};

/// What is said of a recording that the owner did not want to be put together.
pub(super) const CANCELLED: &str =
    "This recording was not put together, as you wished: choose Try again to make the file.";
/// Before this share of the work is done, nobody knows how long the rest takes.
const GUESSABLE: f64 = 0.04;
/// A longer pause between two words about progress was no work: it stood still.
const STANDSTILL: Duration = Duration::from_secs(10);

/// What is being composed.
#[derive(Debug)]
pub(super) struct Turn {
    id: RecordingId,
    cancelled: CancellationToken,
}

/// How far composing is and how long it takes.
struct Pace {
    worked: Duration,
    told: Instant,
}

impl Pace {
    fn new() -> Self {
        Self {
            worked: Duration::ZERO,
            told: Instant::now(),
        }
    }

    /// How many seconds are left when this share is done.
    fn seconds_left(&mut self, done: f64) -> Option<u64> {
        let now = Instant::now();
        self.worked += (now - self.told).min(STANDSTILL);
        self.told = now;
        (done >= GUESSABLE).then(|| (self.worked.as_secs_f64() * (1.0 - done) / done).ceil() as u64)
    }
}

impl Library {
    /// Composes a recording again that could not be composed, or was not to be.
    ///
    /// # Errors
    /// [`RecordingError::NotComposable`].
    pub fn retry(&self, id: RecordingId) -> Result<(), RecordingError> {
        self.0.want(id, |entry| match entry.state {
            RecordingState::TracksOnly | RecordingState::Failed => Ok(entry.metadata.products.wanted),
            RecordingState::Recording => Err("it is still running"),
            RecordingState::Ready => Err("it is composed already"),
            RecordingState::Waiting | RecordingState::Composing => Err("it is being composed"),
        })
    }

    /// Makes one more file of a recording.
    ///
    /// # Errors
    /// [`RecordingError::NotComposable`].
    pub fn export(&self, id: RecordingId, options: ExportOptions) -> Result<(), RecordingError> {
        self.0.want(id, |entry| match entry.state {
            RecordingState::Ready | RecordingState::TracksOnly | RecordingState::Failed => Ok(Some(options)),
            RecordingState::Recording => Err("it is still running"),
            RecordingState::Waiting | RecordingState::Composing => Err("another file of it is being made"),
        })
    }

    /// Gives up composing a recording that is being composed or waits for it. The tracks stay, and files that were made earlier.
    ///
    /// # Errors
    /// [`RecordingError::NotComposable`].
    pub fn cancel(&self, id: RecordingId) -> Result<(), RecordingError> {
        self.0.cancel(id)
    }

    /// Lets composing stand still, or go on even where it is set to wait for the meeting that runs.
    pub fn hold(&self, held: bool) {
        self.0.change_holds(|holds| holds.by_owner(held));
    }

    /// Says whether somebody is meeting, which composing may be set to wait for.
    pub fn meeting_runs(&self, runs: bool) {
        self.0.change_holds(|holds| holds.meeting_runs(runs));
    }
}

/// Why composing stands still.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Holds {
    /// What the owner said: to stand still, or to go on whoever meets now.
    owners_word: Option<bool>,
    meeting_runs: bool,
    pub(super) waits_for_meetings: bool,
}

impl Holds {
    fn by_owner(&mut self, held: bool) {
        self.owners_word = (held || self.meeting_runs).then_some(held);
    }

    fn meeting_runs(&mut self, runs: bool) {
        self.meeting_runs = runs;
        // To go on was said of the meeting that is over, not of the next one.
        self.owners_word = self.owners_word.filter(|held| *held || runs);
    }

    pub(super) fn held_by(self) -> Option<HeldBy> {
        match self.owners_word {
            Some(held) => held.then_some(HeldBy::Owner),
            None => (self.meeting_runs && self.waits_for_meetings).then_some(HeldBy::Meeting),
        }
    }
}

impl Inner {
    pub(super) fn change_holds(&self, change: impl FnOnce(&mut Holds)) {
        let (before, now) = {
            let mut holds = self.holds();
            let before = holds.held_by();
            change(&mut holds);
            (before, holds.held_by())
        };
        if now != before {
            self.held.send_replace(now.is_some());
            self.publish();
        }
    }

    /// Puts a recording into the queue if `options` finds it in the state for that.
    fn want(
        &self,
        id: RecordingId,
        options: impl FnOnce(&Entry) -> Result<Option<ExportOptions>, &'static str>,
    ) -> Result<(), RecordingError> {
        {
            let mut entries = self.lock();
            let entry = entries.get_mut(&id).ok_or(RecordingError::NoRecording)?;
            let wanted = options(entry).map_err(RecordingError::NotComposable)?;
            entry.metadata.products.wanted = wanted;
            entry.metadata.products.is_cancelled = false;
            entry.state = RecordingState::Waiting;
            entry.message = None;
            save(entry);
        }
        self.publish();
        let _ = self.queue.send(id); // a stopped library composes nothing any more
        Ok(())
    }

    fn cancel(&self, id: RecordingId) -> Result<(), RecordingError> {
        {
            let mut entries = self.lock();
            let entry = entries.get_mut(&id).ok_or(RecordingError::NoRecording)?;
            if !matches!(entry.state, RecordingState::Waiting | RecordingState::Composing) {
                return Err(RecordingError::NotComposable("nothing is being made of it"));
            }
            entry.give_up();
            save(entry);
        }
        let turn = self.turn();
        if let Some(turn) = turn.as_ref().filter(|turn| turn.id == id) {
            turn.cancelled.cancel();
        }
        drop(turn);
        self.publish();
        Ok(())
    }

    /// The entry with its metadata, read now if it could not be read before; `None` if there is nothing to compose.
    async fn read_again(&self, id: RecordingId, entry: Entry) -> Option<Entry> {
        if !entry.is_unread {
            return Some(entry);
        }
        let place = entry.place.clone();
        let read = tokio::task::spawn_blocking(move || read_or_tell(place, id))
            .await
            .ok()?;
        self.change(id, |shown| {
            shown.clone_from(&read);
            true
        });
        (read.state == RecordingState::Waiting).then_some(read)
    }

    async fn compose(&self, id: RecordingId) {
        let Some(entry) = self.lock().get(&id).cloned() else {
            return;
        };
        if entry.state != RecordingState::Waiting {
            return;
        }
        let Some(entry) = self.read_again(id, entry).await else {
            return;
        };
        let cancelled = CancellationToken::new();
        *self.turn() = Some(Turn {
            id,
            cancelled: cancelled.clone(),
        });
        let mut begins = false;
        self.change(id, |entry| {
            // From here on whoever cancels it finds the turn; who did so before took it out of the queue.
            begins = entry.state == RecordingState::Waiting;
            if begins {
                entry.state = RecordingState::Composing;
                entry.progress = Some(0.0);
            }
            begins
        });
        if !begins {
            *self.turn() = None;
            return;
        }
        let options = entry.metadata.products.wanted.unwrap_or_else(|| self.usual_export());
        let (file, made) = match output_name(id, &entry, options) {
            Ok(file) => {
                let making = self.make(id, &entry, options, &file);
                let made = cancelled.run_until_cancelled(making).await;
                (file, made)
            }
            Err(error) => (String::new(), Some(Err(error))),
        };
        *self.turn() = None;
        let is_taken = made.is_some_and(|result| self.take_in(id, options, result.map(|()| file.clone())));
        if !is_taken {
            tracing::info!(recording = %id, "composing was cancelled");
            withdraw(&entry, &file).await;
        }
    }

    /// Makes the file that is wanted, under this name.
    async fn make(
        &self,
        id: RecordingId,
        entry: &Entry,
        options: ExportOptions,
        file: &str,
    ) -> Result<(), RecordingError> {
        let pace = Mutex::new(Pace::new());
        let progress = |done: f64| {
            let left = pace.lock().unwrap_or_else(PoisonError::into_inner).seconds_left(done);
            self.change(id, |entry| {
                let differs = entry.progress.is_none_or(|before| done >= before + 0.005);
                if differs {
                    entry.progress = Some(done);
                    entry.seconds_left = left;
                }
                differs
            });
        };
        let order = Order {
            metadata: &entry.metadata,
            folder: &entry.place.folder,
            options,
            title: entry
                .metadata
                .products
                .title
                .as_deref()
                .unwrap_or(&entry.metadata.room_id),
            output: &entry.place.root.join(file),
        };
        compose::compose(&order, self.held.subscribe(), progress).await
    }

    /// Takes in what came of composing; returns whether it was still wanted.
    fn take_in(&self, id: RecordingId, options: ExportOptions, result: Result<String, RecordingError>) -> bool {
        if let Err(error) = &result {
            tracing::warn!(recording = %id, ?error, "the recording was not composed");
        }
        let mut is_wanted = false;
        self.change(id, |entry| {
            is_wanted = entry.state == RecordingState::Composing;
            if !is_wanted {
                return false; // cancelled at the last moment
            }
            let earlier = entry.metadata.message.clone();
            let had_file = entry.metadata.products.newest(&entry.place.root).is_some();
            let (state, status, message) = match result {
                Ok(file) => {
                    entry.metadata.products.add(file, options);
                    (RecordingState::Ready, Status::Composed, earlier)
                }
                // The file that was made earlier is none the worse.
                Err(error) if had_file => (RecordingState::Ready, Status::Composed, Some(error.to_string())),
                Err(error) => failure(error, earlier),
            };
            if had_file {
                entry.metadata.products.wanted = None;
            }
            entry.metadata.status = status;
            entry.metadata.failure = message.clone().filter(|_| status == Status::Failed);
            entry.bytes = size_on_disk(&entry.place, &entry.metadata);
            (entry.state, entry.message) = (state, message);
            (entry.progress, entry.seconds_left) = (None, None);
            save(entry);
            true
        });
        is_wanted
    }
}

impl Entry {
    /// What becomes of it when it is not to be composed any more.
    fn give_up(&mut self) {
        let products = &mut self.metadata.products;
        products.wanted = None;
        let has_file = products.newest(&self.place.root).is_some();
        products.is_cancelled = !has_file;
        (self.state, self.message) = if has_file {
            (RecordingState::Ready, self.metadata.message.clone())
        } else {
            (RecordingState::TracksOnly, Some(CANCELLED.to_owned()))
        };
        (self.progress, self.seconds_left) = (None, None);
    }
}

/// What the file of a recording is called that is made now.
fn output_name(id: RecordingId, entry: &Entry, options: ExportOptions) -> Result<String, RecordingError> {
    let base = base_name(&entry.metadata.room_id, id)?;
    let products = &entry.metadata.products;
    let file = products::file_name(&base, products.title.as_deref(), options);
    // One of its own is made anew; another recording's is left alone.
    if products.has(&file) {
        return Ok(file);
    }
    Ok(free_name(&entry.place.root, &file))
}

/// Removes what was begun for a file that is not wanted any more, and the file, if it came to be at the last moment.
async fn withdraw(entry: &Entry, file: &str) {
    // First, as the film comes from there.
    if let Err(error) = tokio::fs::remove_dir_all(compose::scratch_in(&entry.place.folder)).await {
        tracing::debug!(%error, "nothing was begun");
    }
    if !entry.metadata.products.has(file)
        && let Err(error) = tokio::fs::remove_file(entry.place.root.join(file)).await
    {
        tracing::debug!(%error, "no file came to be");
    }
}

/// What becomes of a recording that could not be composed. `earlier` is what was to be said of it anyway.
fn failure(error: RecordingError, earlier: Option<String>) -> (RecordingState, Status, Option<String>) {
    match error {
        RecordingError::FfmpegMissing | RecordingError::FfmpegOld { .. } | RecordingError::FfmpegLimited { .. } => {
            (RecordingState::TracksOnly, Status::Recorded, Some(error.to_string()))
        }
        // A disk that failed while it recorded explains better than that nothing is there.
        RecordingError::Nothing => {
            let message = earlier.unwrap_or_else(|| error.to_string());
            (RecordingState::Failed, Status::Failed, Some(message))
        }
        error => (RecordingState::Failed, Status::Failed, Some(error.to_string())),
    }
}

/// Keeps what was decided of a recording. An unread one is never written over.
pub(super) fn save(entry: &Entry) {
    if entry.is_unread {
        return;
    }
    if let Err(error) = entry.metadata.save(&entry.place.folder) {
        tracing::warn!(folder = %entry.place.folder.display(), %error, "the recording's description cannot be saved");
    }
}

/// Composes one recording at a time, for as long as the library lives.
pub(super) async fn compose_in_turn(library: Weak<Inner>, mut queued: mpsc::UnboundedReceiver<RecordingId>) {
    while let Some(id) = queued.recv().await {
        let Some(inner) = library.upgrade() else { return };
        inner.compose(id).await;
    }
}

#[cfg(test)]
mod tests {
    use super::super::id::Place;
    use super::super::metadata::Metadata;
    use super::*;
    use crate::problems::Problems;

    #[tokio::test]
    async fn a_film_that_was_finished_when_it_was_cancelled_does_not_stay() {
        let root = tempfile::tempdir().unwrap();
        let id = RecordingId::from_millis(7);
        let place = Place::new(root.path(), "team", id).unwrap();
        let mut metadata = Metadata::new(id, "team".to_owned(), 7);
        metadata.status = Status::Recorded;
        std::fs::create_dir(&place.folder).unwrap();
        metadata.save(&place.folder).unwrap();
        let library = Library::open(root.path(), Problems::default()).await;
        library.stop(); // nothing is composed here
        let entry = library.0.lock().get(&id).cloned().unwrap();
        library.cancel(id).unwrap();

        let options = ExportOptions::default();
        let [file, scratch] = [root.path().join("room_team_7.mp4"), place.folder.join("composing")];
        let finished = || {
            std::fs::create_dir(&scratch).unwrap();
            std::fs::write(&file, "a film").unwrap();
            library.0.take_in(id, options, Ok("room_team_7.mp4".to_owned()))
        };
        assert!(!finished(), "nobody wants it any more");
        withdraw(&entry, "room_team_7.mp4").await;
        assert!(!file.exists() && !scratch.exists());

        // One that was there before is none the worse.
        let mut remade = entry;
        remade.metadata.products.add("room_team_7.mp4".to_owned(), options);
        assert!(!finished());
        withdraw(&remade, "room_team_7.mp4").await;
        assert!(file.exists() && !scratch.exists());
    }

    #[test]
    fn a_hold_is_the_owners_or_a_meetings_if_it_is_waited_for() {
        let mut holds = Holds::default();
        holds.meeting_runs(true);
        assert_eq!(holds.held_by(), None);
        holds.waits_for_meetings = true;
        assert_eq!(holds.held_by(), Some(HeldBy::Meeting));
        holds.meeting_runs(false);
        assert_eq!(holds.held_by(), None);
        holds.by_owner(true);
        assert_eq!(holds.held_by(), Some(HeldBy::Owner));
    }

    #[test]
    fn the_owner_may_go_on_in_a_meeting_that_is_waited_for_until_it_is_over() {
        let mut holds = Holds {
            waits_for_meetings: true,
            ..Holds::default()
        };
        holds.meeting_runs(true);
        holds.by_owner(false);
        holds.meeting_runs(true);
        assert_eq!(holds.held_by(), None);
        holds.meeting_runs(false);
        holds.meeting_runs(true);
        assert_eq!(holds.held_by(), Some(HeldBy::Meeting));
    }
}
