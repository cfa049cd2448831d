//! People who send for hours within seconds: cameras and microphones with clocks of their own, and their ways to the server.
//!
//! All times are seconds. When something truly happens is counted from the recording's start; each clock shows something else.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::{BufMut as _, BytesMut};

use super::super::{Job, TrackNumber};
use super::loops::Frames;
use crate::recording::rtp::reports::SenderReport;

/// How many of the lost packets come when they are asked for again, and how much later.
const MENDED: f64 = 0.9;
const MENDED_AFTER: (f64, f64) = (0.060, 0.250);
/// How often the way is a long one, and how many times its jitter that is.
const LONG: f64 = 0.005;
const LONGER: f64 = 10.0;
/// How far apart reports are.
const REPORT_EVERY: (f64, f64) = (0.5, 1.5);
/// How far off the RTP time of a report can be: browsers know that of sound by its last packet.
const ROUGH: f64 = 0.010;

/// Chances that are the same in every run.
#[derive(Debug)]
pub(super) struct Chances(pub(super) u64);

impl Chances {
    /// From 0 to 1, by SplitMix64.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, (least, most): (f64, f64)) -> f64 {
        least + (most - least) * self.next()
    }

    fn have_it(&mut self, probability: f64) -> bool {
        self.next() < probability
    }
}

/// A way to the server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    /// How long a packet takes at least.
    pub(super) shortest: f64,
    /// How much longer it takes at most, but now and then.
    pub(super) jitter: f64,
    /// How many packets are lost, from 0 to 1: one to three in a row.
    pub(super) loss: f64,
}

impl Way {
    fn delay(&self, chances: &mut Chances) -> f64 {
        let longer = if chances.have_it(LONG) { LONGER } else { 1.0 };
        self.shortest + longer * chances.between((0.0, self.jitter))
    }
}

/// A sender's clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    /// What it shows when the recording starts, in seconds since 1900.
    pub(super) shows: f64,
    /// By how many millionths it is too fast.
    pub(super) fast: f64,
}

/// What is sent and how: the same loop over and over, by the clock of a camera or of a sound card.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) track: TrackNumber,
    pub(super) payload_type: u8,
    pub(super) clock_rate: u32,
    pub(super) frames: Frames,
    /// How long a frame lasts.
    pub(super) step: f64,
    /// How much later than it began a frame is sent.
    pub(super) held: f64,
    /// By how many millionths a sound card is faster than its sender's clock; `None` for a camera, which has no clock of its own.
    pub(super) card: Option<f64>,
}

/// A source at work.
#[derive(Debug)]
pub(super) struct Stream {
    source: Source,
    clock: Clock,
    way: Way,
    chances: Chances,
    /// The RTP time when the recording starts.
    base: u32,
    sequence: u16,
    reports_at: f64,
    /// How many packets are lost now, one after the other.
    losing: u32,
    pub(super) sent: Sent,
}

/// How many frames were sent, and packets lost on the way.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Sent {
    pub(super) frames: u64,
    pub(super) lost: u64,
    pub(super) lost_for_good: u64,
}

impl Stream {
    /// One whose RTP time comes to its 32 bits' end when it has sent for `wraps_at`.
    pub(super) fn new(source: Source, clock: Clock, way: Way, wraps_at: f64) -> Self {
        let before = (wraps_at * f64::from(source.clock_rate)) as u32;
        Self {
            chances: Chances(source.track as u64),
            base: 0_u32.wrapping_sub(before),
            sequence: u16::MAX - 100,
            reports_at: 0.3,
            losing: 0,
            sent: Sent::default(),
            source,
            clock,
            way,
        }
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    /// Sends what is to be sent until then.
    pub(super) fn send(&mut self, until: f64, arrivals: &mut Arrivals) {
        loop {
            let begun = self.begins(self.sent.frames);
            let sent_at = begun + self.source.held;
            if self.reports_at.min(sent_at) > until {
                return;
            }
            if self.reports_at < sent_at {
                self.report(arrivals);
            } else {
                self.send_frame(begun, sent_at, arrivals);
            }
        }
    }

    /// When a frame truly begins: a camera looks at the moments of the loop, a sound card has so many samples in a packet, however long it takes for them.
    fn begins(&self, frame: u64) -> f64 {
        let own = frame as f64 * self.source.step;
        match self.source.card {
            None => own,
            Some(_) => own / self.pace(),
        }
    }

    /// How much faster than it should the stream's RTP time runs.
    fn pace(&self) -> f64 {
        (1.0 + self.clock.fast / 1e6) * (1.0 + self.source.card.unwrap_or(0.0) / 1e6)
    }

    fn rtp_at(&self, time: f64) -> u32 {
        let ticks = (time * self.pace() * f64::from(self.source.clock_rate)).round();
        self.base.wrapping_add(ticks as i64 as u32)
    }

    fn send_frame(&mut self, begun: f64, sent_at: f64, arrivals: &mut Arrivals) {
        let timestamp = self.rtp_at(begun);
        // What is heard or seen in truth at that moment.
        let moment = (begun / self.source.step).round() as usize;
        let parts = self.source.frames[moment % self.source.frames.len()].clone();
        for part in parts {
            let mut packet = BytesMut::with_capacity(12 + part.payload.len());
            packet.put_u8(0x80);
            packet.put_u8(u8::from(part.marker) << 7 | self.source.payload_type);
            packet.put_u16(self.sequence);
            packet.put_u32(timestamp);
            packet.put_u32(self.source.track as u32);
            packet.extend_from_slice(&part.payload);
            self.sequence = self.sequence.wrapping_add(1);
            let mut arrival = sent_at + self.way.delay(&mut self.chances);
            if self.is_lost() {
                self.sent.lost += 1;
                if !self.chances.have_it(MENDED) {
                    self.sent.lost_for_good += 1;
                    continue;
                }
                arrival += self.chances.between(MENDED_AFTER);
            }
            arrivals.add(arrival, Job::Packet(self.source.track, packet.freeze()));
        }
        self.sent.frames += 1;
    }

    fn is_lost(&mut self) -> bool {
        // Two at a time, on the average.
        if self.losing == 0 && self.chances.have_it(self.way.loss / 2.0) {
            self.losing = 1 + (3.0 * self.chances.next()) as u32;
        }
        let is_lost = self.losing > 0;
        self.losing = self.losing.saturating_sub(1);
        is_lost
    }

    fn report(&mut self, arrivals: &mut Arrivals) {
        let now = self.reports_at;
        let rough = match self.source.card {
            None => 0.0,
            Some(_) => self.chances.between((-ROUGH, ROUGH)),
        };
        let report = SenderReport {
            ssrc: self.source.track as u32,
            ntp: self.clock.shows + now * (1.0 + self.clock.fast / 1e6),
            rtp: self.rtp_at(now + rough),
        };
        self.reports_at += self.chances.between(REPORT_EVERY);
        let arrival = now + self.way.delay(&mut self.chances);
        if !self.chances.have_it(self.way.loss) {
            arrivals.add(arrival, Job::Report(self.source.track, report));
        }
    }
}

/// What is on its way to the server.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    jobs: BTreeMap<(Duration, u64), Job>,
    count: u64,
}

impl Arrivals {
    fn add(&mut self, at: f64, job: Job) {
        self.count += 1;
        self.jobs.insert((Duration::from_secs_f64(at), self.count), job);
    }

    /// What arrives next, if it does so until then.
    pub(super) fn next(&mut self, until: Duration) -> Option<(Duration, Job)> {
        let next = self.jobs.first_entry().filter(|next| next.key().0 <= until)?;
        let ((at, _), job) = next.remove_entry();
        Some((at, job))
    }
}
