//! Links by which a finished recording can be fetched once: each has a secret that is spent with the first use, and not for ever to be used.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::error::RecordingError;
use super::id::RecordingId;
use super::library::Library;
use crate::wire::Secret;

/// How long a link can be used.
const LIFETIME: Duration = Duration::from_secs(15 * 60);
/// How many links there are at most: an older one gives way.
const MOST: usize = 256;

/// The links that were not used yet.
#[derive(Debug, Default)]
pub(super) struct Tickets(Mutex<HashMap<String, Ticket>>);

#[derive(Debug)]
struct Ticket {
    file: PathBuf,
    made: Instant,
}

impl Tickets {
    fn make(&self, file: PathBuf, now: Instant) -> Secret {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.retain(|_, ticket| now < ticket.made + LIFETIME);
        if tickets.len() >= MOST
            && let Some(oldest) = tickets
                .iter()
                .min_by_key(|(_, ticket)| ticket.made)
                .map(|(key, _)| key.clone())
        {
            tickets.remove(&oldest);
        }
        let secret = Secret::random();
        tickets.insert(secret.reveal().to_owned(), Ticket { file, made: now });
        secret
    }

    fn spend(&self, secret: &str, now: Instant) -> Option<PathBuf> {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ticket = tickets.remove(secret)?;
        (now < ticket.made + LIFETIME).then_some(ticket.file)
    }
}

impl Library {
    /// A secret with which the newest file of a recording of this room can be fetched once, within a quarter of an hour.
    ///
    /// # Errors
    /// [`RecordingError::NoRecording`], also for one of another room, and [`RecordingError::NotComposable`] while there is no file.
    pub fn ticket(&self, id: RecordingId, room_id: &str) -> Result<Secret, RecordingError> {
        let file = {
            let entries = self.0.lock();
            let of_room = entries.get(&id).filter(|entry| entry.metadata.room_id == room_id);
            let entry = of_room.ok_or(RecordingError::NoRecording)?;
            let newest = entry.metadata.products.newest(&entry.place.root);
            newest.ok_or(RecordingError::NotComposable("there is no file of it"))?.1
        };
        Ok(self.0.tickets.make(file, Instant::now()))
    }

    /// The file that a secret is for, once.
    #[must_use]
    pub fn spend(&self, secret: &str) -> Option<PathBuf> {
        self.0.tickets.spend(secret, Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_works_once_and_not_for_ever() {
        let tickets = Tickets::default();
        let now = Instant::now();
        let secret = tickets.make("film.mp4".into(), now);
        assert_eq!(tickets.spend(secret.reveal(), now), Some("film.mp4".into()));
        assert_eq!(tickets.spend(secret.reveal(), now), None);
        let late = tickets.make("film.mp4".into(), now);
        assert_eq!(tickets.spend(late.reveal(), now + LIFETIME), None);
        assert_eq!(tickets.spend("guessed", now), None);
    }

    #[test]
    fn there_are_never_more_than_a_few() {
        let tickets = Tickets::default();
        let now = Instant::now();
        let first = tickets.make("first.mp4".into(), now);
        for number in 1..=MOST as u64 {
            tickets.make("next.mp4".into(), now + Duration::from_millis(number));
        }
        assert_eq!(tickets.0.lock().unwrap().len(), MOST);
        assert_eq!(tickets.spend(first.reveal(), now), None);
    }
}
