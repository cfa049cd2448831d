//! Streams as guests send them, without browsers: made once, then sent over and over by one process for all.

use std::net::{IpAddr, Ipv4Addr};
use std::num::{NonZeroU8, NonZeroU32};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use confab_server::recording::RecordedProducer;
use mediasoup::prelude::*;
use tokio::process::{Child, Command};

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum What {
    /// VP8, 1280×720, 30 pictures a second, 1.5 Mbit/s, a key frame every two seconds.
    Camera,
    /// Opus, 32 kbit/s.
    Voice,
}

/// Streams in a router; dropping them ends them.
pub(crate) struct Streams {
    pub(crate) producers: Vec<Producer>,
    kind: MediaKind,
    _transports: Vec<PlainTransport>,
    _sender: Child,
}

impl What {
    pub(crate) fn kind(self) -> MediaKind {
        match self {
            Self::Camera => MediaKind::Video,
            Self::Voice => MediaKind::Audio,
        }
    }

    fn payload_type(self) -> u8 {
        match self {
            Self::Camera => 101,
            Self::Voice => 100,
        }
    }

    /// Makes a while of it.
    ///
    /// # Errors
    /// When ffmpeg is missing or fails.
    pub(crate) async fn make(self, folder: &Path) -> Result<PathBuf> {
        let (input, codec, name) = match self {
            Self::Camera => (
                "testsrc2=size=1280x720:rate=30,noise=alls=12:allf=t",
                "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 1500k -maxrate 2000k -bufsize 1500k -g 60",
                "camera.webm",
            ),
            Self::Voice => (
                "aevalsrc='0.4*sin(2*PI*(160+40*sin(3*t))*t)*abs(sin(2*t))':sample_rate=48000",
                "-c:a libopus -ac 2 -b:a 32k -application voip",
                "voice.webm",
            ),
        };
        let file = folder.join(name);
        let made = Command::new("ffmpeg")
            .args("-hide_banner -loglevel error -nostdin -f lavfi -i".split(' '))
            .arg(input)
            .args("-t 20".split(' '))
            .args(codec.split(' '))
            .arg(&file)
            .status()
            .await
            .context("ffmpeg cannot be started")?;
        ensure!(made.success(), "ffmpeg could not make {name}");
        Ok(file)
    }

    /// What mediasoup is told of one stream of it.
    ///
    /// # Errors
    /// None, in truth.
    pub(crate) fn parameters(self, ssrc: u32) -> Result<RtpParameters> {
        let codec = match self {
            Self::Camera => RtpCodecParameters::Video {
                mime_type: MimeTypeVideo::Vp8,
                payload_type: self.payload_type(),
                clock_rate: NonZeroU32::new(90_000).context("no clock")?,
                parameters: RtpCodecParametersParameters::default(),
                rtcp_feedback: vec![],
            },
            Self::Voice => RtpCodecParameters::Audio {
                mime_type: MimeTypeAudio::Opus,
                payload_type: self.payload_type(),
                clock_rate: NonZeroU32::new(48_000).context("no clock")?,
                channels: NonZeroU8::new(2).context("no channels")?,
                parameters: RtpCodecParametersParameters::default(),
                rtcp_feedback: vec![],
            },
        };
        let encoding = RtpEncodingParameters {
            ssrc: Some(ssrc),
            ..RtpEncodingParameters::default()
        };
        Ok(RtpParameters {
            codecs: vec![codec],
            encodings: vec![encoding],
            ..RtpParameters::default()
        })
    }
}

/// What the router is to forward.
///
/// # Errors
/// None, in truth.
pub(crate) fn codecs() -> Result<Vec<RtpCodecCapability>> {
    Ok(vec![
        RtpCodecCapability::Audio {
            mime_type: MimeTypeAudio::Opus,
            preferred_payload_type: None,
            clock_rate: NonZeroU32::new(48_000).context("no clock")?,
            channels: NonZeroU8::new(2).context("no channels")?,
            parameters: RtpCodecParametersParameters::default(),
            rtcp_feedback: vec![],
        },
        RtpCodecCapability::Video {
            mime_type: MimeTypeVideo::Vp8,
            preferred_payload_type: None,
            clock_rate: NonZeroU32::new(90_000).context("no clock")?,
            parameters: RtpCodecParametersParameters::default(),
            rtcp_feedback: vec![],
        },
    ])
}

/// A port of this computer alone, which mediasoup chooses.
pub(crate) fn loopback() -> ListenInfo {
    ListenInfo {
        protocol: Protocol::Udp,
        ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        announced_address: None,
        expose_internal_ip: false,
        port: None,
        port_range: None,
        flags: None,
        send_buffer_size: None,
        recv_buffer_size: None,
    }
}

impl Streams {
    /// Begins to send `file` as `count` streams.
    ///
    /// # Errors
    /// When mediasoup refuses or ffmpeg is missing.
    pub(crate) async fn begin(router: &Router, what: What, file: &Path, count: u32) -> Result<Self> {
        let (mut producers, mut transports) = (Vec::new(), Vec::new());
        let mut command = Command::new("ffmpeg");
        command
            .args("-hide_banner -loglevel error -nostdin -re -stream_loop -1 -i".split(' '))
            .arg(file);
        for ssrc in 1..=count {
            let mut options = PlainTransportOptions::new(loopback());
            options.comedia = true;
            options.rtcp_mux = false; // ffmpeg sends its reports from a port of their own
            let transport = router.create_plain_transport(options).await?;
            let reports = transport.rtcp_tuple().context("no port for reports")?.local_port();
            let port = transport.tuple().local_port();
            let to = format!("rtp://127.0.0.1:{port}?rtcpport={reports}&pkt_size=1200");
            let payload_type = what.payload_type();
            command.args(format!("-map 0 -c copy -payload_type {payload_type} -ssrc {ssrc} -f rtp {to}").split(' '));
            let options = ProducerOptions::new(what.kind(), what.parameters(ssrc)?);
            producers.push(transport.produce(options).await?);
            transports.push(transport);
        }
        // What it prints there is the session's description.
        let sender = command
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("ffmpeg cannot be started")?;
        Ok(Self {
            producers,
            kind: what.kind(),
            _transports: transports,
            _sender: sender,
        })
    }

    /// The same, as a room tells a recorder of it.
    pub(crate) fn described(&self) -> Vec<RecordedProducer> {
        let describe = |(seat, producer): (u64, &Producer)| RecordedProducer {
            producer_id: producer.id(),
            source: producer.downgrade(),
            seat,
            peer_name: format!("Seat {seat}"),
            kind: self.kind,
            is_screen_share: false,
            paused: false,
        };
        (1..).zip(&self.producers).map(describe).collect()
    }
}
