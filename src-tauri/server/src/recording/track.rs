//! One track on its way to the disk: packets in, frames in order and in time, a file begun at the first frame that decodes.

use std::io;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;

use super::metadata::{Pause, TrackKind, TrackRecord, millis};
use super::rtp::clock::StreamClock;
use super::rtp::frames::{Codec, Depacketiser, Frame};
use super::rtp::packet::RtpPacket;
use super::rtp::reorder::ReorderBuffer;
use super::webm::{TrackWriter, VideoSize};

/// A held-back cluster is written at least this often.
const FLUSH_EVERY: Duration = Duration::from_secs(1);
/// Key frames are not asked for more often than this …
const ASK_EVERY: Duration = Duration::from_secs(1);
/// … and asked for when none came for this long, so that a recording can be entered at many points.
const KEY_FRAME_EVERY: Duration = Duration::from_secs(10);

/// What a track will hold.
#[derive(Debug, Clone)]
pub(super) struct TrackSpec {
    pub(super) seat: u64,
    pub(super) peer_name: String,
    pub(super) is_screen_share: bool,
    pub(super) codec: Codec,
    pub(super) payload_type: u8,
    pub(super) clock_rate: u32,
    pub(super) paused: bool,
}

/// A track that is being written.
pub(super) struct Track {
    record: TrackRecord,
    codec: Codec,
    payload_type: u8,
    reorder: ReorderBuffer,
    depacketiser: Depacketiser,
    clock: StreamClock,
    file: Option<TrackWriter>,
    flushed: Duration,
    last_key_frame: Duration,
    asked: Duration,
    /// Something came since a key frame was asked for last; asking a silent sender is no use.
    heard: bool,
    frames: Vec<Frame>,
}

impl Track {
    /// `number` makes the file's name unique in the folder; `now` is since the recording's start, as all times here.
    pub(super) fn new(number: usize, spec: TrackSpec, now: Duration) -> Self {
        let (kind, source) = match (spec.codec, spec.is_screen_share) {
            (Codec::Opus { .. }, false) => (TrackKind::Audio, "voice"),
            (Codec::Opus { .. }, true) => (TrackKind::Audio, "screen-sound"),
            (Codec::Vp8, false) => (TrackKind::Video, "camera"),
            (Codec::Vp8, true) => (TrackKind::Video, "screen"),
        };
        let pauses = if spec.paused {
            vec![Pause {
                from_ms: millis(now),
                to_ms: None,
            }]
        } else {
            Vec::new()
        };
        Self {
            record: TrackRecord {
                file: format!("track-{number:03}-{source}.webm"),
                seat: spec.seat,
                peer_name: spec.peer_name,
                kind,
                is_screen_share: spec.is_screen_share,
                offset_ms: 0,
                end_ms: None,
                width: None,
                height: None,
                frames: 0,
                lost_packets: 0,
                pauses,
            },
            codec: spec.codec,
            payload_type: spec.payload_type,
            reorder: ReorderBuffer::default(),
            depacketiser: Depacketiser::new(spec.codec),
            clock: StreamClock::new(spec.clock_rate),
            file: None,
            flushed: now,
            last_key_frame: now,
            asked: now,
            heard: false,
            frames: Vec::new(),
        }
    }

    /// What `recording.json` says of it; `None` before there is a file.
    pub(super) fn record(&self) -> Option<&TrackRecord> {
        self.file.is_some().then_some(&self.record)
    }

    pub(super) fn seat(&self) -> u64 {
        self.record.seat
    }

    pub(super) fn rename(&mut self, name: &str) {
        name.clone_into(&mut self.record.peer_name);
    }

    /// How many bytes of it are on the disk.
    pub(super) fn bytes(&self) -> u64 {
        self.file.as_ref().map_or(0, TrackWriter::bytes)
    }

    /// Takes a packet as it came; what is not this track's codec is dropped.
    pub(super) fn push(&mut self, data: &Bytes, arrival: Duration) {
        if let Some(packet) = RtpPacket::parse(data).filter(|packet| packet.payload_type == self.payload_type) {
            self.reorder.push(packet, arrival);
        }
    }

    pub(super) fn pause(&mut self, now: Duration) {
        if self.record.pauses.last().is_none_or(|pause| pause.to_ms.is_some()) {
            self.record.pauses.push(Pause {
                from_ms: millis(now),
                to_ms: None,
            });
        }
    }

    pub(super) fn resume(&mut self, now: Duration) {
        if let Some(pause) = self.record.pauses.last_mut().filter(|pause| pause.to_ms.is_none()) {
            pause.to_ms = Some(millis(now));
        }
        self.clock.resumed();
    }

    /// Writes what is ready. `Ok(true)` if the file was begun in this call.
    pub(super) fn advance(&mut self, folder: &Path, now: Duration) -> io::Result<bool> {
        let had_file = self.file.is_some();
        while let Some(ordered) = self.reorder.pop(now) {
            self.heard = true;
            self.record.lost_packets += ordered.lost;
            self.depacketiser.push(ordered, &mut self.frames);
            self.write_frames(folder)?;
        }
        if now >= self.flushed + FLUSH_EVERY {
            self.flushed = now;
            if let Some(file) = &mut self.file {
                file.flush()?;
            }
        }
        Ok(!had_file && self.file.is_some())
    }

    /// Whether the sender should be asked for a key frame now. Says so at most once in [`ASK_EVERY`].
    pub(super) fn asks_for_key_frame(&mut self, now: Duration) -> bool {
        let is_video = self.record.kind == TrackKind::Video;
        let wanted = self.depacketiser.needs_key_frame() || now >= self.last_key_frame + KEY_FRAME_EVERY;
        let asks = is_video && self.heard && wanted && now >= self.asked + ASK_EVERY;
        if asks {
            self.asked = now;
            self.heard = false;
        }
        asks
    }

    /// Writes what is left and completes the file; returns what there is, `None` if not a single frame came.
    pub(super) fn finish(&mut self, folder: &Path) -> io::Result<Option<TrackRecord>> {
        let written = self.write_rest(folder);
        let Some(file) = &self.file else {
            return written.map(|()| None);
        };
        self.record.end_ms = Some(self.record.offset_ms + millis(file.duration()));
        written.map(|()| Some(self.record.clone()))
    }

    fn write_rest(&mut self, folder: &Path) -> io::Result<()> {
        while let Some(ordered) = self.reorder.drain() {
            self.record.lost_packets += ordered.lost;
            self.depacketiser.push(ordered, &mut self.frames);
            self.write_frames(folder)?;
        }
        self.file.as_mut().map_or(Ok(()), TrackWriter::finish)
    }

    fn write_frames(&mut self, folder: &Path) -> io::Result<()> {
        for frame in self.frames.drain(..) {
            let at = self.clock.place(frame.timestamp, frame.arrival);
            let file = match &mut self.file {
                Some(file) => file,
                None => {
                    let size = frame.size.map(|(width, height)| VideoSize { width, height });
                    self.record.offset_ms = millis(at);
                    self.record.width = size.map(|size| size.width);
                    self.record.height = size.map(|size| size.height);
                    self.file
                        .insert(TrackWriter::create(&folder.join(&self.record.file), self.codec, size)?)
                }
            };
            let in_file = at.saturating_sub(Duration::from_millis(self.record.offset_ms));
            file.write(in_file, frame.duration, frame.is_key, &frame.data)?;
            self.record.frames += 1;
            if frame.is_key {
                self.last_key_frame = frame.arrival;
            }
        }
        Ok(())
    }
}
