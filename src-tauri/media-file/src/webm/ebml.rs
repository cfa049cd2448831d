//! The few elements of EBML (RFC 8794) and Matroska (RFC 9559) that a track file has, and how they are encoded.

/// Element ids, with their length marker as the specification prints them.
#[expect(
    missing_docs,
    reason = "they are called as in the specification, which says what they hold"
)]
pub mod id {
    pub const EBML: u32 = 0x1A45_DFA3;
    pub const EBML_VERSION: u32 = 0x4286;
    pub const EBML_READ_VERSION: u32 = 0x42F7;
    pub const EBML_MAX_ID_LENGTH: u32 = 0x42F2;
    pub const EBML_MAX_SIZE_LENGTH: u32 = 0x42F3;
    pub const DOC_TYPE: u32 = 0x4282;
    pub const DOC_TYPE_VERSION: u32 = 0x4287;
    pub const DOC_TYPE_READ_VERSION: u32 = 0x4285;
    pub const SEGMENT: u32 = 0x1853_8067;
    pub const VOID: u32 = 0xEC;
    pub const SEEK_HEAD: u32 = 0x114D_9B74;
    pub const SEEK: u32 = 0x4DBB;
    pub const SEEK_ID: u32 = 0x53AB;
    pub const SEEK_POSITION: u32 = 0x53AC;
    pub const INFO: u32 = 0x1549_A966;
    pub const TIMESTAMP_SCALE: u32 = 0x2A_D7B1;
    pub const DURATION: u32 = 0x4489;
    pub const MUXING_APP: u32 = 0x4D80;
    pub const WRITING_APP: u32 = 0x5741;
    pub const TRACKS: u32 = 0x1654_AE6B;
    pub const TRACK_ENTRY: u32 = 0xAE;
    pub const TRACK_NUMBER: u32 = 0xD7;
    pub const TRACK_UID: u32 = 0x73C5;
    pub const TRACK_TYPE: u32 = 0x83;
    pub const FLAG_LACING: u32 = 0x9C;
    pub const CODEC_ID: u32 = 0x86;
    pub const CODEC_PRIVATE: u32 = 0x63A2;
    pub const CODEC_DELAY: u32 = 0x56AA;
    pub const SEEK_PRE_ROLL: u32 = 0x56BB;
    pub const VIDEO: u32 = 0xE0;
    pub const PIXEL_WIDTH: u32 = 0xB0;
    pub const PIXEL_HEIGHT: u32 = 0xBA;
    pub const COLOUR_SPACE: u32 = 0x2E_B524;
    pub const DEFAULT_DURATION: u32 = 0x23_E383;
    pub const AUDIO: u32 = 0xE1;
    pub const SAMPLING_FREQUENCY: u32 = 0xB5;
    pub const CHANNELS: u32 = 0x9F;
    pub const BIT_DEPTH: u32 = 0x6264;
    pub const CLUSTER: u32 = 0x1F43_B675;
    pub const TIMESTAMP: u32 = 0xE7;
    pub const SIMPLE_BLOCK: u32 = 0xA3;
    pub const CUES: u32 = 0x1C53_BB6B;
    pub const CUE_POINT: u32 = 0xBB;
    pub const CUE_TIME: u32 = 0xB3;
    pub const CUE_TRACK_POSITIONS: u32 = 0xB7;
    pub const CUE_TRACK: u32 = 0xF7;
    pub const CUE_CLUSTER_POSITION: u32 = 0xF1;
}

/// The eight bytes of a size that is not known yet.
pub const UNKNOWN_SIZE: [u8; 8] = [0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

/// A size in eight bytes, so that it can take the place of [`UNKNOWN_SIZE`].
pub fn long_size(size: u64) -> [u8; 8] {
    (size | 1 << 56).to_be_bytes()
}

/// Adds an element's id.
pub fn put_id(out: &mut Vec<u8>, id: u32) {
    out.extend(id.to_be_bytes().into_iter().skip_while(|byte| *byte == 0));
}

/// Adds a size in as few bytes as hold it.
pub fn put_size(out: &mut Vec<u8>, size: usize) {
    let size = size as u64;
    // All ones is "unknown", hence one less.
    let length = (1..=8_u32).find(|length| size < (1 << (7 * length)) - 1).unwrap_or(8);
    let marked = size | 1 << (7 * length);
    out.extend(&marked.to_be_bytes()[8 - length as usize..]);
}

/// Adds an element with bytes in it.
pub fn put_bytes(out: &mut Vec<u8>, id: u32, bytes: &[u8]) {
    put_id(out, id);
    put_size(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// Adds an element with a number in it.
pub fn put_uint(out: &mut Vec<u8>, id: u32, value: u64) {
    let bytes = value.to_be_bytes();
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(7);
    put_bytes(out, id, &bytes[start..]);
}

/// Adds an element with a floating point number of eight bytes in it.
pub fn put_float(out: &mut Vec<u8>, id: u32, value: f64) {
    put_bytes(out, id, &value.to_be_bytes());
}

/// Adds an element with the elements in it that `fill` adds.
pub fn put_parent(out: &mut Vec<u8>, id: u32, fill: impl FnOnce(&mut Vec<u8>)) {
    let mut inside = Vec::new();
    fill(&mut inside);
    put_bytes(out, id, &inside);
}

/// Adds a frame of a track, `after` milliseconds from its cluster's time.
pub fn put_block(out: &mut Vec<u8>, track: u64, after: i16, is_key: bool, data: &[u8]) {
    put_id(out, id::SIMPLE_BLOCK);
    put_size(out, data.len() + 4);
    put_size(out, track as usize);
    out.extend(after.to_be_bytes());
    out.push(if is_key { 0x80 } else { 0 });
    out.extend_from_slice(data);
}

/// Adds a cluster of blocks that begins at `start`, in milliseconds.
pub fn put_cluster(out: &mut Vec<u8>, start: u64, blocks: &[u8]) {
    let mut time = Vec::with_capacity(10);
    put_uint(&mut time, id::TIMESTAMP, start);
    put_id(out, id::CLUSTER);
    put_size(out, time.len() + blocks.len());
    out.extend(time);
    out.extend_from_slice(blocks);
}

/// Adds an empty element that takes `total` bytes in all (at least 2, at most 128).
pub fn put_void(out: &mut Vec<u8>, total: usize) {
    put_id(out, id::VOID);
    put_size(out, total - 2);
    out.resize(out.len() + total - 2, 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_take_as_few_bytes_as_hold_them() {
        let encode = |size| {
            let mut out = Vec::new();
            put_size(&mut out, size);
            out
        };
        assert_eq!(encode(0), [0x80]);
        assert_eq!(encode(126), [0xFE]);
        assert_eq!(encode(127), [0x40, 0x7F]);
        assert_eq!(encode(500), [0x41, 0xF4]);
        assert_eq!(encode(16_382), [0x7F, 0xFE]);
        assert_eq!(encode(16_383), [0x20, 0x3F, 0xFF]);
        assert_eq!(long_size(1), [1, 0, 0, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn numbers_are_never_empty_and_voids_have_the_asked_length() {
        let mut out = Vec::new();
        put_uint(&mut out, id::TIMESTAMP, 0);
        assert_eq!(out, [0xE7, 0x81, 0]);
        out.clear();
        put_uint(&mut out, id::TIMESTAMP_SCALE, 1_000_000);
        assert_eq!(out, [0x2A, 0xD7, 0xB1, 0x83, 0x0F, 0x42, 0x40]);
        out.clear();
        put_void(&mut out, 60);
        assert_eq!(out.len(), 60);
    }
}
