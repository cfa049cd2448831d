//! Meetings of some sizes, broadcast to a real server for RTMP: what that costs Confab itself and the ffmpegs that it has work for it, and what comes out there.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use confab_server::broadcast::{BroadcastOptions, BroadcastState, Broadcaster, Target};
use confab_server::recording::{MemberEvent, PictureSize, RecordedPerson};
use mediasoup::prelude::*;
use tokio::process::Command;

use super::comparison::{SETTLING, WATCHED};
use super::cost::{self, Cost};
use super::delay::delay;
use super::nginx::Nginx;
use super::streams::{Streams, What};

/// How long a server may take to be content.
const LIVE: Duration = Duration::from_secs(60);
const KEY: &str = "bench";

pub(crate) async fn run(router: &Router, folder: &Path) -> Result<()> {
    let (camera, voice) = (What::Camera.make(folder).await?, What::Voice.make(folder).await?);
    for count in [1, 2, 4] {
        let cameras = Streams::begin(router, What::Camera, &camera, count).await?;
        let voices = Streams::begin(router, What::Voice, &voice, count).await?;
        let existing = [cameras.described(), voices.described()].concat();
        measure(router, existing, count).await?;
    }
    let (nginx, target) = server().await?;
    let delay = delay(router, &target, &address(&nginx)).await?;
    println!(
        "  {:<60} {:.1} s from the camera to a player that waits for nothing",
        "delay of a broadcast", delay
    );
    Ok(())
}

async fn server() -> Result<(Nginx, Target)> {
    let mut nginx = Nginx::closed();
    nginx.start().await;
    let target = Target::parse(&format!("rtmp://127.0.0.1:{}/live", nginx.port()), KEY)?;
    Ok((nginx, target))
}

/// Where the broadcast is to be seen.
fn address(nginx: &Nginx) -> String {
    format!("rtmp://127.0.0.1:{}/live/{KEY}", nginx.port())
}

/// Broadcasts to a server, and returns when that takes it.
///
/// # Errors
/// When mediasoup refuses, or the server does.
pub(crate) async fn broadcast(
    router: &Router,
    target: Target,
    existing: Vec<confab_server::recording::RecordedProducer>,
) -> Result<Broadcaster> {
    let options = BroadcastOptions {
        size: PictureSize::P720,
    };
    let person = |seat| RecordedPerson {
        seat,
        name: format!("Seat {seat}"),
        ..RecordedPerson::default()
    };
    let seats: std::collections::BTreeSet<u64> = existing.iter().map(|producer| producer.seat).collect();
    let broadcaster = Broadcaster::start(router, target, options, existing).await?;
    broadcaster.tell(MemberEvent::People(seats.into_iter().map(person).collect()));
    let mut status = broadcaster.status();
    let is_live = status.wait_for(|status| matches!(status.state, BroadcastState::Live { .. }));
    tokio::time::timeout(LIVE, is_live)
        .await
        .context("the server does not take the broadcast")??;
    Ok(broadcaster)
}

async fn measure(router: &Router, existing: Vec<confab_server::recording::RecordedProducer>, count: u32) -> Result<()> {
    let (nginx, target) = server().await?;
    tokio::time::sleep(SETTLING).await;
    let alone = cost::over(WATCHED, &[]).await?;
    let broadcaster = broadcast(router, target, existing).await?;
    tokio::time::sleep(SETTLING).await;
    let encoder = cost::started_with("flv")?;
    let mut decoders = cost::started_with("pipe:1")?;
    decoders.retain(|id| !encoder.contains(id));
    let (itself, decoding, encoding) = tokio::join!(
        cost::over(WATCHED, &[]),
        cost::of(WATCHED, &decoders),
        cost::of(WATCHED, &encoder),
    );
    broadcaster.finish().await;
    let itself = itself?;
    // What it took for one broadcast it keeps for the next, so its memory is told as a whole.
    let itself = Cost {
        percent: itself.percent - alone.percent,
        ..itself
    };
    let cameras = if count == 1 { "camera" } else { "cameras" };
    let kept = nginx.kept();
    let pictures = pictures_a_second(kept.first().context("nothing came out")?).await?;
    print(
        &format!("broadcast of {count} {cameras} and voices, 1280×720: itself"),
        itself,
        &format!("all in all; {pictures:.1} pictures a second come out"),
    );
    print(
        "  the ffmpegs that decode",
        decoding?,
        &format!("{} of them", decoders.len()),
    );
    print("  the ffmpeg that encodes and sends", encoding?, "");
    Ok(())
}

fn print(what: &str, cost: Cost, more: &str) {
    let megabytes = cost.bytes as f64 / f64::from(1 << 20);
    let more = if more.is_empty() {
        String::new()
    } else {
        format!(", {more}")
    };
    println!("  {what:<60} {:.1} % of a core, {megabytes:.1} MB{more}", cost.percent);
}

async fn pictures_a_second(film: &Path) -> Result<f64> {
    let output = Command::new("ffprobe")
        .args("-v error -select_streams v:0 -count_packets -show_entries stream=nb_read_packets -of csv=p=0".split(' '))
        .arg(film)
        .output()
        .await
        .context("ffprobe cannot be started")?;
    let pictures = String::from_utf8_lossy(&output.stdout);
    let pictures: f64 = pictures.trim().trim_end_matches(',').parse()?;
    let output = Command::new("ffprobe")
        .args("-v error -select_streams v:0 -show_entries packet=pts_time -of csv=p=0".split(' '))
        .arg(film)
        .output()
        .await
        .context("ffprobe cannot be started")?;
    let times = String::from_utf8_lossy(&output.stdout);
    let times: Vec<f64> = times
        .lines()
        .filter_map(|time| time.trim_end_matches(',').parse().ok())
        .collect();
    let first = times.iter().copied().fold(f64::MAX, f64::min);
    let last = times.iter().copied().fold(f64::MIN, f64::max);
    Ok(pictures / (last - first))
}
