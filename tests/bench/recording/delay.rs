//! How long a picture takes from a camera to who looks at the broadcast: a camera that flashes is watched at its sender and at the server for RTMP.

use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use confab_server::broadcast::Target;
use confab_server::recording::RecordedProducer;
use mediasoup::prelude::*;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};

use super::broadcasting::broadcast;
use super::copying::free_port;
use super::streams::{What, loopback};

/// How long it is watched: five flashes and more, of which it shows one every six seconds.
const WATCHED: Duration = Duration::from_secs(45);
const SSRC: u32 = 900;
/// So bright is a flash, at least.
const BRIGHT: u8 = 128;

/// The delay in seconds: the middle one of all flashes.
///
/// # Errors
/// When mediasoup refuses, or ffmpeg is missing, or nothing is to be seen.
pub(crate) async fn delay(router: &Router, target: &Target, address: &str) -> Result<f64> {
    let mut options = PlainTransportOptions::new(loopback());
    options.comedia = true;
    options.rtcp_mux = false; // ffmpeg sends its reports from a port of their own
    let transport = router.create_plain_transport(options).await?;
    let parameters = What::Camera.parameters(SSRC)?;
    let producer = transport
        .produce(ProducerOptions::new(MediaKind::Video, parameters))
        .await?;
    let (there, here) = (transport.tuple().local_port(), free_port()?);
    let reports = transport.rtcp_tuple().context("no port for reports")?.local_port();
    let folder = tempfile::tempdir()?;
    let description = folder.path().join("here.sdp");
    std::fs::write(
        &description,
        format!(
            "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {here} RTP/AVP 101\na=rtpmap:101 VP8/90000\n"
        ),
    )?;
    let (_near, seen_here) = watch(&["-protocol_whitelist", "file,udp,rtp"], &description.to_string_lossy())?;
    let _camera = camera(&[
        format!("rtp://127.0.0.1:{here}?pkt_size=1200"),
        format!("rtp://127.0.0.1:{there}?rtcpport={reports}&pkt_size=1200"),
    ])?;
    let described = RecordedProducer {
        producer_id: producer.id(),
        source: producer.downgrade(),
        seat: 1,
        peer_name: "Seat 1".to_owned(),
        kind: MediaKind::Video,
        is_screen_share: false,
        paused: false,
    };
    let broadcaster = broadcast(router, target.clone(), vec![described]).await?;
    let (_far, seen_there) = watch(&[], address)?;
    tokio::time::sleep(WATCHED).await;
    broadcaster.finish().await;

    let times = |seen: &Flashes| seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let here = times(&seen_here);
    let delay = |there: Instant| {
        let begun = here.iter().rev().find(|here| **here <= there)?;
        Some((there - *begun).as_secs_f64())
    };
    let mut delays: Vec<f64> = times(&seen_there).into_iter().filter_map(delay).collect();
    delays.sort_by(f64::total_cmp);
    let middle = delays.get(delays.len() / 2).copied();
    middle.context("no flash was seen")
}

/// Sends a picture that flashes for a second every six, to each of these addresses.
fn camera(addresses: &[String]) -> Result<Child> {
    let mut command = Command::new("ffmpeg");
    command.args("-hide_banner -loglevel error -nostdin -re -f lavfi -i".split(' '));
    command.arg("color=black:size=640x360:rate=30,drawbox=color=white:t=fill:enable='gte(mod(t,6),5)'");
    for address in addresses {
        command.args("-map 0:v -c:v libvpx -deadline realtime -cpu-used 8 -b:v 500k -g 30".split(' '));
        command.args(format!("-payload_type 101 -ssrc {SSRC} -f rtp {address}").split(' '));
    }
    // What it prints there is the session's description.
    let command = command.stdout(Stdio::null()).kill_on_drop(true);
    command.spawn().context("ffmpeg cannot be started")
}

/// When flashes began to be seen.
type Flashes = Arc<Mutex<Vec<Instant>>>;

/// Looks at a stream, frame by frame as they come.
fn watch(before: &[&str], input: &str) -> Result<(Child, Flashes)> {
    let mut command = Command::new("ffmpeg");
    command.args("-hide_banner -loglevel quiet -nostdin -fflags nobuffer -flags low_delay -threads 1".split(' '));
    command.args("-probesize 50000 -analyzeduration 0".split(' '));
    command.args(before).args(["-i", input]);
    command.args("-an -fps_mode passthrough -vf scale=1:1:flags=area,format=gray -f rawvideo pipe:1".split(' '));
    let command = command.stdout(Stdio::piped()).kill_on_drop(true);
    let mut watcher = command.spawn().context("ffmpeg cannot be started")?;
    let mut frames = watcher.stdout.take().context("it shows nothing")?;
    let flashes = Flashes::default();
    let seen = Arc::clone(&flashes);
    tokio::spawn(async move {
        let mut was_bright = true; // one that had begun before is none
        while let Ok(brightness) = frames.read_u8().await {
            let is_bright = brightness >= BRIGHT;
            if is_bright && !was_bright {
                seen.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
            }
            was_bright = is_bright;
        }
    });
    Ok((watcher, flashes))
}
