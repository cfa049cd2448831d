//! Makes one file of a recording's tracks: `cast` says who was there, `timeline` what is to be seen when, `scenery` and `layout` where, `plate` draws what lies over the
//! pictures, `graph` and `arguments` tell ffmpeg, `ffmpeg` runs it.
//!
//! The work is done in a folder within the recording's, which is removed in the end; the file appears under its name only when it is complete.

pub(crate) mod arguments;
mod cast;
mod chapters;
pub(crate) mod ffmpeg;
pub(crate) mod graph;
pub(crate) mod layout;
mod letters;
mod picture;
pub(crate) mod plate;
pub(crate) mod scenery;
mod sound;
mod timeline;

use std::path::{Path, PathBuf};

use confab_media_file::records::options;
pub use options::{ExportFormat, ExportOptions, PictureSize};
use tokio::sync::watch;

use super::error::RecordingError;
use super::metadata::{Metadata, TrackKind, TrackRecord};
use super::sidecar::{self, Line};
use arguments::Parts;
use cast::Person;
use ffmpeg::Ffmpeg;
use timeline::Extent;

/// The still of the last film that was made of a recording, in its folder.
pub(super) const STILL: &str = "still.jpg";

/// How much of the work measuring and encoding the sound are, measured against all of it.
const MEASURING: f64 = 0.06;
const SOUND: f64 = 0.06;

/// What is to be made of which recording.
#[derive(Debug)]
pub(super) struct Order<'a> {
    pub(super) metadata: &'a Metadata,
    /// The recording's folder.
    pub(super) folder: &'a Path,
    pub(super) options: ExportOptions,
    /// What the film calls itself.
    pub(super) title: &'a str,
    /// Where it goes.
    pub(super) output: &'a Path,
}

/// Composes a recording. While `held` is true, it stands still. `progress` is told how much is done, from 0 to 1.
pub(super) async fn compose(
    order: &Order<'_>,
    held: watch::Receiver<bool>,
    progress: impl Fn(f64),
) -> Result<(), RecordingError> {
    let folder = order.folder;
    let tracks = kept_tracks(order.metadata, folder);
    let extent = Extent::of(&tracks).ok_or(RecordingError::Nothing)?;
    let has_sound = tracks.iter().any(|track| track.kind == TrackKind::Audio);
    if !has_sound && !order.options.format.has_picture() {
        return Err(RecordingError::NoSound);
    }
    let ffmpeg = Ffmpeg::find(order.options.format, held).await?;
    let lines = read_sidecar(folder).await;
    let work = Work {
        people: cast::cast(&tracks, &lines, extent.end_ms()),
        tracks,
        lines,
        extent,
        folder,
        scratch: scratch_in(folder),
        options: order.options,
        ffmpeg,
    };
    let storage = |error: std::io::Error| RecordingError::from_composing_io(&error, folder);
    remove(&work.scratch).await;
    tokio::fs::create_dir_all(&work.scratch).await.map_err(storage)?;
    let made = work.film(order.title, &progress).await;
    let result = match made {
        Ok(film) => tokio::fs::rename(film, order.output).await.map_err(storage),
        Err(error) => Err(error),
    };
    remove(&work.scratch).await;
    if result.is_ok() && order.options.format.has_picture() {
        work.take_still(order.output).await;
    }
    result
}

/// Where a recording in this folder is composed.
pub(super) fn scratch_in(folder: &Path) -> PathBuf {
    folder.join("composing")
}

/// The tracks that have something in them and whose files are still there.
fn kept_tracks(metadata: &Metadata, folder: &Path) -> Vec<TrackRecord> {
    let kept = |track: &&TrackRecord| track.span().is_some() && folder.join(&track.file).is_file();
    metadata.tracks.iter().filter(kept).cloned().collect()
}

/// What happened while it was recorded. Without it a film can be made all the same.
async fn read_sidecar(folder: &Path) -> Vec<Line> {
    let owned = folder.to_path_buf();
    let read = tokio::task::spawn_blocking(move || sidecar::read(&owned)).await;
    let read = read.unwrap_or_else(|panicked| Err(std::io::Error::other(panicked)));
    read.unwrap_or_else(|error| {
        tracing::warn!(folder = %folder.display(), %error, "what happened in the recording cannot be read");
        Vec::new()
    })
}

async fn remove(folder: &Path) {
    if let Err(error) = tokio::fs::remove_dir_all(folder).await
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(folder = %folder.display(), %error, "the scratch folder cannot be removed");
    }
}

struct Work<'a> {
    tracks: Vec<TrackRecord>,
    people: Vec<Person>,
    lines: Vec<Line>,
    extent: Extent,
    folder: &'a Path,
    /// Where everything is made; ffmpeg's working folder.
    scratch: PathBuf,
    options: ExportOptions,
    ffmpeg: Ffmpeg,
}

impl Work<'_> {
    /// Makes the file in the scratch folder and says where it is.
    async fn film(&self, title: &str, progress: &impl Fn(f64)) -> Result<PathBuf, RecordingError> {
        let format = self.options.format;
        let has_sound = self.tracks.iter().any(|track| track.kind == TrackKind::Audio);
        let (measuring, sound) = match (has_sound, format.has_picture()) {
            (true, true) => (MEASURING, SOUND),
            (true, false) => (0.5, 0.5),
            (false, _) => (0.0, 0.0),
        };
        let mut parts = self.parts(title).await?;
        if has_sound {
            let gains = self.gains(&|done| progress(done * measuring)).await?;
            let done = |done: f64| progress(measuring + done * sound);
            parts.sound = Some(self.sound(&gains, &done).await?);
        }
        let film = self.scratch.join(format!("film.{}", format.extension()));
        if format.has_picture() {
            let begun = measuring + sound;
            let done = |done: f64| progress(begun + done * (1.0 - begun));
            self.picture(&parts, &film, &done).await?;
        } else {
            let arguments = arguments::sound_alone(format, &parts, &film);
            self.ffmpeg.run(&arguments, &self.scratch).await?;
        }
        progress(1.0);
        Ok(film)
    }

    /// Writes the title, the chapters and, if they are wanted, the subtitles.
    async fn parts(&self, title: &str) -> Result<Parts, RecordingError> {
        let found = chapters::chapters(&self.lines, &self.people, self.extent);
        let metadata = self.scratch.join("metadata.txt");
        self.write(&metadata, chapters::metadata(title, &found, self.extent).into())
            .await?;
        let wants_chat = self.options.chat && self.options.format.has_picture();
        let subtitles = match wants_chat
            .then(|| chapters::subtitles(&self.lines, self.extent))
            .flatten()
        {
            Some(mut text) => {
                if self.options.format == ExportFormat::Mp4 {
                    // On the way to MP4 ffmpeg puts a backslash before each of these.
                    text = text.replace('{', "(").replace('}', ")");
                }
                let file = self.scratch.join("chat.vtt");
                self.write(&file, text.into()).await?;
                Some(file)
            }
            None => None,
        };
        Ok(Parts {
            sound: None,
            metadata,
            subtitles,
        })
    }

    async fn write(&self, file: &Path, content: Vec<u8>) -> Result<(), RecordingError> {
        tokio::fs::write(file, content)
            .await
            .map_err(|error| RecordingError::from_composing_io(&error, self.folder))
    }

    /// The still that the library shows. A film without one is none the worse.
    async fn take_still(&self, film: &Path) {
        let at_ms = (self.extent.end_ms() - self.extent.start_ms) / 3;
        let still = self.folder.join(STILL);
        if let Err(error) = self
            .ffmpeg
            .run(&arguments::still(film, at_ms, &still), self.folder)
            .await
        {
            tracing::warn!(%error, "no still could be taken of the film");
        }
    }
}
