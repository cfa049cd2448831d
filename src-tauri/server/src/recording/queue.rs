//! The queue in front of the recording's thread: nobody who adds to it ever waits, and what waits in it is bounded.
//!
//! Whoever takes from it sleeps for a while and then takes all at once: a wake-up for each packet would cost more than the packet.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many bytes of packets may wait: half a minute of four good cameras.
const MOST_BYTES: usize = 32 << 20;
/// What keeping a packet takes besides its own bytes.
const OVERHEAD: usize = 64;

/// The way in. Clones add to the same queue.
#[derive(Debug)]
pub(super) struct Inlet<T>(Arc<Shared<T>>);

impl<T> Clone for Inlet<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// The way out.
#[derive(Debug)]
pub(super) struct Outlet<T>(Arc<Shared<T>>);

#[derive(Debug)]
struct Shared<T> {
    waiting: Mutex<Waiting<T>>,
    hurry: Condvar,
    origin: Instant,
}

#[derive(Debug)]
struct Waiting<T> {
    items: Vec<(Duration, T)>,
    bytes: usize,
    dropped: u64,
    is_urgent: bool,
}

/// What was taken at once.
#[derive(Debug)]
pub(super) struct Taken<T> {
    /// In the order in which they were added, with the time at which they were.
    pub(super) items: Vec<(Duration, T)>,
    /// How many did not fit, since the last time.
    pub(super) dropped: u64,
    /// Nobody is left who could add more.
    pub(super) is_over: bool,
}

/// A queue. Times count from now.
pub(super) fn queue<T>() -> (Inlet<T>, Outlet<T>) {
    let shared = Arc::new(Shared {
        waiting: Mutex::new(Waiting {
            items: Vec::new(),
            bytes: 0,
            dropped: 0,
            is_urgent: false,
        }),
        hurry: Condvar::new(),
        origin: Instant::now(),
    });
    (Inlet(Arc::clone(&shared)), Outlet(shared))
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        // Nothing can panic while it is held.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Inlet<T> {
    /// The time since the queue was made.
    pub(super) fn now(&self) -> Duration {
        self.0.origin.elapsed()
    }

    /// Adds something that always fits.
    pub(super) fn add(&self, at: Duration, item: T) {
        self.0.lock().items.push((at, item));
    }

    /// Adds something and wakes up whoever takes.
    pub(super) fn add_urgently(&self, item: T) {
        let mut waiting = self.0.lock();
        waiting.items.push((self.now(), item));
        waiting.is_urgent = true;
        self.0.hurry.notify_one();
    }

    /// Adds something of this many bytes, or drops it if too much waits.
    pub(super) fn add_if_it_fits(&self, bytes: usize, item: T) {
        let at = self.now();
        let mut waiting = self.0.lock();
        if waiting.bytes + bytes + OVERHEAD > MOST_BYTES {
            waiting.dropped += 1;
        } else {
            waiting.bytes += bytes + OVERHEAD;
            waiting.items.push((at, item));
        }
    }
}

impl<T> Outlet<T> {
    /// The time since the queue was made.
    pub(super) fn now(&self) -> Duration {
        self.0.origin.elapsed()
    }

    /// Sleeps for `nap`, unless something is urgent, and takes what waits.
    pub(super) fn take(&self, nap: Duration) -> Taken<T> {
        let waiting = self.0.lock();
        let slept = self
            .0
            .hurry
            .wait_timeout_while(waiting, nap, |waiting| !waiting.is_urgent);
        let (mut waiting, _) = slept.unwrap_or_else(PoisonError::into_inner);
        // Looked at before the items, so that nobody can have added one since.
        let is_over = Arc::strong_count(&self.0) == 1;
        waiting.bytes = 0;
        waiting.is_urgent = false;
        Taken {
            items: std::mem::take(&mut waiting.items),
            dropped: std::mem::take(&mut waiting.dropped),
            is_over,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items<T>(taken: Taken<T>) -> Vec<T> {
        taken.items.into_iter().map(|(_, item)| item).collect()
    }

    #[test]
    fn all_is_taken_at_once_in_its_order_and_the_end_is_seen_after_the_last() {
        let (inlet, outlet) = queue();
        inlet.add_if_it_fits(100, 1);
        inlet.clone().add(inlet.now(), 2);
        let taken = outlet.take(Duration::ZERO);
        assert!(!taken.is_over);
        assert_eq!(items(taken), [1, 2]);
        inlet.add(inlet.now(), 3);
        drop(inlet);
        let taken = outlet.take(Duration::ZERO);
        assert!(taken.is_over);
        assert_eq!(items(taken), [3]);
    }

    #[test]
    fn what_does_not_fit_is_dropped_and_counted_and_what_must_fit_does() {
        let (inlet, outlet) = queue();
        let each = 1 << 20;
        for item in 0..40 {
            inlet.add_if_it_fits(each, item);
        }
        inlet.add(inlet.now(), 99);
        let taken = outlet.take(Duration::ZERO);
        let kept = MOST_BYTES / (each + OVERHEAD);
        assert_eq!(taken.dropped, 40 - kept as u64);
        assert_eq!(items(taken).len(), kept + 1);
        inlet.add_if_it_fits(each, 7);
        let taken = outlet.take(Duration::ZERO);
        assert_eq!(taken.dropped, 0);
        assert_eq!(items(taken), [7]);
    }

    #[test]
    fn what_is_urgent_is_taken_at_once() {
        let (inlet, outlet) = queue();
        let sleeper = std::thread::spawn(move || items(outlet.take(Duration::from_secs(3600))));
        inlet.add_urgently(5);
        assert_eq!(sleeper.join().unwrap(), [5]);
    }
}
