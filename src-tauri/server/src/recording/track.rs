//! One track on its way to the disk: packets in, frames in order and in time, a file begun at the first frame that decodes, and what happened to it noted in the
//! sidecar.

use std::io;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;

use super::listening::SILENT;
use super::metadata::{Pause, TrackKind, TrackRecord, millis};
use super::rtp::clock::{Placed, StreamClock};
use super::rtp::frames::{Codec, Depacketiser, Frame};
use super::rtp::held::HeldFrames;
use super::rtp::packet::RtpPacket;
use super::rtp::reorder::{Ordered, ReorderBuffer};
use super::rtp::reports::{RtpTimes, SenderClock, SenderReport};
use super::sidecar::{Event, Sidecar};
use super::webm::{TrackWriter, VideoSize};

/// A held-back cluster is written at least this often, and what is known better of the track's time noted.
const FLUSH_EVERY: Duration = Duration::from_secs(1);
/// Key frames are not asked for more often than this …
const ASK_EVERY: Duration = Duration::from_secs(1);
/// … and asked for when none came for this long, so that a recording can be entered at many points.
const KEY_FRAME_EVERY: Duration = Duration::from_secs(10);
/// Reports of one stream are noted at most this often.
const NOTE_REPORT_EVERY: Duration = Duration::from_secs(5);

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
    /// What streams with the same clock have in common (RFC 3550's canonical name).
    pub(super) cname: String,
}

/// A track that is being written.
pub(super) struct Track {
    record: TrackRecord,
    codec: Codec,
    payload_type: u8,
    reorder: ReorderBuffer,
    depacketiser: Depacketiser,
    held: HeldFrames,
    clock: StreamClock,
    clock_rate: u32,
    times: RtpTimes,
    file: Option<TrackWriter>,
    /// Where the file's own time 0 lies, in seconds.
    start: f64,
    /// Where the last frame ends, in seconds.
    end: f64,
    size: Option<(u16, u16)>,
    /// How many packets were lost since the last frame.
    lost: u64,
    flushed: Duration,
    last_key_frame: Duration,
    asked: Duration,
    /// When the last packet was taken.
    heard: Duration,
    /// When a stream's report was noted last.
    noted: Vec<(u32, Duration)>,
    frames: Vec<Frame>,
}

/// Where a track writes, and by which clock.
pub(super) struct Desk<'a> {
    pub(super) folder: &'a Path,
    pub(super) sidecar: &'a mut Sidecar,
    /// The clock of the track's sender.
    pub(super) sender: &'a SenderClock,
}

impl Track {
    /// `number` makes the file's name unique in the folder; `now` is since the recording's start, as all times here.
    pub(super) fn new(number: usize, spec: TrackSpec, now: Duration) -> Self {
        let (kind, source) = match (spec.codec, spec.is_screen_share) {
            (Codec::Opus { .. }, false) => (TrackKind::Audio, "voice"),
            (Codec::Opus { .. }, true) => (TrackKind::Audio, "screen-sound"),
            (_, false) => (TrackKind::Video, "camera"),
            (_, true) => (TrackKind::Video, "screen"),
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
                number,
                file: format!("track-{number:03}-{source}.{}", spec.codec.name().extension()),
                seat: spec.seat,
                peer_name: spec.peer_name,
                kind,
                is_screen_share: spec.is_screen_share,
                codec: Some(spec.codec.name()),
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
            held: HeldFrames::default(),
            clock: StreamClock::new(spec.clock_rate),
            clock_rate: spec.clock_rate,
            times: RtpTimes::new(spec.clock_rate),
            file: None,
            start: 0.0,
            end: now.as_secs_f64(),
            size: None,
            lost: 0,
            flushed: now,
            last_key_frame: now,
            asked: now,
            heard: now,
            noted: Vec::new(),
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

    /// Takes what the sender says of its clock.
    pub(super) fn report(&mut self, report: SenderReport, arrival: Duration, sidecar: &mut Sidecar) {
        self.times.heard(report, arrival.as_secs_f64());
        let SenderReport { ssrc, ntp, rtp } = report;
        let is_noted = |(noted, at): &(u32, Duration)| *noted == ssrc && arrival < *at + NOTE_REPORT_EVERY;
        if self.noted.iter().any(is_noted) {
            return;
        }
        self.noted
            .retain(|(noted, at)| *noted != ssrc && arrival < *at + 2 * NOTE_REPORT_EVERY);
        self.noted.push((ssrc, arrival));
        let event = Event::Report {
            track: self.record.number,
            ssrc,
            ntp_ms: (ntp * 1e6).round() / 1e3,
            rtp,
        };
        sidecar.add(millis(arrival) as i64, event);
    }

    pub(super) fn pause(&mut self, at: Duration, sidecar: &mut Sidecar) {
        if self.record.pauses.last().is_none_or(|pause| pause.to_ms.is_some()) {
            self.record.pauses.push(Pause {
                from_ms: millis(at),
                to_ms: None,
            });
            let track = self.record.number;
            sidecar.add(millis(at) as i64, Event::Paused { track });
        }
    }

    pub(super) fn resume(&mut self, at: Duration, sidecar: &mut Sidecar) {
        if let Some(pause) = self.record.pauses.last_mut().filter(|pause| pause.to_ms.is_none()) {
            pause.to_ms = Some(millis(at));
            let track = self.record.number;
            sidecar.add(millis(at) as i64, Event::Resumed { track });
        }
        self.heard = at;
        self.clock.resumed(at.as_secs_f64());
        self.times.resumed();
        if self.record.kind == TrackKind::Audio {
            self.held.begin();
        }
    }

    /// Writes what is ready. `Ok(true)` if what [`record`](Self::record) says of where the track lies changed.
    pub(super) fn advance(&mut self, desk: &mut Desk<'_>, now: Duration) -> io::Result<bool> {
        let had_file = self.file.is_some();
        while let Some(ordered) = self.reorder.pop(now) {
            self.heard = now;
            self.take(ordered, desk)?;
        }
        if self.held.is_over(now) {
            self.write_held(desk)?;
        }
        let mut moved = false;
        if now >= self.flushed + FLUSH_EVERY {
            self.flushed = now;
            moved = self.note_offset(desk.sidecar, now);
            if let Some(file) = &mut self.file {
                file.flush()?;
            }
        }
        Ok(moved || had_file != self.file.is_some())
    }

    /// Whether the sender should be asked for a key frame now. Says so at most once in [`ASK_EVERY`], and in [`SILENT`] if nothing comes.
    pub(super) fn asks_for_key_frame(&mut self, now: Duration) -> bool {
        let is_video = self.record.kind == TrackKind::Video;
        let is_paused = self.record.pauses.last().is_some_and(|pause| pause.to_ms.is_none());
        let may_rest = self.record.is_screen_share && self.file.is_some();
        let is_silent = !may_rest && now >= self.heard + SILENT;
        let is_due = self.depacketiser.needs_key_frame() || now >= self.last_key_frame + KEY_FRAME_EVERY;
        let every = if is_silent { SILENT } else { ASK_EVERY };
        let asks = is_video && !is_paused && (is_due || is_silent) && now >= self.asked + every;
        if asks {
            self.asked = now;
        }
        asks
    }

    /// Writes what is left and completes the file; returns what there is, `None` if not a single frame came.
    pub(super) fn finish(&mut self, desk: &mut Desk<'_>, now: Duration) -> io::Result<Option<TrackRecord>> {
        let written = self.write_rest(desk);
        self.note_offset(desk.sidecar, now);
        self.note_loss(self.end, desk.sidecar);
        let Some(file) = &self.file else {
            return written.map(|()| None);
        };
        let end_ms = self.record.offset_ms + millis(file.duration()) as i64;
        self.record.end_ms = Some(end_ms);
        let event = Event::TrackEnded {
            track: self.record.number,
            end_ms,
            frames: self.record.frames,
            lost_packets: self.record.lost_packets,
        };
        desk.sidecar.add(millis(now) as i64, event);
        written.map(|()| Some(self.record.clone()))
    }

    fn write_rest(&mut self, desk: &mut Desk<'_>) -> io::Result<()> {
        while let Some(ordered) = self.reorder.drain() {
            self.take(ordered, desk)?;
        }
        self.write_held(desk)?;
        self.file.as_mut().map_or(Ok(()), TrackWriter::finish)
    }

    fn take(&mut self, ordered: Ordered, desk: &mut Desk<'_>) -> io::Result<()> {
        self.record.lost_packets += ordered.lost;
        self.lost += ordered.lost;
        self.depacketiser.push(ordered, &mut self.frames);
        let mut frames = std::mem::take(&mut self.frames);
        let written = frames.drain(..).try_for_each(|frame| match self.held.take(frame) {
            Some(frame) => self.write(&frame, desk),
            None => Ok(()),
        });
        self.frames = frames; // its memory is used again
        written
    }

    fn write_held(&mut self, desk: &mut Desk<'_>) -> io::Result<()> {
        let frames = self.held.release(self.clock_rate);
        frames.iter().try_for_each(|frame| self.write(frame, desk))
    }

    fn write(&mut self, frame: &Frame, desk: &mut Desk<'_>) -> io::Result<()> {
        let arrival = frame.arrival.as_secs_f64();
        let reported = self.times.place(frame.timestamp, arrival, desk.sender);
        let Placed { at, shift } = self.clock.place(frame.timestamp, arrival, reported);
        self.start += shift;
        self.end += shift;
        self.note_loss(at, desk.sidecar);
        if frame.size.is_some() && self.size != frame.size {
            self.size = frame.size;
            self.note_size(at, desk.sidecar);
        }
        if self.file.is_none() {
            self.start = at;
            self.file = Some(self.begin(frame, desk)?);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        let in_file = Duration::from_millis(whole_millis(at - self.start).max(0) as u64);
        file.write(in_file, frame.duration, frame.is_key, &frame.data)?;
        self.end = self.start + file.duration().as_secs_f64();
        self.record.frames += 1;
        if frame.is_key {
            self.last_key_frame = frame.arrival;
        }
        Ok(())
    }

    fn begin(&mut self, first: &Frame, desk: &mut Desk<'_>) -> io::Result<TrackWriter> {
        let size = self.size.map(|(width, height)| VideoSize { width, height });
        let configuration = first.configuration.as_deref();
        let file = TrackWriter::create(&desk.folder.join(&self.record.file), self.codec, size, configuration)?;
        let record = &mut self.record;
        record.offset_ms = whole_millis(self.start);
        record.width = size.map(|size| size.width);
        record.height = size.map(|size| size.height);
        let event = Event::TrackBegun {
            track: record.number,
            file: record.file.clone(),
            seat: record.seat,
            kind: record.kind,
            is_screen_share: record.is_screen_share,
            codec: self.codec.name(),
            offset_ms: record.offset_ms,
            width: record.width,
            height: record.height,
        };
        desk.sidecar.add(record.offset_ms, event);
        Ok(file)
    }

    /// Says where the file's own time 0 lies if that is known better now.
    fn note_offset(&mut self, sidecar: &mut Sidecar, now: Duration) -> bool {
        let offset_ms = whole_millis(self.start);
        let moved = self.file.is_some() && self.record.offset_ms != offset_ms;
        if moved {
            self.record.offset_ms = offset_ms;
            let track = self.record.number;
            sidecar.add(millis(now) as i64, Event::Offset { track, offset_ms });
        }
        moved
    }

    fn note_size(&self, at: f64, sidecar: &mut Sidecar) {
        if let (Some((width, height)), Some(_)) = (self.size, &self.file) {
            let track = self.record.number;
            sidecar.add(whole_millis(at), Event::Size { track, width, height });
        }
    }

    fn note_loss(&mut self, until: f64, sidecar: &mut Sidecar) {
        let packets = std::mem::take(&mut self.lost);
        if packets > 0 {
            let event = Event::Loss {
                track: self.record.number,
                packets,
                until_ms: whole_millis(until),
            };
            sidecar.add(whole_millis(self.end), event);
        }
    }
}

/// Seconds of the time line in whole milliseconds.
fn whole_millis(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}
