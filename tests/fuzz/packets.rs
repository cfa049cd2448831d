//! Whatever packets a browser sends become whole frames in order, each with a place in time, or nothing.
//!
//! What comes is a codec's number, and packets: each with how much later it came, in steps of 4 ms, and its length in two bytes.

#![no_main]

use std::time::Duration;

use bytes::Bytes;
use confab_fuzz::{Input, bounded};
use confab_media_file::rtp::clock::StreamClock;
use confab_media_file::rtp::frames::{Codec, Depacketiser, Frame};
use confab_media_file::rtp::held::HeldFrames;
use confab_media_file::rtp::packet::RtpPacket;
use confab_media_file::rtp::reorder::{Ordered, ReorderBuffer};
use confab_media_file::webm::LiveTrack;
use libfuzzer_sys::fuzz_target;

/// What a frame's data may be longer than the packets that it came in: its parts' lengths, and the parameters that it cannot be decoded without.
const AROUND: usize = 4_096;
/// How far ahead of its arrival a frame may lie, in seconds.
const AHEAD: f64 = 1.001;

fuzz_target!(|data: &[u8]| {
    bounded(data, || run(data));
});

fn run(data: &[u8]) {
    let mut input = Input(data);
    let codec = match input.byte().unwrap_or_default() % 5 {
        0 => Codec::Opus { channels: 2 },
        1 => Codec::Vp8,
        2 => Codec::Vp9,
        3 => Codec::H264,
        _ => Codec::Av1,
    };
    let mut stream = Stream::new(codec);
    let mut now = Duration::ZERO;
    while let (Some(after), Some(length)) = (input.byte(), input.short()) {
        now += Duration::from_millis(u64::from(after) * 4);
        let packet = Bytes::copy_from_slice(input.bytes(length.into()));
        if let Some(packet) = RtpPacket::parse(&packet) {
            stream.came += packet.payload.len();
            stream.reorder.push(packet, now);
        }
        while let Some(ordered) = stream.reorder.pop(now) {
            stream.take(ordered, now);
        }
        if stream.held.is_over(now) {
            stream.release();
        }
    }
    while let Some(ordered) = stream.reorder.drain() {
        stream.take(ordered, now);
    }
    stream.release();
    assert!(stream.reorder.pop(now).is_none());
}

struct Stream {
    codec: Codec,
    rate: u32,
    reorder: ReorderBuffer,
    depacketiser: Depacketiser,
    held: HeldFrames,
    clock: StreamClock,
    live: Option<LiveTrack>,
    /// The sequence number of the last packet that was delivered.
    last: Option<u16>,
    /// How many bytes of payload came.
    came: usize,
    /// How many bytes of frames went out.
    went: usize,
    frames: usize,
}

impl Stream {
    fn new(codec: Codec) -> Self {
        let rate = if matches!(codec, Codec::Opus { .. }) {
            48_000
        } else {
            90_000
        };
        let mut held = HeldFrames::default();
        if rate == 48_000 {
            held.begin();
        }
        Self {
            codec,
            rate,
            reorder: ReorderBuffer::default(),
            depacketiser: Depacketiser::new(codec),
            held,
            clock: StreamClock::new(rate),
            live: None,
            last: None,
            came: 0,
            went: 0,
            frames: 0,
        }
    }

    fn take(&mut self, ordered: Ordered, now: Duration) {
        assert!(ordered.arrival <= now);
        let sequence = ordered.packet.sequence;
        if let Some(last) = self.last {
            let expected = last.wrapping_add(1).wrapping_add(ordered.lost as u16);
            assert_eq!(sequence, expected, "what was lost is counted");
        }
        self.last = Some(sequence);
        let (lost, packet_length) = (ordered.lost, ordered.packet.payload.len());
        let mut frames = Vec::new();
        self.depacketiser.push(ordered, &mut frames);
        let is_picture = !matches!(self.codec, Codec::Opus { .. });
        if is_picture && lost > 0 && packet_length > 0 {
            // What was lost may have been referred to.
            assert!(frames.first().is_none_or(|first| first.is_key));
        }
        for frame in frames {
            assert!(!frame.data.is_empty() && frame.arrival <= now);
            assert!(frame.size.is_none_or(|(width, height)| width > 0 && height > 0));
            assert!(!is_picture || frame.is_key == frame.size.is_some());
            assert!(
                frame
                    .duration
                    .is_none_or(|lasts| (2..=120).contains(&lasts.as_millis()))
            );
            if self.frames == 0 {
                assert!(frame.is_key, "nothing is handed on that cannot be decoded");
            }
            self.frames += 1;
            self.went += frame.data.len();
            // Each part of a picture gets its length, and a key frame what it is decoded with.
            assert!(self.went <= 5 * self.came + self.frames * AROUND);
            if let Some(frame) = self.held.take(frame) {
                self.place(&frame);
            }
        }
        assert!(is_picture || !self.depacketiser.needs_key_frame());
    }

    fn release(&mut self) {
        for frame in self.held.release(self.rate) {
            self.place(&frame);
        }
    }

    fn place(&mut self, frame: &Frame) {
        let arrival = frame.arrival.as_secs_f64();
        let placed = self.clock.place(frame.timestamp, arrival, None);
        assert!(placed.at.is_finite() && placed.at <= arrival + AHEAD && placed.shift == 0.0);
        let live = self.live.get_or_insert_with(|| LiveTrack::begin(self.codec, frame).0);
        let at = Duration::try_from_secs_f64(placed.at.max(0.0)).unwrap_or_default();
        let bytes = live.frame(at, frame.is_key, &frame.data);
        assert!(bytes.ends_with(&frame.data) && bytes.len() <= frame.data.len() + 64);
    }
}
