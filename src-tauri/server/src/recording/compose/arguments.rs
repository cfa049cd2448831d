//! What ffmpeg is told, as lists of arguments; nothing here goes through a shell. Pure.
//!
//! A scene's picture is made by one ffmpeg, which decodes only what is to be seen, and poured into another one that encodes the whole film; so a meeting in which people
//! come and go all day needs no more memory than its fullest moment. The sound is mixed in slices for the same reason (`adelay` would hold an hour of silence in memory).

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::options::{ExportFormat, PictureSize};
use super::timeline::FRAME_RATE;

/// How far before a scene decoding begins, so that a picture which stands still is there from its first frame on.
const LEAD_MS: i64 = 3000;
/// The same for sound: a decoder of Opus needs 80 ms to sound right.
const SOUND_LEAD_MS: i64 = 500;
/// Samples per second of the mix.
pub(crate) const SAMPLE_RATE: u64 = 48_000;
/// How loud the film is, by EBU R128, in LUFS: what players of speech are set to.
pub(crate) const LOUDNESS: f64 = -16.0;
/// The highest peak, as a share of the most that there can be: -1.5 dB.
const PEAK: f64 = 0.84;

/// A part of a track file, from `at_ms` (in the file's own time; negative if the file begins after the part does).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) at_ms: i64,
}

/// A voice in the mix, made louder or softer by so many decibels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Voice {
    pub(crate) source: Source,
    pub(crate) gain: f64,
}

impl Source {
    fn seek_ms(&self, lead_ms: i64) -> i64 {
        (self.at_ms - lead_ms).max(0)
    }

    /// By how many seconds the times of a picture lie too late once it is found.
    pub(crate) fn late(&self) -> f64 {
        (self.at_ms - self.seek_ms(LEAD_MS)) as f64 / 1000.0
    }

    fn input(&self, lead_ms: i64) -> Vec<OsString> {
        let seek_ms = self.seek_ms(lead_ms);
        let seek = if seek_ms > 0 {
            vec!["-ss".into(), seconds(seek_ms).into()]
        } else {
            Vec::new()
        };
        [seek, vec!["-i".into(), self.path.clone().into()]].concat()
    }
}

/// The pictures drawn for a scene, by their names in the working folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawings {
    /// A name with `%d` for the number of the frame, if the scene begins with a move.
    pub(crate) moving: Option<String>,
    pub(crate) steady: String,
    pub(crate) rings: Vec<PathBuf>,
}

/// Makes the picture of one scene, `frames` long, to standard output, frame after frame as they are in memory. `filters` names the options that read the filters from a file.
pub(crate) fn scene(sources: &[Source], drawings: &Drawings, filters: [OsString; 2], frames: u64) -> Vec<OsString> {
    let mut arguments = common();
    for source in sources {
        arguments.extend(["-reinit_filter".into(), "0".into()]);
        arguments.extend(source.input(LEAD_MS));
    }
    if let Some(moving) = &drawings.moving {
        let rate = FRAME_RATE.to_string();
        let numbered = ["-framerate", &rate, "-start_number", "0", "-i", moving];
        arguments.extend(numbered.map(OsString::from));
    }
    arguments.extend(["-i".into(), drawings.steady.clone().into()]);
    arguments.extend(drawings.rings.iter().flat_map(|ring| ["-i".into(), ring.into()]));
    arguments.extend(filters);
    arguments.extend([
        "-map".into(),
        "[film]".into(),
        "-frames:v".into(),
        frames.to_string().into(),
    ]);
    arguments.extend(words("-f rawvideo -pix_fmt yuv420p pipe:1"));
    arguments
}

/// What the film is made of beside the picture, which comes over standard input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) sound: Option<PathBuf>,
    pub(crate) metadata: PathBuf,
    pub(crate) subtitles: Option<PathBuf>,
}

/// Encodes the picture that comes over standard input and puts it together with what else there is.
pub(crate) fn film(format: ExportFormat, size: PictureSize, parts: &Parts, output: &Path) -> Vec<OsString> {
    let (width, height) = size.pixels();
    let mut arguments = common();
    arguments.extend(words(&format!(
        "-f rawvideo -pix_fmt yuv420p -s {width}x{height} -framerate {FRAME_RATE} -i pipe:0"
    )));
    let inputs = [parts.sound.as_ref(), parts.subtitles.as_ref()];
    for input in inputs.into_iter().flatten() {
        arguments.extend(["-i".into(), input.into()]);
    }
    let metadata = 1 + inputs.into_iter().flatten().count();
    arguments.extend(metadata_from(&parts.metadata, metadata));
    for input in 0..metadata {
        arguments.extend(["-map".into(), format!("{input}:0").into()]);
    }
    // What the pictures of WebRTC are in, and what nothing here converts from.
    arguments.extend(words(
        "-colorspace smpte170m -color_primaries smpte170m -color_trc smpte170m -color_range tv -c:a copy",
    ));
    arguments.extend(match format {
        ExportFormat::WebM => webm(size),
        _ => words(
            "-c:v libx264 -preset veryfast -profile:v high -crf 23 -g 150 -c:s mov_text -movflags +faststart -f mp4",
        ),
    });
    arguments.push(output.into());
    arguments
}

fn webm(size: PictureSize) -> Vec<OsString> {
    let kilobits = match size {
        PictureSize::P1080 => 4500,
        PictureSize::P720 => 2500,
        PictureSize::P480 => 1200,
    };
    // One thread: libvpx's threads wait for each other in a spin, which on a busy machine costs three times the work.
    // The index in front, so that a browser can jump about at once.
    words(&format!(
        "-c:v libvpx -deadline realtime -cpu-used 5 -threads 1 -b:v {kilobits}k -maxrate {}k -bufsize {}k -crf 12 -g 150 \
         -auto-alt-ref 0 -c:s copy -cues_to_front 1 -f webm",
        kilobits * 2,
        kilobits * 4
    ))
}

/// A recording of sound alone, put together with its title and chapters.
pub(crate) fn sound_alone(format: ExportFormat, parts: &Parts, output: &Path) -> Vec<OsString> {
    let mut arguments = common();
    let sound = parts.sound.iter().flat_map(|sound| ["-i".into(), sound.into()]);
    arguments.extend(sound);
    arguments.extend(metadata_from(&parts.metadata, 1));
    arguments.extend(words(match format {
        ExportFormat::Mp3 => "-map 0:0 -c:a copy -id3v2_version 3 -f mp3",
        _ => "-map 0:0 -c:a copy -f opus",
    }));
    arguments.push(output.into());
    arguments
}

fn metadata_from(path: &Path, input: usize) -> Vec<OsString> {
    let input = input.to_string();
    let from: [OsString; 4] = ["-f".into(), "ffmetadata".into(), "-i".into(), path.into()];
    let taken = ["-map_metadata", &input, "-map_chapters", &input].map(OsString::from);
    [from, taken].concat()
}

/// Mixes one slice of all voices, `samples` long, to standard output as 32-bit floats (which cannot clip before the limiter).
pub(crate) fn slice(voices: &[Voice], samples: u64) -> Vec<OsString> {
    let mut arguments = common();
    if voices.is_empty() {
        arguments.extend(words(&format!("-f lavfi -i anullsrc=r={SAMPLE_RATE}:cl=stereo")));
        arguments.extend(words(&format!("-af atrim=end_sample={samples}")));
        arguments.extend(words(&format!("-f f32le -ar {SAMPLE_RATE} -ac 2 pipe:1")));
        return arguments;
    }
    let mut filters = Vec::new();
    for (index, Voice { source, gain }) in voices.iter().enumerate() {
        arguments.extend(source.input(SOUND_LEAD_MS));
        let late = (source.at_ms - source.seek_ms(SOUND_LEAD_MS)) as f64 / 1000.0;
        // Gaps are filled where they are, rather than stretched over, which drifts.
        filters.push(format!(
            "[{index}:a:0]asetpts=PTS-{late:.3}/TB,\
             aresample={SAMPLE_RATE}:async=1:min_hard_comp=0.01:first_pts=0,\
             aformat=sample_fmts=flt:channel_layouts=stereo,volume={gain:.2}dB:precision=float[v{index}]"
        ));
    }
    let inputs: String = (0..voices.len()).map(|index| format!("[v{index}]")).collect();
    let mixed = if voices.len() == 1 {
        inputs
    } else {
        format!("{inputs}amix=inputs={}:normalize=0:duration=longest,", voices.len())
    };
    filters.push(format!("{mixed}apad,atrim=end_sample={samples}[mix]"));
    arguments.extend([
        "-filter_complex".into(),
        filters.join(";").into(),
        "-map".into(),
        "[mix]".into(),
    ]);
    arguments.extend(words(&format!("-f f32le -ar {SAMPLE_RATE} -ac 2 pipe:1")));
    arguments
}

/// Encodes the mix that comes over standard input, made louder or softer by so many decibels.
pub(crate) fn sound(format: ExportFormat, gain: f64, output: &Path) -> Vec<OsString> {
    let mut arguments = common();
    arguments.extend(words(&format!(
        "-f f32le -ar {SAMPLE_RATE} -ac 2 -i pipe:0 -af volume={gain:.2}dB:precision=float,alimiter=limit={PEAK}:level=0"
    )));
    arguments.extend(words(match format {
        ExportFormat::Mp4 => "-c:a aac -b:a 128k -f mp4",
        ExportFormat::WebM | ExportFormat::Opus => "-c:a libopus -b:a 96k -f webm",
        ExportFormat::Mp3 => "-c:a libmp3lame -b:a 128k -f mp3",
    }));
    arguments.push(output.into());
    arguments
}

/// Measures the loudness of a track file.
pub(crate) fn loudness_of(track: &Path) -> Vec<OsString> {
    let mut arguments = talkative();
    arguments.extend(["-i".into(), track.into()]);
    arguments.extend(words("-map 0:a:0 -af ebur128=framelog=verbose -f null -"));
    arguments
}

/// Measures the loudness of the mix that comes over standard input.
pub(crate) fn loudness_of_mix() -> Vec<OsString> {
    let mut arguments = talkative();
    arguments.extend(words(&format!(
        "-f f32le -ar {SAMPLE_RATE} -ac 2 -i pipe:0 -af ebur128=framelog=verbose -f null -"
    )));
    arguments
}

/// Out of what ffmpeg prints when it has measured loudness: LUFS, or `None` where there was nothing to be heard.
pub(crate) fn measured_loudness(printed: &str) -> Option<f64> {
    let summary = printed.rsplit_once("Integrated loudness:")?.1;
    let value: f64 = summary.split_once("I:")?.1.split_whitespace().next()?.parse().ok()?;
    // The gate's floor: silence.
    (value > -69.0).then_some(value)
}

/// Takes a small still of a film, at so many milliseconds.
pub(crate) fn still(film: &Path, at_ms: u64, output: &Path) -> Vec<OsString> {
    let mut arguments = common();
    let at = i64::try_from(at_ms).unwrap_or(0);
    arguments.extend(["-ss".into(), seconds(at).into(), "-i".into(), film.into()]);
    arguments.extend(words(
        "-map 0:v:0 -frames:v 1 -vf scale=480:-2 -q:v 4 -f image2 -update 1",
    ));
    arguments.push(output.into());
    arguments
}

pub(crate) fn common() -> Vec<OsString> {
    words("-hide_banner -loglevel error -y")
}

/// Prints what filters measured.
fn talkative() -> Vec<OsString> {
    words("-hide_banner -loglevel info -nostats -y")
}

pub(crate) fn words(line: &str) -> Vec<OsString> {
    line.split(' ')
        .filter(|word| !word.is_empty())
        .map(OsString::from)
        .collect()
}

fn seconds(millis: i64) -> String {
    format!("{}.{:03}", millis / 1000, millis % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(path: &str, at_ms: i64) -> Voice {
        let source = Source {
            path: path.into(),
            at_ms,
        };
        Voice { source, gain: 1.5 }
    }

    fn text(arguments: &[OsString]) -> Vec<&str> {
        arguments.iter().map(|argument| argument.to_str().unwrap()).collect()
    }

    fn after<'a>(arguments: &'a [OsString], option: &str) -> &'a str {
        let arguments = text(arguments);
        let at = arguments.iter().position(|argument| *argument == option).unwrap();
        arguments[at + 1]
    }

    fn of_scene(source: Source) -> Vec<OsString> {
        let drawings = Drawings {
            moving: None,
            steady: "plate.png".to_owned(),
            rings: Vec::new(),
        };
        scene(&[source], &drawings, ["-filters".into(), "f".into()], 25)
    }

    #[test]
    fn a_hostile_path_stays_one_argument() {
        let path = "/v/room_a;rm -rf '$HOME'_1/t 1.webm";
        let source = voice(path, 0).source;
        assert!(text(&of_scene(source)).contains(&path));
    }

    #[test]
    fn decoding_begins_before_the_scene_and_the_times_are_moved_back() {
        let source = voice("a", 60_000).source;
        assert_eq!(after(&of_scene(source.clone()), "-ss"), "57.000");
        assert_eq!(source.late(), 3.0);
    }

    #[test]
    fn a_track_that_begins_after_its_scene_is_moved_on() {
        let source = voice("a", -120).source;
        assert!(!text(&of_scene(source.clone())).contains(&"-ss"));
        assert_eq!(source.late(), -0.12);
    }

    #[test]
    fn one_voice_is_not_mixed_several_are_not_made_quieter_and_none_is_silence() {
        assert!(!after(&slice(&[voice("a", 0)], 9), "-filter_complex").contains("amix"));
        let both = slice(&[voice("a", 0), voice("b", -5000)], 9);
        let filters = after(&both, "-filter_complex");
        assert!(filters.contains("[v0][v1]amix=inputs=2:normalize=0"), "{filters}");
        assert!(
            filters.contains("setpts=PTS--5.000/TB") && filters.contains("volume=1.50dB"),
            "{filters}"
        );
        assert!(text(&slice(&[], 9)).contains(&"atrim=end_sample=9"));
    }

    #[test]
    fn a_film_may_lack_sound_and_subtitles() {
        let mut parts = Parts {
            metadata: "m".into(),
            ..Parts::default()
        };
        let arguments = film(ExportFormat::Mp4, PictureSize::P720, &parts, Path::new("o"));
        assert_eq!(after(&arguments, "-map_metadata"), "1");
        assert!(text(&arguments).contains(&"1280x720"));
        parts.sound = Some("s".into());
        parts.subtitles = Some("c".into());
        let arguments = film(ExportFormat::WebM, PictureSize::P1080, &parts, Path::new("o"));
        assert_eq!(after(&arguments, "-map_chapters"), "3");
        assert!(text(&arguments).contains(&"2:0") && !text(&arguments).contains(&"3:0"));
    }

    #[test]
    fn loudness_is_read_from_what_ffmpeg_prints() {
        let printed = "x\n  Integrated loudness:\n    I:         -23.4 LUFS\n    Threshold: -33.5 LUFS\n\n  Loudness range:\n    LRA:  1 LU\n";
        assert_eq!(measured_loudness(printed), Some(-23.4));
        assert_eq!(measured_loudness(&printed.replace("-23.4", "-70.0")), None);
        assert_eq!(measured_loudness(&printed.replace("-23.4", "-inf")), None);
        assert_eq!(measured_loudness("nothing"), None);
    }
}
