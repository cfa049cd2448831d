//! For how long the disk has room at the rate at which a recording grows.

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::time::Duration;

/// What is left free when a recording stops: enough to complete its files, and for the computer to go on working.
const RESERVE: u64 = 128 << 20;
/// A recording does not start with less than this above the reserve.
const AT_START: u64 = 8 << 20;
/// A disk with less than this is used up.
const USED_UP: u64 = 1 << 20;
/// The rate is that of this long …
const RATE_OVER: Duration = Duration::from_secs(30);
/// … and not known before this.
const RATE_AFTER: Duration = Duration::from_secs(6);
/// With less time left than this the owner is warned …
const WARN_AT: u64 = 10 * 60;
/// … until there is more than that again.
const WARN_UNTIL: u64 = 12 * 60;

/// What a running recording takes on the disk, and what is left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Space {
    /// How many bytes are on the disk.
    pub(super) bytes: u64,
    /// For how many seconds there is room at the present rate; `None` while nothing is written.
    pub(super) seconds_left: Option<u64>,
}

/// How many bytes may still be written where `folder` is.
pub(super) fn available(folder: &Path) -> io::Result<u64> {
    fs4::available_space(folder)
}

/// Whether there is too little room for a recording to start.
pub(super) fn is_short(folder: &Path) -> io::Result<bool> {
    Ok(available(folder)? < RESERVE + AT_START)
}

/// Whether a recording must end while its files can still be completed.
pub(super) fn is_full(available: u64) -> bool {
    available < RESERVE
}

/// Whether hardly anything can be written where `folder` is, so that whatever fails there fails for that.
pub(super) fn is_used_up(folder: &Path) -> bool {
    available(folder).is_ok_and(|available| available < USED_UP)
}

/// Watches how fast a recording grows.
#[derive(Debug, Default)]
pub(super) struct SpaceWatch {
    written: VecDeque<(Duration, u64)>,
    seconds_left: Option<u64>,
    warns: bool,
}

impl SpaceWatch {
    /// Takes in how many bytes were written by now and how many are available; returns for how many seconds that is enough.
    pub(super) fn look(&mut self, now: Duration, written: u64, available: u64) -> Option<u64> {
        self.written.push_back((now, written));
        while self.written.get(1).is_some_and(|(at, _)| *at + RATE_OVER <= now) {
            self.written.pop_front();
        }
        self.seconds_left = self.rate(now, written).map(|rate| {
            let room = available.saturating_sub(RESERVE);
            (room as f64 / rate) as u64
        });
        let warn_below = if self.warns { WARN_UNTIL } else { WARN_AT };
        self.warns = self.seconds_left.is_some_and(|left| left < warn_below);
        self.seconds_left
    }

    /// What the owner is to be warned of, as a sentence.
    pub(super) fn warning(&self, folder: &Path) -> Option<String> {
        let minutes = self.seconds_left.filter(|_| self.warns)?.div_ceil(60);
        let minutes = if minutes <= 1 {
            "about a minute".to_owned()
        } else {
            format!("about {minutes} minutes")
        };
        Some(format!(
            "The disk with {} has room for {minutes} more of this recording, which ends by itself then: free some space.",
            folder.display()
        ))
    }

    /// Bytes per second; `None` while nothing is written.
    fn rate(&self, now: Duration, written: u64) -> Option<f64> {
        let (since, before) = *self.written.front()?;
        let lasted = now.saturating_sub(since);
        let grown = written.saturating_sub(before);
        (lasted >= RATE_AFTER && grown > 0).then(|| grown as f64 / lasted.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;

    /// Looks every two seconds at a recording that grows by 1 MB a second, with room for `seconds`.
    fn looked(watch: &mut SpaceWatch, from: u64, to: u64, seconds: impl Fn(u64) -> u64) -> Option<u64> {
        (from..to).step_by(2).fold(None, |_, second| {
            watch.look(Duration::from_secs(second), second * MB, RESERVE + seconds(second) * MB)
        })
    }

    #[test]
    fn time_left_is_what_the_present_rate_leaves() {
        let mut watch = SpaceWatch::default();
        assert_eq!(looked(&mut watch, 0, 5, |_| 7200), None);
        assert_eq!(looked(&mut watch, 6, 100, |_| 7200), Some(7200));
        // Nothing is sent for a while: nothing can be said.
        let mut left = Some(0);
        for second in (100..140).step_by(2) {
            left = watch.look(Duration::from_secs(second), 98 * MB, RESERVE + 7200 * MB);
        }
        assert_eq!(left, None);
        assert!(watch.written.len() <= 17, "{}", watch.written.len());
    }

    #[test]
    fn ten_minutes_before_the_end_it_warns_until_there_is_room_again() {
        let (mut watch, folder) = (SpaceWatch::default(), Path::new("/videos"));
        looked(&mut watch, 0, 20, |_| 601);
        assert_eq!(watch.warning(folder), None);
        looked(&mut watch, 20, 40, |second| 599 + 20 - second);
        let warning = watch.warning(folder).unwrap();
        assert!(
            warning.contains("/videos") && warning.contains("about 10 minutes"),
            "{warning}"
        );
        looked(&mut watch, 40, 60, |_| 650);
        assert!(watch.warning(folder).is_some(), "it does not flicker");
        looked(&mut watch, 60, 80, |_| 30);
        assert!(watch.warning(folder).unwrap().contains("about a minute"));
        looked(&mut watch, 80, 100, |_| 900);
        assert_eq!(watch.warning(folder), None);
    }

    #[test]
    fn the_reserve_is_not_for_recordings() {
        assert!(is_full(RESERVE - 1) && !is_full(RESERVE));
        let mut watch = SpaceWatch::default();
        for second in 0..10 {
            watch.look(Duration::from_secs(second), second * MB, RESERVE / 2);
        }
        assert_eq!(watch.seconds_left, Some(0));
    }
}
