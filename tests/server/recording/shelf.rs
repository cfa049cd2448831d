//! The recordings of earlier days: each is listed, whatever state its folder is in.

use std::fs;
use std::path::Path;
use std::process::Command;

use confab_server::problems::Problems;
use confab_server::recording::{Library, RecordingSnapshot, RecordingState};
use serde_json::{Value, json};

/// What an earlier run left of a recording of one voice that got as far as `status`.
pub(crate) fn earlier_recording(root: &Path, room: &str, id: u64, status: &str) {
    let folder = root.join(format!("room_{room}_{id}"));
    fs::create_dir_all(&folder).unwrap();
    let made = Command::new("ffmpeg")
        .args("-v error -f lavfi -i sine=duration=1 -c:a libopus".split(' '))
        .arg(folder.join("track-001-voice.webm"))
        .status()
        .expect("ffmpeg is installed");
    assert!(made.success());
    let track = json!({ "file": "track-001-voice.webm", "seat": 1, "peerName": "Anna", "kind": "audio",
                        "isScreenShare": false, "offsetMs": 0, "endMs": 1000, "width": null, "height": null,
                        "frames": 50, "lostPackets": 0, "pauses": [] });
    let metadata = json!({ "version": 1, "id": id.to_string(), "roomId": room, "startedAt": id, "durationMs": 1000,
                           "status": status, "message": null, "failure": null, "tracks": [track],
                           "products": { "wanted": { "size": "480p" } } });
    fs::write(folder.join("recording.json"), metadata.to_string()).unwrap();
}

fn of_room(library: &Library, room: &str) -> RecordingSnapshot {
    let snapshots = library.snapshots();
    let found = snapshots.borrow().iter().find(|one| one.room_id == room).cloned();
    found.unwrap_or_else(|| panic!("no recording of {room} in {:?}", snapshots.borrow()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_cannot_be_read_is_listed_with_the_reason_and_can_be_tried_again() {
    let root = tempfile::tempdir().unwrap();
    earlier_recording(root.path(), "newer", 1, "recorded");
    let description = root.path().join("room_newer_1/recording.json");
    let whole = fs::read_to_string(&description).unwrap();
    let newer = whole.replace("\"version\":1", "\"version\":99");
    fs::write(&description, &newer).unwrap();
    let library = Library::open(root.path(), Problems::default()).await;
    let unread = of_room(&library, "newer");
    assert_eq!((unread.state, unread.started_at), (RecordingState::Failed, 1));
    let message = unread.message.unwrap();
    assert!(
        message.contains("cannot be read") && message.contains("Try again"),
        "{message}"
    );

    library.retry(unread.id).unwrap();
    library.wait_idle().await;
    assert_eq!(of_room(&library, "newer").message, Some(message));
    assert_eq!(
        fs::read_to_string(&description).unwrap(),
        newer,
        "nothing is written over it"
    );

    fs::write(&description, whole).unwrap();
    library.retry(unread.id).unwrap();
    library.wait_idle().await;
    let read = of_room(&library, "newer");
    assert_eq!((read.state, read.message), (RecordingState::Ready, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_that_was_torn_or_lost_is_made_anew_from_the_files() {
    let root = tempfile::tempdir().unwrap();
    for (room, id) in [("torn", 1), ("lost", 2)] {
        earlier_recording(root.path(), room, id, "recorded");
        let description = root.path().join(format!("room_{room}_{id}/recording.json"));
        let whole = fs::read(&description).unwrap();
        fs::write(&description, &whole[..40]).unwrap();
    }
    fs::remove_file(root.path().join("room_lost_2/recording.json")).unwrap();
    let happened = [
        json!({ "at": 0, "type": "started", "version": 1, "id": "2", "roomId": "lost", "startedAt": 2 }),
        json!({ "at": 0, "type": "joined", "seat": 7, "name": "Ben" }),
        json!({ "at": 300, "type": "track", "track": 1, "file": "track-001-voice.webm", "seat": 7, "kind": "audio",
                "isScreenShare": false, "codec": "opus", "offsetMs": 300, "width": null, "height": null }),
    ];
    let lines: String = happened.iter().map(|line| format!("{line}\n")).collect();
    fs::write(
        root.path().join("room_lost_2/events.jsonl"),
        lines + "{\"at\":1200,\"ty",
    )
    .unwrap();

    let library = Library::open(root.path(), Problems::default()).await;
    library.wait_idle().await;
    for room in ["torn", "lost"] {
        let rebuilt = of_room(&library, room);
        assert_eq!(rebuilt.state, RecordingState::Ready, "{rebuilt:?}");
        let message = rebuilt.message.unwrap();
        let expected = match room {
            "lost" => "Confab ended while this recording ran",
            _ => "made anew from its files",
        };
        assert!(message.contains(expected), "{message}");
    }
    let lost = fs::read(root.path().join("room_lost_2/recording.json")).unwrap();
    let track = &serde_json::from_slice::<Value>(&lost).unwrap()["tracks"][0];
    assert_eq!((&track["peerName"], &track["offsetMs"]), (&json!("Ben"), &json!(300)));
    assert_eq!(track["seat"], 7);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_looked_into_is_listed() {
    let root = tempfile::tempdir().unwrap();
    let itself = root.path().join("room_loop_2");
    std::os::unix::fs::symlink(&itself, &itself).unwrap();
    fs::create_dir(root.path().join("room_empty_3")).unwrap();
    let library = Library::open(root.path(), Problems::default()).await;
    let listed = of_room(&library, "loop");
    assert!(listed.message.unwrap().contains("cannot be read"));
    assert_eq!(library.snapshots().borrow().len(), 1, "an empty folder is no recording");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_recording_whose_mending_cannot_be_saved_is_composed_all_the_same() {
    let root = tempfile::tempdir().unwrap();
    earlier_recording(root.path(), "mended", 4, "recording");
    // In the way of every new description.
    fs::create_dir(root.path().join("room_mended_4/recording.json.part")).unwrap();
    let library = Library::open(root.path(), Problems::default()).await;
    library.wait_idle().await;
    assert_eq!(of_room(&library, "mended").state, RecordingState::Ready);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recordings_folder_that_cannot_be_listed_is_a_problem_and_a_missing_one_is_none() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("a file");
    fs::write(&file, "").unwrap();
    let problems = Problems::default();
    let library = Library::open(&file, problems.clone()).await;
    assert!(library.snapshots().borrow().is_empty());
    let [sentence] = problems.sentences().try_into().unwrap();
    assert!(
        sentence.contains("cannot be listed") && sentence.contains("a file"),
        "{sentence}"
    );

    let problems = Problems::default();
    Library::open(root.path().join("not yet"), problems.clone()).await;
    assert!(problems.sentences().is_empty());
}
