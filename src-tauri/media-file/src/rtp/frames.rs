//! What every codec's depacketiser has in common.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::av1::Av1;
use super::h264::H264;
use super::opus::OpusFrames;
use super::pictures::Pictures;
use super::reorder::Ordered;
use super::vp8::Vp8;
use super::vp9::Vp9;

/// A whole frame as the encoder made it.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame {
    /// In the form in which files hold it.
    pub data: Bytes,
    /// Its RTP time, in ticks of the stream's clock.
    pub timestamp: u32,
    /// When its first packet came, since the recording's start.
    pub arrival: Duration,
    /// Decodes without any frame before it.
    pub is_key: bool,
    /// The picture's size, which key frames tell.
    pub size: Option<(u16, u16)>,
    /// What a file's header says of the stream from here on; key frames tell, where the codec has such a thing.
    pub configuration: Option<Bytes>,
    /// How long it lasts, where the codec tells.
    pub duration: Option<Duration>,
}

/// What a track holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are called as everywhere")]
pub enum Codec {
    Vp8,
    Vp9,
    H264,
    Av1,
    Opus { channels: u8 },
}

/// What a codec is called in a recording's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "they are called as everywhere")]
pub enum CodecName {
    Opus,
    Vp8,
    Vp9,
    H264,
    Av1,
}

impl Codec {
    /// What files call it.
    pub fn name(self) -> CodecName {
        match self {
            Self::Vp8 => CodecName::Vp8,
            Self::Vp9 => CodecName::Vp9,
            Self::H264 => CodecName::H264,
            Self::Av1 => CodecName::Av1,
            Self::Opus { .. } => CodecName::Opus,
        }
    }
}

impl CodecName {
    /// What a track's file is called at the end: WebM where it may hold the codec, otherwise Matroska, which is the same with more in it.
    pub fn extension(self) -> &'static str {
        match self {
            Self::H264 => "mkv",
            Self::Opus | Self::Vp8 | Self::Vp9 | Self::Av1 => "webm",
        }
    }
}

/// Joins the packets of one stream into frames.
#[derive(Debug)]
pub struct Depacketiser(Format);

#[derive(Debug)]
enum Format {
    Vp8(Pictures<Vp8>),
    Vp9(Pictures<Vp9>),
    H264(Pictures<H264>),
    Av1(Pictures<Av1>),
    Opus(OpusFrames),
}

impl Depacketiser {
    /// For a stream of this codec, of which nothing came yet.
    pub fn new(codec: Codec) -> Self {
        Self(match codec {
            Codec::Vp8 => Format::Vp8(Pictures::default()),
            Codec::Vp9 => Format::Vp9(Pictures::default()),
            Codec::H264 => Format::H264(Pictures::default()),
            Codec::Av1 => Format::Av1(Pictures::default()),
            Codec::Opus { .. } => Format::Opus(OpusFrames),
        })
    }

    /// Takes the next packet in order and adds the frames that it completes to `frames`.
    pub fn push(&mut self, ordered: Ordered, frames: &mut Vec<Frame>) {
        match &mut self.0 {
            Format::Vp8(pictures) => pictures.push(ordered, frames),
            Format::Vp9(pictures) => pictures.push(ordered, frames),
            Format::H264(pictures) => pictures.push(ordered, frames),
            Format::Av1(pictures) => pictures.push(ordered, frames),
            Format::Opus(opus) => opus.push(ordered, frames),
        }
    }

    /// Nothing can be written until a key frame comes.
    pub fn needs_key_frame(&self) -> bool {
        match &self.0 {
            Format::Vp8(pictures) => pictures.needs_key_frame(),
            Format::Vp9(pictures) => pictures.needs_key_frame(),
            Format::H264(pictures) => pictures.needs_key_frame(),
            Format::Av1(pictures) => pictures.needs_key_frame(),
            Format::Opus(_) => false,
        }
    }
}
