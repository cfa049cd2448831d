//! Films of recordings that were never held: tracks made by ffmpeg, composed by the library, and judged by their pixels, their loudness and what ffprobe finds in them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use confab_server::problems::Problems;
use confab_server::recording::{Library, RecordingSnapshot, RecordingState};
use serde_json::{Value, json};

use super::studio::probe;

/// The colour behind the tiles, and of a tile without a picture.
const GROUND: [u8; 3] = [0x11, 0x18, 0x1c];
const TILE: [u8; 3] = [0x22, 0x2e, 0x35];
const RED: [u8; 3] = [200, 30, 30];
const GREEN: [u8; 3] = [30, 160, 60];
const BLUE: [u8; 3] = [40, 60, 200];
const ACCENT: [u8; 3] = [0x4c, 0xc2, 0xe6];

/// A recording whose tracks ffmpeg makes.
pub(super) struct Reel {
    folder: PathBuf,
    tracks: Vec<Value>,
    lines: Vec<String>,
    wanted: Value,
}

impl Reel {
    /// Films of it are small, so that they are made quickly.
    pub(super) fn new(root: &Path) -> Self {
        let folder = root.join("room_team_7");
        fs::create_dir_all(&folder).unwrap();
        Self {
            folder,
            tracks: Vec::new(),
            lines: Vec::new(),
            wanted: json!({ "format": "mp4", "size": "480p" }),
        }
    }

    /// A camera of one colour, from and to a time in ms.
    pub(super) fn camera(&mut self, seat: u64, colour: [u8; 3], from: u64, to: u64) -> &mut Self {
        self.picture(seat, colour, "320x180", false, from, to)
    }

    fn picture(&mut self, seat: u64, [r, g, b]: [u8; 3], size: &str, is_share: bool, from: u64, to: u64) -> &mut Self {
        let input = format!("color=c=0x{r:02x}{g:02x}{b:02x}:s={size}:r=10");
        let encoder = "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 200k -g 10";
        self.track(seat, ("video", is_share), &input, encoder, (from, to))
    }

    /// A tone of a frequency and a level in decibels.
    pub(super) fn voice(&mut self, seat: u64, frequency: u32, level: i32, from: u64, to: u64) -> &mut Self {
        let input = format!("sine=frequency={frequency}:sample_rate=48000,volume={level}dB");
        self.track(seat, ("audio", false), &input, "-c:a libopus -b:a 48k", (from, to))
    }

    fn track(
        &mut self,
        seat: u64,
        (kind, is_share): (&str, bool),
        input: &str,
        encoder: &str,
        (from, to): (u64, u64),
    ) -> &mut Self {
        let file = format!("track-{:03}.webm", self.tracks.len() + 1);
        let seconds = format!("{:.3}", (to - from) as f64 / 1000.0);
        let made = Command::new("ffmpeg")
            .args(["-v", "error", "-f", "lavfi", "-i", input, "-t", &seconds])
            .args(encoder.split(' '))
            .arg(self.folder.join(&file))
            .status()
            .expect("ffmpeg is installed");
        assert!(made.success(), "{input}");
        self.tracks.push(json!({
            "file": file, "seat": seat, "peerName": format!("Seat {seat}"), "kind": kind, "isScreenShare": is_share,
            "offsetMs": from, "endMs": to, "width": null, "height": null, "frames": 1, "lostPackets": 0, "pauses": [],
        }));
        self
    }

    /// The last track was paused.
    pub(super) fn paused(&mut self, from: u64, to: u64) -> &mut Self {
        self.tracks.last_mut().unwrap()["pauses"] = json!([{ "fromMs": from, "toMs": to }]);
        self
    }

    /// Something happened.
    pub(super) fn line(&mut self, line: &Value) -> &mut Self {
        self.lines.push(line.to_string());
        self
    }

    pub(super) fn wants(&mut self, options: Value) -> &mut Self {
        self.wanted = options;
        self
    }

    /// Leaves it as a run that ended before composing would.
    pub(super) fn leave(&self) {
        let end = self.tracks.iter().map(|track| track["endMs"].as_u64().unwrap()).max();
        let recording = json!({
            "version": 1, "id": "7", "roomId": "team", "startedAt": 7, "durationMs": end, "status": "recorded",
            "message": null, "failure": null, "tracks": self.tracks, "products": { "wanted": self.wanted },
        });
        fs::write(self.folder.join("recording.json"), recording.to_string()).unwrap();
        fs::write(self.folder.join("events.jsonl"), self.lines.join("\n") + "\n").unwrap();
    }

    /// The film of it.
    pub(super) async fn film(&self) -> PathBuf {
        self.leave();
        let library = Library::open(self.folder.parent().unwrap(), Problems::default()).await;
        library.wait_idle().await;
        let snapshot: RecordingSnapshot = library.snapshots().borrow()[0].clone();
        assert_eq!(snapshot.state, RecordingState::Ready, "{snapshot:?}");
        PathBuf::from(snapshot.file.unwrap())
    }
}

/// The colour at a place, in shares of the width and the height, at a time in seconds.
pub(super) fn colour(film: &Path, seconds: f64, x: f64, y: f64) -> [u8; 3] {
    let crop = format!("crop=2:2:trunc(iw*{x}/2)*2:trunc(ih*{y}/2)*2,scale=1:1:flags=area");
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-ss", &format!("{seconds:.3}"), "-i"])
        .arg(film)
        .args([
            "-frames:v",
            "1",
            "-vf",
            &crop,
            "-pix_fmt",
            "rgb24",
            "-f",
            "rawvideo",
            "pipe:1",
        ])
        .output()
        .expect("ffmpeg is installed");
    output
        .stdout
        .try_into()
        .unwrap_or_else(|bytes| panic!("no picture at {seconds}: {bytes:?}"))
}

#[track_caller]
fn sees(film: &Path, seconds: f64, (x, y): (f64, f64), expected: [u8; 3]) {
    let found = colour(film, seconds, x, y);
    let distance = (0..3).map(|channel| found[channel].abs_diff(expected[channel])).max();
    assert!(
        distance <= Some(14),
        "{found:?} and not {expected:?} at {x}, {y} after {seconds} s"
    );
}

/// How loud it is, in LUFS, from one second to another.
fn loudness(film: &Path, from: f64, to: f64) -> f64 {
    let output = Command::new("ffmpeg")
        .args(["-nostats", "-i"])
        .arg(film)
        .args([
            "-vn",
            "-af",
            &format!("atrim={from}:{to},ebur128=framelog=verbose"),
            "-f",
            "null",
            "-",
        ])
        .output()
        .expect("ffmpeg is installed");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let summary = text
        .rsplit_once("I:")
        .unwrap_or_else(|| panic!("no summary in {text}"))
        .1;
    summary.split_whitespace().next().unwrap().parse().unwrap()
}

const MIDDLE: (f64, f64) = (0.5, 0.4);
const LEFT: (f64, f64) = (0.25, 0.42);
const RIGHT: (f64, f64) = (0.75, 0.42);

#[tokio::test(flavor = "multi_thread")]
async fn people_come_and_go_without_a_jump_and_no_moment_is_black() {
    let root = tempfile::tempdir().unwrap();
    let mut reel = Reel::new(root.path());
    reel.voice(1, 300, -20, 0, 6000);
    reel.camera(1, RED, 1000, 6000);
    reel.camera(2, GREEN, 2000, 4000);
    let film = reel.film().await;
    let found = probe(&film);
    assert_eq!(found.codecs(), ["h264", "aac"]);
    assert_eq!((found.size(), found.frames(0)), ((854, 480), 180));
    assert!((found.duration() - 6.0).abs() < 0.1, "{}", found.duration());

    // One whose camera is not there yet is there, and then fills the picture.
    sees(&film, 0.0, (0.1, 0.1), TILE);
    sees(&film, 1.7, MIDDLE, RED);
    sees(&film, 1.7, (0.02, 0.02), RED);
    // Both, side by side on the ground.
    sees(&film, 3.0, LEFT, RED);
    sees(&film, 3.0, RIGHT, GREEN);
    sees(&film, 3.0, (0.5, 0.05), GROUND);
    // On the way there: neither the one nor the other.
    sees(&film, 1.9, (0.5, 0.1), RED);
    let half_way = colour(&film, 2.2, RIGHT.0, RIGHT.1);
    assert!(
        half_way[0] < 200 && half_way[1] > 24 && half_way != GREEN,
        "{half_way:?}"
    );
    sees(&film, 5.5, (0.02, 0.5), RED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_screen_is_large_with_the_faces_beside_it() {
    let root = tempfile::tempdir().unwrap();
    let mut reel = Reel::new(root.path());
    reel.camera(1, RED, 0, 3000);
    reel.voice(2, 300, -20, 0, 3000);
    reel.picture(2, BLUE, "320x180", true, 0, 3000);
    let film = reel.film().await;
    sees(&film, 2.0, (0.4, 0.5), BLUE);
    sees(&film, 2.0, (0.05, 0.5), BLUE);
    sees(&film, 2.0, (0.9, 0.36), RED);
    sees(&film, 2.0, (0.82, 0.6), TILE);
    sees(&film, 2.0, (0.9, 0.9), GROUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_turns_the_camera_off_is_shown_by_initials_and_who_speaks_is_marked() {
    let root = tempfile::tempdir().unwrap();
    let mut reel = Reel::new(root.path());
    reel.camera(1, RED, 0, 6000).paused(3000, 6000);
    reel.camera(2, BLUE, 0, 6000);
    reel.line(&json!({ "at": 0, "type": "joined", "seat": 1, "name": "Anna" }));
    reel.line(&json!({ "at": 0, "type": "joined", "seat": 2, "name": "Ben" }));
    reel.line(&json!({ "at": 1000, "type": "speaker", "seat": 2 }));
    reel.line(&json!({ "at": 2000, "type": "speaker", "seat": null }));
    let film = reel.film().await;
    sees(&film, 0.5, LEFT, RED);
    // Just within the left edge of Ben's tile: two tiles of 16:9, a gap between them.
    let mark = (0.5018, 0.5);
    sees(&film, 0.5, mark, BLUE);
    sees(&film, 1.5, mark, ACCENT);
    sees(&film, 2.5, mark, BLUE);
    // Anna's tile is smaller now, beside or below Ben's, and nothing red is left.
    for (x, y) in [LEFT, MIDDLE, (0.92, 0.5), (0.5, 0.93)] {
        let [red, green, _] = colour(&film, 5.0, x, y);
        assert!(red < 120 || green > 80, "red at {x}, {y}");
    }
    sees(&film, 5.0, (0.4, 0.4), BLUE);
}

#[tokio::test(flavor = "multi_thread")]
async fn voices_are_as_loud_as_each_other_and_the_film_as_loud_as_it_should_be() {
    let root = tempfile::tempdir().unwrap();
    let mut reel = Reel::new(root.path());
    reel.voice(1, 1000, 0, 0, 6000);
    reel.voice(2, 1000, -8, 6000, 12_000);
    reel.wants(json!({ "format": "opus" }));
    let film = reel.film().await;
    assert_eq!(probe(&film).codecs(), ["opus"]);
    assert!(film.extension().is_some_and(|extension| extension == "opus"));
    let (all, first, second) = (
        loudness(&film, 0.0, 12.0),
        loudness(&film, 1.0, 5.0),
        loudness(&film, 7.0, 11.0),
    );
    assert!((all + 16.0).abs() < 1.0, "{all} LUFS");
    assert!((first - second).abs() < 1.5, "{first} and {second} LUFS");
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_alone_can_be_had_as_mp3() {
    let root = tempfile::tempdir().unwrap();
    let mut reel = Reel::new(root.path());
    reel.voice(1, 440, -20, 0, 2000).camera(1, RED, 0, 2000);
    reel.wants(json!({ "format": "mp3" }));
    let film = reel.film().await;
    assert_eq!(film.file_name().unwrap(), "room_team_7.mp3");
    let found = probe(&film);
    assert_eq!(found.codecs(), ["mp3"]);
    assert!((found.duration() - 2.0).abs() < 0.15, "{}", found.duration());
}

#[tokio::test(flavor = "multi_thread")]
async fn chapters_and_the_chat_are_in_the_film_whatever_people_call_themselves() {
    let hostile = "Eve'\n[CHAPTER]\n;#=\\:%{eif},drawtext=x; $(touch /tmp/x) <b>";
    for (format, codecs) in [
        ("mp4", ["h264", "aac", "mov_text"]),
        ("webm", ["vp8", "opus", "webvtt"]),
    ] {
        let root = tempfile::tempdir().unwrap();
        let mut reel = Reel::new(root.path());
        reel.camera(1, RED, 0, 8000).voice(1, 440, -20, 0, 8000);
        reel.line(&json!({ "at": 0, "type": "joined", "seat": 1, "name": "Anna" }));
        reel.line(&json!({ "at": 2000, "type": "joined", "seat": 2, "name": hostile }));
        reel.line(&json!({ "at": 3000, "type": "message", "seat": 2, "name": hostile, "text": "1 < 2 & {3}" }));
        reel.wants(json!({ "format": format, "size": "480p", "chat": true }));
        let film = reel.film().await;
        let name = format!("room_team_7-480p-chat.{format}");
        assert_eq!(film.file_name().unwrap(), name.as_str());
        let found = probe(&film);
        // An MP4 has its chapters as one more stream.
        assert_eq!(found.codecs()[..3], codecs);
        let chapters = found.chapters();
        assert_eq!(chapters.len(), 2, "{chapters:?}");
        assert_eq!(chapters[0], (0.0, "Start".to_owned()));
        assert!(chapters[1].0 == 2.0 && chapters[1].1.starts_with("Eve'") && chapters[1].1.ends_with("joins"));
        let subtitles = Command::new("ffmpeg")
            .args(["-v", "error", "-i"])
            .arg(&film)
            .args(["-map", "0:s:0", "-f", "srt", "pipe:1"])
            .output()
            .unwrap();
        let subtitles = String::from_utf8_lossy(&subtitles.stdout).into_owned();
        // What ffmpeg reads of WebVTT it prints with a backslash before these.
        let subtitles = subtitles.replace(r"\{", "(").replace(r"\}", ")");
        assert!(
            subtitles.contains("00:00:03,00") && subtitles.contains("1 < 2 & (3)"),
            "{subtitles}"
        );
        assert!(subtitles.contains("$(touch /tmp/x) <b>:"), "{subtitles}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_of_an_mp4_is_in_front_and_there_is_a_still() {
    let root = tempfile::tempdir().unwrap();
    let mut reel = Reel::new(root.path());
    reel.camera(1, GREEN, 0, 2000);
    let film = reel.film().await;
    let bytes = fs::read(&film).unwrap();
    let at = |name: &[u8]| bytes.windows(4).position(|window| window == name).unwrap();
    assert!(at(b"moov") < at(b"mdat"));
    let still = root.path().join("room_team_7/still.jpg");
    assert_eq!(probe(&still).size(), (480, 270));
    sees(&still, 0.0, MIDDLE, GREEN);
}
