//! VP9 over RTP (RFC 9628): which part of a packet belongs to a picture, and what a picture's header says (VP9 bitstream, section 6.2).
//!
//! Where a sender makes several sizes of a picture that build on one another, all of them come; they are kept as one superframe, whose last is shown.

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use h264_reader::rbsp::{BitRead as _, BitReader};

use super::pictures::{Broken, Format, Picture};

/// The most sizes that a superframe can hold.
const MOST_LAYERS: usize = 8;
/// What a key frame's header has after its first bits.
const SYNC_CODE: u32 = 0x49_8342;
/// The colour space in which there is no word about the range of colours.
const RGB: u8 = 7;

/// How VP9 comes in packets.
#[derive(Debug, Default)]
pub(crate) struct Vp9 {
    /// Where the layers of the picture begin that is being joined.
    layers: Vec<usize>,
}

impl Format for Vp9 {
    fn starts(&self, payload: &[u8]) -> Result<bool, Broken> {
        Ok(payload.first().ok_or(Broken)? & 0x08 != 0)
    }

    fn append(&mut self, payload: &Bytes, picture: &mut BytesMut) -> Result<(), Broken> {
        if picture.is_empty() {
            self.layers.clear();
        }
        if self.starts(payload)? {
            if self.layers.len() == MOST_LAYERS {
                return Err(Broken);
            }
            self.layers.push(picture.len());
        }
        let data = without_descriptor(payload).filter(|data| !data.is_empty());
        picture.extend_from_slice(data.ok_or(Broken)?);
        Ok(())
    }

    fn finish(&mut self, mut data: BytesMut) -> Result<Option<Picture>, Broken> {
        let size = key_frame_size(&data)?;
        self.layers.push(data.len());
        put_index(&self.layers, &mut data);
        Ok(Some(Picture {
            data: data.freeze(),
            is_key: size.is_some(),
            size,
            configuration: None,
        }))
    }
}

/// What follows the payload descriptor (RFC 9628, section 4.2).
fn without_descriptor(payload: &[u8]) -> Option<&[u8]> {
    let mut rest = payload;
    let flags = rest.try_get_u8().ok()?;
    let has = |bit: u8| flags & bit != 0;
    if has(0x80) && rest.try_get_u8().ok()? & 0x80 != 0 {
        rest.try_get_u8().ok()?; // a picture id of two bytes
    }
    if has(0x20) {
        rest.try_get_u8().ok()?; // the layers
        if !has(0x10) {
            rest.try_get_u8().ok()?; // the index of the lowest layer
        }
    }
    if has(0x10) && has(0x40) {
        // Up to three references, each saying whether another follows.
        let mut references = 1;
        while rest.try_get_u8().ok()? & 1 != 0 {
            references += 1;
            if references > 3 {
                return None;
            }
        }
    }
    if has(0x02) {
        let structure = rest.try_get_u8().ok()?;
        if structure & 0x10 != 0 {
            rest = rest.get(4 * (usize::from(structure >> 5) + 1)..)?;
        }
        if structure & 0x08 != 0 {
            for _ in 0..rest.try_get_u8().ok()? {
                let references = rest.try_get_u8().ok()? >> 2 & 3;
                rest = rest.get(usize::from(references)..)?;
            }
        }
    }
    Some(rest)
}

/// The size of the picture if it is a key frame.
fn key_frame_size(data: &[u8]) -> Result<Option<(u16, u16)>, Broken> {
    let mut bits = BitReader::new(data);
    if bits.read::<u8>(2, "frame_marker")? != 2 {
        return Err(Broken);
    }
    let profile = u8::from(bits.read_bool("profile_low_bit")?) + 2 * u8::from(bits.read_bool("profile_high_bit")?);
    if profile == 3 {
        bits.skip(1, "reserved_zero")?;
    }
    let shows_existing = bits.read_bool("show_existing_frame")?;
    if shows_existing || bits.read_bool("frame_type")? {
        return Ok(None);
    }
    bits.skip(2, "show_frame, error_resilient_mode")?;
    if bits.read::<u32>(24, "frame_sync_code")? != SYNC_CODE {
        return Err(Broken);
    }
    if profile >= 2 {
        bits.skip(1, "ten_or_twelve_bit")?;
    }
    let is_rgb = bits.read::<u8>(3, "color_space")? == RGB;
    let colour_bits = match (is_rgb, profile) {
        (false, 1 | 3) => 4,
        (false, _) | (true, 1 | 3) => 1,
        (true, _) => return Err(Broken),
    };
    bits.skip(colour_bits, "color_config")?;
    let width = bits.read::<u32>(16, "frame_width_minus_1")? + 1;
    let height = bits.read::<u32>(16, "frame_height_minus_1")? + 1;
    // 65,536 pixels are none that a file's header could say.
    u16::try_from(width)
        .ok()
        .zip(u16::try_from(height).ok())
        .map(Some)
        .ok_or(Broken)
}

/// Ends a picture of several layers with the index by which decoders find them (VP9 bitstream, annex B).
fn put_index(bounds: &[usize], picture: &mut BytesMut) {
    let layers = bounds.len().saturating_sub(1);
    if layers > 1 {
        // Sizes in four bytes each.
        let mark = 0b1101_1000 | (layers - 1) as u8;
        picture.put_u8(mark);
        for pair in bounds.windows(2) {
            picture.put_u32_le((pair[1] - pair[0]) as u32);
        }
        picture.put_u8(mark);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Profile 0, a key frame that is shown, 640 × 480.
    const KEY: [u8; 10] = [0x82, 0x49, 0x83, 0x42, 0x20, 0x27, 0xf0, 0x1d, 0xf0, 0x00];
    const DELTA: [u8; 3] = [0x86, 7, 7];

    fn joined(payloads: &[&[u8]]) -> Result<Option<Picture>, Broken> {
        let mut format = Vp9::default();
        let mut picture = BytesMut::new();
        assert_eq!(format.starts(payloads[0]), Ok(true));
        for payload in payloads {
            format.append(&Bytes::copy_from_slice(payload), &mut picture)?;
        }
        format.finish(picture)
    }

    #[test]
    fn a_key_frame_tells_its_size_and_another_frame_none() {
        let key = joined(&[&[&[0x08][..], &KEY[..4]].concat(), &[&[0x04][..], &KEY[4..]].concat()]);
        let key = key.unwrap().unwrap();
        assert_eq!(
            (&key.data[..], key.is_key, key.size),
            (&KEY[..], true, Some((640, 480)))
        );
        let delta = joined(&[&[&[0x4c][..], &DELTA].concat()]).unwrap().unwrap();
        assert_eq!((&delta.data[..], delta.is_key, delta.size), (&DELTA[..], false, None));
    }

    #[test]
    fn every_form_of_the_descriptor_is_skipped() {
        for descriptor in [
            &[0x0c][..],
            &[0x8c, 0x05],
            &[0x8c, 0x85, 0x05],
            &[0xac, 0x85, 0x05, 0x00, 0x01],
            &[0xbc, 0x05, 0x00],
            &[0xfc, 0x05, 0x00, 0x03, 0x04],
            &[0x8e, 0x05, 0x10, 0x02, 0x80, 0x01, 0xe0],
            &[0x8e, 0x05, 0x18, 0x02, 0x80, 0x01, 0xe0, 0x02, 0x04, 0x09, 0x00],
        ] {
            let picture = joined(&[&[descriptor, &KEY].concat()]).unwrap().unwrap();
            assert_eq!(&picture.data[..], &KEY, "{descriptor:x?}");
        }
    }

    #[test]
    fn layers_become_a_superframe() {
        let picture = joined(&[&[&[0x08][..], &KEY].concat(), &[&[0x0c][..], &DELTA].concat()]);
        let picture = picture.unwrap().unwrap();
        let (layers, index) = picture.data.split_at(13);
        assert_eq!(layers, [&KEY[..], &DELTA].concat());
        assert_eq!(index, [0xd9, 10, 0, 0, 0, 3, 0, 0, 0, 0xd9]);
    }

    #[test]
    fn no_picture_has_more_layers_than_an_index_can_hold() {
        let layer = [&[0x08][..], &KEY].concat();
        let layers = |count: usize| joined(&vec![&layer[..]; count]);
        assert!(layers(MOST_LAYERS).is_ok());
        assert_eq!(layers(MOST_LAYERS + 1), Err(Broken));
    }

    #[test]
    fn cut_packets_harm_nobody() {
        let whole = [
            &[
                0xff, 0x85, 0x05, 0x00, 0x03, 0x04, 0x18, 0x02, 0x80, 0x01, 0xe0, 0x02, 0x04, 0x09, 0x00,
            ][..],
            &KEY,
        ]
        .concat();
        // The last byte is the beginning of what is not looked at.
        for length in 1..whole.len() - 1 {
            assert!(joined(&[&whole[..length]]).is_err(), "{length}");
        }
        assert!(joined(&[&[0x08, 0x00]]).is_err());
    }
}
