//! Opus over RTP (RFC 7587): each packet is a frame; its first byte tells how long it lasts (RFC 6716, section 3.1).

use std::time::Duration;

use super::frames::Frame;
use super::reorder::Ordered;

/// The depacketiser of an Opus stream.
#[derive(Debug)]
pub(crate) struct OpusFrames;

impl OpusFrames {
    pub(crate) fn push(&mut self, ordered: Ordered, frames: &mut Vec<Frame>) {
        let Ordered { packet, arrival, .. } = ordered;
        let Some(duration) = packet_duration(&packet.payload) else {
            return;
        };
        frames.push(Frame {
            data: packet.payload,
            timestamp: packet.timestamp,
            arrival,
            is_key: true,
            size: None,
            configuration: None,
            duration: Some(duration),
        });
    }
}

/// How long an Opus packet lasts; `None` for what no decoder would take.
pub(crate) fn packet_duration(packet: &[u8]) -> Option<Duration> {
    let toc = *packet.first()?;
    let configuration = toc >> 3;
    let frame_micros: u64 = match configuration {
        0..=11 => [10_000, 20_000, 40_000, 60_000][usize::from(configuration & 3)],
        12..=15 => [10_000, 20_000][usize::from(configuration & 1)],
        _ => [2_500, 5_000, 10_000, 20_000][usize::from(configuration & 3)],
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u64::from(packet.get(1)? & 0x3f),
    };
    let micros = frames * frame_micros;
    (1..=120_000).contains(&micros).then(|| Duration::from_micros(micros))
}

/// The identification header that WebM wants as an Opus track's private data (RFC 7845, section 5.1). The pre-skip is 0, because a recording begins
/// in the middle of a stream and no sample may move against the picture.
pub(crate) fn opus_head(channels: u8) -> Vec<u8> {
    let mut head = b"OpusHead\x01".to_vec();
    head.push(channels);
    head.extend(0_u16.to_le_bytes());
    head.extend(48_000_u32.to_le_bytes());
    head.extend([0, 0, 0]);
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_tells_the_length() {
        let ms = |millis| Some(Duration::from_millis(millis));
        assert_eq!(packet_duration(&[0x78, 1]), ms(20)); // hybrid, 20 ms, one frame
        assert_eq!(packet_duration(&[0xfc, 1]), ms(20)); // CELT, 20 ms, one frame, stereo
        assert_eq!(packet_duration(&[0x18, 1]), ms(60)); // SILK, 60 ms
        assert_eq!(packet_duration(&[0xe0 | 1]), Some(Duration::from_millis(5))); // CELT, two frames of 2.5 ms
        assert_eq!(packet_duration(&[0xfb, 3]), ms(60)); // CELT, three frames of 20 ms
        assert_eq!(packet_duration(&[]), None);
        assert_eq!(packet_duration(&[0xfb]), None);
        assert_eq!(packet_duration(&[0xfb, 0]), None);
        assert_eq!(packet_duration(&[0x1b, 63]), None);
    }

    #[test]
    fn the_header_has_its_19_bytes() {
        assert_eq!(opus_head(2), b"OpusHead\x01\x02\x00\x00\x80\xbb\x00\x00\x00\x00\x00");
    }
}
