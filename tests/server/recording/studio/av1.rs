//! AV1 as RTP, which the ffmpeg of today does not make itself: each unit of a picture in packets of its own, by the payload format of AOMedia, with the descriptor
//! by which routers know key frames.

use tokio::io::AsyncReadExt as _;
use tokio::net::UdpSocket;
use tokio::process::ChildStdout;

/// The id of the header extension with the descriptor.
pub(super) const DESCRIPTOR: u8 = 7;
/// How much of a unit fits into a packet.
const FITS: usize = 1000;
const SEQUENCE: u8 = 1;
const TEMPORAL_DELIMITER: u8 = 2;

/// Sends the pictures of an IVF file as they come, until there are no more.
pub(super) async fn send(mut file: ChildStdout, port: u16, payload_type: u8, ssrc: u32) -> std::io::Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    socket.connect(("127.0.0.1", port)).await?;
    let mut header = [0; 32];
    file.read_exact(&mut header).await?;
    // Its time base: so many seconds are one step of time.
    let [rate, scale] = [16, 20].map(|at| u32::from_le_bytes(header[at..at + 4].try_into().unwrap()));
    let (mut sequence, mut number) = (60_000_u16, 0_u16);
    loop {
        let mut frame = [0; 12];
        file.read_exact(&mut frame).await?;
        let mut picture = vec![0; u32::from_le_bytes(frame[..4].try_into().unwrap()) as usize];
        file.read_exact(&mut picture).await?;
        let time = u64::from_le_bytes(frame[4..].try_into().unwrap());
        let timestamp = (time * u64::from(scale) * 90_000 / u64::from(rate)) as u32;
        let (payloads, is_key) = payloads(&picture);
        let last = payloads.len() - 1;
        for (index, payload) in payloads.iter().enumerate() {
            let mut packet = vec![0x90, u8::from(index == last) << 7 | payload_type];
            packet.extend(sequence.to_be_bytes());
            packet.extend(timestamp.to_be_bytes());
            packet.extend(ssrc.to_be_bytes());
            packet.extend(descriptor(index == 0, index == last, number, is_key && index == 0));
            packet.extend(payload);
            sequence = sequence.wrapping_add(1);
            socket.send(&packet).await?;
        }
        number = number.wrapping_add(1);
    }
}

/// What goes into the packets of a picture, and whether a decoder can begin with it.
fn payloads(picture: &[u8]) -> (Vec<Vec<u8>>, bool) {
    let (mut payloads, mut rest, mut is_key) = (Vec::new(), picture, false);
    while let Some(&header) = rest.first() {
        let head = 1 + usize::from(header & 0x04 != 0);
        let (length, length_bytes) = leb128(&rest[head..]);
        let body = &rest[head + length_bytes..][..length];
        let kind = header >> 3 & 0x0f;
        is_key |= kind == SEQUENCE;
        if kind != TEMPORAL_DELIMITER {
            // Its length is that of the packets.
            let unit = [&[header & !0x02][..], &rest[1..head], body].concat();
            let parts = unit.chunks(FITS).count();
            payloads.extend(unit.chunks(FITS).enumerate().map(|(index, part)| {
                let (continues, goes_on) = (index > 0, index + 1 < parts);
                let begins_anew = kind == SEQUENCE;
                let aggregation =
                    u8::from(continues) << 7 | u8::from(goes_on) << 6 | 1 << 4 | u8::from(begins_anew) << 3;
                [&[aggregation], part].concat()
            }));
        }
        rest = &rest[head + length_bytes + length..];
    }
    (payloads, is_key)
}

fn leb128(bytes: &[u8]) -> (usize, usize) {
    let count = 1 + bytes.iter().take_while(|byte| **byte & 0x80 != 0).count();
    let value = bytes[..count].iter().rev();
    (value.fold(0, |sum, byte| sum << 7 | usize::from(byte & 0x7f)), count)
}

/// The header extension: of one layer, whose structure key frames tell.
fn descriptor(is_first: bool, is_last: bool, number: u16, tells_structure: bool) -> Vec<u8> {
    let flags = u8::from(is_first) << 7 | u8::from(is_last) << 6;
    let [high, low] = number.to_be_bytes();
    let mut data = vec![flags, high, low];
    if tells_structure {
        // A structure follows: one template, one target, which needs every frame, no chains.
        data.extend([0x80, 0x00, 0xf0]);
    }
    let mut extension = vec![DESCRIPTOR << 4 | (data.len() as u8 - 1)];
    extension.extend(data);
    extension.resize(extension.len().next_multiple_of(4), 0);
    let words = (extension.len() / 4) as u16;
    [&[0xbe, 0xde][..], &words.to_be_bytes(), &extension].concat()
}
