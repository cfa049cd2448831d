//! Who is asked for key frames, and when.

use std::time::Duration;

use bytes::Bytes;

use super::super::{Job, TICK, TrackNumber};
use super::{Prepared, prepared};
use crate::recording::rtp::frames::Codec;
use crate::recording::track::TrackSpec;

const TRACK: TrackNumber = 1;

/// When a track was asked for key frames, in whole seconds, with a job for some of the moments from 0 to `lasts` seconds.
fn asked(lasts: u64, is_screen_share: bool, jobs: impl Fn(Duration) -> Option<Job>) -> Vec<u64> {
    let folder = tempfile::tempdir().unwrap();
    let Prepared {
        mut disk,
        mut key_frames,
        ..
    } = prepared(folder.path());
    let spec = TrackSpec {
        seat: 1,
        peer_name: "Anna".to_owned(),
        is_screen_share,
        codec: Codec::Vp8,
        payload_type: 96,
        clock_rate: 90_000,
        paused: false,
        cname: String::new(),
    };
    disk.handle(Job::Open(TRACK, spec), Duration::ZERO);
    let mut asked = Vec::new();
    let mut now = Duration::ZERO;
    while now <= Duration::from_secs(lasts) {
        if let Some(job) = jobs(now) {
            disk.handle(job, now);
        }
        disk.advance(now);
        while key_frames.try_recv().is_ok() {
            asked.push(now.as_secs());
        }
        now += TICK;
    }
    asked
}

/// A picture of one packet that anything can begin with, 100 ms after the one before.
fn key_frame(now: Duration) -> Job {
    let number = (now.as_millis() / 100) as u16;
    let mut packet = vec![0x80, 0x80 | 96];
    packet.extend(number.to_be_bytes());
    packet.extend((u32::from(number) * 9_000).to_be_bytes());
    packet.extend([0, 0, 0, 1]);
    // The beginning of a VP8 frame (RFC 7741, section 4.2), and the header of a key frame of 320×240 (RFC 6386, section 9.1).
    packet.extend([0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00, 0, 0]);
    Job::Packet(TRACK, Bytes::from(packet))
}

fn is_full(now: Duration, millis: u128) -> bool {
    now.as_millis().is_multiple_of(millis)
}

#[test]
fn a_picture_of_which_nothing_comes_is_asked_for_until_it_comes() {
    assert_eq!(asked(10, false, |_| None), [1, 2, 5, 8]);
    let comes_late = |now| (now >= Duration::from_secs(5) && is_full(now, 100)).then(|| key_frame(now));
    assert_eq!(asked(12, false, comes_late), [1, 2, 5]);
}

#[test]
fn a_camera_that_stands_still_is_asked_and_a_screen_or_what_is_paused_is_not() {
    let stops = |now| (now < Duration::from_secs(2) && is_full(now, 100)).then(|| key_frame(now));
    assert_eq!(asked(8, false, stops), [4, 7]);
    assert!(asked(8, true, stops).is_empty());
    let pauses = |now: Duration| match now.as_secs() {
        0..2 => stops(now),
        2 if is_full(now, 1_000) => Some(Job::Pause(TRACK)),
        6 if is_full(now, 1_000) => Some(Job::Resume(TRACK)),
        _ => None,
    };
    assert_eq!(asked(10, false, pauses), [9]);
}
