//! A track that is sent on as it comes, to a decoder: a cluster a frame, none held back.

use std::time::Duration;

use bytes::Bytes;

use super::ebml::{put_block, put_cluster};
use super::writer::{VideoSize, header};
use crate::rtp::frames::{Codec, Frame};

/// A track on its way to whoever decodes it.
#[derive(Debug)]
pub struct LiveTrack {
    last: u64,
}

impl LiveTrack {
    /// The track and the bytes that it begins with, as its first frame says.
    pub fn begin(codec: Codec, first: &Frame) -> (Self, Bytes) {
        let size = first.size.map(|(width, height)| VideoSize { width, height });
        let (header, _, _) = header(codec, size, first.configuration.as_deref());
        (Self { last: 0 }, header.into())
    }

    /// The bytes of a frame. Times never go back.
    pub fn frame(&mut self, at: Duration, is_key: bool, data: &[u8]) -> Bytes {
        self.last = (at.as_millis() as u64).max(self.last);
        let mut block = Vec::with_capacity(data.len() + 16);
        put_block(&mut block, 1, 0, is_key, data);
        let mut cluster = Vec::with_capacity(block.len() + 24);
        put_cluster(&mut cluster, self.last, &block);
        cluster.into()
    }
}
