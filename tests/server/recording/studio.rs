//! Senders without a browser: ffmpeg's VP8 and Opus over RTP into a real router, straight or through a relay that disturbs them; and ffprobe.

use std::net::{IpAddr, Ipv4Addr};
use std::num::{NonZeroU8, NonZeroU32};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use confab_server::recording::RecordedProducer;
use mediasoup::prelude::*;
use mediasoup::worker::{WorkerLogLevel, WorkerSettings};
use mediasoup::worker_manager::WorkerManager;
use serde_json::Value;
use tokio::net::UdpSocket;
use tokio::process::Child;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const VIDEO: u8 = 101;
const AUDIO: u8 = 100;
/// How many frames a relay hands on, and which of the packets the lossy one loses: one between the first key frame and the second.
const RELAYED_FRAMES: u64 = 110;
const LOST: u64 = 60;
const VP8: &str = "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 400k -g 60";
const OPUS: &str = "-c:a libopus -ac 2 -b:a 32k";

/// A worker with a router in it.
pub(crate) struct Studio {
    pub(crate) router: Router,
}

/// What a sender shows or says.
#[derive(Clone, Copy)]
pub(crate) enum Source {
    Camera,
    Screen,
    Voice,
    /// A camera before a wall of one colour, by ffmpeg's name.
    Wall(&'static str),
    /// A shared screen of one colour.
    Slide(&'static str),
    /// A voice of one tone, in Hz.
    Tone(u32),
}

/// A sender; dropping it ends it.
pub(crate) struct Sender {
    _producer: Producer,
    pub(crate) described: RecordedProducer,
    _transport: PlainTransport,
    _ffmpeg: Child,
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
    fn url(&self) -> String {
        let reports = self.transport.rtcp_tuple().unwrap().local_port();
        rtp_url(self.transport.tuple().local_port(), reports)
    }
}

fn rtp_url(port: u16, report_port: u16) -> String {
    format!("rtp://127.0.0.1:{port}?rtcpport={report_port}&pkt_size=600")
}

/// How a relay disturbs what it hands on.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Relay {
    /// Every fourth packet comes after the three that follow it.
    Shuffled,
    /// One packet in the middle is lost.
    Lossy,
}

/// A camera whose packets go through a relay.
pub(crate) struct RelayedSender {
    pub(crate) described: RecordedProducer,
    begin: std::cell::RefCell<Option<oneshot::Sender<()>>>,
    task: JoinHandle<Relayed>,
}

/// What a relay saw.
#[derive(Debug, Default)]
pub(crate) struct Relayed {
    pub(crate) frames: u64,
    /// Packets that it moved or lost.
    pub(crate) disturbed: u64,
    pub(crate) key_frame_requests: u64,
}

impl Studio {
    pub(crate) async fn new() -> Self {
        let mut settings = WorkerSettings::default();
        settings.log_level = WorkerLogLevel::None;
        let worker = WorkerManager::new().create_worker(settings).await.unwrap();
        let codecs = vec![
            RtpCodecCapability::Audio {
                mime_type: MimeTypeAudio::Opus,
                preferred_payload_type: None,
                clock_rate: NonZeroU32::new(48_000).unwrap(),
                channels: NonZeroU8::new(2).unwrap(),
                parameters: RtpCodecParametersParameters::default(),
                rtcp_feedback: vec![],
            },
            RtpCodecCapability::Video {
                mime_type: MimeTypeVideo::Vp8,
                preferred_payload_type: None,
                clock_rate: NonZeroU32::new(90_000).unwrap(),
                parameters: RtpCodecParametersParameters::default(),
                rtcp_feedback: vec![],
            },
        ];
        Self {
            router: worker.create_router(RouterOptions::new(codecs)).await.unwrap(),
        }
    }

    /// Starts to send over a plain transport.
    pub(crate) async fn send(&self, seat: u64, source: Source) -> Sender {
        let intake = self.intake(seat, source).await;
        let ffmpeg = ffmpeg(source, &intake.url());
        Sender {
            _producer: intake.producer,
            described: intake.described,
            _transport: intake.transport,
            _ffmpeg: ffmpeg,
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
        command.arg("aevalsrc='if(gte(mod(t,2),1.8),0.8*sin(2*PI*1000*t),0)':s=48000");
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
        let kind = source.kind();
        let producer = transport
            .produce(ProducerOptions::new(kind, parameters(kind, source.ssrc())))
            .await
            .unwrap();
        let described = RecordedProducer {
            producer_id: producer.id(),
            source: producer.downgrade(),
            seat,
            peer_name: format!("Seat {seat}"),
            kind,
            is_screen_share: matches!(source, Source::Screen | Source::Slide(_)),
            paused: false,
        };
        Intake {
            producer,
            described,
            transport,
        }
    }

    /// Prepares a camera behind a relay; nothing is sent before it is told to begin.
    pub(crate) async fn relay(&self, seat: u64, relay: Relay) -> RelayedSender {
        let transport = self
            .router
            .create_direct_transport(DirectTransportOptions::default())
            .await
            .unwrap();
        let kind = MediaKind::Video;
        let producer = transport
            .produce(ProducerOptions::new(kind, parameters(kind, Source::Camera.ssrc())))
            .await
            .unwrap();
        let described = RecordedProducer {
            producer_id: producer.id(),
            source: producer.downgrade(),
            seat,
            peer_name: format!("Seat {seat}"),
            kind,
            is_screen_share: false,
            paused: false,
        };
        let (begin, begun) = oneshot::channel();
        let task = tokio::spawn(relay_packets(transport, producer, relay, begun));
        RelayedSender {
            described,
            begin: Some(begin).into(),
            task,
        }
    }
}

impl RelayedSender {
    pub(crate) fn begin(&self) {
        self.begin.borrow_mut().take().unwrap().send(()).unwrap();
    }

    /// Waits until it has relayed what it is to.
    pub(crate) async fn end(self) -> Relayed {
        self.task.await.unwrap()
    }
}

async fn relay_packets(
    transport: DirectTransport,
    producer: Producer,
    relay: Relay,
    begun: oneshot::Receiver<()>,
) -> Relayed {
    let Producer::Direct(producer) = producer else {
        panic!("a direct transport makes direct producers")
    };
    let key_frame_requests = Arc::new(AtomicU64::new(0));
    let requests = key_frame_requests.clone();
    // Payload-specific feedback (206) of the kind "picture loss" (1) or "full intra request" (4).
    let _handler = transport.on_rtcp(move |packet| {
        if packet.len() > 1 && packet[1] == 206 && matches!(packet[0] & 0x1f, 1 | 4) {
            requests.fetch_add(1, Ordering::Relaxed);
        }
    });
    begun.await.unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    let _ffmpeg = ffmpeg(Source::Camera, &rtp_url(port, port));
    let mut relayed = Relayed::default();
    let (mut count, mut held) = (0, Vec::new());
    let mut buffer = [0; 2048];
    while relayed.frames < RELAYED_FRAMES {
        let length = socket.recv(&mut buffer).await.unwrap();
        let packet = buffer[..length].to_vec();
        if packet[1] & 0x7f != VIDEO {
            continue; // a sender report
        }
        count += 1;
        relayed.frames += u64::from(packet[1] >> 7);
        match relay {
            Relay::Lossy if count == LOST => relayed.disturbed += 1,
            Relay::Lossy => {
                producer.send(packet).unwrap();
                // The receiver sees the gap now; nothing more comes before it asks.
                while count == LOST + 1 && key_frame_requests.load(Ordering::Relaxed) == 0 {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
            Relay::Shuffled => {
                held.push(packet);
                if held.len() == 4 || relayed.frames == RELAYED_FRAMES {
                    relayed.disturbed += 1;
                    held.rotate_left(1);
                    held.drain(..).for_each(|packet| producer.send(packet).unwrap());
                }
            }
        }
    }
    // Everything is on its way through the worker; an answer to a request says that it was handled.
    transport.dump().await.unwrap();
    relayed.key_frame_requests = key_frame_requests.load(Ordering::Relaxed);
    relayed
}

impl Source {
    fn kind(self) -> MediaKind {
        match self {
            Self::Camera | Self::Screen | Self::Wall(_) | Self::Slide(_) => MediaKind::Video,
            Self::Voice | Self::Tone(_) => MediaKind::Audio,
        }
    }

    fn ssrc(self) -> u32 {
        match self.kind() {
            MediaKind::Video => 2222,
            MediaKind::Audio => 1111,
        }
    }
}

fn ffmpeg(source: Source, url: &str) -> Child {
    let input = match source {
        Source::Camera => "testsrc=size=320x240:rate=20".to_owned(),
        Source::Screen => "testsrc2=size=640x360:rate=10".to_owned(),
        Source::Wall(colour) => format!("color={colour}:size=320x240:rate=20"),
        Source::Slide(colour) => format!("color={colour}:size=640x360:rate=10"),
        Source::Voice => "sine=frequency=440:sample_rate=48000".to_owned(),
        Source::Tone(frequency) => format!("sine=frequency={frequency}:sample_rate=48000"),
    };
    let (codec, payload_type) = match source.kind() {
        MediaKind::Video => (VP8, VIDEO),
        MediaKind::Audio => (OPUS, AUDIO),
    };
    let mut command = tokio::process::Command::new("ffmpeg");
    command
        .args("-hide_banner -loglevel error -nostdin -re -f lavfi -i".split(' '))
        .arg(input)
        .args(codec.split(' '));
    if matches!(source, Source::Wall(_) | Source::Slide(_)) {
        command.args(["-g", "10"]); // for those who ask for a key frame, which ffmpeg does not hear
    }
    command
        .args(format!("-payload_type {payload_type} -ssrc {} -f rtp", source.ssrc()).split(' '))
        .arg(url);
    // What it prints there is the session's description.
    command
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("ffmpeg is installed")
}

fn parameters(kind: MediaKind, ssrc: u32) -> RtpParameters {
    let codec = match kind {
        MediaKind::Audio => RtpCodecParameters::Audio {
            mime_type: MimeTypeAudio::Opus,
            payload_type: AUDIO,
            clock_rate: NonZeroU32::new(48_000).unwrap(),
            channels: NonZeroU8::new(2).unwrap(),
            parameters: RtpCodecParametersParameters::default(),
            rtcp_feedback: vec![],
        },
        MediaKind::Video => RtpCodecParameters::Video {
            mime_type: MimeTypeVideo::Vp8,
            payload_type: VIDEO,
            clock_rate: NonZeroU32::new(90_000).unwrap(),
            parameters: RtpCodecParametersParameters::default(),
            rtcp_feedback: vec![RtcpFeedback::NackPli, RtcpFeedback::CcmFir],
        },
    };
    let encoding = RtpEncodingParameters {
        ssrc: Some(ssrc),
        ..RtpEncodingParameters::default()
    };
    RtpParameters {
        codecs: vec![codec],
        encodings: vec![encoding],
        ..RtpParameters::default()
    }
}

/// What a file holds, all frames decoded.
#[derive(Debug)]
pub(crate) struct Probe(Value);

/// Decodes a file; a file that does not decode without a complaint fails the test.
pub(crate) fn probe(path: &Path) -> Probe {
    let output = Command::new("ffprobe")
        .args("-v error -count_frames -show_streams -show_format -show_chapters -of json".split(' '))
        .arg(path)
        .output()
        .expect("ffprobe is installed");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && complaints.is_empty(),
        "{}: {complaints}",
        path.display()
    );
    Probe(serde_json::from_slice(&output.stdout).unwrap())
}

impl Probe {
    fn streams(&self) -> &[Value] {
        self.0["streams"].as_array().unwrap()
    }

    /// What there is to see, hear and read; an MP4 keeps its chapters in a track of data of their own.
    pub(crate) fn codecs(&self) -> Vec<&str> {
        self.streams()
            .iter()
            .filter(|stream| stream["codec_type"] != "data")
            .map(|stream| stream["codec_name"].as_str().unwrap())
            .collect()
    }

    /// How many frames of a stream were decoded.
    pub(crate) fn frames(&self, stream: usize) -> u64 {
        self.streams()[stream]["nb_read_frames"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    }

    pub(crate) fn frames_in_all(&self) -> u64 {
        (0..self.streams().len()).map(|stream| self.frames(stream)).sum()
    }

    pub(crate) fn size(&self) -> (u64, u64) {
        (
            self.streams()[0]["width"].as_u64().unwrap(),
            self.streams()[0]["height"].as_u64().unwrap(),
        )
    }

    /// When chapters begin, in seconds, and what they are called.
    pub(crate) fn chapters(&self) -> Vec<(f64, String)> {
        let chapter = |chapter: &Value| {
            let from = chapter["start_time"].as_str().unwrap().parse().unwrap();
            (from, chapter["tags"]["title"].as_str().unwrap_or_default().to_owned())
        };
        self.0["chapters"].as_array().unwrap().iter().map(chapter).collect()
    }

    /// In seconds.
    pub(crate) fn duration(&self) -> f64 {
        self.0["format"]["duration"].as_str().unwrap().parse().unwrap()
    }
}

/// When the picture of a film turns bright and when its sound begins, in seconds.
pub(crate) fn flashes_and_beeps(path: &Path) -> (Vec<f64>, Vec<f64>) {
    let decode = |arguments: &str| {
        let mut command = Command::new("ffmpeg");
        command
            .args(["-v", "error", "-i"])
            .arg(path)
            .args(arguments.split(' '))
            .arg("pipe:1");
        command.output().expect("ffmpeg is installed").stdout
    };
    // The flashing person is the only or the second face: right of the middle is theirs in both layouts.
    let frames = decode("-an -vf crop=8:8:trunc(iw*0.7):trunc(ih*0.5),scale=1:1,format=gray -f rawvideo");
    let samples: Vec<i16> = decode("-vn -ac 1 -ar 48000 -f s16le")
        .chunks_exact(2)
        .map(|bytes| i16::from_le_bytes([bytes[0], bytes[1]]))
        .collect();
    let loud: Vec<bool> = samples
        .chunks(48)
        .map(|millisecond| millisecond.iter().any(|sample| *sample > 2000))
        .collect();
    let bright: Vec<bool> = frames.iter().map(|grey| *grey > 128).collect();
    (beginnings(&bright, 1.0 / 30.0), beginnings(&loud, 0.001))
}

/// When the sound of a track begins, in seconds of its file.
pub(crate) fn beeps(path: &Path) -> Vec<f64> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-i"]).arg(path);
    // What is missing is silence.
    command.args("-af aresample=async=1:min_hard_comp=0.01:first_pts=0 -ac 1 -ar 48000 -f s16le pipe:1".split(' '));
    let samples: Vec<i16> = command
        .output()
        .expect("ffmpeg is installed")
        .stdout
        .chunks_exact(2)
        .map(|bytes| i16::from_le_bytes([bytes[0], bytes[1]]))
        .collect();
    let is_loud = |millisecond: &[i16]| millisecond.iter().any(|sample| *sample > 8000);
    let loud: Vec<bool> = samples.chunks(48).map(is_loud).collect();
    beginnings(&loud, 0.001)
}

/// When the pictures of a track turn bright, in seconds of its file.
pub(crate) fn flashes(path: &Path) -> Vec<f64> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-i"]).arg(path);
    command.args("-fps_mode passthrough -vf scale=1:1,format=gray -f rawvideo pipe:1".split(' '));
    let greys = command.output().expect("ffmpeg is installed").stdout;
    let mut command = Command::new("ffprobe");
    command
        .args("-v error -show_entries frame=pts_time -of csv=p=0".split(' '))
        .arg(path);
    let times = String::from_utf8(command.output().expect("ffprobe is installed").stdout).unwrap();
    let times = times.lines().map(|line| line.trim_matches(',').parse::<f64>().unwrap());
    let pictures: Vec<(f64, bool)> = times.zip(greys).map(|(time, grey)| (time, grey > 128)).collect();
    let turns = pictures.windows(2).filter(|pair| !pair[0].1 && pair[1].1);
    turns.map(|pair| pair[1].0).collect()
}

/// Where something begins that was not for a good while before.
fn beginnings(is: &[bool], step: f64) -> Vec<f64> {
    let quiet = (0.5 / step) as usize;
    (1..is.len())
        .filter(|index| is[*index] && !is[index.saturating_sub(quiet)..*index].contains(&true))
        .map(|index| index as f64 * step)
        .collect()
}
