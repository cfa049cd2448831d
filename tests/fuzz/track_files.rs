//! Whatever lies under a track file's name is read without harm, and what was written as one is read back as it was.
//!
//! What comes is a file; or, after a byte that no file begins with, frames to be written: each with the time since the one before in ms, and its length.

#![no_main]

use std::fs;
use std::io::{BufReader, Cursor};
use std::time::Duration;

use confab_fuzz::{Input, bounded, folder};
use confab_media_file::rtp::frames::Codec;
use confab_media_file::webm::{TrackWriter, VideoSize, duration_in, read_duration};
use libfuzzer_sys::fuzz_target;

/// The first byte of what is to be written: an element's id that there is not.
const WRITES: u8 = 0x00;

fuzz_target!(|data: &[u8]| {
    bounded(data, || match data.split_first() {
        Some((&WRITES, rest)) => write(Input(rest)),
        _ => read(data),
    });
});

fn read(data: &[u8]) {
    if let Ok(Some(duration)) = duration_in(&mut BufReader::new(Cursor::new(data))) {
        assert!(!duration.is_zero());
    }
}

fn write(mut input: Input<'_>) {
    let flags = input.byte().unwrap_or_default();
    let codec = match flags % 5 {
        0 => Codec::Opus { channels: 1 },
        1 => Codec::Vp8,
        2 => Codec::Vp9,
        3 => Codec::H264,
        _ => Codec::Av1,
    };
    let size = (flags & 0x80 != 0).then_some(VideoSize {
        width: 640,
        height: 360,
    });
    let configuration = (flags & 0x40 != 0).then(|| input.bytes(flags.into()));
    let path = folder().join("track.webm");
    let _ = fs::remove_file(&path); // of the run before
    let Ok(mut writer) = TrackWriter::create(&path, codec, size, configuration) else {
        return;
    };
    let mut at = Duration::ZERO;
    let mut written = Vec::new();
    while let (Some(after), Some(length)) = (input.short(), input.byte()) {
        at += Duration::from_millis(after.into());
        let data = input.bytes(length.into());
        // Seldom an earlier time, as after a burst.
        let said = if length == 7 { at / 2 } else { at };
        writer
            .write(said, None, length % 8 == 0, data)
            .expect("a frame is written");
        written.push((said, data.to_vec()));
        if length == 99 {
            writer.flush().expect("a cluster is written");
            assert_eq!(read_duration(&path).expect("a file"), Some(writer.duration()));
        }
    }
    writer.finish().expect("the file is completed");
    let bytes = fs::read(&path).expect("a file");
    assert_eq!(bytes.len() as u64, writer.bytes());
    if written.is_empty() {
        return;
    }
    assert_eq!(read_duration(&path).expect("a file"), Some(writer.duration()));
    let mut expected = Duration::ZERO;
    let blocks = walk::blocks(&bytes);
    assert_eq!(blocks.len(), written.len());
    for ((time, block), (said, data)) in blocks.into_iter().zip(written) {
        expected = expected.max(said);
        assert_eq!((time, block), (expected.as_millis() as u64, &data[..]));
    }
    assert!(writer.duration() >= expected);
}

/// A second reader, which knows just enough of Matroska to tell whether the first and the writer are right.
mod walk {
    const PARENTS: [u32; 3] = [0x1853_8067, 0x1F43_B675, 0x1549_A966];
    const TIMESTAMP: u32 = 0xE7;
    const SIMPLE_BLOCK: u32 = 0xA3;

    /// The frames of a finished file, each with its time in milliseconds.
    pub fn blocks(bytes: &[u8]) -> Vec<(u64, &[u8])> {
        let (mut blocks, mut cluster) = (Vec::new(), 0);
        let mut rest = bytes;
        while !rest.is_empty() {
            let id = number(&mut rest, false) as u32;
            let size = number(&mut rest, true) as usize;
            assert!(size <= rest.len(), "an element fits into its file");
            if PARENTS.contains(&id) {
                continue;
            }
            let (body, after) = rest.split_at(size);
            rest = after;
            match id {
                TIMESTAMP => cluster = body.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
                SIMPLE_BLOCK => {
                    let after = i16::from_be_bytes([body[1], body[2]]);
                    let time = cluster.checked_add_signed(after.into()).expect("a time");
                    blocks.push((time, &body[4..]));
                }
                _ => {}
            }
        }
        blocks
    }

    fn number(rest: &mut &[u8], is_size: bool) -> u64 {
        let length = rest[0].leading_zeros() as usize + 1;
        let (bytes, after) = rest.split_at(length);
        *rest = after;
        let value = bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        if is_size {
            value & ((1 << (7 * length)) - 1)
        } else {
            value
        }
    }
}
