//! Recordings of half an hour and of eight, made within seconds: what people send is real, and how long that takes is told to the thread that writes.
//!
//! Two people flash and beep every two seconds, at the same moments. Their clocks are hours apart and run differently, their sound cards differently again, and
//! their ways to the server are long, uneven and lossy.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::Job;
use super::loops::{Frames, KEY_EVERY, LOOP, PICTURE_TYPE, VOICE_TYPE, flash_and_beep};
use super::senders::{Arrivals, Clock, Sent, Source, Stream, Way};
use super::watching::{Pictures, Sound, count, pictures, sound};
use super::{Prepared, prepared};
use crate::recording::metadata::{Metadata, TrackKind, TrackRecord};
use crate::recording::rtp::frames::Codec;
use crate::recording::track::TrackSpec;
use crate::recording::webm::read_duration;

/// How far sound and picture of one person may be apart, and how far two people, in seconds.
const ONE_APART: f64 = 0.040;
const TWO_APART: f64 = 0.080;
/// How much of what was sent may not be on the disk, in seconds.
const KEPT_BACK: f64 = 2.0;
/// How often that is looked at, in seconds: at another point of the thread's seconds each time.
const LOOK_EVERY: f64 = 9.7;
/// Of the thirty times a minute at which everybody flashes and beeps, so many must have come through.
const FEWEST: usize = 20;
/// How many packets may be on their way when a recording ends.
const ON_THE_WAY: u64 = 100;
const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
/// What a clock that is right shows when the recording starts, in seconds since 1900.
const RIGHT: f64 = 3_970_000_000.0;

/// What people send, and for how long.
struct Plan {
    frames: (Frames, Frames),
    pictures_per_second: u32,
    packet_ms: u32,
    lasts: f64,
    /// When the RTP time of everything comes to its 32 bits' end.
    wraps_at: f64,
    /// How often the thread looks at what came.
    tick: Duration,
}

impl Plan {
    fn new(pictures_per_second: u32, packet_ms: u32, lasts: f64, wraps_at: f64, tick: Duration) -> Self {
        Self {
            frames: flash_and_beep(pictures_per_second, packet_ms),
            pictures_per_second,
            packet_ms,
            lasts,
            wraps_at,
            tick,
        }
    }

    /// Camera and microphone of somebody.
    fn person(&self, seat: u64, clock: Clock, card: f64, way: Way) -> [Stream; 2] {
        let step = 1.0 / f64::from(self.pictures_per_second);
        let packet = f64::from(self.packet_ms) / 1000.0;
        let track = 2 * seat as usize;
        let camera = Source {
            track,
            payload_type: PICTURE_TYPE,
            clock_rate: 90_000,
            frames: self.frames.0.clone(),
            step,
            held: 0.010,
            card: None,
        };
        let microphone = Source {
            track: track + 1,
            payload_type: VOICE_TYPE,
            clock_rate: 48_000,
            frames: self.frames.1.clone(),
            step: packet,
            held: packet,
            card: Some(card),
        };
        [camera, microphone].map(|source| Stream::new(source, clock, way, self.wraps_at))
    }

    /// Anna's clock is ahead and her way short; Ben's is behind and his way long.
    fn people(&self, loss: f64) -> Vec<Stream> {
        let anna = Clock {
            shows: RIGHT + 3.5 * HOUR,
            fast: -40.0,
        };
        let ben = Clock {
            shows: RIGHT - 7.0 * HOUR,
            fast: 25.0,
        };
        let way = |shortest, jitter| Way { shortest, jitter, loss };
        let anna = self.person(1, anna, 300.0, way(0.004, 0.008));
        let ben = self.person(2, ben, -250.0, way(0.030, 0.020));
        [anna, ben].into_iter().flatten().collect()
    }

    /// Records what they send over a network that loses so much.
    fn record(&self, folder: &Path, loss: f64) -> Kept {
        let mut streams = self.people(loss);
        let Prepared {
            inlet,
            outlet,
            mut disk,
            ..
        } = prepared(folder);
        for stream in &streams {
            disk.handle(Job::Open(stream.source().track, spec(stream)), Duration::ZERO);
        }
        let mut arrivals = Arrivals::default();
        let mut now = Duration::ZERO;
        let mut kept_back = Vec::new();
        let mut next_look = LOOK_EVERY;
        while now.as_secs_f64() < self.lasts {
            now += self.tick;
            for stream in &mut streams {
                stream.send(now.as_secs_f64(), &mut arrivals);
            }
            while let Some((at, job)) = arrivals.next(now) {
                disk.handle(job, at);
            }
            disk.advance(now);
            if now.as_secs_f64() >= next_look {
                next_look += LOOK_EVERY;
                let records = disk.tracks.values().filter_map(|open| open.track.record());
                // Pictures after a loss are of no use before the next key frame.
                let looked_at = records.filter(|record| loss == 0.0 || record.kind == TrackKind::Audio);
                kept_back.extend(looked_at.map(|record| now.as_secs_f64() - end_on_disk(folder, record)));
            }
        }
        let metadata = disk.finish(now);
        drop((inlet, outlet));
        Kept {
            folder: folder.to_owned(),
            metadata,
            sent: streams.iter().map(|stream| stream.sent).collect(),
            kept_back: kept_back.into_iter().fold(0.0, f64::max),
        }
    }
}

/// What a recording left.
struct Kept {
    folder: PathBuf,
    metadata: Metadata,
    sent: Vec<Sent>,
    /// The most that was not on the disk yet, whenever that was looked at.
    kept_back: f64,
}

impl Kept {
    fn track(&self, seat: u64, kind: TrackKind) -> &TrackRecord {
        let mut tracks = self.metadata.tracks.iter();
        tracks
            .find(|track| track.seat == seat && track.kind == kind)
            .expect("it was recorded")
    }

    /// When somebody flashes in a stretch of the recording, on its time line.
    fn flashes(&self, plan: &Plan, seat: u64, stretch: &Range<f64>) -> (Pictures, Vec<f64>) {
        let track = self.track(seat, TrackKind::Video);
        let step = 1.0 / f64::from(plan.pictures_per_second);
        let seen = pictures(&self.folder.join(&track.file), &in_file(track, stretch), step);
        let moments = seen.flashes.iter().map(|at| at + begin(track)).collect();
        (seen, moments)
    }

    /// The same of beeps.
    fn beeps(&self, seat: u64, stretch: &Range<f64>) -> (Sound, Vec<f64>) {
        let track = self.track(seat, TrackKind::Audio);
        let heard = sound(&self.folder.join(&track.file), &in_file(track, stretch));
        let moments = heard.beeps.iter().map(|at| at + begin(track)).collect();
        (heard, moments)
    }

    fn tell(&self, loss: f64) {
        let sum = |of: fn(&Sent) -> u64| self.sent.iter().map(of).sum::<u64>();
        println!(
            "{} frames, {} % of packets lost: {}, {} of them for good; {:.2} s not on the disk at most",
            sum(|sent| sent.frames),
            loss * 100.0,
            sum(|sent| sent.lost),
            sum(|sent| sent.lost_for_good),
            self.kept_back,
        );
    }

    /// Everything that came is there, however late, and was so soon; everything that did not come is counted.
    fn is_whole(&self) {
        assert!(self.kept_back <= KEPT_BACK, "{} s", self.kept_back);
        for (track, sent) in self.metadata.tracks.iter().zip(&self.sent) {
            assert_eq!(count(&self.folder.join(&track.file)), track.frames);
            // What was on its way at the end is nobody's loss.
            let uncounted = sent.lost_for_good - track.lost_packets;
            assert!(uncounted < ON_THE_WAY, "{track:?} of {sent:?}");
            let missing = sent.frames - track.frames;
            // Pictures go on with the next key frame only.
            let lost = if track.kind == TrackKind::Video { KEY_EVERY } else { 1 } * track.lost_packets;
            assert!(missing < lost + ON_THE_WAY, "{track:?} of {sent:?}");
        }
    }

    /// In the first minute as in the last.
    fn is_together(&self, plan: &Plan) {
        for stretch in [0.0..MINUTE, plan.lasts - MINUTE..plan.lasts] {
            let [annas, bens] = [(1, "Anna"), (2, "Ben")].map(|(seat, name)| {
                let (seen, flashes) = self.flashes(plan, seat, &stretch);
                let (heard, beeps) = self.beeps(seat, &stretch);
                for end in [
                    seen.last + begin(self.track(seat, TrackKind::Video)),
                    heard.end + begin(self.track(seat, TrackKind::Audio)),
                ] {
                    assert!(
                        (stretch.end - end).abs() < 2.0,
                        "{name} ends at {end} of {} s",
                        stretch.end
                    );
                }
                let found = later(&beeps, &flashes);
                assert!(furthest(&format!("{name} beeps after the flash"), &found, FEWEST) <= ONE_APART);
                beeps
            });
            assert!(furthest("Ben beeps after Anna", &later(&bens, &annas), FEWEST) <= TWO_APART);
        }
    }
}

fn spec(stream: &Stream) -> TrackSpec {
    let source = stream.source();
    TrackSpec {
        seat: source.track as u64 / 2,
        peer_name: format!("Seat {}", source.track / 2),
        is_screen_share: false,
        codec: match source.card {
            None => Codec::Vp8,
            Some(_) => Codec::Opus { channels: 2 },
        },
        payload_type: source.payload_type,
        clock_rate: source.clock_rate,
        paused: false,
        cname: "one clock".to_owned(),
    }
}

/// Where a track's file begins on the recording's time line, in seconds.
fn begin(track: &TrackRecord) -> f64 {
    track.offset_ms as f64 / 1000.0
}

/// A stretch of the recording in the time of a track's file.
fn in_file(track: &TrackRecord, stretch: &Range<f64>) -> Range<f64> {
    (stretch.start - begin(track)).max(0.0)..stretch.end - begin(track)
}

/// Where it ends if the process is killed now.
fn end_on_disk(folder: &Path, track: &TrackRecord) -> f64 {
    let duration = read_duration(&folder.join(&track.file)).unwrap();
    begin(track) + duration.unwrap_or_default().as_secs_f64()
}

/// How much later than the nearest of `others` each of these moments is, in seconds, with the moment. Of one without a counterpart, which the network cost, nothing
/// is said.
fn later(moments: &[f64], others: &[f64]) -> Vec<(f64, f64)> {
    let way = |moment: &f64| {
        let ways = others.iter().map(|other| moment - other);
        let nearest = ways.min_by(|one, other| one.abs().total_cmp(&other.abs()))?;
        (nearest.abs() < LOOP / 2.0).then_some((*moment, nearest))
    };
    moments.iter().filter_map(way).collect()
}

/// How far they are apart at most; tells the figures.
fn furthest(what: &str, found: &[(f64, f64)], fewest: usize) -> f64 {
    assert!(found.len() >= fewest, "{what}: {} of {fewest}", found.len());
    let mut ways: Vec<f64> = found.iter().map(|(_, way)| way * 1000.0).collect();
    ways.sort_by(f64::total_cmp);
    let (least, middle, most) = (ways[0], ways[ways.len() / 2], ways[ways.len() - 1]);
    let (from, to) = (found[0].0, found[found.len() - 1].0);
    println!(
        "  {what}, {from:.0} to {to:.0} s: {middle:.1} ms in the middle of {} ({least:.1} to {most:.1})",
        ways.len()
    );
    least.abs().max(most.abs()) / 1000.0
}

#[test]
fn half_an_hour_keeps_everybody_together_whatever_the_network_loses() {
    let lasts = 31.0 * MINUTE;
    let plan = Plan::new(10, 20, lasts, MINUTE / 2.0, super::super::TICK);
    for loss in [0.0, 0.02, 0.10] {
        let folder = tempfile::tempdir().unwrap();
        let kept = plan.record(folder.path(), loss);
        kept.tell(loss);
        kept.is_whole();
        for seat in [1, 2] {
            let (seen, _) = kept.flashes(&plan, seat, &(0.0..lasts));
            assert_eq!(
                seen.count,
                kept.track(seat, TrackKind::Video).frames,
                "every frame decodes"
            );
        }
        kept.is_together(&plan);
    }
}

#[test]
fn eight_hours_are_recorded_to_their_end() {
    let lasts = 8.0 * HOUR + MINUTE;
    let plan = Plan::new(5, 40, lasts, 4.0 * HOUR, Duration::from_millis(100));
    let folder = tempfile::tempdir().unwrap();
    let kept = plan.record(folder.path(), 0.02);
    kept.tell(0.02);
    kept.is_whole();
    kept.is_together(&plan);
}
