//! The other way to record: each stream over a plain transport to an ffmpeg of its own, which copies it into a file.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use mediasoup::prelude::*;
use tokio::process::{Child, Command};

use super::streams::loopback;

/// How long ffmpeg may take to open its port: what comes earlier is lost.
const OPENING: Duration = Duration::from_secs(2);

/// The copies of some streams; dropping them ends them.
pub(crate) struct Copies {
    pub(crate) files: Vec<PathBuf>,
    children: Vec<Child>,
    _members: Vec<(PlainTransport, Consumer)>,
}

impl Copies {
    /// Begins to copy.
    ///
    /// # Errors
    /// When mediasoup refuses or ffmpeg is missing.
    pub(crate) async fn begin(router: &Router, producers: &[Producer], folder: &Path) -> Result<Self> {
        let capabilities: RtpCapabilities = serde_json::from_value(serde_json::to_value(router.rtp_capabilities())?)?;
        let mut copies = Self {
            files: Vec::new(),
            children: Vec::new(),
            _members: Vec::new(),
        };
        for (number, producer) in producers.iter().enumerate() {
            let transport = router
                .create_plain_transport(PlainTransportOptions::new(loopback()))
                .await?;
            let port = free_port()?;
            transport
                .connect(PlainTransportRemoteParameters {
                    ip: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
                    port: Some(port),
                    rtcp_port: None,
                    srtp_parameters: None,
                })
                .await?;
            let mut options = ConsumerOptions::new(producer.id(), capabilities.clone());
            options.paused = true;
            let consumer = transport.consume(options).await?;
            let description = folder.join(format!("{number}.sdp"));
            fs::write(&description, describe(&consumer, port)?)?;
            let file = folder.join(format!("{number}.webm"));
            let child = Command::new("ffmpeg")
                .args("-hide_banner -loglevel error -nostdin -protocol_whitelist file,udp,rtp -i".split(' '))
                .arg(description)
                .args(["-c", "copy"])
                .arg(&file)
                .kill_on_drop(true)
                .spawn()
                .context("ffmpeg cannot be started")?;
            copies.files.push(file);
            copies.children.push(child);
            copies._members.push((transport, consumer));
        }
        tokio::time::sleep(OPENING).await;
        for (_, consumer) in &copies._members {
            consumer.resume().await?;
        }
        Ok(copies)
    }

    /// The processes that copy.
    pub(crate) fn processes(&self) -> Vec<u32> {
        self.children.iter().filter_map(Child::id).collect()
    }

    /// Has the files completed.
    ///
    /// # Errors
    /// When one of the processes cannot be told or waited for.
    pub(crate) async fn end(mut self) -> Result<Vec<PathBuf>> {
        for child in &mut self.children {
            if let Some(id) = child.id() {
                let process = nix::unistd::Pid::from_raw(i32::try_from(id)?);
                nix::sys::signal::kill(process, nix::sys::signal::Signal::SIGINT)?;
            }
        }
        for child in &mut self.children {
            child.wait().await?;
        }
        Ok(self.files)
    }
}

/// What ffmpeg has to know of a stream.
fn describe(consumer: &Consumer, port: u16) -> Result<String> {
    let parameters = consumer.rtp_parameters();
    let codec = parameters.codecs.first().context("a stream without a codec")?;
    let (media, name) = match codec {
        RtpCodecParameters::Audio { .. } => ("audio", "opus/48000/2"),
        RtpCodecParameters::Video { .. } => ("video", "VP8/90000"),
    };
    let payload_type = codec.payload_type();
    Ok(format!(
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm={media} {port} RTP/AVP {payload_type}\na=rtpmap:{payload_type} {name}\n"
    ))
}

/// A free even port with a free one after it, where ffmpeg listens for reports.
///
/// # Errors
/// When there are none.
pub(crate) fn free_port() -> Result<u16> {
    for _ in 0..1_000 {
        let first = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port() & !1;
        let are_free = [first, first + 1].map(|port| UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok());
        if are_free == [true, true] {
            return Ok(first);
        }
    }
    anyhow::bail!("there are no two free ports in a row")
}
