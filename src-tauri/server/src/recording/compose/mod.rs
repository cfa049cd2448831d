//! Makes one film of a recording's tracks: `timeline` says what is to be seen when, `layout` where, `arguments` tells ffmpeg, `ffmpeg` runs it.
//!
//! The work is done in a folder within the recording's, which is removed in the end; the film appears under its name only when it is complete.

mod arguments;
mod ffmpeg;
mod layout;
mod timeline;

use std::path::{Path, PathBuf};

use tokio::io::AsyncWriteExt;

use super::error::RecordingError;
use super::id::Place;
use super::metadata::{Metadata, TrackKind, TrackRecord};
use arguments::{CANVAS, CHANNELS, SAMPLE_RATE, Source};
use timeline::{Extent, FRAME_RATE, Stretch};

/// How much of the work the sound is, measured against the picture.
const SOUND_SHARE: f64 = 0.1;
/// The sound is mixed in slices of this many frames of the film: a minute.
const SLICE: u64 = 60 * FRAME_RATE;

/// Composes a recording. `progress` is told how much is done, from 0 to 1.
pub(super) async fn compose(metadata: &Metadata, place: &Place, progress: impl Fn(f64)) -> Result<(), RecordingError> {
    let tracks = kept_tracks(metadata, &place.folder);
    let extent = Extent::of(&tracks).ok_or(RecordingError::Nothing)?;
    ffmpeg::check().await?;
    let work = Work {
        tracks: &tracks,
        extent,
        folder: &place.folder,
        scratch: place.folder.join("composing"),
    };
    let storage = |error: std::io::Error| RecordingError::from_composing_io(&error, &place.folder);
    remove(&work.scratch).await;
    tokio::fs::create_dir_all(&work.scratch).await.map_err(storage)?;
    let made = work.film(&progress).await;
    let result = match made {
        Ok(film) => tokio::fs::rename(film, &place.file).await.map_err(storage),
        Err(error) => Err(error),
    };
    remove(&work.scratch).await;
    result
}

/// The tracks that have something in them and whose files are still there.
fn kept_tracks(metadata: &Metadata, folder: &Path) -> Vec<TrackRecord> {
    let kept = |track: &&TrackRecord| track.frames_lie_in_time() && folder.join(&track.file).is_file();
    metadata.tracks.iter().filter(kept).cloned().collect()
}

impl TrackRecord {
    fn frames_lie_in_time(&self) -> bool {
        self.end_ms.is_some_and(|end| end > self.offset_ms)
    }
}

async fn remove(folder: &Path) {
    if let Err(error) = tokio::fs::remove_dir_all(folder).await
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(folder = %folder.display(), %error, "the scratch folder cannot be removed");
    }
}

struct Work<'a> {
    tracks: &'a [TrackRecord],
    extent: Extent,
    folder: &'a Path,
    scratch: PathBuf,
}

impl Work<'_> {
    /// Makes the film in the scratch folder and says where it is.
    async fn film(&self, progress: &impl Fn(f64)) -> Result<PathBuf, RecordingError> {
        let has = |kind: TrackKind| self.tracks.iter().any(|track| track.kind == kind);
        let (has_sound, has_picture) = (has(TrackKind::Audio), has(TrackKind::Video));
        let sound_share = match (has_sound, has_picture) {
            (true, true) => SOUND_SHARE,
            (true, false) => 1.0,
            (false, _) => 0.0,
        };
        let sound = if has_sound {
            Some(self.sound(&|done| progress(done * sound_share)).await?)
        } else {
            None
        };
        let picture_done = |done: f64| progress(sound_share + done * (1.0 - sound_share));
        let list = if has_picture {
            Some(self.picture(&picture_done).await?)
        } else {
            None
        };
        let film = self.scratch.join("film.webm");
        ffmpeg::run(arguments::film(list.as_deref(), sound.as_deref(), &film), |_| {}).await?;
        progress(1.0);
        Ok(film)
    }

    /// Makes the picture, stretch by stretch, and says where the list of them is.
    async fn picture(&self, progress: &impl Fn(f64)) -> Result<PathBuf, RecordingError> {
        let mut made = Vec::new();
        for (index, stretch) in timeline::stretches(self.tracks, self.extent).into_iter().enumerate() {
            let name = format!("stretch-{index}.webm");
            let frames = stretch.to - stretch.from;
            let arguments = arguments::picture(&self.tiles(&stretch), frames, &self.scratch.join(&name));
            let all = self.extent.frames as f64;
            ffmpeg::run(arguments, |done| {
                progress((stretch.from + done.min(frames)) as f64 / all)
            })
            .await?;
            made.push((name, frames));
        }
        let list = self.scratch.join("stretches.txt");
        tokio::fs::write(&list, arguments::concat_list(&made))
            .await
            .map_err(|error| RecordingError::from_composing_io(&error, self.folder))?;
        Ok(list)
    }

    fn tiles(&self, stretch: &Stretch) -> Vec<(Source, layout::Rect)> {
        let (stage, faces) = layout::places(CANVAS, stretch.stage.len(), stretch.faces.len());
        let tracks = stretch.stage.iter().chain(&stretch.faces);
        tracks
            .map(|index| self.source(*index, stretch.from))
            .zip(stage.into_iter().chain(faces))
            .collect()
    }

    /// A track from a frame of the film on.
    fn source(&self, index: usize, frame: u64) -> Source {
        let track = &self.tracks[index];
        let at_ms = self.extent.time_ms(frame) as i64 - track.offset_ms as i64;
        Source {
            path: self.folder.join(&track.file),
            at_ms,
        }
    }

    /// Mixes all voices and says where the sound is.
    async fn sound(&self, progress: &impl Fn(f64)) -> Result<PathBuf, RecordingError> {
        let output = self.scratch.join("sound.webm");
        let mut encoder = ffmpeg::start(&arguments::sound(&output))?;
        let mut mix = encoder.child.stdin.take();
        for from in (0..self.extent.frames).step_by(SLICE as usize) {
            let frames = SLICE.min(self.extent.frames - from);
            let Some(mix) = &mut mix else { break };
            if self.slice(from, frames, mix).await? == Written::EncoderGone {
                break;
            }
            progress((from + frames) as f64 / self.extent.frames as f64);
        }
        drop(mix); // the end of the encoder's input
        encoder.end().await?;
        Ok(output)
    }

    async fn slice(
        &self,
        from: u64,
        frames: u64,
        mix: &mut tokio::process::ChildStdin,
    ) -> Result<Written, RecordingError> {
        let samples = frames * (SAMPLE_RATE / FRAME_RATE);
        let (start, end) = (self.extent.time_ms(from), self.extent.time_ms(from + frames));
        let sources: Vec<Source> = (0..self.tracks.len())
            .filter(|index| {
                let track = &self.tracks[*index];
                let ends_after = track.end_ms.is_some_and(|end| end > start);
                track.kind == TrackKind::Audio && track.offset_ms < end && ends_after
            })
            .map(|index| self.source(index, from))
            .collect();
        if sources.is_empty() {
            let silence = vec![0; (samples * CHANNELS) as usize * size_of::<f32>()];
            return Ok(Written::of(mix.write_all(&silence).await.is_ok()));
        }
        let mut mixer = ffmpeg::start(&arguments::slice(&sources, samples))?;
        drop(mixer.child.stdin.take());
        let copied = match mixer.child.stdout.take() {
            Some(mut samples) => tokio::io::copy(&mut samples, mix).await.is_ok(),
            None => false,
        };
        if !copied {
            return Ok(Written::EncoderGone); // its own end says why; dropping the mixer kills it
        }
        mixer.end().await?;
        Ok(Written::All)
    }
}

/// Whether the encoder took a slice.
#[derive(Debug, PartialEq, Eq)]
enum Written {
    All,
    EncoderGone,
}

impl Written {
    fn of(whole: bool) -> Self {
        if whole { Self::All } else { Self::EncoderGone }
    }
}
