//! What ffmpeg finds in a track file, decoded; a decoder that complains fails the test. Times are seconds of the file.

use std::ops::Range;
use std::path::Path;
use std::process::Command;

/// Samples a second that are enough to tell when a beep begins.
const RATE: usize = 8_000;
/// How bright it is while it flashes, and how loud while it beeps, at least; and how loud the hum before a beep.
const BRIGHT: f64 = 128.0;
const LOUD: u16 = 4_000;
const HUM: u16 = 100;
/// How long no beep is before one that begins.
const PAUSE: f64 = 0.5;
/// How long the hum before a beep is listened to, and in steps of what: after a gap sound takes a while to be as loud as it was.
const BEFORE: f64 = 0.060;
const STEP: f64 = 0.005;

/// The pictures of a track.
#[derive(Debug)]
pub(super) struct Pictures {
    pub(super) count: u64,
    /// When it turns bright from one picture to the next.
    pub(super) flashes: Vec<f64>,
    /// When the last one begins.
    pub(super) last: f64,
}

/// Looks at a stretch of a track. When a flash began whose first picture is missing, nobody can tell: it does not count. Pictures are a `step` apart.
pub(super) fn pictures(file: &Path, stretch: &Range<f64>, step: f64) -> Pictures {
    // A small picture is measured sooner.
    let filters = "scale=16:12:flags=neighbor,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-";
    let printed = decoded(
        file,
        stretch,
        &format!("-an -fps_mode passthrough -vf {filters} -f null -"),
    );
    let printed = String::from_utf8(printed).unwrap();
    let values = |name: &str| -> Vec<f64> {
        let words = printed.split_whitespace().filter_map(|word| word.strip_prefix(name));
        words.map(|value| value.parse().unwrap()).collect()
    };
    let (times, lights) = (values("pts_time:"), values("lavfi.signalstats.YAVG="));
    assert_eq!(times.len(), lights.len());
    let turns = (1..times.len()).filter(|index| lights[index - 1] < BRIGHT && lights[*index] >= BRIGHT);
    let sharp = turns.filter(|index| times[*index] - times[index - 1] < 1.5 * step);
    Pictures {
        count: times.len() as u64,
        flashes: sharp.map(|index| stretch.start + times[index]).collect(),
        last: stretch.start + times.last().unwrap(),
    }
}

/// The sound of a track.
#[derive(Debug)]
pub(super) struct Sound {
    pub(super) beeps: Vec<f64>,
    pub(super) end: f64,
}

/// Listens to a stretch of a track. What is missing is silence; a beep soon after one does not count, as its beginning may be missing.
pub(super) fn sound(file: &Path, stretch: &Range<f64>) -> Sound {
    let filter = format!("aresample={RATE}:async=1:min_hard_comp=0.01:first_pts=0");
    let bytes = decoded(file, stretch, &format!("-vn -af {filter} -ac 1 -f s16le pipe:1"));
    let samples = bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
    let loudness: Vec<u16> = samples.map(i16::unsigned_abs).collect();
    let index_of = |seconds: f64| (seconds * RATE as f64) as usize;
    let seconds = |index: usize| stretch.start + index as f64 / RATE as f64;
    let (mut beeps, mut last) = (Vec::new(), 0);
    for (index, _) in loudness.iter().enumerate().filter(|(_, loudness)| **loudness > LOUD) {
        if index - last > index_of(PAUSE) {
            let mut before = loudness[index - index_of(BEFORE)..index].chunks(index_of(STEP));
            let hums = before.all(|step| step.iter().any(|loudness| *loudness > HUM));
            beeps.extend(hums.then_some(seconds(index)));
        }
        last = index;
    }
    Sound {
        beeps,
        end: seconds(loudness.len()),
    }
}

fn decoded(file: &Path, stretch: &Range<f64>, words: &str) -> Vec<u8> {
    let Range { start, end } = stretch;
    let output = Command::new("ffmpeg")
        .args("-v error -nostdin -threads 1 -filter_threads 1 -ss".split(' '))
        .args([
            start.to_string(),
            "-t".to_owned(),
            (end - start).to_string(),
            "-i".to_owned(),
        ])
        .arg(file)
        .args(words.split(' '))
        .output()
        .expect("ffmpeg is installed");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(complaints.is_empty(), "{}: {complaints}", file.display());
    output.stdout
}

/// How many frames are in a track, decoded or not.
pub(super) fn count(file: &Path) -> u64 {
    let output = Command::new("ffprobe")
        .args("-v error -count_packets -show_entries stream=nb_read_packets -of csv=p=0".split(' '))
        .arg(file)
        .output()
        .expect("ffprobe is installed");
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.trim().trim_end_matches(',').parse().unwrap()
}
