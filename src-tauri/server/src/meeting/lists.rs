//! How fast lists of people go out. Every change makes a new one, for everybody, which in a large room is much to say;
//! somebody who changed something without an end would have the server say it without an end.
//!
//! What is left out is made up for soon by a list of how things are then, so that nobody stays behind.

use std::time::{Duration, Instant};

/// How many bytes of lists a room sends in a second, in the long run, and how many at once: a class of a hundred can
/// come in together.
const BYTES_PER_SECOND: i64 = 16 << 20;
const BYTES_AT_ONCE: i64 = 64 << 20;
/// How long a list is held back at most, however large it is.
const LONGEST: Duration = Duration::from_secs(2);

/// What a room has sent of lists lately.
#[derive(Debug)]
pub(super) struct ListPace {
    /// How many bytes may go out; below zero where the last list was longer than that.
    allowance: i64,
    counted: Instant,
    due: Option<Instant>,
}

impl ListPace {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            allowance: BYTES_AT_ONCE,
            counted: now,
            due: None,
        }
    }

    /// Whether a list that is so many bytes long, for all who hear it together, goes out now. If not, one is due later.
    pub(super) fn lets_out(&mut self, bytes: usize, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.counted).as_millis();
        let gained = i64::try_from(passed)
            .unwrap_or(i64::MAX)
            .saturating_mul(BYTES_PER_SECOND)
            / 1_000;
        if gained > 0 {
            self.allowance = self.allowance.saturating_add(gained).min(BYTES_AT_ONCE);
            self.counted = now;
        }
        if self.allowance <= 0 {
            let lacking =
                Duration::from_millis(self.allowance.unsigned_abs() * 1_000 / BYTES_PER_SECOND.unsigned_abs() + 1);
            self.due.get_or_insert(now + lacking.min(LONGEST));
            return false;
        }
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.allowance = self.allowance.saturating_sub(bytes).max(-BYTES_AT_ONCE);
        self.due = None;
        true
    }

    /// When a list is due that was held back.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Whether a list is due by now, which goes out then whatever there was before.
    pub(super) fn take_due(&mut self, now: Instant) -> bool {
        let is_due = self.due.is_some_and(|due| due <= now);
        if is_due {
            self.due = None;
            self.allowance = self.allowance.max(1);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: usize = 30 * 30 * 300;

    #[test]
    fn a_usual_room_never_waits() {
        let mut now = Instant::now();
        let mut pace = ListPace::new(now);
        for _ in 0..1_000 {
            now += Duration::from_millis(100);
            assert!(pace.lets_out(SMALL, now) && pace.due().is_none());
        }
    }

    #[test]
    fn who_changes_things_without_an_end_has_little_said_and_the_last_of_it_in_any_case() {
        let start = Instant::now();
        let mut pace = ListPace::new(start);
        let bytes = 4 << 20;
        let mut said = 0;
        for ms in 0..10_000 {
            let now = start + Duration::from_millis(ms);
            let is_due = pace.take_due(now);
            said += u32::from(pace.lets_out(bytes, now));
            assert!(!is_due || pace.due().is_none(), "what is due goes out");
        }
        assert!((50..70).contains(&said), "{said}");
        let due = pace.due().expect("the last change is still to be told");
        assert!(due <= start + Duration::from_secs(10) + LONGEST);
        assert!(!pace.take_due(due - Duration::from_millis(1)) && pace.take_due(due));
        assert!(pace.lets_out(bytes, due) && pace.due().is_none());
    }

    #[test]
    fn however_long_a_list_is_it_is_not_held_back_for_long() {
        let now = Instant::now();
        let mut pace = ListPace::new(now);
        assert!(pace.lets_out(usize::MAX, now));
        assert!(!pace.lets_out(1, now));
        assert_eq!(pace.due(), Some(now + LONGEST));
    }
}
