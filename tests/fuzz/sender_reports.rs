//! Whatever senders say of their clocks, every frame has a place that can be true.
//!
//! What comes are reports, frames and pauses, each with how much later it came, in steps of 40 ms.

#![no_main]

use confab_fuzz::{Input, bounded};
use confab_media_file::rtp::clock::{Placed, StreamClock};
use confab_media_file::rtp::reports::{RtpTimes, SenderClock, SenderReport};
use libfuzzer_sys::fuzz_target;

/// How far ahead of its arrival a frame may lie, in seconds: reports may say a second, and what is off by less than a quarter is left to be made good slowly.
const AHEAD: f64 = 1.26;
/// How far reports may move what was placed before, in seconds.
const EARLIER: f64 = 61.0;
const LATER: f64 = 11.0;

fuzz_target!(|data: &[u8]| {
    bounded(data, || run(data));
});

fn run(data: &[u8]) {
    let mut input = Input(data);
    let flags = input.byte().unwrap_or_default();
    let rate = if flags & 1 == 0 { 48_000 } else { 90_000 };
    let (mut clock, mut times, mut stream) = (SenderClock::default(), RtpTimes::new(rate), StreamClock::new(rate));
    let mut now = 0.0;
    // By how much all of the track was moved.
    let mut moved = 0.0;
    while let (Some(what), Some(after)) = (input.byte(), input.byte()) {
        now += f64::from(after) * 0.040;
        match what % 4 {
            0 => {
                let (Some(whole), Some(fraction), Some(rtp)) = (input.word(), input.word(), input.word()) else {
                    return;
                };
                let ssrc = u32::from(what >> 2);
                let ntp = SenderReport::seconds(whole, fraction);
                clock.heard(ntp, now);
                times.heard(SenderReport { ssrc, ntp, rtp }, now);
            }
            1 => {
                times.resumed();
                stream.resumed(now);
            }
            _ => {
                let Some(rtp) = input.word() else { return };
                let arrival = (now - f64::from(what >> 2) * 0.010).max(0.0);
                let reported = times.place(rtp, arrival, &clock);
                if let Some(reported) = reported {
                    assert!((arrival - 60.0..=arrival + 1.0).contains(&reported.seconds));
                    assert!(reported.ntp.is_finite() && reported.heard <= now);
                }
                let Placed { at, shift } = stream.place(rtp, arrival, reported);
                assert!(at.is_finite() && shift.is_finite());
                assert!(at <= arrival + AHEAD, "{at} but came at {arrival}");
                moved += shift;
                assert!((-EARLIER..=LATER).contains(&moved), "all was moved by {moved}");
            }
        }
    }
}
