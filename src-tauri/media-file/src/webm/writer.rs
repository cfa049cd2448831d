//! Writes one track into one file.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use super::ebml::{
    UNKNOWN_SIZE, id, long_size, put_block, put_bytes, put_cluster, put_float, put_id, put_parent, put_uint, put_void,
};
use crate::rtp::frames::Codec;
use crate::rtp::opus::opus_head;

/// A cluster is written when it holds this much of the track's time …
const CLUSTER_LENGTH: Duration = Duration::from_secs(1);
/// … or this many bytes.
const CLUSTER_BYTES: usize = 1 << 20;
/// Room kept at the start for the seek head that tells where the cues are.
const SEEK_HEAD_ROOM: usize = 32;
/// A cue this often is enough to seek in a track of sound.
const CUE_EVERY_MS: u64 = 5_000;
/// How long a last frame lasts that nothing follows.
const LAST_FRAME: Duration = Duration::from_millis(40);
const TRACK: u64 = 1;

/// The size of a picture in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VideoSize {
    /// From left to right.
    pub width: u16,
    /// From top to bottom.
    pub height: u16,
}

/// A track file that is being written. Frame times count from the file's own start.
#[derive(Debug)]
pub struct TrackWriter {
    file: File,
    /// Where the file ends, which is where the next cluster goes.
    end: u64,
    /// Where the segment's size stands, and where what is in it begins.
    segment: u64,
    /// Where the duration's eight bytes stand.
    duration_at: u64,
    cluster: Option<Cluster>,
    cues: Vec<Cue>,
    last: Option<u64>,
    duration: Duration,
}

#[derive(Debug)]
struct Cluster {
    start: u64,
    blocks: Vec<u8>,
}

#[derive(Debug)]
struct Cue {
    time: u64,
    /// From the start of the segment's content.
    position: u64,
}

impl TrackWriter {
    /// Makes a new file and writes its header. An existing file is an error, never overwritten. A picture needs its first `size`, and some codecs a
    /// `configuration` by which players know how to decode them.
    pub fn create(
        path: &Path,
        codec: Codec,
        size: Option<VideoSize>,
        configuration: Option<&[u8]>,
    ) -> io::Result<Self> {
        let (header, segment, duration_at) = header(codec, size, configuration);
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(&header)?;
        Ok(Self {
            file,
            end: header.len() as u64,
            segment,
            duration_at,
            cluster: None,
            cues: Vec::new(),
            last: None,
            duration: Duration::ZERO,
        })
    }

    /// Adds a frame. Times never go back in a file: a frame that would is put at the time of the one before.
    pub fn write(&mut self, at: Duration, length: Option<Duration>, is_key: bool, data: &[u8]) -> io::Result<()> {
        let time = (at.as_millis() as u64).max(self.last.unwrap_or(0));
        let full = self.cluster.as_ref().is_some_and(|cluster| {
            let length = time - cluster.start;
            length >= CLUSTER_LENGTH.as_millis() as u64 || cluster.blocks.len() >= CLUSTER_BYTES
        });
        if full {
            self.flush()?;
        }
        if self.cluster.is_none() {
            self.cluster = Some(Cluster {
                start: time,
                blocks: Vec::new(),
            });
        }
        let Some(cluster) = &mut self.cluster else {
            return Ok(());
        };
        if is_key && self.cues.last().is_none_or(|cue| time >= cue.time + CUE_EVERY_MS) {
            self.cues.push(Cue {
                time,
                position: self.end - self.segment,
            });
        }
        // The cluster is at most CLUSTER_LENGTH old here, far below what sixteen bits hold.
        put_block(&mut cluster.blocks, TRACK, (time - cluster.start) as i16, is_key, data);
        self.last = Some(time);
        self.duration = self
            .duration
            .max(Duration::from_millis(time) + length.unwrap_or(LAST_FRAME));
        Ok(())
    }

    /// Writes what is held back, as a cluster of its own, and corrects the duration.
    pub fn flush(&mut self) -> io::Result<()> {
        let Some(cluster) = &self.cluster else { return Ok(()) };
        let mut bytes = Vec::with_capacity(cluster.blocks.len() + 24);
        put_cluster(&mut bytes, cluster.start, &cluster.blocks);
        self.file.seek(SeekFrom::Start(self.end))?;
        if let Err(error) = self.file.write_all(&bytes) {
            // Half a cluster helps nobody; what cannot be cut off now is the torn tail that readers skip.
            let _ = self.file.set_len(self.end);
            return Err(error);
        }
        self.end += bytes.len() as u64;
        self.cluster = None;
        self.patch(self.duration_at, &(self.duration.as_secs_f64() * 1000.0).to_be_bytes())
    }

    /// How long the track is, from the file's start to the end of its last frame.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// How many bytes are on the disk.
    pub fn bytes(&self) -> u64 {
        self.end
    }

    /// Writes the rest, the index and the sizes, and sees it onto the disk.
    pub fn finish(&mut self) -> io::Result<()> {
        self.flush()?;
        let mut cues = Vec::new();
        put_parent(&mut cues, id::CUES, |out| {
            for cue in &self.cues {
                put_parent(out, id::CUE_POINT, |out| {
                    put_uint(out, id::CUE_TIME, cue.time);
                    put_parent(out, id::CUE_TRACK_POSITIONS, |out| {
                        put_uint(out, id::CUE_TRACK, TRACK);
                        put_uint(out, id::CUE_CLUSTER_POSITION, cue.position);
                    });
                });
            }
        });
        let cues_at = self.end - self.segment;
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(&cues)?;
        self.end += cues.len() as u64;
        self.patch(self.segment, &seek_head(cues_at))?;
        self.patch(self.segment - 8, &long_size(self.end - self.segment))?;
        self.file.sync_data()
    }

    fn patch(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(at))?;
        self.file.write_all(bytes)
    }
}

/// The bytes before the first cluster, where the segment's content begins in them, and where the duration stands.
pub(super) fn header(codec: Codec, size: Option<VideoSize>, configuration: Option<&[u8]>) -> (Vec<u8>, u64, u64) {
    let mut out = Vec::with_capacity(512);
    put_parent(&mut out, id::EBML, |out| {
        put_uint(out, id::EBML_VERSION, 1);
        put_uint(out, id::EBML_READ_VERSION, 1);
        put_uint(out, id::EBML_MAX_ID_LENGTH, 4);
        put_uint(out, id::EBML_MAX_SIZE_LENGTH, 8);
        let is_webm = codec.name().extension() == "webm";
        put_bytes(out, id::DOC_TYPE, if is_webm { b"webm" } else { b"matroska" });
        put_uint(out, id::DOC_TYPE_VERSION, 4);
        put_uint(out, id::DOC_TYPE_READ_VERSION, 2);
    });
    put_id(&mut out, id::SEGMENT);
    out.extend(UNKNOWN_SIZE);
    let segment = out.len() as u64;
    put_void(&mut out, SEEK_HEAD_ROOM);
    put_parent(&mut out, id::INFO, |out| {
        put_uint(out, id::TIMESTAMP_SCALE, 1_000_000);
        put_bytes(out, id::MUXING_APP, b"Confab");
        put_bytes(
            out,
            id::WRITING_APP,
            concat!("Confab ", env!("CARGO_PKG_VERSION")).as_bytes(),
        );
        put_float(out, id::DURATION, 0.0);
    });
    let duration_at = out.len() as u64 - 8;
    put_parent(&mut out, id::TRACKS, |out| {
        put_parent(out, id::TRACK_ENTRY, |out| put_track(out, codec, size, configuration))
    });
    (out, segment, duration_at)
}

fn put_track(out: &mut Vec<u8>, codec: Codec, size: Option<VideoSize>, configuration: Option<&[u8]>) {
    put_uint(out, id::TRACK_NUMBER, TRACK);
    put_uint(out, id::TRACK_UID, TRACK);
    put_uint(out, id::FLAG_LACING, 0);
    let codec_id: &[u8] = match codec {
        Codec::Vp8 => b"V_VP8",
        Codec::Vp9 => b"V_VP9",
        Codec::H264 => b"V_MPEG4/ISO/AVC",
        Codec::Av1 => b"V_AV1",
        Codec::Opus { .. } => b"A_OPUS",
    };
    put_bytes(out, id::CODEC_ID, codec_id);
    match codec {
        Codec::Vp8 | Codec::Vp9 | Codec::H264 | Codec::Av1 => {
            put_uint(out, id::TRACK_TYPE, 1);
            if let Some(configuration) = configuration {
                put_bytes(out, id::CODEC_PRIVATE, configuration);
            }
            put_parent(out, id::VIDEO, |out| {
                let VideoSize { width, height } = size.unwrap_or(VideoSize {
                    width: 640,
                    height: 480,
                });
                put_uint(out, id::PIXEL_WIDTH, width.into());
                put_uint(out, id::PIXEL_HEIGHT, height.into());
            });
        }
        Codec::Opus { channels } => {
            put_uint(out, id::TRACK_TYPE, 2);
            put_bytes(out, id::CODEC_PRIVATE, &opus_head(channels));
            put_uint(out, id::CODEC_DELAY, 0);
            // What a decoder needs before a seek's target to sound right (RFC 7845, section 4.6), in nanoseconds.
            put_uint(out, id::SEEK_PRE_ROLL, 80_000_000);
            put_parent(out, id::AUDIO, |out| {
                put_float(out, id::SAMPLING_FREQUENCY, 48_000.0);
                put_uint(out, id::CHANNELS, channels.into());
            });
        }
    }
}

/// A seek head that points to the cues, filled up to [`SEEK_HEAD_ROOM`].
fn seek_head(cues_at: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(SEEK_HEAD_ROOM);
    put_parent(&mut out, id::SEEK_HEAD, |out| {
        put_parent(out, id::SEEK, |out| {
            put_bytes(out, id::SEEK_ID, &id::CUES.to_be_bytes());
            put_uint(out, id::SEEK_POSITION, cues_at);
        });
    });
    let rest = SEEK_HEAD_ROOM - out.len();
    put_void(&mut out, rest);
    out
}
