//! Finds ffmpeg and runs it: at low priority, as a child that dies with whoever waits for it, its complaints kept for the log; held and let go by the reins.

use std::ffi::{OsStr, OsString};
use std::io::{PipeReader, PipeWriter};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::super::error::{FfmpegVersion, OLDEST_FFMPEG, RecordingError};
use super::arguments::words;
use super::options::ExportFormat;
use crate::recording::space;

/// An ffmpeg that is there and new enough, and what holds all that it does.
#[derive(Debug, Clone)]
pub(crate) struct Ffmpeg {
    /// `None` for a build from the sources, which is new.
    version: Option<FfmpegVersion>,
    /// Whether it is to stand still.
    held: watch::Receiver<bool>,
}

/// A running ffmpeg; dropping it kills it.
pub(crate) struct Running {
    child: Child,
    complaints: JoinHandle<String>,
    held: watch::Receiver<bool>,
    /// Where it writes.
    folder: PathBuf,
}

impl Ffmpeg {
    /// One that is taken for new, without looking.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        Self {
            version: None,
            held: watch::channel(false).1,
        }
    }

    /// Sees whether ffmpeg is there, new enough, and able to write this kind of file.
    pub(crate) async fn find(format: ExportFormat, held: watch::Receiver<bool>) -> Result<Self, RecordingError> {
        let version = version(&answer("-version").await?);
        if let Some(version) = version.filter(|version| *version < OLDEST_FFMPEG) {
            return Err(RecordingError::FfmpegOld {
                found: version.to_string(),
            });
        }
        let encoders = answer("-encoders").await?;
        let has = |name: &&str| encoders.split_whitespace().any(|word| word == *name);
        match format.encoders().iter().find(|name| !has(name)) {
            None => Ok(Self { version, held }),
            Some(missing) => Err(RecordingError::FfmpegLimited {
                format: format.name(),
                reason: format!("it lacks {missing}"),
            }),
        }
    }

    /// The arguments that make it read its filters from a file.
    pub(crate) fn filters_from(&self, file: &str) -> [OsString; 2] {
        let option = match self.version {
            Some(version) if version < FfmpegVersion(7, 0) => "-filter_complex_script",
            _ => "-/filter_complex",
        };
        [option.into(), file.into()]
    }

    /// The arguments by which the frames of a picture are neither doubled nor thinned out but where two fall together.
    pub(crate) fn as_they_come(&self, how: &'static str) -> [OsString; 2] {
        let option = match self.version {
            Some(version) if version < FfmpegVersion(5, 1) => "-vsync",
            _ => "-fps_mode",
        };
        [option.into(), how.into()]
    }

    /// Runs it to its end in a folder; returns what it printed.
    pub(crate) async fn run(&self, arguments: &[OsString], folder: &Path) -> Result<String, RecordingError> {
        self.released().await;
        self.start(arguments, folder, Stdio::null(), Stdio::null())?.end().await
    }

    /// Runs it to its end with its output into a pipe.
    pub(crate) async fn run_into(
        &self,
        arguments: &[OsString],
        folder: &Path,
        pipe: PipeWriter,
    ) -> Result<(), RecordingError> {
        self.released().await;
        self.start(arguments, folder, Stdio::null(), pipe)?
            .end()
            .await
            .map(drop)
    }

    /// Runs it to its end with its input from a pipe; returns what it printed. `progress` is told how many frames of the output are done.
    pub(crate) async fn run_from(
        &self,
        arguments: &[OsString],
        folder: &Path,
        pipe: PipeReader,
        progress: impl FnMut(u64),
    ) -> Result<String, RecordingError> {
        let arguments = [words("-progress pipe:1"), arguments.to_vec()].concat();
        let mut running = self.start(&arguments, folder, pipe, Stdio::piped())?;
        let stdout = running.child.stdout.take();
        let (printed, ()) = tokio::join!(running.end(), follow(stdout, progress));
        printed
    }

    /// Waits until it need not stand still.
    async fn released(&self) {
        // Nobody is left to hold it: it goes on.
        let _ = self.held.clone().wait_for(|held| !held).await;
    }

    /// Starts it in a folder.
    pub(crate) fn start(
        &self,
        arguments: &[OsString],
        folder: &Path,
        input: impl Into<Stdio>,
        output: impl Into<Stdio>,
    ) -> Result<Running, RecordingError> {
        let mut child = command(arguments)
            .current_dir(folder)
            .stdin(input)
            .stdout(output)
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|_| RecordingError::FfmpegMissing)?;
        let complaints = gather(child.stderr.take());
        Ok(Running {
            child,
            complaints,
            held: self.held.clone(),
            folder: folder.to_path_buf(),
        })
    }
}

impl Running {
    /// Where it takes its input from and puts its output, if those are pipes that nobody took yet.
    pub(crate) fn pipes(&mut self) -> (Option<ChildStdin>, Option<ChildStdout>) {
        (self.child.stdin.take(), self.child.stdout.take())
    }

    /// Waits for its end; returns whether it did its work, and what it printed.
    pub(crate) async fn ended(mut self) -> (bool, String) {
        let status = self.child.wait().await;
        let complaints = self.complaints.await.unwrap_or_default();
        (status.is_ok_and(|status| status.success()), complaints)
    }

    /// Waits for its end, and lets it stand still while it is held; returns what it printed.
    async fn end(mut self) -> Result<String, RecordingError> {
        let mut is_held = false;
        let status = loop {
            let now = *self.held.borrow_and_update();
            if now != is_held {
                is_held = now;
                hold(&self.child, is_held);
            }
            tokio::select! {
                status = self.child.wait() => break status,
                // Nobody is left to hold it: it goes on as it is.
                Ok(()) = self.held.changed() => {}
            }
        };
        let status = status.map_err(|error| RecordingError::Ffmpeg(error.to_string()))?;
        let complaints = self.complaints.await.unwrap_or_default();
        if status.success() {
            return Ok(complaints);
        }
        tracing::warn!(%status, complaints, "ffmpeg failed");
        // A file that an earlier step could not write to its end is only met by the next one, which finds it broken.
        if complaints.contains("No space left on device") || space::is_used_up(&self.folder) {
            let folder = self.folder;
            return Err(RecordingError::ComposingDiskFull { folder });
        }
        Err(reason(&complaints, status))
    }
}

/// Stops a process or lets it go on. The process is not waited for yet, so its number is its own.
#[cfg(unix)]
fn hold(child: &Child, held: bool) {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    let Some(id) = child.id().and_then(|id| i32::try_from(id).ok()) else {
        return;
    };
    let signal = if held { Signal::SIGSTOP } else { Signal::SIGCONT };
    if let Err(error) = kill(Pid::from_raw(id), signal) {
        tracing::debug!(%error, "ffmpeg could not be held or let go");
    }
}

/// Where processes cannot be stopped, ffmpeg finishes what it is at; the next one waits.
#[cfg(not(unix))]
fn hold(_child: &Child, _held: bool) {}

/// What ffmpeg answers to a question about itself.
async fn answer(question: &str) -> Result<String, RecordingError> {
    let output = command(&["-hide_banner", question])
        .stdin(Stdio::null())
        .output()
        .await
        .map_err(|_| RecordingError::FfmpegMissing)?;
    if !output.status.success() {
        return Err(RecordingError::FfmpegMissing);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A meeting may be going on beside it, so it comes last; at the very lowest priority a busy computer would never end it.
#[cfg(unix)]
fn command(arguments: &[impl AsRef<OsStr>]) -> Command {
    let mut command = Command::new("nice");
    command.args(["-n", "10"]);
    if has_ionice() {
        command.args(["ionice", "-c", "3"]);
    }
    command.arg("ffmpeg").args(arguments);
    command
}

/// Linux has a program that makes others wait for the disk.
#[cfg(unix)]
fn has_ionice() -> bool {
    use std::sync::OnceLock;
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        cfg!(target_os = "linux") && std::env::split_paths(&folders).any(|folder| folder.join("ionice").is_file())
    })
}

#[cfg(windows)]
fn command(arguments: &[impl AsRef<OsStr>]) -> Command {
    const IDLE_PRIORITY_CLASS: u32 = 0x40;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    let mut command = Command::new("ffmpeg");
    command
        .args(arguments)
        .creation_flags(IDLE_PRIORITY_CLASS | CREATE_NO_WINDOW);
    command
}

/// Tells how many frames are done, as ffmpeg prints it.
pub(crate) async fn follow(stdout: Option<ChildStdout>, mut progress: impl FnMut(u64)) {
    let Some(stdout) = stdout else { return };
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

/// Reads what ffmpeg complains about, while it runs, so that it never waits for a full pipe.
fn gather(stderr: Option<ChildStderr>) -> JoinHandle<String> {
    const ENOUGH: u64 = 64 << 10;
    tokio::spawn(async move {
        let Some(mut stderr) = stderr else { return String::new() };
        let mut text = Vec::new();
        let _ = (&mut stderr).take(ENOUGH).read_to_end(&mut text).await; // what was read so far is told
        let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
        String::from_utf8_lossy(&text).into_owned()
    })
}

/// What a failure means for a person.
fn reason(complaints: &str, status: ExitStatus) -> RecordingError {
    if let Some(missing) = lacking(complaints) {
        return RecordingError::FfmpegLimited {
            format: "this",
            reason: missing,
        };
    }
    // Nothing that it complains of ends it so.
    if status.code().is_none() {
        return RecordingError::FfmpegEnded;
    }
    RecordingError::Ffmpeg(complaints.trim().to_owned())
}

/// What ffmpeg does not have, by its complaints, as part of a sentence; `None` if it is something else.
pub(crate) fn lacking(complaints: &str) -> Option<String> {
    const LIMITED: [&str; 4] = [
        "Unknown encoder",
        "No such filter",
        "Unrecognized option",
        "Protocol not found",
    ];
    let is_it = |line: &&str| LIMITED.iter().any(|words| line.contains(words));
    let line = complaints.lines().find(is_it)?;
    // As in: Unknown encoder 'libx264'.
    let name = line.split('\'').nth(1).filter(|name| !name.is_empty());
    Some(name.map_or_else(|| "it lacks a part".to_owned(), |name| format!("it lacks {name}")))
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

    #[cfg(unix)]
    #[test]
    fn failures_become_sentences() {
        use std::os::unix::process::ExitStatusExt as _;
        let of = |complaints, status| reason(complaints, ExitStatus::from_raw(status)).to_string();
        const FAILED: i32 = 1 << 8;
        let lacking = of("x\nUnknown encoder 'libvpx'\n", FAILED);
        assert!(
            lacking.contains("(it lacks libvpx)") && lacking.contains("install"),
            "{lacking}"
        );
        let lacking = of("[graph @ 0x5] No such filter: 'xstack'", FAILED);
        assert!(lacking.contains("(it lacks xstack)"), "{lacking}");
        let failed = of("a\nInvalid data found.\n\n", FAILED);
        assert!(
            failed.contains("Try again") && !failed.contains("Invalid data"),
            "{failed}"
        );
        assert!(of("", 9).contains("memory"));
    }
}
