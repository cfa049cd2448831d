//! Where a packet belongs on the recording's time line.
//!
//! The sender's RTP time tells how far apart two frames are; the arrival of a first packet on the server's clock tells where that begins. RTP time
//! is believed as long as it can be: it runs steadily where arrivals jitter. It is anchored anew when it cannot be true: after a pause through which it stood
//! still, when it runs ahead of the arrivals, or when it stays far behind them. (A mapping from sender reports would replace `anchor` and nothing else.)

use std::time::Duration;

/// RTP time this far ahead of the arrival cannot be true.
const AHEAD: f64 = 1.0;
/// RTP time this far behind the arrival is a late burst, unless it stays so for [`BEHIND_FOR`].
const BEHIND: f64 = 1.0;
const BEHIND_FOR: f64 = 10.0;
/// After a pause the RTP time may be off by this much before the pause is taken to have stopped it.
const AFTER_PAUSE: f64 = 0.2;

/// Follows a 32-bit counter over its wraps.
#[derive(Debug, Default)]
struct Unwrapped(Option<(u32, i64)>);

impl Unwrapped {
    fn follow(&mut self, value: u32) -> i64 {
        let total = match self.0 {
            None => i64::from(value),
            Some((last, total)) => total + i64::from(value.wrapping_sub(last) as i32),
        };
        self.0 = Some((value, total));
        total
    }
}

/// The clock of one stream.
#[derive(Debug)]
pub(crate) struct StreamClock {
    ticks_per_second: f64,
    ticks: Unwrapped,
    anchor: Option<Anchor>,
    /// Since when RTP time is far behind, and by how much at least.
    behind: Option<(f64, f64)>,
    resumed: bool,
}

#[derive(Debug, Clone, Copy)]
struct Anchor {
    ticks: i64,
    seconds: f64,
}

impl StreamClock {
    pub(crate) fn new(clock_rate: u32) -> Self {
        Self {
            ticks_per_second: f64::from(clock_rate.max(1)),
            ticks: Unwrapped::default(),
            anchor: None,
            behind: None,
            resumed: false,
        }
    }

    /// The stream was paused and goes on now: its RTP time may have stood still.
    pub(crate) fn resumed(&mut self) {
        self.resumed = true;
    }

    /// The place of a frame with this RTP time, whose first packet came at `arrival`, on the recording's time line.
    pub(crate) fn place(&mut self, timestamp: u32, arrival: Duration) -> Duration {
        let ticks = self.ticks.follow(timestamp);
        let arrival = arrival.as_secs_f64();
        let anchor = *self.anchor.get_or_insert(Anchor {
            ticks,
            seconds: arrival,
        });
        let mut seconds = anchor.seconds + (ticks - anchor.ticks) as f64 / self.ticks_per_second;
        let lag = arrival - seconds;
        if let Some(correction) = self.correction(lag, arrival) {
            seconds += correction;
            self.anchor = Some(Anchor { ticks, seconds });
            self.behind = None;
        }
        self.resumed = false;
        Duration::from_secs_f64(seconds.max(0.0))
    }

    /// By how much the anchor must move, if it must.
    fn correction(&mut self, lag: f64, arrival: f64) -> Option<f64> {
        if lag < -AHEAD || (self.resumed && lag.abs() > AFTER_PAUSE) {
            return Some(lag);
        }
        if lag < BEHIND {
            self.behind = None;
            return None;
        }
        let (since, least) = self
            .behind
            .map_or((arrival, lag), |(since, least)| (since, least.min(lag)));
        self.behind = Some((since, least));
        (arrival - since > BEHIND_FOR).then_some(least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn place(clock: &mut StreamClock, timestamp: u32, arrival: u64) -> u128 {
        (clock.place(timestamp, ms(arrival)).as_secs_f64() * 1000.0).round() as u128
    }

    #[test]
    fn jitter_of_the_arrivals_does_not_show() {
        let mut clock = StreamClock::new(90_000);
        assert_eq!(place(&mut clock, 5000, 1000), 1000);
        assert_eq!(place(&mut clock, 5000 + 3600, 1090), 1040);
        assert_eq!(place(&mut clock, 5000 + 7200, 1081), 1080);
    }

    #[test]
    fn rtp_time_goes_on_over_its_wrap_in_both_directions() {
        let mut clock = StreamClock::new(48_000);
        assert_eq!(place(&mut clock, u32::MAX - 479, 100), 100);
        assert_eq!(place(&mut clock, 480, 120), 120);
        assert_eq!(place(&mut clock, u32::MAX - 479, 121), 100);
    }

    #[test]
    fn eight_hours_of_video_with_two_wraps_do_not_drift() {
        let mut clock = StreamClock::new(90_000);
        let start = 4_000_000_000_u32;
        for second in 0..8 * 3600_u64 {
            let timestamp = start.wrapping_add((second * 90_000) as u32);
            assert_eq!(
                place(&mut clock, timestamp, second * 1000 + 7),
                u128::from(second) * 1000 + 7
            );
        }
    }

    #[test]
    fn a_pause_through_which_rtp_time_stood_still_leaves_a_gap() {
        let mut clock = StreamClock::new(48_000);
        assert_eq!(place(&mut clock, 0, 0), 0);
        assert_eq!(place(&mut clock, 960, 20), 20);
        clock.resumed();
        assert_eq!(place(&mut clock, 1920, 10_000), 10_000);
        assert_eq!(place(&mut clock, 2880, 10_031), 10_020);
    }

    #[test]
    fn a_pause_through_which_rtp_time_went_on_keeps_it() {
        let mut clock = StreamClock::new(48_000);
        assert_eq!(place(&mut clock, 0, 0), 0);
        clock.resumed();
        assert_eq!(place(&mut clock, 480_000, 10_050), 10_000);
    }

    #[test]
    fn a_burst_after_a_stall_keeps_its_rtp_time() {
        let mut clock = StreamClock::new(90_000);
        assert_eq!(place(&mut clock, 0, 0), 0);
        for frame in 1..100_u32 {
            assert_eq!(
                place(&mut clock, frame * 3600, 4000 + u64::from(frame)),
                u128::from(frame) * 40
            );
        }
    }

    #[test]
    fn time_that_stays_behind_is_moved_and_time_from_the_future_at_once() {
        let mut clock = StreamClock::new(90_000);
        assert_eq!(place(&mut clock, 0, 0), 0);
        let mut last = 0;
        for frame in 1..400_u32 {
            last = place(&mut clock, frame * 3600, 3000 + u64::from(frame) * 40);
        }
        assert_eq!(last, 3000 + 399 * 40);
        assert_eq!(place(&mut clock, 400 * 3600 + 90_000 * 60, 20_000), 20_000);
    }
}
