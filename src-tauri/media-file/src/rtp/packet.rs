//! The RTP header (RFC 3550, section 5.1; header extensions of section 5.3.1 are skipped).

use bytes::Bytes;

/// An RTP packet without its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RtpPacket {
    /// Counts the packets of the stream, and wraps.
    pub sequence: u16,
    /// In ticks of the stream's clock; wraps.
    pub timestamp: u32,
    /// The last of a picture, where its codec marks that.
    pub marker: bool,
    /// Which of the agreed codecs it is.
    pub payload_type: u8,
    /// Without padding; empty for packets that only probe the bandwidth.
    pub payload: Bytes,
}

impl RtpPacket {
    /// Parses a packet; `None` if it is none.
    pub fn parse(data: &Bytes) -> Option<Self> {
        let [flags, second, sequence @ .., _, _, _, _] = data.first_chunk::<12>()?;
        let [s0, s1, t0, t1, t2, t3] = sequence;
        if flags >> 6 != 2 {
            return None;
        }
        let mut start = 12 + usize::from(flags & 0x0f) * 4;
        if flags & 0x10 != 0 {
            let words = data.get(start + 2..start + 4)?;
            start += 4 + usize::from(u16::from_be_bytes([words[0], words[1]])) * 4;
        }
        let mut end = data.len();
        if flags & 0x20 != 0 {
            end = end.checked_sub(usize::from(*data.last()?))?;
        }
        if start > end {
            return None;
        }
        Some(Self {
            sequence: u16::from_be_bytes([*s0, *s1]),
            timestamp: u32::from_be_bytes([*t0, *t1, *t2, *t3]),
            marker: second & 0x80 != 0,
            payload_type: second & 0x7f,
            payload: data.slice(start..end),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Option<RtpPacket> {
        RtpPacket::parse(&Bytes::copy_from_slice(bytes))
    }

    #[test]
    fn the_fixed_header_is_read() {
        let packet = parse(&[0x80, 0xe4, 1, 2, 3, 4, 5, 6, 9, 9, 9, 9, 7, 8]).unwrap();
        assert_eq!(packet.sequence, 0x0102);
        assert_eq!(packet.timestamp, 0x0304_0506);
        assert!(packet.marker);
        assert_eq!(packet.payload_type, 100);
        assert_eq!(&packet.payload[..], &[7, 8]);
    }

    #[test]
    fn sources_extensions_and_padding_are_left_out() {
        let mut bytes = vec![0xb1, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
        bytes.extend([0, 0, 0, 4]); // one contributing source
        bytes.extend([0xbe, 0xde, 0, 1, 1, 2, 3, 4]); // one word of extension
        bytes.extend([42, 0, 0, 3]); // payload and three bytes of padding
        assert_eq!(&parse(&bytes).unwrap().payload[..], &[42]);
    }

    #[test]
    fn whatever_is_cut_or_wrong_is_refused() {
        let whole = [
            0xb1, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0xbe, 0xde, 0, 1, 1, 2, 3, 4, 42, 0, 0, 3,
        ];
        for length in 0..24 {
            assert_eq!(parse(&whole[..length]), None, "{length}");
        }
        assert_eq!(parse(&[0x40; 20]), None);
        let mut padded = [0u8; 14];
        padded[0] = 0xa0;
        padded[13] = 200;
        assert_eq!(parse(&padded), None);
    }
}
