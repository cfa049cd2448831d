//! Recordings of real RTP through a real mediasoup worker, judged by what ffprobe and ffmpeg decode.

mod codecs;
mod films;
mod keeping;
mod left_out;
mod names;
#[cfg(unix)]
mod programs;
mod shelf;
#[cfg(target_os = "linux")]
mod small_disk;
pub(crate) mod studio;
mod time;
mod troubles;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::guest::HUNG;
use confab_server::problems::Problems;
use confab_server::recording::{
    ExportOptions, Library, LibrarySettings, MemberEvent, PictureSize, RecordedPerson, RecordingSnapshot,
    RecordingState,
};
use serde_json::Value;
pub(crate) use shelf::earlier_recording;
use studio::{Relay, Source, Studio, probe};
use tokio::time::sleep;

/// A library whose films are small, so that they are made quickly.
async fn opened(root: impl Into<PathBuf>, problems: Problems) -> Library {
    let library = Library::open(root, problems).await;
    library.set(LibrarySettings {
        export: ExportOptions {
            size: PictureSize::P480,
            ..ExportOptions::default()
        },
        ..LibrarySettings::default()
    });
    library
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Waits until the library has nothing to do and returns its only recording.
async fn composed(library: &Library) -> RecordingSnapshot {
    library.wait_idle().await;
    library
        .snapshots()
        .borrow()
        .first()
        .cloned()
        .expect("there is a recording")
}

fn metadata(folder: &str) -> Value {
    serde_json::from_slice(&std::fs::read(Path::new(folder).join("recording.json")).unwrap()).unwrap()
}

fn tracks(folder: &str) -> Vec<Value> {
    metadata(folder)["tracks"].as_array().unwrap().clone()
}

/// Waits until so many tracks are on the disk, with so many bytes at least.
async fn written(library: &Library, count: usize, bytes: u64) {
    let folder = library.snapshots().borrow()[0].folder.clone();
    let is_written =
        |track: &Value| std::fs::metadata(track_file(&folder, track)).is_ok_and(|file| file.len() >= bytes);
    until("so much is written", || {
        tracks(&folder).iter().filter(|track| is_written(track)).count() >= count
    })
    .await;
}

/// Waits until it is so.
async fn until(what: &str, is: impl Fn() -> bool) {
    let deadline = tokio::time::Instant::now() + HUNG;
    while !is() {
        assert!(tokio::time::Instant::now() < deadline, "never: {what}");
        sleep(Duration::from_millis(50)).await;
    }
}

pub(crate) fn person(seat: u64, name: &str) -> RecordedPerson {
    RecordedPerson {
        seat,
        name: name.to_owned(),
        ..RecordedPerson::default()
    }
}

/// What happened, a line each.
pub(crate) fn events(folder: &str) -> Vec<Value> {
    let lines = std::fs::read_to_string(Path::new(folder).join("events.jsonl")).unwrap();
    lines
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// Waits until the senders of these tracks have told their time more than once: on a busy computer the first word may come late.
async fn reported(library: &Library, tracks: &[u64]) {
    let folder = library.snapshots().borrow()[0].folder.clone();
    let has_told = |track: &u64| {
        let is_it = |line: &&Value| line["type"] == "report" && line["track"] == *track;
        events(&folder).iter().filter(is_it).count() >= 2
    };
    until("the senders tell their time", || tracks.iter().all(has_told)).await;
}

fn track_file(folder: &str, track: &Value) -> PathBuf {
    Path::new(folder).join(track["file"].as_str().unwrap())
}

/// A time of the recording, which can lie before its start.
fn time(value: &Value, field: &str) -> i64 {
    value[field].as_i64().unwrap_or_else(|| panic!("{field} in {value}"))
}

fn number(value: &Value, field: &str) -> u64 {
    value[field].as_u64().unwrap_or_else(|| panic!("{field} in {value}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_come_and_go_and_a_shared_screen_become_one_film() {
    let studio = Studio::new().await;
    let folder = tempfile::tempdir().unwrap();
    let library = opened(folder.path(), Problems::default()).await;
    let anna = [
        studio.send(1, Source::Camera).await,
        studio.send(1, Source::Voice).await,
    ];
    let existing = anna.iter().map(|sender| sender.described.clone()).collect();
    let recorder = library.start(&studio.router, "team", existing).await.unwrap();
    written(&library, 2, 8_000).await;
    let ben = studio.send(2, Source::Voice).await;
    let screen = studio.send(2, Source::Screen).await;
    recorder.tell(MemberEvent::ProducerOpened(ben.described.clone()));
    recorder.tell(MemberEvent::ProducerOpened(screen.described.clone()));
    recorder.tell(MemberEvent::People(vec![
        person(1, "Anna"),
        person(2, "Ben; rm -rf '/' 🦊"),
    ]));
    written(&library, 4, 8_000).await;
    drop(screen); // its producer closes; the room does not tell
    sleep(seconds(2)).await;
    let id = recorder.id();
    let recorded = recorder.finish().await;
    assert_eq!((recorded.id, recorded.tracks, recorded.failure), (id, 4, None));

    let snapshot = composed(&library).await;
    assert_eq!(snapshot.state, RecordingState::Ready, "{snapshot:?}");
    assert_eq!(
        snapshot.file.as_deref(),
        folder.path().join(format!("room_team_{id}-480p.mp4")).to_str()
    );
    assert!(snapshot.bytes > 0 && snapshot.progress.is_none());

    let tracks = tracks(&snapshot.folder);
    assert!(
        tracks
            .iter()
            .any(|track| track["peerName"] == "Ben; rm -rf '/' 🦊" && track["isScreenShare"] == true)
    );
    for track in &tracks {
        assert_eq!(number(track, "lostPackets"), 0, "{track}");
        let file = probe(&track_file(&snapshot.folder, track));
        assert_eq!(
            file.frames_in_all(),
            number(track, "frames"),
            "every frame in {track} decodes"
        );
    }
    let film = probe(Path::new(snapshot.file.as_deref().unwrap()));
    assert_eq!(film.codecs(), ["h264", "aac"]);
    assert_eq!(film.size(), (854, 480));
    let start = tracks.iter().map(|track| time(track, "offsetMs")).min().unwrap().max(0);
    let end = tracks.iter().map(|track| time(track, "endMs")).max().unwrap();
    assert_eq!(film.frames(0), (end.abs_diff(start) * 30).div_ceil(1000));
    assert!(
        (film.duration() * 1000.0 - (end - start) as f64).abs() < 100.0,
        "{}",
        film.duration()
    );
    assert!(!Path::new(&snapshot.folder).join("composing").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_leaves_plays_and_is_composed_at_the_next_start() {
    let studio = Studio::new().await;
    let (folder, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let library = opened(folder.path(), Problems::default()).await;
    let senders = [
        studio.send(1, Source::Camera).await,
        studio.send(1, Source::Voice).await,
    ];
    let existing = senders.iter().map(|sender| sender.described.clone()).collect();
    let recorder = library.start(&studio.router, "team", existing).await.unwrap();
    written(&library, 2, 16_000).await;
    // A copy taken while it is written holds what a process that is killed at this moment would leave.
    let running = library.snapshots().borrow()[0].clone();
    assert_eq!(running.state, RecordingState::Recording);
    let name = Path::new(&running.folder).file_name().unwrap();
    let left = copy.path().join(name);
    std::fs::create_dir(&left).unwrap();
    for entry in std::fs::read_dir(&running.folder).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), left.join(entry.file_name())).unwrap();
    }
    recorder.finish().await;
    let left = left.to_str().unwrap().to_owned();
    let tracks = tracks(&left);
    assert_eq!(tracks.len(), 2);
    for track in &tracks {
        let file = probe(&track_file(&left, track));
        assert!(file.duration() > 0.5 && file.frames_in_all() > 10, "{track} {file:?}");
    }
    // And cut off in the middle of a write, too.
    let torn = track_file(&left, &tracks[0]);
    let length = std::fs::metadata(&torn).unwrap().len();
    std::fs::OpenOptions::new()
        .write(true)
        .open(&torn)
        .unwrap()
        .set_len(length - 700)
        .unwrap();

    let next = opened(copy.path(), Problems::default()).await;
    let snapshot = composed(&next).await;
    assert_eq!(snapshot.state, RecordingState::Ready, "{snapshot:?}");
    assert!(
        snapshot
            .message
            .unwrap()
            .contains("Confab ended while this recording ran")
    );
    assert_eq!(
        probe(Path::new(snapshot.file.as_deref().unwrap())).codecs(),
        ["h264", "aac"]
    );
    library.wait_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn packets_out_of_order_cost_no_frame_and_a_lost_one_only_those_up_to_the_next_key_frame() {
    let studio = Studio::new().await;
    let folder = tempfile::tempdir().unwrap();
    let library = opened(folder.path(), Problems::default()).await;
    let shuffled = studio.relay(1, Source::Camera, Relay::Shuffled).await;
    let lossy = studio.relay(2, Source::Camera, Relay::Lossy).await;
    let existing = vec![shuffled.described.clone(), lossy.described.clone()];
    let recorder = library.start(&studio.router, "team", existing).await.unwrap();
    shuffled.begin();
    lossy.begin();
    let (shuffled, lossy) = (shuffled.end().await, lossy.end().await);
    recorder.finish().await;
    let snapshot = library.snapshots().borrow()[0].clone();
    let tracks = tracks(&snapshot.folder);
    let track = |seat: u64| tracks.iter().find(|track| number(track, "seat") == seat).unwrap();

    assert_eq!(number(track(1), "lostPackets"), 0);
    assert_eq!(number(track(1), "frames"), shuffled.frames);
    assert!(shuffled.disturbed > 10);

    assert_eq!(number(track(2), "lostPackets"), lossy.disturbed);
    assert!(
        number(track(2), "frames") < lossy.frames && number(track(2), "frames") > lossy.frames / 3,
        "{lossy:?}"
    );
    assert!(lossy.key_frame_requests > 0, "{lossy:?} {shuffled:?}");
    for seat in [1, 2] {
        // The decoder complains about a frame whose reference is missing; there is none.
        let file = probe(&track_file(&snapshot.folder, track(seat)));
        assert_eq!(file.frames(0), number(track(seat), "frames"));
    }
    library.wait_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_of_nothing_says_so_and_a_bad_room_or_folder_is_refused_in_a_sentence() {
    let studio = Studio::new().await;
    let folder = tempfile::tempdir().unwrap();
    let library = opened(folder.path(), Problems::default()).await;
    let refused = library
        .start(&studio.router, "../../etc", Vec::new())
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("file name"));
    let first = library.start(&studio.router, "team", Vec::new()).await.unwrap();
    let second = library.start(&studio.router, "team", Vec::new()).await.unwrap();
    assert_ne!(first.id(), second.id());
    first.finish().await;
    drop(second); // as when the room goes away without a goodbye
    let snapshot = composed(&library).await;
    assert_eq!(library.snapshots().borrow().len(), 2);
    assert_eq!(snapshot.state, RecordingState::Failed);
    assert_eq!(
        snapshot.message.as_deref(),
        Some("Nothing was sent while this recording ran, so there is nothing to keep.")
    );

    let file = folder.path().join("a file");
    std::fs::write(&file, "").unwrap();
    let library = opened(file.join("recordings"), Problems::default()).await;
    let refused = library.start(&studio.router, "team", Vec::new()).await.unwrap_err();
    assert!(
        refused.to_string().starts_with("Recordings cannot be saved in"),
        "{refused}"
    );
    assert!(library.snapshots().borrow().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_goes_away_is_told_and_the_recording_ends_well() {
    let studio = Studio::new().await;
    let folder = tempfile::tempdir().unwrap();
    let library = opened(folder.path(), Problems::default()).await;
    let voice = studio.send(1, Source::Voice).await;
    let recorder = library
        .start(&studio.router, "team", vec![voice.described.clone()])
        .await
        .unwrap();
    let mut failures = recorder.failures();
    std::fs::remove_dir_all(folder.path().join(format!("room_team_{}", recorder.id()))).unwrap();
    let told = failures.wait_for(Option::is_some).await.unwrap().clone().unwrap();
    assert!(told.contains("is gone"), "{told}");
    assert_eq!(recorder.finish().await.failure, Some(told.clone()));
    assert_eq!(composed(&library).await.message, Some(told));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flash_and_its_beep_stay_together_for_one_who_joins_late() {
    const FRAME: f64 = 1.0 / 30.0;
    let studio = Studio::new().await;
    let folder = tempfile::tempdir().unwrap();
    let library = opened(folder.path(), Problems::default()).await;
    let listener = studio.send(1, Source::Camera).await; // makes the film longer than the one who flashes
    let recorder = library
        .start(&studio.router, "team", vec![listener.described.clone()])
        .await
        .unwrap();
    written(&library, 1, 8_000).await;
    let flashes = studio.send_flashes(2).await;
    recorder.tell(MemberEvent::ProducerOpened(flashes.picture.described.clone()));
    recorder.tell(MemberEvent::ProducerOpened(flashes.voice.described.clone()));
    written(&library, 3, 1_000).await;
    recorder.tell(MemberEvent::ProducerClosed(listener.described.producer_id)); // a new stretch begins
    reported(&library, &[2, 3]).await;
    recorder.finish().await;
    let snapshot = composed(&library).await;
    assert_eq!(snapshot.state, RecordingState::Ready, "{snapshot:?}");
    let film = PathBuf::from(snapshot.file.unwrap());
    let (flashes, beeps) = studio::flashes_and_beeps(&film);
    // The picture may begin with a later key frame only, after the first flash.
    assert!(
        flashes.len() >= 2 && beeps.len() >= flashes.len(),
        "{flashes:?} {beeps:?}"
    );
    for flash in &flashes {
        let distance = beeps.iter().map(|beep| (beep - flash).abs()).fold(f64::MAX, f64::min);
        assert!(distance <= 2.0 * FRAME, "{flashes:?} {beeps:?}");
    }
}
