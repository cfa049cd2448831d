//! An ffmpeg that decodes one stream, frame by frame as they come, and what it decoded last.
//!
//! A decoder that dies or falls behind is dropped and begun anew by whoever feeds it; nobody waits for one.

use std::ffi::OsString;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use confab_media_file::rtp::frames::{Codec, Frame};
use confab_media_file::webm::LiveTrack;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{ChildStdin, ChildStdout};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

use super::picture::{Picture, bytes_of};
use super::sound::{CHANNELS, SAMPLE_RATE, Voice};
use crate::recording::compose::arguments::{common, words};
use crate::recording::compose::ffmpeg::Ffmpeg;
use crate::recording::compose::graph::sized;

/// How many frames may wait for ffmpeg: two seconds of a camera.
const WAITING: usize = 60;
/// What ffmpeg is told so that it hands on each frame at once.
const AT_ONCE: &str = "-fflags nobuffer -probesize 32 -analyzeduration 0 -fpsprobesize 0 -threads 1";

/// What was decoded of a picture last, and how the sender sends it. Shared by the decoder and whoever shows it.
#[derive(Debug, Default)]
pub(super) struct Screen {
    shown: Mutex<Option<Arc<Picture>>>,
    size: Mutex<Option<(u16, u16)>>,
}

impl Screen {
    /// The picture to be seen now, if there is one.
    pub(super) fn picture(&self) -> Option<Arc<Picture>> {
        lock(&self.shown).clone()
    }

    /// The size in which it is sent.
    pub(super) fn size(&self) -> Option<(u16, u16)> {
        *lock(&self.size)
    }

    /// Takes the size in; returns whether it is another one.
    pub(super) fn set_size(&self, size: (u16, u16)) -> bool {
        lock(&self.size).replace(size) != Some(size)
    }

    fn clear(&self) {
        *lock(&self.shown) = None;
    }
}

/// Where what was decoded goes.
#[derive(Debug, Clone)]
pub(super) enum Sink {
    /// A picture; who draws the scene is told when there is one at last.
    Screen(Arc<Screen>, Arc<Notify>),
    /// A voice.
    Voice(Arc<Mutex<Voice>>),
}

impl Sink {
    /// Nothing is to be seen or heard of it any more.
    pub(super) fn clear(&self) {
        match self {
            Self::Screen(screen, _) => screen.clear(),
            Self::Voice(voice) => lock(voice).clear(),
        }
    }
}

/// The size in which something is wanted, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Wanted {
    /// A voice has no size.
    pub(super) const HEARD: Self = Self { width: 0, height: 0 };
}

/// A running decoder; dropping it ends it.
#[derive(Debug)]
pub(super) struct Decoder {
    track: LiveTrack,
    frames: mpsc::Sender<Bytes>,
    task: JoinHandle<()>,
    /// The size that it brings pictures to.
    pub(super) wanted: Wanted,
}

impl Drop for Decoder {
    fn drop(&mut self) {
        self.task.abort(); // which kills its ffmpeg
    }
}

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fed {
    Taken,
    /// ffmpeg does not keep up: the frame is left out.
    LeftOut,
    /// ffmpeg is gone.
    Gone,
}

impl Decoder {
    /// Starts one that is to be fed from the frame `first` on.
    pub(super) fn start(
        ffmpeg: &Ffmpeg,
        codec: Codec,
        first: &Frame,
        is_share: bool,
        wanted: Wanted,
        sink: Sink,
    ) -> Result<Self, String> {
        let arguments = match sink {
            Sink::Screen(..) => picture_arguments(ffmpeg, is_share, wanted),
            Sink::Voice(_) => sound_arguments(),
        };
        let folder = std::env::temp_dir();
        let mut running = ffmpeg
            .start(
                &arguments,
                &folder,
                std::process::Stdio::piped(),
                std::process::Stdio::piped(),
            )
            .map_err(|error| error.to_string())?;
        let (Some(input), Some(output)) = running.pipes() else {
            return Err("it has no pipes".to_owned());
        };
        let (track, header) = LiveTrack::begin(codec, first);
        let (frames, waiting) = mpsc::channel(WAITING);
        // There is room for the first.
        let _ = frames.try_send(header);
        let task = tokio::spawn(async move {
            let work = async {
                tokio::select! {
                    () = pour(input, waiting) => (),
                    () = take(output, wanted, sink) => (),
                }
            };
            let ((), (is_well, complaints)) = tokio::join!(work, running.ended());
            if !is_well {
                tracing::debug!(complaints, "a decoder ended");
            }
        });
        Ok(Self {
            track,
            frames,
            task,
            wanted,
        })
    }

    /// Gives it the next frame, which came `at` since the broadcast's start.
    pub(super) fn feed(&mut self, at: Duration, is_key: bool, data: &[u8]) -> Fed {
        match self.frames.try_send(self.track.frame(at, is_key, data)) {
            Ok(()) => Fed::Taken,
            Err(mpsc::error::TrySendError::Full(_)) => Fed::LeftOut,
            Err(mpsc::error::TrySendError::Closed(_)) => Fed::Gone,
        }
    }
}

fn picture_arguments(ffmpeg: &Ffmpeg, is_share: bool, wanted: Wanted) -> Vec<OsString> {
    let Wanted { width, height } = wanted;
    let mut arguments = common();
    arguments.extend(words(AT_ONCE));
    arguments.extend(words("-reinit_filter 0 -f matroska -i pipe:0 -map 0:v:0 -vf"));
    arguments.push(format!("{},setsar=1,format=yuv420p", sized(is_share, width, height)).into());
    arguments.extend(ffmpeg.as_they_come("passthrough"));
    arguments.extend(words("-f rawvideo -pix_fmt yuv420p pipe:1"));
    arguments
}

fn sound_arguments() -> Vec<OsString> {
    let mut arguments = common();
    arguments.extend(words(AT_ONCE));
    arguments.extend(words(&format!(
        "-f matroska -i pipe:0 -map 0:a:0 -flush_packets 1 -f s16le -ar {SAMPLE_RATE} -ac {CHANNELS} pipe:1"
    )));
    arguments
}

/// Writes frames into ffmpeg until there are no more, or it takes none.
async fn pour(mut input: ChildStdin, mut waiting: mpsc::Receiver<Bytes>) {
    while let Some(frame) = waiting.recv().await {
        if input.write_all(&frame).await.is_err() {
            return;
        }
    }
}

/// Takes what ffmpeg decodes until there is no more.
async fn take(mut output: ChildStdout, wanted: Wanted, sink: Sink) {
    match sink {
        Sink::Screen(screen, news) => {
            let Wanted { width, height } = wanted;
            loop {
                let mut data = vec![0; bytes_of(width, height)];
                if output.read_exact(&mut data).await.is_err() {
                    return;
                }
                let picture = Arc::new(Picture { width, height, data });
                if lock(&screen.shown).replace(picture).is_none() {
                    news.notify_one();
                }
            }
        }
        Sink::Voice(voice) => {
            let mut bytes = [0; 16 << 10];
            // A sample of which the second half is still to come.
            let mut begun = 0;
            while let Ok(count @ 1..) = output.read(&mut bytes[begun..]).await {
                let whole = (begun + count) / 2 * 2;
                let samples = bytes[..whole]
                    .chunks_exact(2)
                    .map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
                lock(&voice).push(samples);
                begun = begun + count - whole;
                bytes.copy_within(whole..whole + begun, 0);
            }
        }
    }
}

/// A lock that a panic elsewhere has poisoned still holds a whole value here: every change is one assignment.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
