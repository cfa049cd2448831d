//! A short loop of somebody whose picture flashes and whose voice beeps at the same moment, encoded once and kept as the packets in which it came.

use std::net::{Ipv4Addr, UdpSocket};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use bytes::Bytes;

use crate::recording::rtp::packet::RtpPacket;

/// How long a loop is, in seconds. It flashes and beeps once, in the last tenth of it; until then the voice hums.
pub(super) const LOOP: f64 = 2.0;
pub(super) const PICTURE_TYPE: u8 = 101;
pub(super) const VOICE_TYPE: u8 = 100;
/// Every so manieth picture is a key frame: nobody is there who could be asked for one.
pub(super) const KEY_EVERY: u64 = 5;

/// Frames one after the other, each in its packets.
pub(super) type Frames = Vec<Vec<RtpPacket>>;

/// A loop of so many pictures a second in VP8, and one of sound in Opus, in packets of so many milliseconds.
pub(super) fn flash_and_beep(pictures_per_second: u32, packet_ms: u32) -> (Frames, Frames) {
    let sockets = [(); 2].map(|()| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    let [picture_url, voice_url] = sockets.each_ref().map(|socket| {
        let port = socket.local_addr().unwrap().port();
        format!("rtp://127.0.0.1:{port}?rtcpport={port}&pkt_size=600")
    });
    let begins = 0.9 * LOOP;
    // The picture that begins then is bright, however its time is rounded.
    let bright = begins - 0.5 / f64::from(pictures_per_second);
    let mut command = Command::new("ffmpeg");
    command.args("-hide_banner -loglevel error -nostdin -re -f lavfi -i".split(' '));
    command.arg(format!(
        "color=black:size=160x120:rate={pictures_per_second},drawbox=color=white:t=fill:enable='gte(t,{bright})'"
    ));
    command.args("-re -f lavfi -i".split(' '));
    command.arg(format!(
        "aevalsrc='0.02*sin(2*PI*300*t)+if(gte(t,{begins}),0.8*sin(2*PI*1000*t),0)':s=48000"
    ));
    let vp8 = format!("-map 0:v -c:v libvpx -deadline realtime -cpu-used 8 -b:v 100k -g {KEY_EVERY}");
    command.args(format!("{vp8} -t {LOOP} -payload_type {PICTURE_TYPE} -f rtp {picture_url}").split(' '));
    let opus = format!("-map 1:a -c:a libopus -ac 2 -b:a 24k -frame_duration {packet_ms}");
    command.args(format!("{opus} -t {LOOP} -payload_type {VOICE_TYPE} -f rtp {voice_url}").split(' '));
    // What it prints there is the session's description.
    let mut ffmpeg = command.stdout(Stdio::null()).spawn().expect("ffmpeg is installed");
    let is_over = &AtomicBool::new(false);
    let [pictures, sounds] = thread::scope(|scope| {
        let [pictures, sounds] = [(&sockets[0], PICTURE_TYPE), (&sockets[1], VOICE_TYPE)]
            .map(|(socket, payload_type)| scope.spawn(move || frames(received(socket, payload_type, is_over))));
        assert!(ffmpeg.wait().unwrap().success());
        is_over.store(true, Ordering::Relaxed);
        [pictures.join().unwrap(), sounds.join().unwrap()]
    });
    let whole = |mut frames: Frames, count: u32| {
        assert!(frames.len() >= count as usize, "{} of {count}", frames.len());
        frames.truncate(count as usize); // an encoder that looks ahead has one more
        frames
    };
    let lasts_ms = (LOOP * 1000.0) as u32;
    (
        whole(pictures, lasts_ms * pictures_per_second / 1000),
        whole(sounds, lasts_ms.div_ceil(packet_ms)),
    )
}

/// All packets that came when nothing more can come.
fn received(socket: &UdpSocket, payload_type: u8, is_over: &AtomicBool) -> Vec<RtpPacket> {
    socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let (mut packets, mut buffer) = (Vec::new(), [0; 2048]);
    loop {
        let was_over = is_over.load(Ordering::Relaxed);
        match socket.recv(&mut buffer) {
            Ok(length) => packets.extend(RtpPacket::parse(&Bytes::copy_from_slice(&buffer[..length]))),
            Err(_) if was_over => break,
            Err(_) => {}
        }
    }
    packets.retain(|packet| packet.payload_type == payload_type); // and no sender reports
    let is_next = |pair: &[RtpPacket]| pair[0].sequence.wrapping_add(1) == pair[1].sequence;
    assert!(packets.windows(2).all(is_next), "some were lost on the way here");
    packets
}

/// Packets of the same time are one frame.
fn frames(packets: Vec<RtpPacket>) -> Frames {
    let of_one = packets.chunk_by(|one, next| one.timestamp == next.timestamp);
    of_one.map(<[RtpPacket]>::to_vec).collect()
}
