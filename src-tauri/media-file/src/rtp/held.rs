//! What comes first after a pause is held for a moment.
//!
//! Through a part of a pause RTP time may have stood still, which only shows in how late packets come. One packet may come late for any reason; of all that come
//! within a moment, the quickest tells.

use std::time::Duration;

use super::frames::Frame;
use super::reorder::WAIT;

/// For how long: no longer than a gap is waited for, so that what is held is on the disk as soon as what waits.
const HOLD: Duration = WAIT;
/// Two of them are at most so far apart, in seconds; what says otherwise counts anew.
const FARTHEST: f64 = 2.0;

/// The first frames of a stream that goes on.
#[derive(Debug, Default)]
pub struct HeldFrames {
    holds: bool,
    frames: Vec<Frame>,
}

impl HeldFrames {
    /// Holds what comes from now on.
    pub fn begin(&mut self) {
        self.holds = true;
    }

    /// Takes a frame in, or gives it back if none is to be held.
    pub fn take(&mut self, frame: Frame) -> Option<Frame> {
        if !self.holds {
            return Some(frame);
        }
        self.frames.push(frame);
        None
    }

    /// Whether they were held for long enough.
    pub fn is_over(&self, now: Duration) -> bool {
        self.frames.first().is_some_and(|first| now >= first.arrival + HOLD)
    }

    /// Gives all of them back in their order, the first with the arrival that it would have had on the way of the quickest, and holds no more.
    pub fn release(&mut self, clock_rate: u32) -> Vec<Frame> {
        self.holds = false;
        let mut frames = std::mem::take(&mut self.frames);
        if let Some(first) = frames.first() {
            let ways = frames.iter().filter_map(|frame| {
                let ticks = frame.timestamp.wrapping_sub(first.timestamp);
                let after = f64::from(ticks) / f64::from(clock_rate.max(1));
                (after <= FARTHEST).then(|| frame.arrival.saturating_sub(Duration::from_secs_f64(after)))
            });
            let quickest = ways.min().unwrap_or(first.arrival);
            frames[0].arrival = quickest;
        }
        frames
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn frame(timestamp: u32, arrival: u64) -> Frame {
        Frame {
            data: Bytes::from_static(b"x"),
            timestamp,
            arrival: Duration::from_millis(arrival),
            is_key: true,
            size: None,
            configuration: None,
            duration: None,
        }
    }

    fn arrivals(frames: &[Frame]) -> Vec<u128> {
        frames.iter().map(|frame| frame.arrival.as_millis()).collect()
    }

    #[test]
    fn nothing_is_held_but_after_a_pause() {
        let mut held = HeldFrames::default();
        assert_eq!(held.take(frame(7, 1)), Some(frame(7, 1)));
        held.begin();
        assert_eq!(held.take(frame(7, 5_000)), None);
        assert!(!held.is_over(Duration::from_millis(5_599)) && held.is_over(Duration::from_millis(5_600)));
        assert_eq!(held.release(48_000), [frame(7, 5_000)]);
        assert_eq!(held.take(frame(8, 5_700)), Some(frame(8, 5_700)));
    }

    #[test]
    fn the_first_counts_as_quick_as_the_quickest_however_late_it_came() {
        let mut held = HeldFrames::default();
        held.begin();
        // The first two came in a burst with the third, over the end of RTP time.
        for (timestamp, arrival) in [(u32::MAX - 959, 5_430), (0, 5_431), (960, 5_432), (1_920, 5_461)] {
            assert_eq!(held.take(frame(timestamp, arrival)), None);
        }
        assert_eq!(arrivals(&held.release(48_000)), [5_392, 5_431, 5_432, 5_461]);
    }

    #[test]
    fn a_stream_that_counts_anew_meanwhile_says_nothing_of_the_first() {
        let mut held = HeldFrames::default();
        held.begin();
        for (timestamp, arrival) in [(1_000_000, 5_430), (900_000, 5_450), (90_000_000, 5_470)] {
            held.take(frame(timestamp, arrival));
        }
        assert_eq!(arrivals(&held.release(48_000)), [5_430, 5_450, 5_470]);
    }
}
