//! What ffmpeg is told, as lists of arguments; nothing here goes through a shell. Pure.
//!
//! The picture is made stretch by stretch (see `timeline`): only what is to be seen is decoded, and a meeting in which people come and go all day needs no more memory than its fullest moment.
//! The sound is mixed in slices for the same reason (`adelay` would hold an hour of silence in memory), and encoded in one go.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::layout::Rect;
use super::timeline::FRAME_RATE;

/// The film's picture.
pub(crate) const CANVAS: Rect = Rect {
    x: 0,
    y: 0,
    width: 1280,
    height: 720,
};
/// The colour behind the tiles.
const BACKGROUND: &str = "0x101418";
/// How far before a stretch decoding begins, so that a picture which stands still is there from its first frame on.
const LEAD_MS: u64 = 3000;
/// The same for sound: a decoder of Opus needs 80 ms to sound right.
const SOUND_LEAD_MS: u64 = 500;
/// Samples per second of the mix.
pub(crate) const SAMPLE_RATE: u64 = 48_000;
/// Channels of the mix.
pub(crate) const CHANNELS: u64 = 2;

/// A part of a track file, from `at_ms` (in the file's own time; negative if the file begins after the part does).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) at_ms: i64,
}

impl Source {
    /// The input's arguments, and by how many seconds its times lie too late then.
    fn input(&self, lead_ms: u64) -> (Vec<OsString>, f64) {
        let seek_ms = (self.at_ms - lead_ms as i64).max(0);
        let seek = if seek_ms > 0 {
            vec!["-ss".into(), seconds(seek_ms).into()]
        } else {
            Vec::new()
        };
        let arguments = [seek, vec!["-i".into(), self.path.clone().into()]].concat();
        (arguments, (self.at_ms - seek_ms) as f64 / 1000.0)
    }
}

/// Makes the picture of one stretch, `frames` long, as a file with nothing but VP8.
pub(crate) fn picture(tiles: &[(Source, Rect)], frames: u64, output: &Path) -> Vec<OsString> {
    let mut arguments = common();
    let mut filters = Vec::new();
    for (index, (source, place)) in tiles.iter().enumerate() {
        let (input, late) = source.input(LEAD_MS);
        // A change of the picture's size must not restart the filters, which would begin the stretch anew: scale and pad follow it by themselves.
        arguments.extend(["-reinit_filter".into(), "0".into()]);
        arguments.extend(input);
        let Rect { width, height, .. } = place;
        filters.push(format!(
            "[{index}:v:0]setpts=PTS-{late:.3}/TB,fps={FRAME_RATE}:start_time=0,\
             scale={width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2:eval=frame,\
             pad={width}:{height}:-1:-1:color={BACKGROUND}:eval=frame,setsar=1,format=yuv420p,\
             tpad=stop=-1:stop_mode=clone[t{index}]"
        ));
    }
    filters.push(joined(tiles));
    arguments.extend([
        "-filter_complex".into(),
        filters.join(";").into(),
        "-map".into(),
        "[film]".into(),
    ]);
    arguments.extend(["-frames:v".into(), frames.to_string().into()]);
    // One thread: libvpx's threads wait for each other in a spin, which on a busy machine costs three times the work.
    arguments.extend(
        "-an -c:v libvpx -deadline realtime -cpu-used 5 -threads 1 -b:v 2500k -maxrate 4M -bufsize 8M -crf 12 -g 125 -auto-alt-ref 0 -f webm"
            .split(' ')
            .map(OsString::from),
    );
    arguments.push(output.into());
    arguments
}

/// The filter that puts the tiles `t0`, `t1` … onto the canvas.
fn joined(tiles: &[(Source, Rect)]) -> String {
    let Rect { width, height, .. } = CANVAS;
    let Some((_, only)) = tiles.first() else {
        return format!("color=c={BACKGROUND}:s={width}x{height}:r={FRAME_RATE},format=yuv420p[film]");
    };
    if tiles.len() == 1 {
        return format!(
            "[t0]pad={width}:{height}:{}:{}:color={BACKGROUND}[film]",
            only.x, only.y
        );
    }
    let inputs: String = (0..tiles.len()).map(|index| format!("[t{index}]")).collect();
    let places: Vec<String> = tiles
        .iter()
        .map(|(_, place)| format!("{}_{}", place.x, place.y))
        .collect();
    format!(
        "{inputs}xstack=inputs={}:layout={}:fill={BACKGROUND},pad={width}:{height}:0:0:color={BACKGROUND}[film]",
        tiles.len(),
        places.join("|"),
    )
}

/// Mixes one slice of all voices, `samples` long, to standard output as 32-bit floats (which cannot clip before the limiter).
pub(crate) fn slice(sources: &[Source], samples: u64) -> Vec<OsString> {
    let mut arguments = common();
    let mut filters = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        let (input, late) = source.input(SOUND_LEAD_MS);
        arguments.extend(input);
        // Gaps are filled where they are, rather than stretched over, which drifts.
        filters.push(format!(
            "[{index}:a:0]asetpts=PTS-{late:.3}/TB,\
             aresample={SAMPLE_RATE}:async=1:min_hard_comp=0.01:first_pts=0,\
             aformat=sample_fmts=flt:channel_layouts=stereo[v{index}]"
        ));
    }
    let inputs: String = (0..sources.len()).map(|index| format!("[v{index}]")).collect();
    let mixed = if sources.len() == 1 {
        inputs
    } else {
        format!("{inputs}amix=inputs={}:normalize=0:duration=longest,", sources.len())
    };
    filters.push(format!("{mixed}apad,atrim=end_sample={samples}[mix]"));
    arguments.extend([
        "-filter_complex".into(),
        filters.join(";").into(),
        "-map".into(),
        "[mix]".into(),
    ]);
    arguments.extend(
        format!("-f f32le -ar {SAMPLE_RATE} -ac {CHANNELS} pipe:1")
            .split(' ')
            .map(OsString::from),
    );
    arguments
}

/// Encodes the mix that comes over standard input.
pub(crate) fn sound(output: &Path) -> Vec<OsString> {
    let mut arguments = common();
    arguments.extend(
        format!(
            "-f f32le -ar {SAMPLE_RATE} -ac {CHANNELS} -i pipe:0 -af alimiter=limit=0.95:level=0 -c:a libopus -b:a 96k -f webm"
        )
        .split(' ')
        .map(OsString::from),
    );
    arguments.push(output.into());
    arguments
}

/// Joins the stretches named in `list` and the sound into one file, without encoding anything again.
pub(crate) fn film(list: Option<&Path>, sound: Option<&Path>, output: &Path) -> Vec<OsString> {
    let mut arguments = common();
    if let Some(list) = list {
        arguments.extend(["-f".into(), "concat".into(), "-i".into(), list.into()]);
    }
    if let Some(sound) = sound {
        arguments.extend(["-i".into(), sound.into()]);
    }
    for input in 0..usize::from(list.is_some()) + usize::from(sound.is_some()) {
        arguments.extend(["-map".into(), format!("{input}:0").into()]);
    }
    // The index in front, so that a browser can jump about at once.
    arguments.extend("-c copy -cues_to_front 1 -f webm".split(' ').map(OsString::from));
    arguments.push(output.into());
    arguments
}

/// The list that ffmpeg's `concat` reads: names beside the list, with their lengths in frames.
pub(crate) fn concat_list(stretches: &[(String, u64)]) -> String {
    let line = |(name, frames): &(String, u64)| {
        format!(
            "file '{name}'\nduration {}\n",
            seconds((frames * 1000 / FRAME_RATE) as i64)
        )
    };
    std::iter::once("ffconcat version 1.0\n".to_owned())
        .chain(stretches.iter().map(line))
        .collect()
}

fn common() -> Vec<OsString> {
    "-hide_banner -loglevel error -y"
        .split(' ')
        .map(OsString::from)
        .collect()
}

fn seconds(millis: i64) -> String {
    format!("{}.{:03}", millis / 1000, millis % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, at_ms: i64) -> Source {
        Source {
            path: path.into(),
            at_ms,
        }
    }

    fn text(arguments: &[OsString]) -> Vec<&str> {
        arguments.iter().map(|argument| argument.to_str().unwrap()).collect()
    }

    fn filter(arguments: &[OsString]) -> &str {
        let arguments = text(arguments);
        arguments[arguments
            .iter()
            .position(|argument| *argument == "-filter_complex")
            .unwrap()
            + 1]
    }

    #[test]
    fn a_hostile_path_stays_one_argument() {
        let path = "/v/room_a;rm -rf '$HOME'_1/t 1.webm";
        let arguments = picture(&[(source(path, 0), CANVAS)], 25, Path::new("out.webm"));
        assert!(text(&arguments).contains(&path));
        assert!(!filter(&arguments).contains("HOME"));
    }

    #[test]
    fn decoding_begins_before_the_stretch_and_the_times_are_moved_back() {
        let arguments = picture(&[(source("a", 60_000), CANVAS)], 25, Path::new("o"));
        let arguments_text = text(&arguments);
        let at = arguments_text.iter().position(|argument| *argument == "-ss").unwrap();
        assert_eq!(arguments_text[at + 1], "57.000");
        assert!(filter(&arguments).contains("setpts=PTS-3.000/TB"));
    }

    #[test]
    fn a_track_that_begins_after_its_stretch_is_moved_on() {
        let arguments = picture(&[(source("a", -120), CANVAS)], 25, Path::new("o"));
        assert!(!text(&arguments).contains(&"-ss"));
        assert!(filter(&arguments).contains("setpts=PTS--0.120/TB"));
    }

    #[test]
    fn tiles_are_stacked_where_they_belong() {
        let tile = |x| Rect {
            x,
            y: 6,
            width: 100,
            height: 50,
        };
        let tiles = [(source("a", 0), tile(0)), (source("b", 0), tile(200))];
        assert!(filter(&picture(&tiles, 5, Path::new("o"))).contains("[t0][t1]xstack=inputs=2:layout=0_6|200_6"));
        assert!(filter(&picture(&tiles[1..], 5, Path::new("o"))).contains("[t0]pad=1280:720:200:6"));
        assert!(filter(&picture(&[], 5, Path::new("o"))).starts_with("color="));
    }

    #[test]
    fn one_voice_is_not_mixed_and_several_are_not_made_quieter() {
        assert!(!filter(&slice(&[source("a", 0)], 9)).contains("amix"));
        let both = slice(&[source("a", 0), source("b", -5000)], 9);
        assert!(filter(&both).contains("[v0][v1]amix=inputs=2:normalize=0"));
        assert!(filter(&both).contains("setpts=PTS--5.000/TB"));
    }

    #[test]
    fn the_list_names_lengths_so_that_no_rounding_adds_up() {
        let list = concat_list(&[("stretch-0.webm".to_owned(), 101), ("stretch-1.webm".to_owned(), 25)]);
        assert_eq!(
            list,
            "ffconcat version 1.0\nfile 'stretch-0.webm'\nduration 4.040\nfile 'stretch-1.webm'\nduration 1.000\n"
        );
    }

    #[test]
    fn a_film_may_lack_either_half() {
        let both = film(Some(Path::new("l")), Some(Path::new("s")), Path::new("o"));
        assert!(text(&both).windows(2).any(|pair| pair == ["-map", "1:0"]));
        let sound_only = film(None, Some(Path::new("s")), Path::new("o"));
        assert!(!text(&sound_only).contains(&"1:0") && text(&sound_only).contains(&"0:0"));
    }
}
