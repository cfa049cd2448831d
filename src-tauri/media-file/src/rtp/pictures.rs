//! Joins the packets of a stream of pictures and drops what a loss made undecodable, whatever the codec.
//!
//! After a loss nothing is handed on until the next key frame: a picture whose reference is missing decodes to smears, and a recording would keep them.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use h264_reader::rbsp::BitReaderError;

use super::frames::Frame;
use super::reorder::Ordered;

/// No honest picture is larger; one that grows beyond is dropped.
pub(crate) const LARGEST: usize = 16 << 20;

/// What came is not what the codec allows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken;

impl From<BitReaderError> for Broken {
    /// A header that is cut off.
    fn from(_: BitReaderError) -> Self {
        Self
    }
}

/// A whole picture, as its codec describes it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) data: Bytes,
    /// Decodes without any picture before it.
    pub(crate) is_key: bool,
    /// Which key frames tell.
    pub(crate) size: Option<(u16, u16)>,
    /// What a file's header says of the stream from here on; key frames tell, where the codec has such a thing.
    pub(crate) configuration: Option<Bytes>,
}

/// How a codec's pictures come in packets.
pub(crate) trait Format: Default {
    /// Whether a payload begins a picture.
    fn starts(&self, payload: &[u8]) -> Result<bool, Broken>;

    /// Adds what a payload carries to the picture that it belongs to, in the form in which files hold it.
    fn append(&mut self, payload: &Bytes, picture: &mut BytesMut) -> Result<(), Broken>;

    /// What the picture is whose last packet came; `None` if there is nothing to be seen in it.
    fn finish(&mut self, picture: BytesMut) -> Result<Option<Picture>, Broken>;
}

/// The pictures of one stream.
#[derive(Debug, Default)]
pub(crate) struct Pictures<F> {
    format: F,
    partial: Option<Partial>,
    /// A key frame was handed on and nothing was lost since.
    intact: bool,
}

#[derive(Debug)]
struct Partial {
    timestamp: u32,
    arrival: Duration,
    data: BytesMut,
}

impl<F: Format> Pictures<F> {
    /// Nothing can be handed on until a key frame comes.
    pub(crate) fn needs_key_frame(&self) -> bool {
        !self.intact
    }

    /// Takes the next packet in order and adds the frames that it completes to `frames`.
    pub(crate) fn push(&mut self, ordered: Ordered, frames: &mut Vec<Frame>) {
        let Ordered { packet, arrival, lost } = ordered;
        if lost > 0 {
            self.lose();
        }
        if packet.payload.is_empty() {
            return; // padding that probes the bandwidth
        }
        let is_another = |partial: &Partial| partial.timestamp != packet.timestamp;
        if self.partial.as_ref().is_some_and(is_another) {
            // Nothing was lost, so the picture was whole: its sender sets no marker bit.
            self.complete(frames);
        }
        let starts = self.partial.is_some() || self.format.starts(&packet.payload) == Ok(true);
        let taken = starts.then(|| {
            let partial = self.partial.get_or_insert_with(|| Partial {
                timestamp: packet.timestamp,
                arrival,
                data: BytesMut::new(),
            });
            let appended = self.format.append(&packet.payload, &mut partial.data);
            appended.is_ok() && partial.data.len() <= LARGEST
        });
        if taken != Some(true) {
            return self.lose();
        }
        if packet.marker {
            self.complete(frames);
        }
    }

    fn lose(&mut self) {
        self.partial = None;
        self.intact = false;
    }

    fn complete(&mut self, frames: &mut Vec<Frame>) {
        let Some(Partial {
            timestamp,
            arrival,
            data,
        }) = self.partial.take()
        else {
            return;
        };
        match self.format.finish(data) {
            Ok(Some(picture)) => {
                self.intact |= picture.is_key;
                if self.intact {
                    frames.push(Frame {
                        data: picture.data,
                        timestamp,
                        arrival,
                        is_key: picture.is_key,
                        size: picture.size,
                        configuration: picture.configuration,
                        duration: None,
                    });
                }
            }
            Ok(None) => {}
            Err(Broken) => self.intact = false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::av1::Av1;
    use super::super::h264::H264;
    use super::super::packet::RtpPacket;
    use super::super::vp8::Vp8;
    use super::super::vp9::Vp9;
    use super::*;

    /// How payloads begin that are looked into: parameter sets, key frames, parts and aggregates of each codec.
    const BEGINNINGS: [&[u8]; 12] = [
        &[],
        &[0x67, 0x42, 0xc0, 0x0c],
        &[0x68, 0xcb],
        &[0x65],
        &[0x7c, 0x85],
        &[0x7c, 0x45],
        &[0x78, 0x00, 0x05, 0x67, 0x64],
        &[0x28, 0x0d, 0x0a, 0x0b],
        &[0x10, 0x0a],
        &[0x00, 0x03, 0x30, 0x10, 0x07],
        &[0x0c, 0x82, 0x49, 0x83, 0x42],
        &[0x90, 0xf0, 0x81, 0x05, 0x01, 0x40, 0x00, 0x00, 0x00, 0x9d, 0x01, 0x2a],
    ];

    #[derive(Debug)]
    struct Sent {
        payload: Vec<u8>,
        marker: bool,
        timestamp: u32,
        lost: u64,
    }

    fn sent() -> impl Strategy<Value = Sent> {
        let payload = (0..BEGINNINGS.len(), vec(any::<u8>(), 0..40));
        let lost = prop_oneof![5 => Just(0), 1 => Just(1u64)];
        (payload, any::<bool>(), 0..3u32, lost).prop_map(|((beginning, rest), marker, timestamp, lost)| Sent {
            payload: [BEGINNINGS[beginning], &rest].concat(),
            marker,
            timestamp,
            lost,
        })
    }

    fn take<F: Format>(packets: &[Sent]) -> Vec<Frame> {
        let (mut pictures, mut frames) = (Pictures::<F>::default(), Vec::new());
        for sent in packets {
            let packet = RtpPacket {
                sequence: 0,
                timestamp: sent.timestamp,
                marker: sent.marker,
                payload_type: 96,
                payload: Bytes::copy_from_slice(&sent.payload),
            };
            let (arrival, lost) = (Duration::ZERO, sent.lost);
            pictures.push(Ordered { packet, arrival, lost }, &mut frames);
        }
        frames
    }

    proptest! {
        #[test]
        fn whatever_comes_harms_nobody_and_begins_with_a_key_frame(packets in vec(sent(), 0..40)) {
            for frames in [take::<Vp8>(&packets), take::<Vp9>(&packets), take::<H264>(&packets), take::<Av1>(&packets)] {
                prop_assert!(frames.first().is_none_or(|first| first.is_key && first.size.is_some()));
                prop_assert!(frames.iter().all(|frame| !frame.data.is_empty()));
            }
        }
    }
}
