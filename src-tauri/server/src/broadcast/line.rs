//! The line to the RTMP server: one ffmpeg that encodes what it is fed and sends it, from its start to whatever ends it.
//!
//! What it cannot take in time is left out, pictures first, so that memory stays bounded and the meeting is not held up.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt as _;
use tokio::process::ChildStdin;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::course::End;
use super::target::Target;
use crate::recording::PictureSize;
use crate::recording::compose::arguments::{common, words};
use crate::recording::compose::ffmpeg::{Ffmpeg, follow};

/// How many moments may wait for the encoder: five seconds, most of them without a picture and small. It begins slowly.
const WAITING: usize = 150;
/// With so many waiting no pictures are added.
const WITHOUT_PICTURE: usize = 6;
/// A server that takes nothing for this long is given up.
const STALLED: Duration = Duration::from_secs(15);
/// So many encoded pictures later the server has said what it has against the stream, if anything.
const FLOWING: u64 = 45;
/// How long a good end may take.
const GOODBYE: Duration = Duration::from_secs(5);

/// A line that is there; dropping it cuts it.
#[derive(Debug)]
pub(super) struct Line {
    moments: Option<mpsc::Sender<Bytes>>,
    flowing: watch::Receiver<bool>,
    task: JoinHandle<End>,
}

/// What became of a line.
#[derive(Debug)]
pub(super) enum News {
    /// The server has taken a while of the stream.
    Flows,
    /// It is over, and why.
    Ended(End),
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort(); // which kills its ffmpeg
    }
}

impl Line {
    /// Starts one. `header` is what the feed begins with.
    pub(super) fn open(ffmpeg: &Ffmpeg, target: &Target, size: PictureSize, frame_rate: u64, header: Bytes) -> Self {
        let (moments, waiting) = mpsc::channel(WAITING);
        // There is room for the first.
        let _ = moments.try_send(header);
        let (flows, flowing) = watch::channel(false);
        let (ffmpeg, target) = (ffmpeg.clone(), target.clone());
        let task = tokio::spawn(async move {
            run(&ffmpeg, &target, size, frame_rate, waiting, flows)
                .await
                .unwrap_or_else(|end| end)
        });
        Self {
            moments: Some(moments),
            flowing,
            task,
        }
    }

    /// Whether it takes a picture now.
    pub(super) fn takes_picture(&self) -> bool {
        let waiting = |moments: &mpsc::Sender<Bytes>| moments.max_capacity() - moments.capacity();
        self.moments
            .as_ref()
            .is_some_and(|moments| waiting(moments) < WITHOUT_PICTURE)
    }

    /// Sends a moment; returns whether there was room for it.
    pub(super) fn send(&self, moment: Bytes) -> bool {
        self.moments
            .as_ref()
            .is_some_and(|moments| moments.try_send(moment).is_ok())
    }

    /// Resolves when something became of it. After its end there is nothing more to wait for.
    pub(super) async fn news(&mut self) -> News {
        tokio::select! {
            Ok(()) = self.flowing.changed() => News::Flows,
            end = &mut self.task => News::Ended(end.unwrap_or_else(|error| End::Failed(error.to_string()))),
        }
    }

    /// Ends it so that the server knows.
    pub(super) async fn close(mut self) {
        self.moments = None;
        if timeout(GOODBYE, &mut self.task).await.is_err() {
            tracing::debug!("the streaming server did not take the goodbye in time");
        }
    }
}

async fn run(
    ffmpeg: &Ffmpeg,
    target: &Target,
    size: PictureSize,
    frame_rate: u64,
    waiting: mpsc::Receiver<Bytes>,
    flows: watch::Sender<bool>,
) -> Result<End, End> {
    let failed = |error: std::io::Error| End::Failed(error.to_string());
    let mut preset = NamedTempFile::new().map_err(failed)?; // which nobody else may read
    preset.write_all(target.preset().as_bytes()).map_err(failed)?;
    let arguments = arguments(ffmpeg, target, size, frame_rate, preset.path().into());
    let folder = std::env::temp_dir();
    let mut running = ffmpeg
        .start(&arguments, &folder, Stdio::piped(), Stdio::piped())
        .map_err(|_| End::NoFfmpeg)?;
    let (Some(input), output) = running.pipes() else {
        return Err(End::Failed("it has no input".to_owned()));
    };
    let mut preset = Some(preset);
    let following = follow(output, |encoded| {
        if encoded > 0 {
            preset = None; // it was read
        }
        if encoded >= FLOWING {
            flows.send_if_modified(|flowing| !std::mem::replace(flowing, true));
        }
    });
    let working = async {
        let (stalled, ()) = tokio::join!(pour(input, waiting), following);
        stalled
    };
    let ending = running.ended();
    tokio::pin!(working, ending);
    let (is_well, complaints) = tokio::select! {
        stalled = &mut working => {
            // In both cases what is dropped then kills it.
            let stood_still = if *flows.borrow() { End::Stalled } else { End::NoAnswer };
            if stalled {
                return Err(stood_still);
            }
            timeout(STALLED, ending).await.map_err(|_| stood_still)?
        }
        ended = &mut ending => ended,
    };
    let was_flowing = *flows.borrow();
    tracing::debug!(is_well, complaints, "the line to the streaming server ended");
    Ok(End::of(&complaints, was_flowing))
}

/// Feeds ffmpeg until there is nothing more, or it takes nothing more; returns whether it stood still.
async fn pour(mut input: ChildStdin, mut waiting: mpsc::Receiver<Bytes>) -> bool {
    while let Some(moment) = waiting.recv().await {
        match timeout(STALLED, input.write_all(&moment)).await {
            Ok(Ok(())) => (),
            Ok(Err(_)) => return false, // it is on its way out, and says why itself
            Err(_) => return true,
        }
    }
    false
}

/// What ffmpeg is told. The key is in the preset.
fn arguments(ffmpeg: &Ffmpeg, target: &Target, size: PictureSize, frame_rate: u64, preset: OsString) -> Vec<OsString> {
    let kilobits = match size {
        PictureSize::P1080 => 4500,
        PictureSize::P720 => 2500,
        PictureSize::P480 => 1200,
    };
    let (twice, group) = (2 * kilobits, 2 * frame_rate);
    let mut arguments = common();
    arguments.extend(words(
        "-progress pipe:1 -stats_period 0.5 -fflags nobuffer -probesize 32 -analyzeduration 0",
    ));
    arguments.extend(words("-f matroska -i pipe:0 -map 0:v:0 -map 0:a:0"));
    arguments.extend(ffmpeg.as_they_come("vfr"));
    arguments.extend(words(&format!(
        "-r {frame_rate} -c:v libx264 -preset veryfast -profile:v high -pix_fmt yuv420p -b:v {kilobits}k -maxrate {kilobits}k \
         -bufsize {twice}k -g {group} -keyint_min {group} -sc_threshold 0 -colorspace smpte170m -color_primaries smpte170m \
         -color_trc smpte170m -color_range tv -af alimiter=limit=0.84:level=false -c:a aac -b:a 128k -ar 48000 \
         -flvflags no_duration_filesize -fpre"
    )));
    arguments.push(preset);
    if target.is_secure() {
        // By itself ffmpeg would hand the key to whoever answers. Without a file it asks the system, where it can, or trusts nobody.
        arguments.extend(words("-tls_verify 1"));
        if let Some(file) = trusted_certificates() {
            arguments.extend(["-ca_file".into(), file.into()]);
        }
    }
    arguments.extend(words("-f flv"));
    arguments.push(target.url().into());
    arguments
}

/// The certificates that are trusted: those of `SSL_CERT_FILE`, as many programs have it, or else this system's, if it is known where they are.
fn trusted_certificates() -> Option<PathBuf> {
    const PLACES: [&str; 4] = [
        "/etc/ssl/certs/ca-certificates.crt", // Debian, Arch
        "/etc/pki/tls/certs/ca-bundle.crt",   // Fedora
        "/etc/ssl/ca-bundle.pem",             // openSUSE
        "/etc/ssl/cert.pem",                  // macOS, Alpine
    ];
    let named = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    let places = named.into_iter().chain(PLACES.map(PathBuf::from));
    places.into_iter().find(|place| place.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_key_is_no_argument() {
        let ffmpeg = Ffmpeg::for_tests();
        let target = Target::parse("rtmp://live.example.org/app", "geheim").unwrap();
        let arguments = arguments(&ffmpeg, &target, PictureSize::P720, 30, "/tmp/preset".into());
        let line = arguments.join(std::ffi::OsStr::new(" ")).into_string().unwrap();
        assert!(
            !line.contains("geheim") && line.ends_with("-fpre /tmp/preset -f flv rtmp://live.example.org"),
            "{line}"
        );
    }
}
