//! Senders without a browser: what ffmpeg encodes, over RTP into a real router with the codecs of every meeting, straight or through a relay that disturbs
//! it; and ffprobe.

mod av1;
mod decoded;
mod relay;

use std::net::{IpAddr, Ipv4Addr};
use std::num::{NonZeroU8, NonZeroU32};
use std::process::Stdio;
use std::time::{SystemTime, UNIX_EPOCH};

use confab_server::media::media_codecs;
use confab_server::recording::RecordedProducer;
pub(crate) use decoded::{beeps, flashes, flashes_and_beeps, probe, title};
use mediasoup::prelude::*;
use mediasoup::worker::{WorkerLogLevel, WorkerSettings};
use mediasoup::worker_manager::WorkerManager;
pub(crate) use relay::Relay;
use tokio::process::Child;

const VIDEO: u8 = 101;
const AUDIO: u8 = 100;
const VP8: &str = "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 400k -g 60";
const VP9: &str = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 400k -g 60 -strict experimental";
const H264: &str =
    "-pix_fmt yuv420p -c:v libx264 -profile:v baseline -preset ultrafast -tune zerolatency -b:v 400k -g 60";
const AV1: &str = "-pix_fmt yuv420p -c:v libaom-av1 -usage realtime -cpu-used 8 -threads 1 -b:v 400k -g 60";
const OPUS: &str = "-c:a libopus -ac 2 -b:a 32k";
/// Beeps at the end of every two seconds. In pieces of 40 ms: ffmpeg sleeps after each, and keeps time on a busy computer only if there are few.
const BEEPS: &str = "aevalsrc='if(gte(mod(t,2),1.8),0.8*sin(2*PI*1000*t),0)':s=48000:n=1920";

/// A worker with a router in it.
pub(crate) struct Studio {
    pub(crate) router: Router,
}

/// What a sender shows or says.
#[derive(Clone, Copy)]
pub(crate) enum Source {
    /// In VP8.
    Camera,
    Vp9Camera,
    H264Camera,
    Av1Camera,
    Screen,
    Voice,
    /// A voice that beeps every two seconds.
    Beeps,
    /// A camera before a wall of one colour, by ffmpeg's name.
    Wall(&'static str),
    /// The same in another codec than VP8.
    WallIn(Coding, &'static str),
    /// A shared screen of one colour.
    Slide(&'static str),
    /// A voice of one tone, in Hz.
    Tone(u32),
}

/// What pictures are encoded in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Coding {
    Vp8,
    Vp9,
    H264,
    Av1,
}

/// A sender; dropping it ends it.
pub(crate) struct Sender {
    pub(crate) producer: Producer,
    pub(crate) described: RecordedProducer,
    _transport: PlainTransport,
    ffmpeg: Child,
}

impl Sender {
    /// Sends nothing more, and stays.
    pub(crate) async fn hush(&mut self) {
        self.ffmpeg.kill().await.unwrap();
    }
}

/// One who flashes and beeps; dropping it ends both.
pub(crate) struct Flashes {
    pub(crate) picture: Intake,
    pub(crate) voice: Intake,
    _ffmpeg: Child,
}

/// Where a sender's packets come in.
pub(crate) struct Intake {
    pub(crate) producer: Producer,
    pub(crate) described: RecordedProducer,
    transport: PlainTransport,
}

impl Intake {
    /// Where packets go, and where reports.
    fn ports(&self) -> [u16; 2] {
        [self.transport.tuple(), self.transport.rtcp_tuple().unwrap()].map(|tuple| tuple.local_port())
    }

    fn url(&self) -> String {
        rtp_url(self.ports())
    }
}

fn rtp_url([port, report_port]: [u16; 2]) -> String {
    format!("rtp://127.0.0.1:{port}?rtcpport={report_port}&pkt_size=600")
}

impl Studio {
    pub(crate) async fn new() -> Self {
        let mut settings = WorkerSettings::default();
        settings.log_level = WorkerLogLevel::None;
        let worker = WorkerManager::new().create_worker(settings).await.unwrap();
        Self {
            router: worker.create_router(RouterOptions::new(media_codecs())).await.unwrap(),
        }
    }

    /// Starts to send over a plain transport.
    pub(crate) async fn send(&self, seat: u64, source: Source) -> Sender {
        let intake = self.intake(seat, source).await;
        let ffmpeg = ffmpeg(source, intake.ports());
        Sender {
            producer: intake.producer,
            described: intake.described,
            _transport: intake.transport,
            ffmpeg,
        }
    }

    /// Somebody whose picture flashes and whose voice beeps every two seconds, both at once.
    pub(crate) async fn send_flashes(&self, seat: u64) -> Flashes {
        self.send_flashes_of(seat, SystemTime::now()).await
    }

    /// The same, by a clock that says that the first picture and the first sound are of `begin`, whenever they get here.
    pub(crate) async fn send_flashes_of(&self, seat: u64, begin: SystemTime) -> Flashes {
        let (picture, voice) = (
            self.intake(seat, Source::Camera).await,
            self.intake(seat, Source::Voice).await,
        );
        let begin = begin.duration_since(UNIX_EPOCH).unwrap().as_micros();
        let mut command = tokio::process::Command::new("ffmpeg");
        command.args("-hide_banner -loglevel error -nostdin -re -f lavfi -i".split(' '));
        // The picture that lasts from 1.80 s on is the first bright one.
        command.arg("color=black:size=320x240:rate=25,drawbox=color=white:t=fill:enable='gte(mod(t,2),1.79)'");
        command.args("-re -f lavfi -i".split(' '));
        command.arg(BEEPS);
        command.args(
            format!(
                "-map 0:v {VP8} -g 10 -payload_type {VIDEO} -ssrc {} -start_time_realtime {begin} -f rtp",
                Source::Camera.ssrc()
            )
            .split(' '),
        );
        command.arg(picture.url());
        command.args(
            format!(
                "-map 1:a {OPUS} -payload_type {AUDIO} -ssrc {} -start_time_realtime {begin} -f rtp",
                Source::Voice.ssrc()
            )
            .split(' '),
        );
        command.arg(voice.url());
        let ffmpeg = command
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("ffmpeg is installed");
        Flashes {
            picture,
            voice,
            _ffmpeg: ffmpeg,
        }
    }

    async fn intake(&self, seat: u64, source: Source) -> Intake {
        let listen = ListenInfo {
            protocol: Protocol::Udp,
            ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            announced_address: None,
            expose_internal_ip: false,
            port: None,
            port_range: None,
            flags: None,
            send_buffer_size: None,
            recv_buffer_size: None,
        };
        let mut options = PlainTransportOptions::new(listen);
        options.comedia = true;
        options.rtcp_mux = false; // ffmpeg sends its reports from a port of their own
        let transport = self.router.create_plain_transport(options).await.unwrap();
        let producer = transport.produce(producing(source)).await.unwrap();
        let described = described(seat, source, &producer);
        Intake {
            producer,
            described,
            transport,
        }
    }
}

impl Source {
    fn kind(self) -> MediaKind {
        match self {
            Self::Voice | Self::Beeps | Self::Tone(_) => MediaKind::Audio,
            _ => MediaKind::Video,
        }
    }

    fn coding(self) -> Coding {
        match self {
            Self::Vp9Camera => Coding::Vp9,
            Self::H264Camera => Coding::H264,
            Self::Av1Camera => Coding::Av1,
            Self::WallIn(coding, _) => coding,
            _ => Coding::Vp8,
        }
    }

    fn ssrc(self) -> u32 {
        match self.kind() {
            MediaKind::Video => 2222,
            MediaKind::Audio => 1111,
        }
    }
}

/// What the room would tell a recorder.
fn described(seat: u64, source: Source, producer: &Producer) -> RecordedProducer {
    RecordedProducer {
        producer_id: producer.id(),
        source: producer.downgrade(),
        seat,
        peer_name: format!("Seat {seat}"),
        kind: source.kind(),
        is_screen_share: matches!(source, Source::Screen | Source::Slide(_)),
        paused: false,
    }
}

fn ffmpeg(source: Source, ports: [u16; 2]) -> Child {
    let input = match source {
        Source::Camera | Source::Vp9Camera | Source::H264Camera | Source::Av1Camera => {
            "testsrc=size=320x240:rate=20".to_owned()
        }
        Source::Screen => "testsrc2=size=640x360:rate=10".to_owned(),
        Source::Wall(colour) | Source::WallIn(_, colour) => format!("color={colour}:size=320x240:rate=20"),
        Source::Slide(colour) => format!("color={colour}:size=640x360:rate=10"),
        Source::Voice => "sine=frequency=440:sample_rate=48000".to_owned(),
        Source::Beeps => BEEPS.to_owned(),
        Source::Tone(frequency) => format!("sine=frequency={frequency}:sample_rate=48000"),
    };
    let (codec, payload_type) = match (source.kind(), source.coding()) {
        (MediaKind::Audio, _) => (OPUS, AUDIO),
        (_, Coding::Vp8) => (VP8, VIDEO),
        (_, Coding::Vp9) => (VP9, VIDEO),
        (_, Coding::H264) => (H264, VIDEO),
        (_, Coding::Av1) => (AV1, VIDEO),
    };
    let mut command = tokio::process::Command::new("ffmpeg");
    command
        .args("-hide_banner -loglevel error -nostdin -re -f lavfi -i".split(' '))
        .arg(input)
        .args(codec.split(' '));
    if matches!(source, Source::Wall(_) | Source::WallIn(..) | Source::Slide(_)) {
        command.args(["-g", "10"]); // for those who ask for a key frame, which ffmpeg does not hear
    }
    let is_av1 = source.coding() == Coding::Av1;
    if is_av1 {
        command
            .args("-flush_packets 1 -f ivf pipe:1".split(' '))
            .stdout(Stdio::piped());
    } else {
        // What it prints there is the session's description.
        command
            .args(format!("-payload_type {payload_type} -ssrc {} -f rtp", source.ssrc()).split(' '))
            .arg(rtp_url(ports))
            .stdout(Stdio::null());
    }
    let mut ffmpeg = command.kill_on_drop(true).spawn().expect("ffmpeg is installed");
    if let Some(pictures) = ffmpeg.stdout.take().filter(|_| is_av1) {
        tokio::spawn(av1::send(pictures, ports[0], payload_type, source.ssrc()));
    }
    ffmpeg
}

/// How a source is announced.
fn producing(source: Source) -> ProducerOptions {
    let codec = match source {
        Source::Voice | Source::Beeps | Source::Tone(_) => RtpCodecParameters::Audio {
            mime_type: MimeTypeAudio::Opus,
            payload_type: AUDIO,
            clock_rate: NonZeroU32::new(48_000).unwrap(),
            channels: NonZeroU8::new(2).unwrap(),
            parameters: RtpCodecParametersParameters::default(),
            rtcp_feedback: vec![],
        },
        _ => picture(source.coding()),
    };
    let encoding = RtpEncodingParameters {
        ssrc: Some(source.ssrc()),
        ..RtpEncodingParameters::default()
    };
    let mut parameters = RtpParameters {
        codecs: vec![codec],
        encodings: vec![encoding],
        ..RtpParameters::default()
    };
    if source.coding() == Coding::Av1 {
        parameters.header_extensions.push(RtpHeaderExtensionParameters {
            uri: RtpHeaderExtensionUri::DependencyDescriptor,
            id: av1::DESCRIPTOR.into(),
            encrypt: false,
        });
    }
    ProducerOptions::new(source.kind(), parameters)
}

fn picture(coding: Coding) -> RtpCodecParameters {
    let (mime_type, parameters) = match coding {
        Coding::Vp8 => (MimeTypeVideo::Vp8, RtpCodecParametersParameters::default()),
        Coding::Vp9 => (MimeTypeVideo::Vp9, RtpCodecParametersParameters::default()),
        Coding::H264 => {
            let mut parameters = RtpCodecParametersParameters::from([("packetization-mode", 1_u32.into())]);
            parameters.insert("profile-level-id", "42e01f");
            (MimeTypeVideo::H264, parameters)
        }
        Coding::Av1 => (MimeTypeVideo::AV1, RtpCodecParametersParameters::default()),
    };
    RtpCodecParameters::Video {
        mime_type,
        payload_type: VIDEO,
        clock_rate: NonZeroU32::new(90_000).unwrap(),
        parameters,
        rtcp_feedback: vec![RtcpFeedback::NackPli, RtcpFeedback::CcmFir],
    }
}
