//! H.264 over RTP (RFC 6184, packetisation modes 0 and 1): the units of a picture, each behind its length, as Matroska holds them.
//!
//! The parameter sets that a decoder needs first are kept and stand before every key frame, so that a file can be entered there and its size can change.

use bytes::{BufMut as _, Bytes, BytesMut};
use h264_reader::nal::sps::SeqParameterSet;
use h264_reader::rbsp::{BitReader, decode_nal};

use super::pictures::{Broken, Format, Picture};

const KEY_SLICE: u8 = 5;
const SEQUENCE: u8 = 7;
const PICTURE: u8 = 8;
/// Several units in one payload.
const AGGREGATE: u8 = 24;
/// A part of a unit.
const FRAGMENT: u8 = 28;
/// The bytes of a unit's length.
const LENGTH: usize = 4;
/// The longest set of parameters, in bytes. Honest ones have a tenth, and every key frame gets the last ones.
const LONGEST_SET: usize = 1_024;
/// The largest picture that the highest level knows is not half as high.
const LARGEST_SIDE: u32 = 1 << 14;

/// How H.264 comes in packets.
#[derive(Debug, Default)]
pub(crate) struct H264 {
    /// Where the length of the unit stands whose parts are coming.
    open: Option<usize>,
    sequence: Option<Bytes>,
    picture: Option<Bytes>,
}

impl Format for H264 {
    fn starts(&self, payload: &[u8]) -> Result<bool, Broken> {
        match kind(payload)? {
            FRAGMENT => Ok(payload.get(1).ok_or(Broken)? & 0x80 != 0),
            _ => Ok(true),
        }
    }

    fn append(&mut self, payload: &Bytes, picture: &mut BytesMut) -> Result<(), Broken> {
        if picture.is_empty() {
            self.open = None;
        }
        let kind = kind(payload)?;
        if self.open.is_some() && kind != FRAGMENT {
            return Err(Broken); // the rest of a unit is missing
        }
        match kind {
            1..AGGREGATE => put_unit(picture, payload),
            AGGREGATE => {
                let mut rest = &payload[1..];
                while let Some((length, after)) = rest.split_first_chunk::<2>() {
                    let length = usize::from(u16::from_be_bytes(*length));
                    let (unit, after) = after.split_at_checked(length).ok_or(Broken)?;
                    put_unit(picture, unit);
                    rest = after;
                }
            }
            FRAGMENT => self.put_fragment(payload, picture)?,
            _ => return Err(Broken), // of packetisation mode 2, which is not offered
        }
        Ok(())
    }

    fn finish(&mut self, data: BytesMut) -> Result<Option<Picture>, Broken> {
        if self.open.take().is_some() {
            return Err(Broken);
        }
        let data = data.freeze();
        let (mut is_key, mut is_shown) = (false, false);
        let (mut has_sequence, mut has_picture) = (false, false);
        for unit in units(&data) {
            match kind(&unit)? {
                SEQUENCE | PICTURE if unit.len() > LONGEST_SET => return Err(Broken),
                KEY_SLICE => (is_key, is_shown) = (true, true),
                1..KEY_SLICE => is_shown = true,
                SEQUENCE => {
                    has_sequence = true;
                    self.sequence = Some(unit);
                }
                PICTURE => {
                    has_picture = true;
                    self.picture = Some(unit);
                }
                _ => {}
            }
        }
        if !is_shown {
            return Ok(None);
        }
        if !is_key {
            return Ok(Some(Picture {
                data,
                is_key,
                size: None,
                configuration: None,
            }));
        }
        let (Some(sequence), Some(picture)) = (&self.sequence, &self.picture) else {
            return Err(Broken); // nothing tells how to decode it
        };
        let mut whole = BytesMut::with_capacity(data.len() + 64);
        for (unit, is_there) in [(sequence, has_sequence), (picture, has_picture)] {
            if !is_there {
                put_unit(&mut whole, unit);
            }
        }
        whole.extend_from_slice(&data);
        Ok(Some(Picture {
            data: whole.freeze(),
            is_key,
            size: Some(size(sequence).ok_or(Broken)?),
            configuration: configuration(sequence, picture),
        }))
    }
}

impl H264 {
    /// Adds a part of a unit; its length is known better with each.
    fn put_fragment(&mut self, payload: &Bytes, picture: &mut BytesMut) -> Result<(), Broken> {
        let [indicator, header, part @ ..] = &payload[..] else {
            return Err(Broken);
        };
        if header & 0x80 != 0 {
            if self.open.replace(picture.len()).is_some() {
                return Err(Broken);
            }
            picture.put_bytes(0, LENGTH);
            picture.put_u8(indicator & 0xe0 | header & 0x1f);
        }
        let start = self.open.ok_or(Broken)?;
        picture.extend_from_slice(part);
        let length = (picture.len() - start - LENGTH) as u32;
        picture[start..start + LENGTH].copy_from_slice(&length.to_be_bytes());
        if header & 0x40 != 0 {
            self.open = None;
        }
        Ok(())
    }
}

fn kind(unit: &[u8]) -> Result<u8, Broken> {
    Ok(unit.first().ok_or(Broken)? & 0x1f)
}

fn put_unit(picture: &mut BytesMut, unit: &[u8]) {
    if !unit.is_empty() {
        picture.put_u32(unit.len() as u32);
        picture.extend_from_slice(unit);
    }
}

/// The units of a picture.
fn units(picture: &Bytes) -> impl Iterator<Item = Bytes> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let length = picture.get(at..at + LENGTH)?.first_chunk::<LENGTH>()?;
        let from = at + LENGTH;
        at = from + u32::from_be_bytes(*length) as usize;
        Some(picture.slice(from..at.min(picture.len())))
    })
}

/// Width and height as a sequence's parameters say.
fn size(sequence: &[u8]) -> Option<(u16, u16)> {
    let plain = decode_nal(sequence).ok()?;
    let parameters = SeqParameterSet::from_bits(BitReader::new(&plain[..])).ok()?;
    if parameters
        .pic_height_in_map_units_minus1
        .max(parameters.pic_width_in_mbs_minus1)
        > LARGEST_SIDE
    {
        return None;
    }
    let (width, height) = parameters.pixel_dimensions().ok()?;
    Some((u16::try_from(width).ok()?, u16::try_from(height).ok()?))
}

/// What Matroska's header wants (ISO/IEC 14496-15, section 5.3.3.1): profile, level, the length of lengths, and the parameter sets.
fn configuration(sequence: &[u8], picture: &[u8]) -> Option<Bytes> {
    let mut out = BytesMut::new();
    out.put_u8(1);
    out.extend_from_slice(sequence.get(1..4)?);
    out.put_u8(0xfc | (LENGTH as u8 - 1));
    for (count, set) in [(0xe1, sequence), (0x01, picture)] {
        out.put_u8(count);
        out.put_u16(u16::try_from(set.len()).ok()?);
        out.extend_from_slice(set);
    }
    Some(out.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of x264 for a constrained baseline picture of 320 × 240.
    const SPS: [u8; 24] = [
        0x67, 0x42, 0xc0, 0x0c, 0xd9, 0x01, 0x41, 0xfb, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03,
        0x02, 0x80, 0xf1, 0x42, 0xa4, 0x80,
    ];
    const PPS: [u8; 5] = [0x68, 0xcb, 0x83, 0xcb, 0x20];
    const KEY: [u8; 3] = [0x65, 1, 2];
    const DELTA: [u8; 3] = [0x41, 3, 4];

    fn joined(format: &mut H264, payloads: &[Vec<u8>]) -> Result<Option<Picture>, Broken> {
        let mut picture = BytesMut::new();
        for payload in payloads {
            format.append(&Bytes::copy_from_slice(payload), &mut picture)?;
        }
        format.finish(picture)
    }

    fn aggregate(units: &[&[u8]]) -> Vec<u8> {
        let length = |unit: &&[u8]| (unit.len() as u16).to_be_bytes();
        let parts = units.iter().flat_map(|unit| [&length(unit)[..], unit].concat());
        std::iter::once(0x78).chain(parts).collect()
    }

    fn stored(units: &[&[u8]]) -> Vec<u8> {
        let mut out = BytesMut::new();
        units.iter().for_each(|unit| put_unit(&mut out, unit));
        out.to_vec()
    }

    #[test]
    fn a_key_frame_tells_its_size_and_how_to_decode_it() {
        let mut format = H264::default();
        let key = joined(&mut format, &[aggregate(&[&SPS, &PPS]), KEY.to_vec()]);
        let key = key.unwrap().unwrap();
        assert_eq!((key.is_key, key.size), (true, Some((320, 240))));
        assert_eq!(&key.data[..], stored(&[&SPS, &PPS, &KEY]));
        let configuration = key.configuration.unwrap();
        assert_eq!(configuration[..6], [1, 0x42, 0xc0, 0x0c, 0xff, 0xe1]);
        let delta = joined(&mut format, &[DELTA.to_vec()]).unwrap().unwrap();
        assert_eq!((&delta.data[..], delta.is_key), (&stored(&[&DELTA])[..], false));
        // Sets that came before stand before a key frame without them.
        let key = joined(&mut format, &[KEY.to_vec()]).unwrap().unwrap();
        assert_eq!(&key.data[..], stored(&[&SPS, &PPS, &KEY]));
    }

    #[test]
    fn sets_may_come_by_themselves_and_without_them_nothing_is_a_key_frame() {
        let mut format = H264::default();
        assert_eq!(joined(&mut format, &[KEY.to_vec()]), Err(Broken));
        assert_eq!(joined(&mut format, &[SPS.to_vec(), PPS.to_vec()]), Ok(None));
        assert!(joined(&mut format, &[KEY.to_vec()]).unwrap().unwrap().is_key);
    }

    #[test]
    fn long_sets_are_not_kept_for_every_key_frame() {
        let mut format = H264::default();
        joined(&mut format, &[aggregate(&[&SPS, &PPS])]).unwrap();
        for set in [&SPS[..], &PPS] {
            let long = [set, &[1; LONGEST_SET]].concat();
            assert_eq!(joined(&mut format, &[long.clone(), KEY.to_vec()]), Err(Broken));
        }
        let key = joined(&mut format, &[KEY.to_vec()]).unwrap().unwrap();
        assert_eq!(&key.data[..], stored(&[&SPS, &PPS, &KEY]));
    }

    #[test]
    fn parts_become_one_unit() {
        let mut format = H264::default();
        joined(&mut format, &[aggregate(&[&SPS, &PPS])]).unwrap();
        let parts = [vec![0x7c, 0x85, 1], vec![0x7c, 0x05, 2], vec![0x7c, 0x45, 3]];
        let starts = parts.iter().map(|part| format.starts(part));
        assert_eq!(starts.collect::<Vec<_>>(), [Ok(true), Ok(false), Ok(false)]);
        let key = joined(&mut format, &parts).unwrap().unwrap();
        assert_eq!(&key.data[..], stored(&[&SPS, &PPS, &[0x65, 1, 2, 3]]));
        assert_eq!(joined(&mut format, &parts[..2]), Err(Broken), "its end is missing");
        assert_eq!(joined(&mut format, &[parts[0].clone(), DELTA.to_vec()]), Err(Broken));
        assert_eq!(
            joined(&mut format, &parts[1..]),
            Err(Broken),
            "its beginning is missing"
        );
    }

    #[test]
    fn cut_packets_and_wild_sizes_harm_nobody() {
        let mut format = H264::default();
        let whole = aggregate(&[&SPS, &PPS, &KEY]);
        for length in 1..whole.len() {
            let _ = joined(&mut format, &[whole[..length].to_vec()]);
        }
        for payload in [
            vec![],
            vec![0x1c],
            vec![0x7c],
            vec![0x78, 0],
            vec![0x19, 1],
            vec![0x1d, 1, 2, 3],
            vec![0x00],
        ] {
            let _ = (format.starts(&payload), joined(&mut format, &[payload]));
        }
        for filling in [0x00, 0xff, 0x80, 0x24] {
            let _ = joined(
                &mut format,
                &[[&[0x67][..], &[filling; 60]].concat(), PPS.to_vec(), KEY.to_vec()],
            );
        }
    }
}
