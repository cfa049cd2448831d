//! What ffprobe and ffmpeg find in a file.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What a file holds, all frames decoded.
#[derive(Debug)]
pub(crate) struct Probe(Value);

/// Decodes a file; a file that does not decode without a complaint fails the test.
pub(crate) fn probe(path: &Path) -> Probe {
    let output = Command::new("ffprobe")
        .args("-v error -count_frames -show_streams -show_format -show_chapters -of json".split(' '))
        .arg(path)
        .output()
        .expect("ffprobe is installed");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && complaints.is_empty(),
        "{}: {complaints}",
        path.display()
    );
    Probe(serde_json::from_slice(&output.stdout).unwrap())
}

/// What a file calls itself.
pub(crate) fn title(path: &Path) -> String {
    let output = Command::new("ffprobe")
        .args("-v error -show_entries format_tags=title -of json".split(' '))
        .arg(path)
        .output()
        .expect("ffprobe is installed");
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    found["format"]["tags"]["title"].as_str().unwrap_or_default().to_owned()
}

impl Probe {
    fn streams(&self) -> &[Value] {
        self.0["streams"].as_array().unwrap()
    }

    /// What there is to see, hear and read; an MP4 keeps its chapters in a track of data of their own.
    pub(crate) fn codecs(&self) -> Vec<&str> {
        self.streams()
            .iter()
            .filter(|stream| stream["codec_type"] != "data")
            .map(|stream| stream["codec_name"].as_str().unwrap())
            .collect()
    }

    /// How many frames of a stream were decoded.
    pub(crate) fn frames(&self, stream: usize) -> u64 {
        self.streams()[stream]["nb_read_frames"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    }

    pub(crate) fn frames_in_all(&self) -> u64 {
        (0..self.streams().len()).map(|stream| self.frames(stream)).sum()
    }

    pub(crate) fn size(&self) -> (u64, u64) {
        (
            self.streams()[0]["width"].as_u64().unwrap(),
            self.streams()[0]["height"].as_u64().unwrap(),
        )
    }

    /// When chapters begin, in seconds, and what they are called.
    pub(crate) fn chapters(&self) -> Vec<(f64, String)> {
        let chapter = |chapter: &Value| {
            let from = chapter["start_time"].as_str().unwrap().parse().unwrap();
            (from, chapter["tags"]["title"].as_str().unwrap_or_default().to_owned())
        };
        self.0["chapters"].as_array().unwrap().iter().map(chapter).collect()
    }

    /// In seconds.
    pub(crate) fn duration(&self) -> f64 {
        self.0["format"]["duration"].as_str().unwrap().parse().unwrap()
    }
}

/// When the picture of a film turns bright and when its sound begins, in seconds.
pub(crate) fn flashes_and_beeps(path: &Path) -> (Vec<f64>, Vec<f64>) {
    let decode = |arguments: &str| {
        let mut command = Command::new("ffmpeg");
        command
            .args(["-v", "error", "-i"])
            .arg(path)
            .args(arguments.split(' '))
            .arg("pipe:1");
        command.output().expect("ffmpeg is installed").stdout
    };
    // The flashing person is the only or the second face: right of the middle is theirs in both layouts.
    let frames = decode("-an -vf crop=8:8:trunc(iw*0.7):trunc(ih*0.5),scale=1:1,format=gray -f rawvideo");
    let samples: Vec<i16> = decode("-vn -ac 1 -ar 48000 -f s16le")
        .chunks_exact(2)
        .map(|bytes| i16::from_le_bytes([bytes[0], bytes[1]]))
        .collect();
    let loud: Vec<bool> = samples
        .chunks(48)
        .map(|millisecond| millisecond.iter().any(|sample| *sample > 2000))
        .collect();
    let bright: Vec<bool> = frames.iter().map(|grey| *grey > 128).collect();
    (beginnings(&bright, 1.0 / 30.0), beginnings(&loud, 0.001))
}

/// When the sound of a track begins, in seconds of its file.
pub(crate) fn beeps(path: &Path) -> Vec<f64> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-i"]).arg(path);
    // What is missing is silence.
    command.args("-af aresample=async=1:min_hard_comp=0.01:first_pts=0 -ac 1 -ar 48000 -f s16le pipe:1".split(' '));
    let samples: Vec<i16> = command
        .output()
        .expect("ffmpeg is installed")
        .stdout
        .chunks_exact(2)
        .map(|bytes| i16::from_le_bytes([bytes[0], bytes[1]]))
        .collect();
    let is_loud = |millisecond: &[i16]| millisecond.iter().any(|sample| *sample > 8000);
    let loud: Vec<bool> = samples.chunks(48).map(is_loud).collect();
    beginnings(&loud, 0.001)
}

/// When the pictures of a track turn bright, in seconds of its file.
pub(crate) fn flashes(path: &Path) -> Vec<f64> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-i"]).arg(path);
    command.args("-fps_mode passthrough -vf scale=1:1,format=gray -f rawvideo pipe:1".split(' '));
    let greys = command.output().expect("ffmpeg is installed").stdout;
    let mut command = Command::new("ffprobe");
    command
        .args("-v error -show_entries frame=pts_time -of csv=p=0".split(' '))
        .arg(path);
    let times = String::from_utf8(command.output().expect("ffprobe is installed").stdout).unwrap();
    let times = times.lines().map(|line| line.trim_matches(',').parse::<f64>().unwrap());
    let pictures: Vec<(f64, bool)> = times.zip(greys).map(|(time, grey)| (time, grey > 128)).collect();
    let turns = pictures.windows(2).filter(|pair| !pair[0].1 && pair[1].1);
    turns.map(|pair| pair[1].0).collect()
}

/// Where something begins that was not for a good while before.
fn beginnings(is: &[bool], step: f64) -> Vec<f64> {
    let quiet = (0.5 / step) as usize;
    (1..is.len())
        .filter(|index| is[*index] && !is[index.saturating_sub(quiet)..*index].contains(&true))
        .map(|index| index as f64 * step)
        .collect()
}
