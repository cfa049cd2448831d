//! Makes a recording's description anew where `recording.json` is lost or torn: from `events.jsonl`, and from the track files themselves.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::id::RecordingId;
use super::metadata::{Metadata, Pause, Status, TrackKind, TrackRecord};
use super::sidecar::{self, Event, Line};

/// What is said of a recording whose description was lost.
const REBUILT: &str = "The description of this recording was lost, and was made anew from its files.";

/// The description as far as the folder's other files tell; `None` if it holds no recording.
pub fn rebuild(folder: &Path, id: RecordingId, room_id: &str) -> io::Result<Option<Metadata>> {
    let lines = sidecar::read(folder)?;
    let files = track_files(folder)?;
    if lines.is_empty() && files.is_empty() {
        return Ok(None);
    }
    let mut metadata = Metadata::new(id, room_id.to_owned(), id.as_millis());
    // Without a word of what happened nothing says that it did not end well.
    let is_whole = lines
        .last()
        .is_none_or(|line| matches!(line.event, Event::Stopped { .. }));
    let mut tracks = BTreeMap::new();
    let mut names = BTreeMap::new();
    for Line { at, event } in lines {
        take(event, at, &mut metadata, &mut tracks, &mut names);
    }
    for (number, file, kind, is_screen_share) in files {
        let made = || track(number, file, kind, is_screen_share);
        tracks.entry(number).or_insert_with(made);
    }
    for track in tracks.values_mut() {
        if let Some(name) = names.get(&track.seat) {
            track.peer_name.clone_from(name);
        }
    }
    metadata.tracks = tracks.into_values().collect();
    if is_whole {
        metadata.measure(folder);
        metadata.status = Status::Recorded;
        metadata.message = Some(REBUILT.to_owned());
    }
    Ok(Some(metadata))
}

fn take(
    event: Event,
    at: i64,
    metadata: &mut Metadata,
    tracks: &mut BTreeMap<usize, TrackRecord>,
    names: &mut BTreeMap<u64, String>,
) {
    let at_ms = at.max(0) as u64;
    match event {
        Event::Started { started_at, .. } => metadata.started_at = started_at,
        Event::Joined { seat, name } | Event::Named { seat, name } => {
            names.insert(seat, name);
        }
        Event::TrackBegun {
            track: number,
            file,
            seat,
            kind,
            is_screen_share,
            codec,
            offset_ms,
            width,
            height,
        } if super::metadata::is_plain_name(&file) => {
            let record = TrackRecord {
                seat,
                codec: Some(codec),
                offset_ms,
                width,
                height,
                ..track(number, file, kind, is_screen_share)
            };
            tracks.insert(number, record);
        }
        Event::Offset { track, offset_ms } => {
            if let Some(track) = tracks.get_mut(&track) {
                track.offset_ms = offset_ms;
            }
        }
        Event::Paused { track } => {
            if let Some(track) = tracks.get_mut(&track) {
                track.pauses.push(Pause {
                    from_ms: at_ms,
                    to_ms: None,
                });
            }
        }
        Event::Resumed { track } => {
            if let Some(pause) = tracks.get_mut(&track).and_then(|track| track.pauses.last_mut()) {
                pause.to_ms.get_or_insert(at_ms);
            }
        }
        Event::Loss { track, packets, .. } => {
            if let Some(track) = tracks.get_mut(&track) {
                track.lost_packets = track.lost_packets.saturating_add(packets);
            }
        }
        Event::TrackEnded {
            track,
            end_ms,
            frames,
            lost_packets,
        } => {
            if let Some(track) = tracks.get_mut(&track) {
                track.end_ms = Some(end_ms);
                track.frames = frames;
                track.lost_packets = lost_packets;
            }
        }
        Event::Stopped { duration_ms } => metadata.duration_ms = Some(duration_ms),
        _ => {}
    }
}

fn track(number: usize, file: String, kind: TrackKind, is_screen_share: bool) -> TrackRecord {
    TrackRecord {
        number,
        file,
        // Nobody is known, so each is somebody of their own.
        seat: number as u64,
        peer_name: String::new(),
        kind,
        is_screen_share,
        codec: None,
        offset_ms: 0,
        end_ms: None,
        width: None,
        height: None,
        frames: 0,
        lost_packets: 0,
        pauses: Vec::new(),
    }
}

/// The track files in a folder: number, name, kind, and whether it is a shared screen.
fn track_files(folder: &Path) -> io::Result<Vec<(usize, String, TrackKind, bool)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        files.extend(name.to_str().and_then(track_file));
    }
    Ok(files)
}

fn track_file(name: &str) -> Option<(usize, String, TrackKind, bool)> {
    let (stem, _) = name.strip_prefix("track-")?.rsplit_once('.')?;
    let (number, source) = stem.split_once('-')?;
    let (kind, is_screen_share) = match source {
        "voice" => (TrackKind::Audio, false),
        "screen-sound" => (TrackKind::Audio, true),
        "camera" => (TrackKind::Video, false),
        "screen" => (TrackKind::Video, true),
        _ => return None,
    };
    Some((number.parse().ok()?, name.to_owned(), kind, is_screen_share))
}

#[cfg(test)]
mod tests {
    use super::super::sidecar::Sidecar;
    use super::*;
    use crate::rtp::frames::{Codec, CodecName};
    use crate::webm::TrackWriter;
    use std::time::Duration;

    const ID: RecordingId = RecordingId::from_millis(70_000);

    fn begun(track: usize, file: &str, offset_ms: i64) -> Event {
        Event::TrackBegun {
            track,
            file: file.to_owned(),
            seat: 4,
            kind: TrackKind::Video,
            is_screen_share: true,
            codec: CodecName::Vp8,
            offset_ms,
            width: Some(640),
            height: Some(360),
        }
    }

    #[test]
    fn what_happened_tells_what_the_description_said() {
        let folder = tempfile::tempdir().unwrap();
        let mut sidecar = Sidecar::create(folder.path()).unwrap();
        let name = |name: &str| name.to_owned();
        for (at, event) in [
            (
                0,
                Event::Joined {
                    seat: 4,
                    name: name("Ben"),
                },
            ),
            (900, begun(2, "track-002-screen.webm", 900)),
            (
                1900,
                Event::Offset {
                    track: 2,
                    offset_ms: 870,
                },
            ),
            (2000, Event::Paused { track: 2 }),
            (2500, Event::Resumed { track: 2 }),
            (
                2600,
                Event::Named {
                    seat: 4,
                    name: name("Ben B."),
                },
            ),
            (
                2700,
                Event::Loss {
                    track: 2,
                    packets: 3,
                    until_ms: 2800,
                },
            ),
            (3000, begun(3, "../../elsewhere.webm", 0)),
        ] {
            sidecar.add(at, event);
        }
        sidecar.finish().unwrap();
        let metadata = rebuild(folder.path(), ID, "team").unwrap().unwrap();
        let expected = TrackRecord {
            seat: 4,
            peer_name: name("Ben B."),
            codec: Some(CodecName::Vp8),
            offset_ms: 870,
            width: Some(640),
            height: Some(360),
            lost_packets: 3,
            pauses: vec![Pause {
                from_ms: 2000,
                to_ms: Some(2500),
            }],
            ..track(2, name("track-002-screen.webm"), TrackKind::Video, true)
        };
        assert_eq!(metadata.tracks, [expected]);
        assert_eq!((metadata.started_at, metadata.status), (70_000, Status::Recording));
    }

    #[test]
    fn numbers_that_cannot_be_are_no_end_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut sidecar = Sidecar::create(folder.path()).unwrap();
        let loss = |packets| Event::Loss {
            track: 1,
            packets,
            until_ms: 0,
        };
        for event in [begun(1, "track-001-screen.webm", i64::MAX), loss(u64::MAX), loss(1)] {
            sidecar.add(0, event);
        }
        sidecar.finish().unwrap();
        let path = folder.path().join("track-001-screen.webm");
        let mut writer = TrackWriter::create(&path, Codec::Vp8, None, None).unwrap();
        writer.write(Duration::ZERO, None, true, &[1]).unwrap();
        writer.finish().unwrap();
        let mut metadata = rebuild(folder.path(), ID, "team").unwrap().unwrap();
        metadata.mend(folder.path());
        assert_eq!(
            (metadata.tracks[0].lost_packets, metadata.tracks[0].end_ms),
            (u64::MAX, Some(i64::MAX))
        );
        assert_eq!(metadata.tracks[0].span(), None);
    }

    #[test]
    fn without_any_description_the_files_names_tell_what_they_hold() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "track-001-camera.webm",
            "track-012-screen-sound.webm",
            "other.webm",
            "track-x-voice.webm",
        ] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let metadata = rebuild(folder.path(), ID, "team").unwrap().unwrap();
        // There is nothing in these.
        assert_eq!((metadata.tracks.len(), metadata.duration_ms), (0, Some(0)));
        assert_eq!(metadata.message.as_deref(), Some(REBUILT));
        let files: Vec<_> = track_files(folder.path())
            .unwrap()
            .into_iter()
            .map(|(number, _, kind, is_screen_share)| (number, kind, is_screen_share))
            .collect();
        assert_eq!(files.len(), 2);
        assert!(files.contains(&(1, TrackKind::Video, false)) && files.contains(&(12, TrackKind::Audio, true)));
    }

    #[test]
    fn a_folder_without_a_recording_gives_none() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(rebuild(folder.path(), ID, "team").unwrap(), None);
        assert!(rebuild(&folder.path().join("gone"), ID, "team").is_err());
    }
}
