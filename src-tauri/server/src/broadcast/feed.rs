//! What the encoder is fed: one stream of Matroska with pictures and sound as they are in memory, each with its time. Pure.
//!
//! One stream, because an encoder that waits at one of two pipes while the other is full stands still for ever; with times, because a picture that is left out
//! must not move the sound.

use bytes::Bytes;
use confab_media_file::webm::ebml::{
    UNKNOWN_SIZE, id, put_block, put_bytes, put_cluster, put_float, put_id, put_parent, put_uint,
};

use super::picture::Picture;
use super::sound::{CHANNELS, SAMPLE_RATE};

const PICTURE: u64 = 1;
const SOUND: u64 = 2;

/// The bytes that a stream of pictures of this size, so many a second, begins with.
pub(super) fn header((width, height): (u32, u32), frame_rate: u64) -> Bytes {
    let mut out = Vec::with_capacity(256);
    put_parent(&mut out, id::EBML, |out| {
        put_bytes(out, id::DOC_TYPE, b"matroska");
        put_uint(out, id::DOC_TYPE_VERSION, 4);
        put_uint(out, id::DOC_TYPE_READ_VERSION, 2);
    });
    put_id(&mut out, id::SEGMENT);
    out.extend(UNKNOWN_SIZE);
    put_parent(&mut out, id::INFO, |out| put_uint(out, id::TIMESTAMP_SCALE, 1_000_000));
    put_parent(&mut out, id::TRACKS, |out| {
        put_parent(out, id::TRACK_ENTRY, |out| {
            put_uint(out, id::TRACK_NUMBER, PICTURE);
            put_uint(out, id::TRACK_UID, PICTURE);
            put_uint(out, id::TRACK_TYPE, 1);
            put_uint(out, id::DEFAULT_DURATION, 1_000_000_000 / frame_rate);
            put_bytes(out, id::CODEC_ID, b"V_UNCOMPRESSED");
            put_parent(out, id::VIDEO, |out| {
                put_uint(out, id::PIXEL_WIDTH, width.into());
                put_uint(out, id::PIXEL_HEIGHT, height.into());
                put_bytes(out, id::COLOUR_SPACE, b"I420");
            });
        });
        put_parent(out, id::TRACK_ENTRY, |out| {
            put_uint(out, id::TRACK_NUMBER, SOUND);
            put_uint(out, id::TRACK_UID, SOUND);
            put_uint(out, id::TRACK_TYPE, 2);
            put_bytes(out, id::CODEC_ID, b"A_PCM/INT/LIT");
            put_parent(out, id::AUDIO, |out| {
                put_float(out, id::SAMPLING_FREQUENCY, SAMPLE_RATE as f64);
                put_uint(out, id::CHANNELS, CHANNELS as u64);
                put_uint(out, id::BIT_DEPTH, 16);
            });
        });
    });
    out.into()
}

/// The bytes of a moment, `at_ms` since the stream's start; `None` for a picture that is left out.
pub(super) fn moment(at_ms: u64, picture: Option<&Picture>, sound: &[u8]) -> Bytes {
    let picture = picture.map_or(&[][..], |picture| &picture.data);
    let mut blocks = Vec::with_capacity(picture.len() + sound.len() + 32);
    put_block(&mut blocks, SOUND, 0, true, sound);
    if !picture.is_empty() {
        put_block(&mut blocks, PICTURE, 0, true, picture);
    }
    let mut cluster = Vec::with_capacity(blocks.len() + 24);
    put_cluster(&mut cluster, at_ms, &blocks);
    cluster.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_without_a_picture_has_its_sound_all_the_same() {
        let whole = moment(40, Some(&Picture::black((4, 2))), &[1, 2, 3, 4]);
        let heard = moment(40, None, &[1, 2, 3, 4]);
        assert_eq!(whole.len() - heard.len(), 12 + 6, "a picture of 4 by 2 and its block");
        assert!(heard.windows(4).any(|bytes| bytes == [1, 2, 3, 4]));
    }
}
