//! Wrong passcodes, slowed by the address that they come from.
//!
//! Five within a minute are a slip of the fingers; after that each wrong one closes the door to its address for twice as
//! long as the one before. The longest wait is short, as everybody behind a router has the same address: one who guesses
//! on and on holds up the others there for two minutes at most once they stop, and a right passcode never adds to it.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use indexmap::IndexMap;

/// How many wrong ones within [`WINDOW`] close the door.
const FREE: usize = 5;
const WINDOW: Duration = Duration::from_secs(60);
const FIRST_WAIT: Duration = Duration::from_secs(10);
const LONGEST_WAIT: Duration = Duration::from_secs(120);
/// After so long without a wrong one an address starts afresh.
const FORGIVEN_AFTER: Duration = Duration::from_secs(600);
/// How many addresses are kept in mind.
const MAX_ADDRESSES: usize = 256;

/// The wrong passcodes shown at one room's door.
#[derive(Debug, Clone, Default)]
pub struct Guesses(IndexMap<IpAddr, Record>);

#[derive(Debug, Clone)]
struct Record {
    /// When those within the window were shown.
    recent: Vec<Instant>,
    /// How often the door was closed.
    waits: u32,
    closed_until: Option<Instant>,
    last: Instant,
}

impl Guesses {
    /// Whether none is kept in mind.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a passcode from this address is looked at now.
    ///
    /// # Errors
    /// How long it is not.
    pub fn may_guess(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let until = self.0.get(&address).and_then(|record| record.closed_until);
        match until.map(|until| until.saturating_duration_since(now)) {
            Some(left) if !left.is_zero() => Err(left),
            _ => Ok(()),
        }
    }

    /// Takes in that a passcode from this address was wrong.
    pub fn was_wrong(&mut self, address: IpAddr, now: Instant) {
        self.0
            .retain(|_, record| now.saturating_duration_since(record.last) < FORGIVEN_AFTER);
        if self.0.len() >= MAX_ADDRESSES && !self.0.contains_key(&address) {
            // The addresses are in the order of their last wrong one.
            self.0.shift_remove_index(0);
        }
        let mut record = self.0.shift_remove(&address).unwrap_or(Record {
            recent: Vec::new(),
            waits: 0,
            closed_until: None,
            last: now,
        });
        record.last = now;
        record.recent.retain(|at| now.saturating_duration_since(*at) < WINDOW);
        record.recent.push(now);
        if record.waits > 0 || record.recent.len() >= FREE {
            let wait = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(record.waits));
            record.closed_until = Some(now + wait.min(LONGEST_WAIT));
            record.waits += 1;
        }
        self.0.insert(address, record);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

    fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    /// Five wrong ones, one a second; returns the time of the last.
    fn five(guesses: &mut Guesses, start: Instant) -> Instant {
        for second in 0..5 {
            assert_eq!(guesses.may_guess(HERE, start + seconds(second)), Ok(()));
            guesses.was_wrong(HERE, start + seconds(second));
        }
        start + seconds(4)
    }

    #[test]
    fn five_in_a_minute_close_the_door_for_longer_and_longer() {
        let mut guesses = Guesses::default();
        let mut now = five(&mut guesses, Instant::now());
        for wait in [10, 20, 40, 80, 120, 120, 120] {
            assert_eq!(guesses.may_guess(HERE, now), Err(seconds(wait)));
            let last_moment = now + seconds(wait) - Duration::from_millis(1);
            assert_eq!(guesses.may_guess(HERE, last_moment), Err(Duration::from_millis(1)));
            now += seconds(wait);
            assert_eq!(guesses.may_guess(HERE, now), Ok(()));
            guesses.was_wrong(HERE, now);
        }
    }

    #[test]
    fn who_mistypes_now_and_then_never_waits() {
        let mut guesses = Guesses::default();
        let start = Instant::now();
        for number in 0..100 {
            let now = start + seconds(number * 15);
            assert_eq!(guesses.may_guess(HERE, now), Ok(()), "{number}");
            guesses.was_wrong(HERE, now);
        }
    }

    #[test]
    fn ten_quiet_minutes_forgive() {
        let mut guesses = Guesses::default();
        let last = five(&mut guesses, Instant::now());
        let later = last + FORGIVEN_AFTER;
        five(&mut guesses, later);
        assert_eq!(guesses.may_guess(HERE, later + seconds(4)), Err(seconds(10)));
    }

    #[test]
    fn one_address_does_not_count_for_another() {
        let mut guesses = Guesses::default();
        let last = five(&mut guesses, Instant::now());
        let there = IpAddr::from([10, 0, 0, 2]);
        assert_eq!(guesses.may_guess(there, last), Ok(()));
    }

    #[test]
    fn so_many_addresses_are_kept_in_mind_and_no_more() {
        let mut guesses = Guesses::default();
        let last = five(&mut guesses, Instant::now());
        for number in 0..MAX_ADDRESSES * 2 {
            let address = IpAddr::from(u32::try_from(number).unwrap().to_be_bytes());
            guesses.was_wrong(address, last);
        }
        assert_eq!(guesses.0.len(), MAX_ADDRESSES);
        assert_eq!(guesses.may_guess(HERE, last), Ok(()), "the oldest went");
    }
}
