//! The film's sound: how loud each voice is, all of them mixed and made as loud as EBU R128 would have it.
//!
//! Voices are evened among each other first, so that who is far from the microphone is heard; the mix is measured and made louder or softer as a whole, so that nothing
//! pumps.

use std::path::PathBuf;

use super::Work;
use super::arguments::{self, LOUDNESS, SAMPLE_RATE, Source, Voice};
use super::timeline::FRAME_RATE;
use crate::recording::error::RecordingError;
use crate::recording::metadata::TrackKind;

/// The sound is mixed in slices of this many frames of the film: a minute.
const SLICE: u64 = 60 * FRAME_RATE;
/// A track below this loudness, in LUFS, holds no voice but a room: it is not made louder.
const ROOM: f64 = -45.0;
/// The most that a voice is made louder or softer, in decibels.
const MOST: f64 = 15.0;
/// The same for the mix.
const MOST_OF_MIX: f64 = 20.0;

/// How much louder each sound track is to be, by its index, and the mix of them; in decibels.
pub(super) struct Gains {
    voices: Vec<f64>,
    mix: f64,
}

impl Work<'_> {
    /// Measures the voices and then their mix.
    pub(super) async fn gains(&self, progress: &impl Fn(f64)) -> Result<Gains, RecordingError> {
        let mut gains = Gains {
            voices: vec![0.0; self.tracks.len()],
            mix: 0.0,
        };
        let voices = || {
            let tracks = self.tracks.iter().enumerate();
            tracks.filter(|(_, track)| track.kind == TrackKind::Audio)
        };
        let count = voices().count() as f64;
        for (done, (index, track)) in voices().enumerate() {
            let arguments = arguments::loudness_of(&self.folder.join(&track.file));
            let printed = self.ffmpeg.run(&arguments, &self.scratch).await?;
            gains.voices[index] = gain(arguments::measured_loudness(&printed));
            progress((done + 1) as f64 / count / 2.0);
        }
        let arguments = arguments::loudness_of_mix();
        let printed = self.mix(&arguments, &gains, &|done| progress(0.5 + done / 2.0)).await?;
        gains.mix = match arguments::measured_loudness(&printed) {
            Some(loudness) => (LOUDNESS - loudness).clamp(-MOST_OF_MIX, MOST_OF_MIX),
            None => 0.0,
        };
        Ok(gains)
    }

    /// Mixes and encodes all voices and says where the sound is.
    pub(super) async fn sound(&self, gains: &Gains, progress: &impl Fn(f64)) -> Result<PathBuf, RecordingError> {
        let output = self.scratch.join("sound");
        let arguments = arguments::sound(self.options.format, gains.mix, &output);
        self.mix(&arguments, gains, progress).await?;
        Ok(output)
    }

    /// Pours the mix, slice by slice, into an ffmpeg with these arguments; returns what it printed.
    async fn mix(
        &self,
        arguments: &[std::ffi::OsString],
        gains: &Gains,
        progress: &impl Fn(f64),
    ) -> Result<String, RecordingError> {
        let (reader, writer) = self.pipe()?;
        let pouring = async {
            for from in (0..self.extent.frames).step_by(SLICE as usize) {
                let frames = SLICE.min(self.extent.frames - from);
                let voices = self.voices(from, frames, gains);
                let slice = arguments::slice(&voices, frames * (SAMPLE_RATE / FRAME_RATE));
                let writer = self.again(&writer)?;
                self.ffmpeg.run_into(&slice, &self.scratch, writer).await?;
                progress((from + frames) as f64 / self.extent.frames as f64);
            }
            drop(writer); // the end of the other one's input
            Ok(())
        };
        let taking = self.ffmpeg.run_from(arguments, &self.scratch, reader, |_| {});
        let (taken, poured) = tokio::join!(taking, pouring);
        // Who pours fails too when nobody takes: the taker knows why.
        let printed = taken?;
        poured.map(|()| printed)
    }

    /// The voices that are to be heard in a slice.
    fn voices(&self, from: u64, frames: u64, gains: &Gains) -> Vec<Voice> {
        let (start, end) = (self.extent.time_ms(from), self.extent.time_ms(from + frames));
        let is_heard = |index: &usize| {
            let track = &self.tracks[*index];
            let within = track.span().is_some_and(|span| span.from < end && span.to > start);
            track.kind == TrackKind::Audio && within
        };
        (0..self.tracks.len())
            .filter(is_heard)
            .map(|index| Voice {
                source: self.source(index, start as i64),
                gain: gains.voices[index],
            })
            .collect()
    }

    /// A track from a time of the recording on, in milliseconds.
    pub(super) fn source(&self, index: usize, at_ms: i64) -> Source {
        let track = &self.tracks[index];
        Source {
            path: self.folder.join(&track.file),
            at_ms: at_ms - track.offset_ms,
        }
    }

    /// A pipe from one ffmpeg to another.
    pub(super) fn pipe(&self) -> Result<(std::io::PipeReader, std::io::PipeWriter), RecordingError> {
        std::io::pipe().map_err(|error| RecordingError::from_composing_io(&error, self.folder))
    }

    /// The same end of a pipe, for one more ffmpeg.
    pub(super) fn again(&self, writer: &std::io::PipeWriter) -> Result<std::io::PipeWriter, RecordingError> {
        writer
            .try_clone()
            .map_err(|error| RecordingError::from_composing_io(&error, self.folder))
    }
}

/// How much louder a track of this loudness is to be, in decibels.
fn gain(loudness: Option<f64>) -> f64 {
    match loudness {
        Some(loudness) if loudness > ROOM => (LOUDNESS - loudness).clamp(-MOST, MOST),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voices_are_evened_and_rooms_are_not_made_louder() {
        assert_eq!(gain(Some(-20.0)), 4.0);
        assert_eq!(gain(Some(-40.0)), 15.0);
        assert_eq!(gain(Some(-6.0)), -10.0);
        assert_eq!(gain(Some(-55.0)), 0.0);
        assert_eq!(gain(None), 0.0);
    }
}
