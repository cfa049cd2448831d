//! Finds ffmpeg and runs it: at low priority, as a child that dies with whoever waits for it, its complaints kept for the log.

use std::ffi::OsString;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};

use super::super::error::{FfmpegVersion, OLDEST_FFMPEG, RecordingError};

/// Sees whether ffmpeg is there and new enough.
pub(crate) async fn check() -> Result<(), RecordingError> {
    let output = command(&["-version".into()])
        .stdin(Stdio::null())
        .output()
        .await
        .map_err(|_| RecordingError::FfmpegMissing)?;
    if !output.status.success() {
        return Err(RecordingError::FfmpegMissing);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    match version(&text) {
        Some(version) if version < OLDEST_FFMPEG => Err(RecordingError::FfmpegOld {
            found: version.to_string(),
        }),
        _ => Ok(()), // a build from the sources names no version, and is new
    }
}

/// Runs ffmpeg to its end; `progress` is told how many frames of the output are done.
pub(crate) async fn run(arguments: Vec<OsString>, mut progress: impl FnMut(u64)) -> Result<(), RecordingError> {
    let arguments = [vec!["-nostdin".into(), "-progress".into(), "pipe:1".into()], arguments].concat();
    let mut child = spawn(command(&arguments).stdin(Stdio::null()))?;
    let (stdout, complaints) = (child.stdout.take(), gather(child.stderr.take()));
    if let Some(stdout) = stdout {
        let mut lines = BufReader::new(stdout).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(frames) = line
                .strip_prefix("frame=")
                .and_then(|frames| frames.trim().parse().ok())
            {
                progress(frames);
            }
        }
    }
    end(child, complaints).await
}

/// Starts ffmpeg with pipes at both ends.
pub(crate) fn start(arguments: &[OsString]) -> Result<Running, RecordingError> {
    let mut child = spawn(command(arguments).stdin(Stdio::piped()))?;
    let complaints = gather(child.stderr.take());
    Ok(Running { child, complaints })
}

/// A running ffmpeg; dropping it kills it.
pub(crate) struct Running {
    pub(crate) child: Child,
    complaints: tokio::task::JoinHandle<String>,
}

impl Running {
    /// Waits for its end.
    pub(crate) async fn end(self) -> Result<(), RecordingError> {
        end(self.child, self.complaints).await
    }
}

fn spawn(command: &mut Command) -> Result<Child, RecordingError> {
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|_| RecordingError::FfmpegMissing)
}

/// A meeting may be going on beside it, so it runs at low priority.
#[cfg(unix)]
fn command(arguments: &[OsString]) -> Command {
    let mut command = Command::new("nice");
    command.args(["-n", "10", "ffmpeg"]).args(arguments);
    command
}

#[cfg(windows)]
fn command(arguments: &[OsString]) -> Command {
    const BELOW_NORMAL_PRIORITY_CLASS: u32 = 0x4000;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    let mut command = Command::new("ffmpeg");
    command
        .args(arguments)
        .creation_flags(BELOW_NORMAL_PRIORITY_CLASS | CREATE_NO_WINDOW);
    command
}

/// Reads what ffmpeg complains about, while it runs, so that it never waits for a full pipe.
fn gather(stderr: Option<ChildStderr>) -> tokio::task::JoinHandle<String> {
    const ENOUGH: u64 = 64 << 10;
    tokio::spawn(async move {
        let Some(mut stderr) = stderr else { return String::new() };
        let mut text = Vec::new();
        let _ = (&mut stderr).take(ENOUGH).read_to_end(&mut text).await; // what was read so far is told
        let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
        String::from_utf8_lossy(&text).into_owned()
    })
}

async fn end(mut child: Child, complaints: tokio::task::JoinHandle<String>) -> Result<(), RecordingError> {
    let status = child
        .wait()
        .await
        .map_err(|error| RecordingError::Ffmpeg(error.to_string()))?;
    let complaints = complaints.await.unwrap_or_default();
    if status.success() {
        return Ok(());
    }
    tracing::warn!(%status, complaints, "ffmpeg failed");
    Err(reason(&complaints, &status.to_string()))
}

/// What a failure means for a person.
fn reason(complaints: &str, status: &str) -> RecordingError {
    let mut lines = complaints.lines().map(str::trim).filter(|line| !line.is_empty());
    let limited = [
        "Unknown encoder",
        "No such filter",
        "Requested output format",
        "Unrecognized option",
    ];
    if let Some(line) = complaints
        .lines()
        .find(|line| limited.iter().any(|words| line.contains(words)))
    {
        return RecordingError::FfmpegLimited(line.trim().trim_end_matches('.').to_owned());
    }
    if complaints.contains("No space left on device") {
        return RecordingError::Ffmpeg("the disk is full, so free some space first".to_owned());
    }
    RecordingError::Ffmpeg(lines.next_back().unwrap_or(status).trim_end_matches('.').to_owned())
}

/// Out of `ffmpeg version 5.1.9-0+deb12u1 …`, or `n7.0` as some name it.
fn version(text: &str) -> Option<FfmpegVersion> {
    let word = text.strip_prefix("ffmpeg version ")?.split_whitespace().next()?;
    let mut numbers = word
        .trim_start_matches('n')
        .split(|letter: char| !letter.is_ascii_digit());
    Some(FfmpegVersion(
        numbers.next()?.parse().ok()?,
        numbers.next()?.parse().ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_distributions_write_them() {
        assert_eq!(
            version("ffmpeg version 5.1.9-0+deb12u1 Copyright"),
            Some(FfmpegVersion(5, 1))
        );
        assert_eq!(version("ffmpeg version n7.0.1 Copyright"), Some(FfmpegVersion(7, 0)));
        assert_eq!(version("ffmpeg version N-109741-gbbe95f7353 Copyright"), None);
        assert_eq!(version("avconv version 9"), None);
    }

    #[test]
    fn failures_become_sentences() {
        let of = |complaints| reason(complaints, "exit status: 1").to_string();
        assert!(of("x\nUnknown encoder 'libvpx'\n").contains("install"));
        assert!(of("av_interleaved_write_frame(): No space left on device").contains("disk is full"));
        assert!(of("a\nInvalid data found.\n\n").contains("(Invalid data found)"));
        assert!(of("").contains("(exit status: 1)"));
    }
}
