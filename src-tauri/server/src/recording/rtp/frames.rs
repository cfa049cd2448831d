//! What every codec's depacketiser has in common.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::opus::OpusFrames;
use super::reorder::Ordered;
use super::vp8::Vp8Frames;

/// A whole frame as the encoder made it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) data: Bytes,
    pub(crate) timestamp: u32,
    /// When its first packet came, since the recording's start.
    pub(crate) arrival: Duration,
    /// Decodes without any frame before it.
    pub(crate) is_key: bool,
    /// The picture's size, which key frames tell.
    pub(crate) size: Option<(u16, u16)>,
    /// How long it lasts, where the codec tells.
    pub(crate) duration: Option<Duration>,
}

/// What a track holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    Vp8,
    Opus { channels: u8 },
}

/// What a codec is called in a recording's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CodecName {
    Opus,
    Vp8,
}

impl Codec {
    pub(crate) fn name(self) -> CodecName {
        match self {
            Self::Vp8 => CodecName::Vp8,
            Self::Opus { .. } => CodecName::Opus,
        }
    }
}

/// Joins the packets of one stream into frames.
#[derive(Debug)]
pub(crate) enum Depacketiser {
    Vp8(Vp8Frames),
    Opus(OpusFrames),
}

impl Depacketiser {
    pub(crate) fn new(codec: Codec) -> Self {
        match codec {
            Codec::Vp8 => Self::Vp8(Vp8Frames::default()),
            Codec::Opus { .. } => Self::Opus(OpusFrames),
        }
    }

    /// Takes the next packet in order and adds the frames that it completes to `frames`.
    pub(crate) fn push(&mut self, ordered: Ordered, frames: &mut Vec<Frame>) {
        match self {
            Self::Vp8(vp8) => vp8.push(ordered, frames),
            Self::Opus(opus) => opus.push(ordered, frames),
        }
    }

    /// Nothing can be written until a key frame comes.
    pub(crate) fn needs_key_frame(&self) -> bool {
        match self {
            Self::Vp8(vp8) => vp8.needs_key_frame(),
            Self::Opus(_) => false,
        }
    }
}
