//! VP8 over RTP (RFC 7741): which part of a packet belongs to a picture, and what a picture's header says (RFC 6386).

use bytes::{Bytes, BytesMut};

use super::pictures::{Broken, Format, Picture};

/// How VP8 comes in packets.
#[derive(Debug, Default)]
pub(crate) struct Vp8;

impl Format for Vp8 {
    fn starts(&self, payload: &[u8]) -> Result<bool, Broken> {
        let first = *payload.first().ok_or(Broken)?;
        Ok(first & 0x10 != 0 && first & 0x07 == 0)
    }

    fn append(&mut self, payload: &Bytes, picture: &mut BytesMut) -> Result<(), Broken> {
        let length = descriptor_length(payload).ok_or(Broken)?;
        let data = payload.get(length..).filter(|data| !data.is_empty());
        picture.extend_from_slice(data.ok_or(Broken)?);
        Ok(())
    }

    fn finish(&mut self, data: BytesMut) -> Result<Option<Picture>, Broken> {
        let is_key = data.first().is_some_and(|byte| byte & 1 == 0);
        let size = if is_key { key_frame_size(&data) } else { None };
        if is_key && size.is_none() {
            return Err(Broken);
        }
        Ok(Some(Picture {
            data: data.freeze(),
            is_key,
            size,
            configuration: None,
        }))
    }
}

/// How long the payload descriptor is (RFC 7741, section 4.2).
fn descriptor_length(payload: &[u8]) -> Option<usize> {
    let first = *payload.first()?;
    let mut length = 1;
    if first & 0x80 != 0 {
        let extensions = *payload.get(length)?;
        length += 1;
        if extensions & 0x80 != 0 {
            // The picture id takes one byte or, with its highest bit set, two.
            length += if payload.get(length)? & 0x80 != 0 { 2 } else { 1 };
        }
        length += usize::from(extensions & 0x40 != 0);
        length += usize::from(extensions & 0x30 != 0);
    }
    Some(length)
}

/// Width and height out of a key frame's header (RFC 6386, section 9.1); `None` if it is not one.
fn key_frame_size(data: &[u8]) -> Option<(u16, u16)> {
    let [_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1] = *data.first_chunk::<10>()? else {
        return None;
    };
    // The two highest bits are a wish for scaling that no player follows.
    let width = u16::from_le_bytes([w0, w1]) & 0x3fff;
    let height = u16::from_le_bytes([h0, h1]) & 0x3fff;
    (width > 0 && height > 0).then_some((width, height))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::frames::Frame;
    use super::super::packet::RtpPacket;
    use super::super::pictures::Pictures;
    use super::super::reorder::Ordered;
    use super::*;

    const KEY: [u8; 10] = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01];
    const DELTA: [u8; 2] = [0x11, 7];

    struct Sender(Pictures<Vp8>, Vec<Frame>);

    impl Sender {
        fn new() -> Self {
            Self(Pictures::default(), Vec::new())
        }

        fn send(&mut self, timestamp: u32, marker: bool, lost: u64, payload: &[u8]) -> &mut Self {
            let packet = RtpPacket {
                sequence: 0,
                timestamp,
                marker,
                payload_type: 96,
                payload: Bytes::copy_from_slice(payload),
            };
            self.0.push(
                Ordered {
                    packet,
                    arrival: Duration::from_millis(u64::from(timestamp)),
                    lost,
                },
                &mut self.1,
            );
            self
        }
    }

    fn start(data: &[u8]) -> Vec<u8> {
        [&[0x10][..], data].concat()
    }

    #[test]
    fn packets_become_frames_and_the_key_frame_tells_the_size() {
        let mut sender = Sender::new();
        sender
            .send(1, false, 0, &start(&KEY))
            .send(1, true, 0, &[0x00, 1])
            .send(2, true, 0, &start(&DELTA));
        let [key, delta] = &sender.1[..] else {
            panic!("{:?}", sender.1)
        };
        assert_eq!(&key.data[..], &[&KEY[..], &[1]].concat()[..]);
        assert_eq!(
            (key.is_key, key.size, key.arrival),
            (true, Some((640, 480)), Duration::from_millis(1))
        );
        assert_eq!((delta.is_key, delta.size), (false, None));
    }

    #[test]
    fn nothing_is_handed_on_before_the_first_key_frame() {
        let mut sender = Sender::new();
        assert!(sender.0.needs_key_frame());
        sender.send(1, true, 0, &start(&DELTA)).send(2, true, 0, &start(&KEY));
        assert_eq!(sender.1.len(), 1);
        assert!(!sender.0.needs_key_frame());
    }

    #[test]
    fn a_loss_drops_all_until_the_next_key_frame() {
        let mut sender = Sender::new();
        sender.send(1, true, 0, &start(&KEY)).send(2, false, 0, &start(&DELTA));
        sender.send(2, true, 1, &[0x00, 9]);
        assert!(sender.0.needs_key_frame());
        sender
            .send(3, true, 0, &start(&DELTA))
            .send(4, true, 0, &start(&KEY))
            .send(5, true, 0, &start(&DELTA));
        let times: Vec<u32> = sender.1.iter().map(|frame| frame.timestamp).collect();
        assert_eq!(times, [1, 4, 5]);
    }

    #[test]
    fn a_sender_without_marker_bits_and_with_padding_loses_nothing() {
        let mut sender = Sender::new();
        sender
            .send(1, false, 0, &start(&KEY))
            .send(2, false, 0, &start(&DELTA))
            .send(9, false, 0, &[]);
        sender.send(3, true, 0, &start(&DELTA));
        assert_eq!(sender.1.len(), 3);
    }

    #[test]
    fn every_form_of_the_descriptor_is_skipped() {
        for descriptor in [
            &[0x10][..],
            &[0x90, 0x80, 0x05],
            &[0x90, 0x80, 0x81, 0x05],
            &[0x90, 0x40, 0x01],
            &[0x90, 0x20, 0x40],
            &[0x90, 0x10, 0x01],
            &[0x90, 0xf0, 0x81, 0x05, 0x01, 0x40],
        ] {
            let mut sender = Sender::new();
            sender.send(1, true, 0, &[descriptor, &KEY].concat());
            assert_eq!(&sender.1[0].data[..], &KEY, "{descriptor:x?}");
        }
    }

    #[test]
    fn cut_packets_harm_nobody() {
        for payload in [
            &[0x90][..],
            &[0x90, 0x80],
            &[0x90, 0x80, 0x81],
            &[0x90, 0xf0, 0x81, 0x05, 0x01],
            &[0x10],
            &[0x10, 0x10, 0, 0],
        ] {
            let mut sender = Sender::new();
            sender.send(1, true, 0, payload);
            assert_eq!(sender.1, []);
        }
    }
}
