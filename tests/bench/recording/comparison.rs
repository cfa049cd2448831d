//! The runs, one after the other, and what they print.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use confab_server::problems::Problems;
use confab_server::recording::Library;
use mediasoup::prelude::*;
use mediasoup::worker::{WorkerLogLevel, WorkerSettings};
use mediasoup::worker_manager::WorkerManager;
use serde_json::Value;
use tokio::process::Command;

use super::broadcasting;
use super::copying::Copies;
use super::cost::{self, Cost};
use super::streams::{Streams, What, codecs};

/// Until what is made at the beginning is made.
pub(crate) const SETTLING: Duration = Duration::from_secs(5);
pub(crate) const WATCHED: Duration = Duration::from_secs(30);

pub(crate) async fn run() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut settings = WorkerSettings::default();
    settings.log_level = WorkerLogLevel::None;
    let worker = WorkerManager::new().create_worker(settings).await?;
    let router = worker.create_router(RouterOptions::new(codecs()?)).await?;
    for (what, count) in [(What::Camera, 6), (What::Voice, 30)] {
        compare(&router, what, count, folder.path()).await?;
    }
    broadcasting::run(&router, folder.path()).await
}

async fn compare(router: &Router, what: What, count: u32, folder: &Path) -> Result<()> {
    let folder = folder.join(format!("{what:?}"));
    std::fs::create_dir_all(&folder)?;
    let file = what.make(&folder).await?;
    let streams = Streams::begin(router, what, &file, count).await?;
    tokio::time::sleep(SETTLING).await;
    let alone = cost::over(WATCHED, &[]).await?;

    let library = Library::open(folder.join("recorded"), Problems::default()).await;
    library.stop(); // nothing is put together here
    let recorder = library
        .start(router, "bench", streams.described())
        .await
        .context("it cannot be recorded")?;
    tokio::time::sleep(SETTLING).await;
    let recorded = cost::over(WATCHED, &[]).await?;
    recorder.finish().await;
    let snapshots = library.snapshots().borrow().clone();
    let kept = PathBuf::from(&snapshots.first().context("nothing was recorded")?.folder);

    std::fs::create_dir_all(folder.join("copied"))?;
    let copies = Copies::begin(router, &streams.producers, &folder.join("copied")).await?;
    tokio::time::sleep(SETTLING).await;
    let copied = cost::over(WATCHED, &copies.processes()).await?;
    let files = copies.end().await?;

    let name = match what {
        What::Camera => "camera of 1280×720 at 30 a second",
        What::Voice => "voice",
    };
    let total = packets(&recorded_files(&kept, count)?).await?;
    print(
        &format!("per recorded {name} ({count} of them)"),
        each(alone, recorded, count),
        total / count,
    );
    let total = packets(&files).await?;
    print(
        "  copied by an ffmpeg each instead",
        each(alone, copied, count),
        total / count,
    );
    Ok(())
}

/// What one of them cost more than nothing.
fn each(alone: Cost, with: Cost, count: u32) -> Cost {
    Cost {
        percent: (with.percent - alone.percent) / f64::from(count),
        bytes: with.bytes.saturating_sub(alone.bytes) / u64::from(count),
    }
}

fn print(what: &str, cost: Cost, kept: u32) {
    let megabytes = cost.bytes as f64 / f64::from(1 << 20);
    let percent = cost.percent;
    println!("  {what:<60} {percent:.2} % of a core, {megabytes:.2} MB, {kept} frames kept");
}

fn recorded_files(folder: &Path, count: u32) -> Result<Vec<PathBuf>> {
    let metadata: Value = serde_json::from_slice(&std::fs::read(folder.join("recording.json"))?)?;
    let tracks = metadata["tracks"].as_array().context("no tracks")?;
    ensure!(
        tracks.len() == count as usize,
        "{} tracks of {count} were kept",
        tracks.len()
    );
    let files = tracks.iter().filter_map(|track| track["file"].as_str());
    Ok(files.map(|name| folder.join(name)).collect())
}

/// How many frames are in all of the files.
async fn packets(files: &[PathBuf]) -> Result<u32> {
    let mut sum = 0;
    for file in files {
        let output = Command::new("ffprobe")
            .args("-v error -count_packets -show_entries stream=nb_read_packets -of csv=p=0".split(' '))
            .arg(file)
            .output()
            .await
            .context("ffprobe cannot be started")?;
        let text = String::from_utf8_lossy(&output.stdout);
        sum += text
            .trim()
            .trim_end_matches(',')
            .parse::<u32>()
            .with_context(|| format!("{} holds nothing", file.display()))?;
    }
    Ok(sum)
}
