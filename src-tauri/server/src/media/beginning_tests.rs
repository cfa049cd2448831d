//! A sender whose ears are here: what it is asked for, in RTCP.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;

use mediasoup::worker::{WorkerLogLevel, WorkerSettings};
use mediasoup::worker_manager::WorkerManager;
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use super::super::media_codecs;
use super::*;

const SSRC: u32 = 2_222;
const VIDEO: u8 = 101;
/// So often mediasoup asks by itself.
const BY_ITSELF: usize = 2;

/// Sends a VP8 picture (RFC 7741) every 50 ms, and counts how often it is asked for a key frame (RFC 4585, section 6.3.1) until then.
async fn asked(socket: &UdpSocket, number: &mut u16, is_key: bool, until: Instant) -> usize {
    let mut count = 0;
    let mut buffer = [0; 1500];
    while Instant::now() < until {
        let mut packet = vec![0x80, 0x80 | VIDEO];
        packet.extend(number.to_be_bytes());
        packet.extend((u32::from(*number) * 4_500).to_be_bytes());
        packet.extend(SSRC.to_be_bytes());
        // The header of a frame of 320×240 (RFC 6386, section 9.1), of which the first bit tells whether it is a key frame.
        packet.extend([
            0x10,
            0x10 | u8::from(!is_key),
            0,
            0,
            0x9d,
            0x01,
            0x2a,
            0x40,
            0x01,
            0xf0,
            0x00,
            0,
            0,
        ]);
        socket.send(&packet).await.unwrap();
        *number += 1;
        let next = Instant::now() + Duration::from_millis(50);
        while let Ok(received) = timeout_at(next, socket.recv(&mut buffer)).await {
            count += usize::from(is_picture_loss(&buffer[..received.unwrap()]));
        }
    }
    count
}

/// Whether a compound RTCP packet has a picture loss indication in it.
fn is_picture_loss(mut packet: &[u8]) -> bool {
    while let [flags, kind, high, low, ..] = *packet {
        if (flags & 0x1f, kind) == (1, 206) {
            return true;
        }
        let length = 4 * (usize::from(u16::from_be_bytes([high, low])) + 1);
        packet = packet.get(length..).unwrap_or_default();
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_does_not_begin_is_asked_for_until_it_does() {
    let mut settings = WorkerSettings::default();
    settings.log_level = WorkerLogLevel::None;
    let worker = WorkerManager::new().create_worker(settings).await.unwrap();
    let router = worker.create_router(RouterOptions::new(media_codecs())).await.unwrap();
    let mut options = PlainTransportOptions::new(ListenInfo {
        protocol: Protocol::Udp,
        ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        announced_address: None,
        expose_internal_ip: false,
        port: None,
        port_range: None,
        flags: None,
        send_buffer_size: None,
        recv_buffer_size: None,
    });
    options.comedia = true;
    let sending = router.create_plain_transport(options).await.unwrap();
    let producer = sending
        .produce(ProducerOptions::new(MediaKind::Video, picture()))
        .await
        .unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket
        .connect(("127.0.0.1", sending.tuple().local_port()))
        .await
        .unwrap();
    let mut number = 0;
    let seconds_on = |seconds| Instant::now() + Duration::from_secs(seconds);
    // As nobody wants the picture, it is soon asked for no more.
    asked(&socket, &mut number, false, seconds_on(3)).await;
    assert_eq!(asked(&socket, &mut number, false, seconds_on(1)).await, 0);

    let receiving = router
        .create_direct_transport(DirectTransportOptions::default())
        .await
        .unwrap();
    let capabilities = serde_json::to_value(router.rtp_capabilities()).and_then(serde_json::from_value);
    let mut options = ConsumerOptions::new(producer.id(), capabilities.unwrap());
    options.paused = true;
    let consumer = receiving.consume(options).await.unwrap();
    consumer.resume().await.unwrap();
    see_to(&consumer);
    // It gives no key frame, however often it is asked: so far at 0, 1, 3 and 7 s, and a second later each.
    let in_vain = asked(&socket, &mut number, false, seconds_on(8)).await;
    assert!(in_vain > BY_ITSELF, "{in_vain} times");
    asked(&socket, &mut number, true, seconds_on(1)).await;
    assert!(has_begun(&consumer).await);
    assert_eq!(asked(&socket, &mut number, false, seconds_on(9)).await, 0);
}

fn picture() -> RtpParameters {
    RtpParameters {
        codecs: vec![RtpCodecParameters::Video {
            mime_type: MimeTypeVideo::Vp8,
            payload_type: VIDEO,
            clock_rate: NonZeroU32::new(90_000).unwrap(),
            parameters: RtpCodecParametersParameters::default(),
            rtcp_feedback: vec![RtcpFeedback::NackPli],
        }],
        encodings: vec![RtpEncodingParameters {
            ssrc: Some(SSRC),
            ..RtpEncodingParameters::default()
        }],
        ..RtpParameters::default()
    }
}
