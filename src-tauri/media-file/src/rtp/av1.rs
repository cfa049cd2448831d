//! AV1 over RTP (the payload format of AOMedia): the units ("OBUs") of a picture, each with its size, as Matroska holds them.

use bytes::{BufMut as _, Bytes, BytesMut};
use h264_reader::rbsp::{BitRead, BitReader};

use super::pictures::{Broken, Format, LARGEST, Picture};

const SEQUENCE: u8 = 1;
const TEMPORAL_DELIMITER: u8 = 2;
const FRAME_HEADER: u8 = 3;
const FRAME: u8 = 6;
const TILE_LIST: u8 = 8;
const PADDING: u8 = 15;

/// How AV1 comes in packets.
#[derive(Debug, Default)]
pub(crate) struct Av1 {
    /// The unit whose parts are coming.
    open: BytesMut,
}

/// What a sequence's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sequence {
    profile: u8,
    level: u8,
    tier: bool,
    size: (u16, u16),
}

impl Format for Av1 {
    fn starts(&self, payload: &[u8]) -> Result<bool, Broken> {
        Ok(payload.first().ok_or(Broken)? & 0x80 == 0)
    }

    fn append(&mut self, payload: &Bytes, picture: &mut BytesMut) -> Result<(), Broken> {
        let header = *payload.first().ok_or(Broken)?;
        let (continues, goes_on, count) = (header & 0x80 != 0, header & 0x40 != 0, usize::from(header >> 4 & 3));
        if !continues {
            if !self.open.is_empty() && !picture.is_empty() {
                return Err(Broken); // the rest of a unit is missing
            }
            self.open.clear();
        } else if self.open.is_empty() {
            return Err(Broken);
        }
        let mut rest = &payload[1..];
        let mut number = 0;
        while !rest.is_empty() {
            number += 1;
            // Of counted units the last has no length: it takes the rest.
            let length = if number == count {
                rest.len()
            } else {
                take_leb128(&mut rest)?
            };
            let (part, after) = rest.split_at_checked(length).ok_or(Broken)?;
            rest = after;
            self.open.extend_from_slice(part);
            if self.open.len() > LARGEST {
                return Err(Broken);
            }
            if !(rest.is_empty() && goes_on) {
                let unit = std::mem::take(&mut self.open);
                put_unit(picture, &unit)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, data: BytesMut) -> Result<Option<Picture>, Broken> {
        if !std::mem::take(&mut self.open).is_empty() {
            return Err(Broken);
        }
        let (mut configuration, mut first_frame) = (None, None);
        let mut rest = &data[..];
        while !rest.is_empty() {
            let unit = take_unit(&mut rest)?;
            match unit.kind {
                SEQUENCE => {
                    let sequence = sequence(unit.body)?;
                    configuration = Some((sequence, described(sequence, unit.whole)));
                }
                FRAME_HEADER | FRAME if first_frame.is_none() => first_frame = Some(unit.body.first().copied()),
                _ => {}
            }
        }
        let Some(first_frame) = first_frame else {
            return Ok(None);
        };
        // Neither one that shows an earlier frame again, nor of another type than 0.
        let is_intra = first_frame.is_some_and(|bits| bits & 0b1110_0000 == 0);
        let (size, configuration) = configuration.filter(|_| is_intra).unzip();
        Ok(Some(Picture {
            data: data.freeze(),
            is_key: size.is_some(),
            size: size.map(|sequence| sequence.size),
            configuration,
        }))
    }
}

/// A unit with its size.
struct Unit<'a> {
    kind: u8,
    body: &'a [u8],
    whole: &'a [u8],
}

/// Takes the next unit, which has a size, as [`put_unit`] leaves them.
fn take_unit<'a>(rest: &mut &'a [u8]) -> Result<Unit<'a>, Broken> {
    let all = *rest;
    let header = *all.first().ok_or(Broken)?;
    let mut body = all.get(header_length(header)..).ok_or(Broken)?;
    let length = take_leb128(&mut body)?;
    let (body, after) = body.split_at_checked(length).ok_or(Broken)?;
    *rest = after;
    Ok(Unit {
        kind: header >> 3 & 0x0f,
        body,
        whole: &all[..all.len() - after.len()],
    })
}

/// Adds a unit as files hold it: with its size, and without those that stand for nothing there.
fn put_unit(picture: &mut BytesMut, unit: &[u8]) -> Result<(), Broken> {
    let Some(header) = unit.first() else { return Ok(()) };
    let (head, mut body) = unit.split_at_checked(header_length(*header)).ok_or(Broken)?;
    if header & 0x02 != 0 {
        let length = take_leb128(&mut body)?;
        body = body.get(..length).ok_or(Broken)?;
    }
    if !matches!(header >> 3 & 0x0f, TEMPORAL_DELIMITER | TILE_LIST | PADDING) {
        picture.put_u8(header | 0x02);
        picture.extend_from_slice(&head[1..]);
        put_leb128(picture, body.len());
        picture.extend_from_slice(body);
    }
    Ok(())
}

/// One byte, or two where layers are told apart.
fn header_length(header: u8) -> usize {
    1 + usize::from(header & 0x04 != 0)
}

fn take_leb128(rest: &mut &[u8]) -> Result<usize, Broken> {
    let mut value = 0;
    // Packets are far from holding what needs more than four bytes.
    for place in 0..4 {
        let (byte, after) = rest.split_first().ok_or(Broken)?;
        *rest = after;
        value |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Broken)
}

fn put_leb128(out: &mut BytesMut, mut value: usize) {
    while value > 0x7f {
        out.put_u8(0x80 | (value & 0x7f) as u8);
        value >>= 7;
    }
    out.put_u8(value as u8);
}

/// What Matroska's header wants (AV1 in ISO base media, section 2.3): profile, level, and the sequence's header. WebRTC sends 8 bits in 4:2:0; what is
/// otherwise is in the header all the same.
fn described(sequence: Sequence, unit: &[u8]) -> Bytes {
    let Sequence {
        profile, level, tier, ..
    } = sequence;
    let colour = u8::from(tier) << 7 | 0b0000_1100;
    let mut out = BytesMut::from(&[0x81, profile << 5 | level, colour, 0][..]);
    out.extend_from_slice(unit);
    out.freeze()
}

/// The sequence's header (AV1 bitstream, section 5.5.1) as far as the size.
fn sequence(body: &[u8]) -> Result<Sequence, Broken> {
    let mut bits = BitReader::new(body);
    let profile = bits.read(3, "seq_profile")?;
    bits.skip(1, "still_picture")?;
    let is_reduced = bits.read_bool("reduced_still_picture_header")?;
    let (level, tier) = if is_reduced {
        (bits.read(5, "seq_level_idx")?, false)
    } else {
        operating_points(&mut bits)?
    };
    let width_bits = bits.read::<u32>(4, "frame_width_bits_minus_1")? + 1;
    let height_bits = bits.read::<u32>(4, "frame_height_bits_minus_1")? + 1;
    let width = bits.read::<u32>(width_bits, "max_frame_width_minus_1")? + 1;
    let height = bits.read::<u32>(height_bits, "max_frame_height_minus_1")? + 1;
    // 65,536 pixels are none that a file's header could say.
    let size = u16::try_from(width).ok().zip(u16::try_from(height).ok());
    Ok(Sequence {
        profile,
        level,
        tier,
        size: size.ok_or(Broken)?,
    })
}

/// Level and tier of the first operating point; passes over the others.
fn operating_points(bits: &mut impl BitRead) -> Result<(u8, bool), Broken> {
    let mut delay_bits = None;
    if bits.read_bool("timing_info_present_flag")? {
        bits.skip(64, "num_units_in_display_tick, time_scale")?;
        if bits.read_bool("equal_picture_interval")? {
            bits.read_ue("num_ticks_per_picture_minus_1")?;
        }
        if bits.read_bool("decoder_model_info_present_flag")? {
            delay_bits = Some(bits.read::<u32>(5, "buffer_delay_length_minus_1")? + 1);
            bits.skip(42, "the rest of the decoder model")?;
        }
    }
    let has_display_delay = bits.read_bool("initial_display_delay_present_flag")?;
    let mut first = None;
    for _ in 0..=bits.read::<u8>(5, "operating_points_cnt_minus_1")? {
        bits.skip(12, "operating_point_idc")?;
        let level = bits.read(5, "seq_level_idx")?;
        let tier = level > 7 && bits.read_bool("seq_tier")?;
        if let Some(delay_bits) = delay_bits
            && bits.read_bool("decoder_model_present_for_this_op")?
        {
            bits.skip(2 * delay_bits + 1, "operating_parameters_info")?;
        }
        if has_display_delay && bits.read_bool("initial_display_delay_present_for_this_op")? {
            bits.skip(4, "initial_display_delay_minus_1")?;
        }
        first.get_or_insert((level, tier));
    }
    Ok(first.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of libaom for a picture of 320 × 240, with a size in its header.
    const SEQUENCE_UNIT: [u8; 13] = [0x0a, 0x0b, 0, 0, 0, 0x04, 0x3c, 0xff, 0xbc, 0xda, 0xf9, 0, 0x40];
    /// A frame without its size: a key frame, and one that builds on it.
    const KEY: [u8; 3] = [0x30, 0x10, 7];
    const DELTA: [u8; 3] = [0x30, 0x30, 8];

    fn joined(payloads: &[Vec<u8>]) -> Result<Option<Picture>, Broken> {
        let (mut format, mut picture) = (Av1::default(), BytesMut::new());
        for payload in payloads {
            format.append(&Bytes::copy_from_slice(payload), &mut picture)?;
        }
        format.finish(picture)
    }

    /// One payload with two units, the last without a length.
    fn two(first: &[u8], second: &[u8]) -> Vec<u8> {
        [&[0x28, first.len() as u8][..], first, second].concat()
    }

    #[test]
    fn a_key_frame_tells_its_size_and_how_to_decode_it() {
        let key = joined(&[two(&SEQUENCE_UNIT, &KEY)]).unwrap().unwrap();
        assert_eq!((key.is_key, key.size), (true, Some((320, 240))));
        assert_eq!(&key.data[..], [&SEQUENCE_UNIT[..], &[0x32, 2, 0x10, 7]].concat());
        let configuration = key.configuration.unwrap();
        assert_eq!(configuration[0], 0x81);
        assert_eq!(configuration[4..], SEQUENCE_UNIT);
        let delta = joined(&[[&[0x10][..], &DELTA].concat()]).unwrap().unwrap();
        assert_eq!(
            (&delta.data[..], delta.is_key, delta.size),
            (&[0x32, 2, 0x30, 8][..], false, None)
        );
    }

    #[test]
    fn delimiters_and_padding_are_left_out_and_a_picture_of_nothing_is_none() {
        let key = joined(&[two(&[0x12, 0], &KEY)]).unwrap().unwrap();
        assert_eq!(&key.data[..], [0x32, 2, 0x10, 7]);
        assert!(!key.is_key, "without a sequence nobody can begin with it");
        assert_eq!(joined(&[two(&[0x12, 0], &[0x78, 0, 0])]), Ok(None));
    }

    #[test]
    fn parts_become_one_unit() {
        let parts = [vec![0x58, 0x30, 0x10], vec![0xd0, 7], vec![0x90, 8]];
        assert_eq!(
            parts.each_ref().map(|part| Av1::default().starts(part)),
            [Ok(true), Ok(false), Ok(false)]
        );
        let whole = joined(&parts).unwrap().unwrap();
        assert_eq!(&whole.data[..], [0x32, 3, 0x10, 7, 8]);
        assert_eq!(joined(&parts[..2]), Err(Broken), "its end is missing");
        assert_eq!(joined(&parts[1..]), Err(Broken), "its beginning is missing");
        // Each with its length, as where more than three stand in one payload.
        let counted = [&[0x00, 3][..], &KEY, &[3], &DELTA].concat();
        assert_eq!(joined(&[counted]).unwrap().unwrap().data.len(), 8);
    }

    #[test]
    fn a_payload_may_hold_more_units_than_a_byte_counts() {
        let mut payload = vec![0x10];
        payload.extend(KEY);
        assert_eq!(joined(&[payload.clone()]).unwrap().unwrap().data.len(), 4);
        // Without a count each has its length, also the 256th and those after it.
        let many = [&[0x00][..], &[1, 0x78].repeat(300), &[3], &KEY].concat();
        assert_eq!(&joined(&[many]).unwrap().unwrap().data[..], [0x32, 2, 0x10, 7]);
    }

    #[test]
    fn a_unit_without_an_end_is_given_up() {
        let (mut format, mut picture) = (Av1::default(), BytesMut::new());
        let begins = Bytes::from([&[0x50][..], &[0x30; 60_000]].concat());
        let goes_on = Bytes::from([&[0xd0][..], &[0x30; 60_000]].concat());
        format.append(&begins, &mut picture).unwrap();
        let taken = (0..2 * LARGEST / goes_on.len()).take_while(|_| format.append(&goes_on, &mut picture).is_ok());
        assert!(taken.count() * goes_on.len() <= LARGEST);
    }

    #[test]
    fn cut_packets_harm_nobody() {
        let whole = two(&SEQUENCE_UNIT, &KEY);
        for length in 0..whole.len() {
            let _ = joined(&[whole[..length].to_vec()]);
        }
        for payload in [
            vec![0x10, 0x36],
            vec![0x10, 0x06],
            vec![0x10, 0x0e, 0],
            vec![0x00, 0xff, 0xff, 0xff, 0xff, 0xff],
        ] {
            let _ = joined(&[payload]);
        }
        for filling in [0x00, 0xff, 0x55] {
            let _ = joined(&[two(&[&[0x08][..], &[filling; 30]].concat(), &KEY)]);
        }
    }
}
