//! `events.jsonl`: what happened while a recording ran, a line for each thing, appended as it happens (see `SIDECAR.md` beside this file).
//!
//! A line is never changed again, so a crash costs the last one at most; readers pass over what does not parse, and over what a newer version says.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::id::RecordingId;
use super::metadata::TrackKind;
use crate::rtp::frames::CodecName;

/// The file's name within the recording's folder.
pub const FILE_NAME: &str = "events.jsonl";
/// Raised when a reader of the older form would misunderstand the newer.
pub const VERSION: u32 = 1;
/// The longest line that is read; a whole chat message takes a tenth.
const LONGEST_LINE: u64 = 1 << 20;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// When, in milliseconds since the recording's start.
    pub at: i64,
    /// What it was.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened. People are named by seat and tracks by number, as in `recording.json`; times are milliseconds since the recording's start unless said
/// otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are in the table of SIDECAR.md")]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// The first line.
    Started {
        version: u32,
        id: RecordingId,
        room_id: String,
        /// Milliseconds since the epoch.
        started_at: u64,
    },
    /// Somebody is in the room.
    Joined { seat: u64, name: String },
    /// Somebody left for good.
    Left { seat: u64 },
    /// Somebody's connection was lost, and the place is kept.
    Away { seat: u64 },
    /// The place was taken up again.
    Back { seat: u64 },
    /// Somebody is called differently from now on.
    Named { seat: u64, name: String },
    /// Whether somebody's microphone and camera are off.
    Muted { seat: u64, audio: bool, video: bool },
    /// Somebody begins or stops to share a screen.
    Sharing { seat: u64, on: bool },
    /// Who speaks now.
    Speaker { seat: Option<u64> },
    /// Somebody wrote in the chat; `seat` is `None` where the writer is gone.
    Message {
        seat: Option<u64>,
        name: String,
        text: String,
    },
    /// A track's file was begun.
    #[serde(rename = "track")]
    TrackBegun {
        track: usize,
        /// The file's name within the folder.
        file: String,
        seat: u64,
        kind: TrackKind,
        is_screen_share: bool,
        codec: CodecName,
        /// Where the file's own time 0 lies.
        offset_ms: i64,
        /// The size of the first picture, in pixels.
        width: Option<u16>,
        height: Option<u16>,
    },
    /// Where a file's own time 0 lies is known better now.
    Offset { track: usize, offset_ms: i64 },
    /// Pictures have another size from here on.
    Size { track: usize, width: u16, height: u16 },
    /// A track's sender, or a host, paused it.
    Paused { track: usize },
    /// It flows again.
    Resumed { track: usize },
    /// Packets were lost for good; the track goes on at `until_ms`.
    Loss { track: usize, packets: u64, until_ms: i64 },
    /// A sender said which RTP time its own clock's time is.
    Report {
        track: usize,
        ssrc: u32,
        /// Milliseconds since 1900.
        ntp_ms: f64,
        rtp: u32,
    },
    /// A track's file is complete.
    #[serde(rename = "ended")]
    TrackEnded {
        track: usize,
        end_ms: i64,
        frames: u64,
        lost_packets: u64,
    },
    /// The last line of a recording that was stopped.
    Stopped { duration_ms: u64 },
}

/// The file that is being written.
#[derive(Debug)]
pub struct Sidecar {
    file: File,
    /// What is to be written with the next flush.
    waiting: Vec<u8>,
    bytes: u64,
}

impl Sidecar {
    /// Makes the file. An existing one is an error, never overwritten.
    pub fn create(folder: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(folder.join(FILE_NAME))?;
        Ok(Self {
            file,
            waiting: Vec::new(),
            bytes: 0,
        })
    }

    /// Adds a line, to be written with the next [`flush`](Self::flush).
    pub fn add(&mut self, at: i64, event: Event) {
        let line = Line { at, event };
        // Writing plain data into memory does not fail.
        if serde_json::to_writer(&mut self.waiting, &line).is_ok() {
            self.waiting.push(b'\n');
        }
    }

    /// Writes what waits.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.file.write_all(&self.waiting)?;
        self.bytes += self.waiting.len() as u64;
        self.waiting.clear();
        Ok(())
    }

    /// Writes what waits and sees it onto the disk.
    pub fn finish(&mut self) -> io::Result<()> {
        self.flush()?;
        self.file.sync_data()
    }

    /// How many bytes are on the disk.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// What a recording's folder says happened, in the order in which it was noticed; nothing if it has no such file, as recordings of earlier versions.
pub fn read(folder: &Path) -> io::Result<Vec<Line>> {
    let file = match File::open(folder.join(FILE_NAME)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        file => file?,
    };
    read_from(BufReader::new(file))
}

/// As [`read`], of a file that was opened.
pub fn read_from(mut reader: impl BufRead) -> io::Result<Vec<Line>> {
    let mut lines = Vec::new();
    let mut line = Vec::new();
    // Of a line that is too long the rest is none either.
    let mut is_rest = false;
    loop {
        line.clear();
        if reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(lines);
        }
        let is_over = line.last() == Some(&b'\n');
        if !is_rest {
            lines.extend(serde_json::from_slice::<Line>(&line).ok());
        }
        is_rest = !is_over;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(events: &[Event]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let mut sidecar = Sidecar::create(folder.path()).unwrap();
        for (at, event) in events.iter().enumerate() {
            sidecar.add(at as i64, event.clone());
        }
        sidecar.finish().unwrap();
        folder
    }

    #[test]
    fn what_is_written_is_read_back_in_its_order() {
        let events = [
            Event::Started {
                version: VERSION,
                id: RecordingId::from_millis(7),
                room_id: "team".to_owned(),
                started_at: 7,
            },
            Event::Joined {
                seat: 1,
                name: "Zoë 🦊\n\"../..\"".to_owned(),
            },
            Event::Speaker { seat: None },
            Event::TrackBegun {
                track: 1,
                file: "track-001-voice.webm".to_owned(),
                seat: 1,
                kind: TrackKind::Audio,
                is_screen_share: false,
                codec: CodecName::Opus,
                offset_ms: -20,
                width: None,
                height: None,
            },
        ];
        let folder = written(&events);
        let read = read(folder.path()).unwrap();
        assert_eq!(read.iter().map(|line| line.event.clone()).collect::<Vec<_>>(), events);
        assert_eq!(read.iter().map(|line| line.at).collect::<Vec<_>>(), [0, 1, 2, 3]);
    }

    #[test]
    fn lines_have_the_documented_form() {
        let folder = written(&[
            Event::Muted {
                seat: 2,
                audio: true,
                video: false,
            },
            Event::Loss {
                track: 3,
                packets: 4,
                until_ms: 5,
            },
        ]);
        assert_eq!(
            std::fs::read_to_string(folder.path().join(FILE_NAME)).unwrap(),
            "{\"at\":0,\"type\":\"muted\",\"seat\":2,\"audio\":true,\"video\":false}\n\
             {\"at\":1,\"type\":\"loss\",\"track\":3,\"packets\":4,\"untilMs\":5}\n"
        );
    }

    #[test]
    fn what_follows_in_a_line_that_is_too_long_is_no_line() {
        let left = br#"{"at":9,"type":"left","seat":3}"#;
        let long = [&vec![b' '; LONGEST_LINE as usize][..], left, b"\n", left].concat();
        assert_eq!(read_from(&long[..]).unwrap().len(), 1);
    }

    #[test]
    fn torn_and_unknown_lines_are_passed_over_and_a_missing_file_is_empty() {
        let folder = written(&[Event::Left { seat: 1 }, Event::Left { seat: 2 }]);
        let path = folder.path().join(FILE_NAME);
        let mut bytes = std::fs::read(&path).unwrap();
        let torn = bytes.split_off(bytes.len() - 9);
        bytes.extend(
            b"\n{\"at\":1,\"type\":\"waved\",\"seat\":1}\n\xff\xfe\n{\"at\":9,\"type\":\"left\",\"seat\":3}\n{\"at\"",
        );
        std::fs::write(&path, bytes).unwrap();
        let seats: Vec<Event> = read(folder.path())
            .unwrap()
            .into_iter()
            .map(|line| line.event)
            .collect();
        assert_eq!(seats, [Event::Left { seat: 1 }, Event::Left { seat: 3 }], "{torn:?}");
        assert_eq!(read(&folder.path().join("nowhere")).unwrap(), []);
    }
}
