//! What sender reports (RFC 3550, section 6.4.1) tell: which RTP time is which time of the sender's clock, and when that is on the server's.
//!
//! Both are needed, as every stream counts its RTP time from anywhere and every sender's clock shows another time. A sender's streams share its clock, which is
//! what keeps its lips in step with its voice. All times are seconds; the server's count from the recording's start.

use std::collections::VecDeque;

use super::clock::Unwrapped;

/// For how long a report counts for what the sender's clock shows: long enough that one of its reports was hardly delayed …
const WINDOW: f64 = 30.0;
/// … as long as this many are left, and no more than that many.
const FEWEST: usize = 3;
const MOST: usize = 64;
/// A report this far from what the others say is believed if a second one agrees: the sender's clock was set anew.
const STRAY: f64 = 2.0;
/// How many reports tell what a stream's RTP time is: single ones of sound are off by half a frame and more.
const REPORTS: usize = 9;
/// RTP time that is off by more than that against the sender's clock stood still meanwhile.
const STOOD_STILL: f64 = 0.3;
/// How many streams of one source are kept apart: the layers of simulcast.
const STREAMS: usize = 8;
/// A place so far from the packet's arrival cannot be true.
const AHEAD: f64 = 1.0;
const BEHIND: f64 = 60.0;

/// What a sender says of one of its streams: at this moment of its clock the stream's RTP time was that.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SenderReport {
    /// The stream.
    pub ssrc: u32,
    /// Seconds since 1900.
    pub ntp: f64,
    /// The stream's RTP time at this moment.
    pub rtp: u32,
}

impl SenderReport {
    /// A report's NTP time in its two words: seconds, and a fraction of 2³².
    pub fn seconds(whole: u32, fraction: u32) -> f64 {
        f64::from(whole) + f64::from(fraction) / 4_294_967_296.0
    }
}

/// A sender's clock on the server's. The reports that took the shortest way tell how far they are apart; that way's length stays in it, a few milliseconds in a
/// local network.
#[derive(Debug, Default)]
pub struct SenderClock {
    /// When reports came, and how much later than they say.
    delays: VecDeque<(f64, f64)>,
    stray: Option<f64>,
}

impl SenderClock {
    /// Takes in that a report with this time of the sender's clock came at `arrival`.
    pub fn heard(&mut self, ntp: f64, arrival: f64) {
        let delay = arrival - ntp;
        if let Some(shortest) = self.shortest()
            && (delay - shortest).abs() > STRAY
        {
            let agrees = self.stray.is_some_and(|stray| (delay - stray).abs() <= STRAY);
            self.stray = Some(delay);
            if !agrees {
                return;
            }
            self.delays.clear();
        }
        self.stray = None;
        self.delays.push_back((arrival, delay));
        let is_over = |(heard, _): &(f64, f64)| *heard < arrival - WINDOW;
        while self.delays.len() > MOST || (self.delays.len() > FEWEST && self.delays.front().is_some_and(is_over)) {
            self.delays.pop_front();
        }
    }

    /// When it was this time of the sender's clock; `None` before the first report.
    fn place(&self, ntp: f64) -> Option<f64> {
        self.shortest().map(|delay| ntp + delay)
    }

    fn shortest(&self) -> Option<f64> {
        self.delays.iter().map(|(_, delay)| *delay).min_by(f64::total_cmp)
    }
}

/// Where a frame belongs by its sender's reports.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reported {
    /// The place on the recording's time line.
    pub seconds: f64,
    /// When the last report came that it follows from.
    pub heard: f64,
    /// The frame's time by the sender's clock, in seconds since 1900.
    pub ntp: f64,
}

/// The RTP time of one source on its sender's clock.
///
/// With simulcast each layer has reports of its own, and mediasoup puts all on the RTP time of the one that it took first, without telling which; they differ so
/// wildly that the right one is the one that makes sense.
#[derive(Debug)]
pub struct RtpTimes {
    ticks_per_second: f64,
    streams: Vec<RtpTime>,
    /// The stream whose reports made sense last.
    chosen: Option<u32>,
}

#[derive(Debug)]
struct RtpTime {
    ssrc: u32,
    ticks: Unwrapped,
    last: (u32, i64),
    /// By how much the sender's clock is ahead of the RTP time, by the last reports.
    leads: VecDeque<f64>,
    /// The leads are from before a pause, through which the RTP time may have stood still.
    is_old: bool,
    heard: f64,
}

impl RtpTimes {
    /// Of a source that ticks so often in a second; of one that says 0, once.
    pub fn new(clock_rate: u32) -> Self {
        Self {
            ticks_per_second: f64::from(clock_rate.max(1)),
            streams: Vec::new(),
            chosen: None,
        }
    }

    /// Takes in a report that came at `arrival`.
    pub fn heard(&mut self, report: SenderReport, arrival: f64) {
        let index = self.streams.iter().position(|stream| stream.ssrc == report.ssrc);
        let index = index.unwrap_or_else(|| {
            if self.streams.len() == STREAMS {
                self.streams.remove(0);
            }
            self.streams.push(RtpTime::new(report.ssrc));
            self.streams.len() - 1
        });
        self.streams[index].hear(report, arrival, self.ticks_per_second);
    }

    /// The stream was paused and goes on: what its next report tells counts, and not what those before the pause told.
    pub fn resumed(&mut self) {
        for stream in &mut self.streams {
            stream.is_old = true;
        }
    }

    /// Where a frame with this RTP time belongs whose first packet came at `arrival`; `None` where no report makes sense of it.
    pub fn place(&mut self, rtp: u32, arrival: f64, clock: &SenderClock) -> Option<Reported> {
        let rate = self.ticks_per_second;
        let places = self.streams.iter().filter_map(|stream| {
            let ntp = stream.ntp_of(rtp, rate)?;
            let seconds = clock.place(ntp)?;
            let makes_sense = (-AHEAD..BEHIND).contains(&(arrival - seconds));
            let heard = stream.heard;
            makes_sense.then_some((stream.ssrc, Reported { seconds, heard, ntp }))
        });
        let is_chosen = |ssrc: u32| Some(ssrc) == self.chosen;
        let distance = |reported: Reported| (arrival - reported.seconds).abs();
        let (ssrc, reported) = places.min_by(|(one_ssrc, one), (other_ssrc, other)| {
            let by_choice = is_chosen(*other_ssrc).cmp(&is_chosen(*one_ssrc));
            by_choice.then(distance(*one).total_cmp(&distance(*other)))
        })?;
        self.chosen = Some(ssrc);
        Some(reported)
    }
}

impl RtpTime {
    fn new(ssrc: u32) -> Self {
        Self {
            ssrc,
            ticks: Unwrapped::default(),
            last: (0, 0),
            leads: VecDeque::new(),
            is_old: false,
            heard: 0.0,
        }
    }

    fn hear(&mut self, report: SenderReport, arrival: f64, rate: f64) {
        let ticks = self.ticks.follow(report.rtp);
        let lead = report.ntp - ticks as f64 / rate;
        let is_off = |known: f64| (known - lead).abs() > STOOD_STILL;
        if std::mem::take(&mut self.is_old) || self.lead().is_some_and(is_off) {
            self.leads.clear();
        }
        if self.leads.len() == REPORTS {
            self.leads.pop_front();
        }
        self.leads.push_back(lead);
        self.last = (report.rtp, ticks);
        self.heard = arrival;
    }

    fn ntp_of(&self, rtp: u32, rate: f64) -> Option<f64> {
        let (last, ticks) = self.last;
        let ticks = ticks + i64::from(rtp.wrapping_sub(last) as i32);
        self.lead().map(|lead| lead + ticks as f64 / rate)
    }

    /// The middle one of what the last reports say.
    fn lead(&self) -> Option<f64> {
        let mut sorted: Vec<f64> = self.leads.iter().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (
            sorted.get(sorted.len().checked_sub(1)? / 2)?,
            sorted.get(sorted.len() / 2)?,
        );
        Some((low + high) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NTP: f64 = 3_900_000_000.0;

    fn report(ssrc: u32, ntp: f64, rtp: u32) -> SenderReport {
        SenderReport { ssrc, ntp, rtp }
    }

    fn near(reported: Option<Reported>, seconds: f64, by: f64) {
        let found = reported
            .unwrap_or_else(|| panic!("nothing instead of {seconds}"))
            .seconds;
        assert!((found - seconds).abs() <= by, "{found} instead of {seconds}");
    }

    #[test]
    fn both_words_of_an_ntp_time_count() {
        assert_eq!(SenderReport::seconds(7, 1 << 31), 7.5);
    }

    #[test]
    fn a_frame_lies_where_the_senders_clock_says_however_late_it_comes() {
        let (mut clock, mut times) = (SenderClock::default(), RtpTimes::new(90_000));
        clock.heard(NTP, 10.0);
        times.heard(report(1, NTP, 5_000), 10.0);
        near(times.place(5_000 + 90_000, 11.4, &clock), 11.0, 1e-6);
        near(times.place(5_000 - 4_500, 10.2, &clock), 9.95, 1e-6);
    }

    #[test]
    fn sound_and_picture_of_one_sender_share_its_clock() {
        let mut clock = SenderClock::default();
        let (mut sound, mut picture) = (RtpTimes::new(48_000), RtpTimes::new(90_000));
        clock.heard(NTP, 10.030);
        sound.heard(report(1, NTP, 4_294_967_000), 10.030);
        clock.heard(NTP + 0.5, 10.505);
        picture.heard(report(2, NTP + 0.5, 77), 10.505);
        let at = |reported: Option<Reported>| reported.map(|reported| reported.seconds);
        let spoken = at(sound.place(4_294_967_000_u32.wrapping_add(48_000), 11.1, &clock));
        let shown = at(picture.place(77 + 45_000, 11.2, &clock));
        assert!((spoken.unwrap() - shown.unwrap()).abs() < 1e-6, "{spoken:?} {shown:?}");
        assert!(
            (spoken.unwrap() - 11.005).abs() < 1e-6,
            "the less delayed report counts: {spoken:?}"
        );
    }

    #[test]
    fn delays_of_reports_do_not_show_and_a_drifting_clock_is_followed() {
        let mut clock = SenderClock::default();
        let drift = 100e-6;
        let mut worst: f64 = 0.0;
        for second in 0..1800_u32 {
            let now = f64::from(second);
            let jitter = f64::from(second * 7919 % 20) / 1000.0;
            clock.heard(NTP + now * (1.0 - drift), now + 0.002 + jitter);
            if second > 60 {
                let placed = clock.place(NTP + now * (1.0 - drift)).unwrap();
                worst = worst.max((placed - now - 0.002).abs());
            }
        }
        assert!(worst < 0.010, "{worst}");
    }

    #[test]
    fn a_clock_that_is_set_anew_is_followed_and_one_odd_report_is_not() {
        let mut clock = SenderClock::default();
        for second in 0..10 {
            clock.heard(NTP + f64::from(second), f64::from(second));
        }
        clock.heard(NTP + 4000.0, 10.0);
        assert_eq!(clock.place(NTP), Some(0.0));
        for second in 11..14 {
            clock.heard(NTP - 50.0 + f64::from(second), f64::from(second));
        }
        assert_eq!(clock.place(NTP), Some(50.0));
    }

    #[test]
    fn single_reports_that_are_off_do_not_move_a_stream() {
        let (mut clock, mut times) = (SenderClock::default(), RtpTimes::new(48_000));
        for count in 0..20_u32 {
            let now = f64::from(count) * 5.0;
            let off = if count % 3 == 0 { 0.020 } else { 0.0 };
            clock.heard(NTP + now, now);
            times.heard(
                report(1, NTP + now, (now * 48_000.0) as u32 + (off * 48_000.0) as u32),
                now,
            );
        }
        near(times.place(95 * 48_000, 95.1, &clock), 95.0, 1e-6);
    }

    #[test]
    fn rtp_time_that_stood_still_is_right_again_after_one_report() {
        let (mut clock, mut times) = (SenderClock::default(), RtpTimes::new(48_000));
        for second in 0..5_u32 {
            clock.heard(NTP + f64::from(second), f64::from(second));
            times.heard(report(1, NTP + f64::from(second), second * 48_000), f64::from(second));
        }
        clock.heard(NTP + 64.0, 64.0);
        times.heard(report(1, NTP + 64.0, 5 * 48_000), 64.0);
        near(times.place(6 * 48_000, 65.0, &clock), 65.0, 1e-6);
    }

    #[test]
    fn of_the_layers_of_simulcast_the_one_that_makes_sense_counts() {
        let (mut clock, mut times) = (SenderClock::default(), RtpTimes::new(90_000));
        clock.heard(NTP, 10.0);
        for (ssrc, rtp) in [(1, 1_000_000_000), (2, 3_000_000_000), (3, 2_000_000_000)] {
            times.heard(report(ssrc, NTP, rtp), 10.0);
        }
        near(times.place(3_000_000_000 + 90_000, 11.05, &clock), 11.0, 1e-6);
        assert_eq!(times.chosen, Some(2));
        assert_eq!(times.place(500_000_000, 11.05, &clock), None);
    }

    #[test]
    fn rtp_time_goes_on_over_its_wrap() {
        let (mut clock, mut times) = (SenderClock::default(), RtpTimes::new(90_000));
        let start = 4_000_000_000_u32;
        for minute in 0..8 * 60_u32 {
            let now = f64::from(minute) * 60.0;
            let rtp = start.wrapping_add((now * 90_000.0) as u64 as u32);
            clock.heard(NTP + now, now);
            times.heard(report(1, NTP + now, rtp), now);
            near(
                times.place(rtp.wrapping_add(90_000), now + 1.1, &clock),
                now + 1.0,
                1e-4,
            );
        }
    }

    #[test]
    fn streams_that_nobody_can_use_are_bounded() {
        let mut times = RtpTimes::new(90_000);
        for ssrc in 0..1000 {
            times.heard(report(ssrc, NTP, 0), 0.0);
        }
        assert_eq!(times.streams.len(), STREAMS);
    }
}
