//! Where a frame belongs on the recording's time line.
//!
//! RTP time tells how far apart two frames are. Where that lies is told by the sender's reports (see `reports`), and until the first of them comes by arrivals.
//! What was written before is moved as a whole when reports begin to tell better; later on, what they say differently, as clocks drift, is followed too slowly to
//! be heard or seen. Without reports RTP time is believed as long as it can be: it is anchored anew when it cannot be true, after a pause through which it stood
//! still, when it runs ahead of the arrivals, or when it stays far behind them. All times are seconds.

use super::reports::Reported;

/// RTP time this far ahead of the arrival cannot be true.
const AHEAD: f64 = 1.0;
/// RTP time this far behind the arrival is a late burst, unless it stays so for [`BEHIND_FOR`].
const BEHIND: f64 = 1.0;
const BEHIND_FOR: f64 = 30.0;
/// A pause shorter than this need not show.
const SHORTEST_PAUSE: f64 = 0.2;
/// Sound that is so much later after a pause than it used to be was not late: its RTP time, which counts what was encoded, stood still for a part of the pause.
const STOOD_STILL: f64 = 0.1;
/// How far all of a track may be moved in all, later and earlier: reports put a frame up to a minute before it came, but nothing later than that.
const MOVED_LATER: f64 = 10.0;
const MOVED_EARLIER: f64 = 60.0;
/// The ticks of sound in a second.
const SOUND: f64 = 48_000.0;
/// Of the last frames' delays so many make the usual one.
const USUAL: f64 = 16.0;
/// For how long after the first report all of the track is moved: the first ones are rough.
const SETTLING: f64 = 15.0;
/// What is left of an error after a pause once it is that small is left to [`SLEW`].
const NEAR: f64 = 0.02;
/// How much faster or slower than life a settled track is made to run where its clock drifts.
const SLEW: f64 = 0.005;
/// What is off by more than this is no drift, and is moved at once …
const JUMP: f64 = 0.25;
/// … but earlier only as fast as leaves the frames in their order: so much faster than life.
const HASTE: f64 = 0.25;

/// Follows a 32-bit counter over its wraps.
#[derive(Debug, Default)]
pub struct Unwrapped(Option<(u32, i64)>);

impl Unwrapped {
    /// The next value, as a count that does not wrap.
    pub fn follow(&mut self, value: u32) -> i64 {
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
pub struct StreamClock {
    ticks_per_second: f64,
    ticks: Unwrapped,
    anchor: Option<Anchor>,
    /// Since when RTP time is far behind, and by how much at least.
    behind: Option<(f64, f64)>,
    /// When the stream went on after a pause, until its first frame.
    resumed: Option<f64>,
    /// Until when all of the track is moved; `None` before the first frame that was placed by reports.
    settles_until: Option<f64>,
    /// By how much all of the track was moved until now.
    moved: f64,
    /// Reports from before this mislead.
    believed_from: f64,
    /// When the stream went on after a pause, until it is where a report from after that says.
    unreported: Option<f64>,
    /// How much later than they belong frames come.
    usual_lag: f64,
}

/// The last frame.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    ticks: i64,
    seconds: f64,
    arrival: f64,
    /// Its time by the sender's clock, where reports told.
    ntp: Option<f64>,
}

/// Where a frame belongs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    /// On the recording's time line; below 0 if it was captured before the recording began.
    pub at: f64,
    /// By how much all frames before are to be moved as well: they lie where they should relative to this one.
    pub shift: f64,
}

impl StreamClock {
    /// The clock of a stream that ticks so often in a second; of one that says 0, once.
    pub fn new(clock_rate: u32) -> Self {
        Self {
            ticks_per_second: f64::from(clock_rate.max(1)),
            ticks: Unwrapped::default(),
            anchor: None,
            behind: None,
            resumed: None,
            settles_until: None,
            moved: 0.0,
            believed_from: 0.0,
            unreported: None,
            usual_lag: 0.0,
        }
    }

    /// The stream was paused and goes on `now`: its RTP time may have stood still.
    pub fn resumed(&mut self, now: f64) {
        self.resumed = Some(now);
    }

    /// The place of a frame with this RTP time, whose first packet came at `arrival` and which belongs there by its sender's reports, if they tell.
    pub fn place(&mut self, timestamp: u32, arrival: f64, reported: Option<Reported>) -> Placed {
        let ticks = self.ticks.follow(timestamp);
        let Some(anchor) = self.anchor else {
            let seconds = reported.map_or(arrival, |reported| reported.seconds);
            self.anchor = Some(Anchor {
                ticks,
                seconds,
                arrival,
                ntp: reported.map(|reported| reported.ntp),
            });
            self.settles_until = reported.map(|_| arrival + SETTLING);
            self.usual_lag = arrival - seconds;
            return Placed {
                at: seconds,
                shift: 0.0,
            };
        };
        let step = (ticks - anchor.ticks) as f64 / self.ticks_per_second;
        let at = anchor.seconds + step;
        let paused = arrival - anchor.arrival;
        let resumed = self.resumed.take();
        self.unreported = resumed.or(self.unreported);
        let later = arrival - at - self.usual_lag;
        let is_sound = self.ticks_per_second == SOUND;
        let stood_still = resumed.filter(|_| {
            paused > SHORTEST_PAUSE && (step < paused / 2.0 || (is_sound && (STOOD_STILL..BEHIND).contains(&later)))
        });
        if let Some(resumed) = stood_still {
            // Reports from before that mislead, and what was before is none of what those after it tell.
            self.believed_from = resumed;
            self.settles_until = self.settles_until.map(|_| resumed);
        }
        let reported = reported.filter(|reported| reported.heard >= self.believed_from);
        let (correction, shift) = match reported {
            Some(reported) => {
                // What the sender says of its own clock and its RTP time is exact; when its clock's time is on the server's is a guess by the reports that came.
                // In a pause it may have stood still for so short a part of it that nobody noticed until now.
                let error = reported.seconds - at;
                let is_first = self.unreported.is_some_and(|resumed| reported.heard >= resumed);
                let jump = if is_first { 0.0 } else { JUMP };
                let stood_still = anchor.ntp.is_none_or(|ntp| reported.ntp - ntp > step + jump);
                if is_first && error.abs() <= NEAR {
                    self.unreported = None;
                }
                let (correction, shift) = self.by_reports(error, arrival, step, jump, stood_still);
                // What lies ahead of its arrival cannot be true, however far RTP time leapt.
                if at + correction + shift > arrival + AHEAD + JUMP {
                    (error, 0.0)
                } else {
                    (correction, shift)
                }
            }
            None if stood_still.is_some() => (later, 0.0),
            None => (self.by_arrivals(arrival - at, arrival), 0.0),
        };
        let seconds = at + correction + shift;
        self.usual_lag += (arrival - seconds - self.usual_lag) / USUAL;
        self.anchor = Some(Anchor {
            ticks,
            seconds,
            arrival,
            ntp: reported.map(|reported| reported.ntp),
        });
        Placed { at: seconds, shift }
    }

    /// What is to be done about an `error` that reports tell of: a correction from this frame on, and a shift of the whole track.
    /// More than `jump` is moved at once: later where RTP time can have stood still, or as much earlier as leaves the frames in their order.
    fn by_reports(&mut self, error: f64, arrival: f64, step: f64, jump: f64, stood_still: bool) -> (f64, f64) {
        self.behind = None;
        let Some(settles_until) = self.settles_until else {
            self.settles_until = Some(arrival + SETTLING);
            return self.by_moving_all(error);
        };
        let step = step.max(0.0);
        if stood_still && error > jump {
            (error, 0.0)
        } else if arrival < settles_until {
            self.by_moving_all(error)
        } else if error < -jump {
            (error.max(-HASTE * step), 0.0)
        } else {
            (error.clamp(-SLEW * step, SLEW * step), 0.0)
        }
    }

    /// Moves all of the track by an `error`, as far as that can be the truth about what was before.
    fn by_moving_all(&mut self, error: f64) -> (f64, f64) {
        let moved = self.moved + error;
        if !(-MOVED_EARLIER..=MOVED_LATER).contains(&moved) {
            return (error, 0.0);
        }
        self.moved = moved;
        (0.0, error)
    }

    /// By how much a frame must be moved that lies `lag` before its arrival, if it must.
    fn by_arrivals(&mut self, lag: f64, arrival: f64) -> f64 {
        if lag < -AHEAD {
            self.behind = None;
            return lag;
        }
        if lag < BEHIND {
            self.behind = None;
            return 0.0;
        }
        let (since, least) = self
            .behind
            .map_or((arrival, lag), |(since, least)| (since, least.min(lag)));
        self.behind = Some((since, least));
        if arrival - since <= BEHIND_FOR {
            return 0.0;
        }
        self.behind = None;
        least
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places by arrivals, in milliseconds.
    fn place(clock: &mut StreamClock, timestamp: u32, arrival: u64) -> i64 {
        let placed = clock.place(timestamp, arrival as f64 / 1000.0, None);
        assert_eq!(placed.shift, 0.0);
        (placed.at * 1000.0).round() as i64
    }

    /// Places by the reports of a sender whose clock is the server's.
    fn by_report(clock: &mut StreamClock, timestamp: u32, arrival: f64, seconds: f64) -> Placed {
        by_clock(clock, timestamp, arrival, seconds, seconds)
    }

    fn by_clock(clock: &mut StreamClock, timestamp: u32, arrival: f64, seconds: f64, ntp: f64) -> Placed {
        let heard = arrival;
        clock.place(timestamp, arrival, Some(Reported { seconds, heard, ntp }))
    }

    /// The clock of a voice that spoke for 0.4 s, each packet 30 ms on its way.
    fn spoken() -> StreamClock {
        let mut clock = StreamClock::new(48_000);
        for packet in 0..20_u32 {
            let at = f64::from(packet) * 0.020;
            by_report(&mut clock, packet * 960, at + 0.030, at);
        }
        clock
    }

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-6, "{found} instead of {expected}");
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
                second as i64 * 1000 + 7
            );
        }
    }

    #[test]
    fn a_pause_through_which_rtp_time_stood_still_leaves_a_gap() {
        let mut clock = StreamClock::new(48_000);
        assert_eq!(place(&mut clock, 0, 0), 0);
        assert_eq!(place(&mut clock, 960, 20), 20);
        clock.resumed(9.9);
        assert_eq!(place(&mut clock, 1920, 10_000), 10_000);
        assert_eq!(place(&mut clock, 2880, 10_031), 10_020);
    }

    #[test]
    fn a_pause_through_which_rtp_time_went_on_keeps_it() {
        let mut clock = StreamClock::new(48_000);
        assert_eq!(place(&mut clock, 0, 0), 0);
        clock.resumed(9.9);
        assert_eq!(place(&mut clock, 480_000, 10_050), 10_000);
    }

    #[test]
    fn a_burst_after_a_stall_keeps_its_rtp_time() {
        let mut clock = StreamClock::new(90_000);
        assert_eq!(place(&mut clock, 0, 0), 0);
        for frame in 1..100_u32 {
            assert_eq!(
                place(&mut clock, frame * 3600, 4000 + u64::from(frame)),
                i64::from(frame) * 40
            );
        }
    }

    #[test]
    fn time_that_stays_behind_is_moved_and_time_from_the_future_at_once() {
        let mut clock = StreamClock::new(90_000);
        assert_eq!(place(&mut clock, 0, 0), 0);
        let mut last = 0;
        for frame in 1..800_u32 {
            last = place(&mut clock, frame * 3600, 3000 + u64::from(frame) * 40);
        }
        assert_eq!(last, 3000 + 799 * 40);
        assert_eq!(place(&mut clock, 800 * 3600 + 90_000 * 60, 36_000), 36_000);
    }

    #[test]
    fn the_first_report_moves_all_that_was_placed_by_arrival() {
        let mut clock = StreamClock::new(90_000);
        assert_eq!(place(&mut clock, 0, 400), 400);
        let placed = by_report(&mut clock, 90_000, 1.2, 1.03);
        near(placed.at, 1.03);
        near(placed.shift, -0.37);
        // What follows lies as RTP time says.
        let placed = by_report(&mut clock, 180_000, 2.2, 2.03);
        near(placed.at, 2.03);
        near(placed.shift, 0.0);
    }

    #[test]
    fn a_track_whose_reports_are_known_lies_right_from_its_first_frame_on() {
        let mut clock = StreamClock::new(90_000);
        let placed = by_report(&mut clock, 77, 0.05, -0.02);
        near(placed.at, -0.02);
        near(placed.shift, 0.0);
    }

    #[test]
    fn a_clock_that_drifts_is_followed_without_a_jump() {
        let (mut clock, mut last) = (StreamClock::new(48_000), 0.0);
        // A sound card that is slow by one in a thousand, over ten minutes.
        for packet in 0..30_000_u32 {
            let true_time = f64::from(packet) * 0.020 * 1.001;
            let placed = by_report(&mut clock, packet * 960, true_time + 0.05, true_time);
            assert!(
                (placed.at - true_time).abs() < 0.001,
                "{} instead of {true_time}",
                placed.at
            );
            if packet > 1_000 {
                let step = placed.at - last;
                assert!((0.0199..0.0202).contains(&step) && placed.shift == 0.0, "{step}");
            }
            last = placed.at;
        }
    }

    #[test]
    fn an_error_that_shows_late_is_made_good_slowly_and_a_great_one_at_once() {
        let mut clock = StreamClock::new(90_000);
        for second in 0..20_u32 {
            by_report(&mut clock, second * 90_000, f64::from(second), f64::from(second));
        }
        near(by_report(&mut clock, 20 * 90_000, 20.0, 20.1).at, 20.005);
        near(by_report(&mut clock, 21 * 90_000, 21.0, 21.1).at, 21.010);
        near(by_report(&mut clock, 22 * 90_000, 22.0, 21.9).at, 22.005);
        let jumped = by_report(&mut clock, 23 * 90_000, 26.0, 26.0);
        near(jumped.at, 26.0);
        near(jumped.shift, 0.0);
        // Backwards only as fast as frames can follow one another.
        near(by_report(&mut clock, 24 * 90_000, 27.0, 26.2).at, 26.75);
    }

    #[test]
    fn reports_that_all_come_late_for_a_while_move_nothing_at_once() {
        let mut clock = StreamClock::new(48_000);
        for second in 0..40_u32 {
            by_report(&mut clock, second * 48_000, f64::from(second), f64::from(second));
        }
        // The least delayed of them came over a second late; the sender's clock goes with its RTP time as before.
        for second in 40..50_u32 {
            let ntp = f64::from(second);
            let at = by_clock(&mut clock, second * 48_000, ntp + 1.4, ntp + 1.33, ntp).at;
            near(at, ntp + 0.005 * f64::from(second - 39));
        }
    }

    #[test]
    fn rtp_time_that_stood_still_soon_after_the_start_moves_nothing_that_was_before() {
        let mut clock = StreamClock::new(48_000);
        by_report(&mut clock, 0, 0.0, 0.0);
        let placed = by_report(&mut clock, 960, 7.02, 7.0);
        near(placed.at, 7.0);
        near(placed.shift, 0.0);
    }

    #[test]
    fn the_first_reports_move_all_however_much_later_than_the_next_they_came() {
        let mut clock = StreamClock::new(48_000);
        assert_eq!(place(&mut clock, 0, 500), 500);
        near(by_report(&mut clock, 5 * 48_000, 6.0, 6.5).shift, 1.0);
        let placed = by_report(&mut clock, 10 * 48_000, 10.1, 10.0);
        near(placed.at, 10.0);
        near(placed.shift, -1.5);
    }

    #[test]
    fn rtp_time_that_leaps_far_ahead_is_not_followed_beyond_what_has_come() {
        let mut clock = StreamClock::new(90_000);
        for second in 0..20_u32 {
            by_report(&mut clock, second * 90_000, f64::from(second), f64::from(second));
        }
        let leapt = 1 << 30;
        let placed = by_report(&mut clock, 19 * 90_000 + leapt, 20.0, 19.9);
        near(placed.at, 19.9);
        near(placed.shift, 0.0);
        near(
            by_report(&mut clock, 19 * 90_000 + leapt + 3_000, 20.1, 19.934).at,
            19.9 + 1.0 / 30.0 * 1.005,
        );
    }

    #[test]
    fn no_report_moves_what_was_before_by_hours() {
        let mut clock = StreamClock::new(90_000);
        assert_eq!(place(&mut clock, 1 << 31, 0), 0);
        // Three hours back, until a report tells.
        assert!(place(&mut clock, 1 << 30, 1_000) < -10_000_000);
        let placed = by_report(&mut clock, (1 << 30) + 90_000, 2.0, 1.9);
        near(placed.at, 1.9);
        near(placed.shift, 0.0);
    }

    #[test]
    fn sound_whose_rtp_time_stood_still_for_a_part_of_a_pause_is_moved_by_that_part() {
        let mut clock = spoken();
        // Five seconds, of which 0.4 were not counted.
        clock.resumed(5.37);
        let before = Reported {
            seconds: 5.0,
            heard: 0.3,
            ntp: 5.0,
        };
        near(clock.place(240_000, 5.43, Some(before)).at, 5.4);
        // What was told before the pause is not believed until somebody tells anew.
        let before = Reported {
            seconds: 5.02,
            heard: 0.3,
            ntp: 5.02,
        };
        near(clock.place(240_960, 5.45, Some(before)).at, 5.42);
        near(by_report(&mut clock, 241_920, 5.47, 5.45).at, 5.45);
    }

    #[test]
    fn what_was_guessed_after_a_pause_is_made_good_quickly_and_moves_nothing_that_was_before() {
        let mut clock = spoken();
        clock.resumed(5.37);
        let begins = clock.place(240_000, 5.53, None).at;
        near(begins, 5.5);
        // All of what came until then was 0.1 s late, as the next report shows.
        let mut last = begins;
        for packet in 1..40_u32 {
            let truth = 5.4 + f64::from(packet) * 0.020;
            let placed = by_report(&mut clock, 240_000 + packet * 960, truth + 0.030, truth);
            assert_eq!(placed.shift, 0.0);
            assert!(placed.at > last, "{} after {last}", placed.at);
            last = placed.at;
        }
        assert!((last - 6.18).abs() <= NEAR, "{last}");
    }

    #[test]
    fn right_after_a_pause_reports_from_before_it_count_unless_rtp_time_stood_still() {
        for (rtp, arrival, expected) in [
            (48_000 * 10, 10.05, 10.0),
            (48_000 * 10, 11.5, 10.0),
            (960, 10.05, 10.05),
        ] {
            let mut clock = StreamClock::new(48_000);
            by_report(&mut clock, 0, 0.0, 0.0);
            clock.resumed(9.9);
            let seconds = f64::from(rtp) / 48_000.0;
            let before = Reported {
                seconds,
                heard: 5.0,
                ntp: seconds,
            };
            let placed = clock.place(rtp, arrival, Some(before));
            near(placed.at, expected);
        }
    }
}
