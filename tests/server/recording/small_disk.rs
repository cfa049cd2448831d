//! A disk that is really full: a small one of the test's own, mounted where no other process sees it.

use std::path::Path;
use std::process::Command;

use confab_server::problems::Problems;
use confab_server::recording::{Recorder, RecordingSnapshot, RecordingState};

use super::super::own_view::{self, mount};
use super::studio::{Source, Studio, probe};
use super::{HUNG, composed, number, opened, track_file, tracks, written};

#[test]
fn a_disk_that_gets_full_is_told_and_what_was_recorded_is_kept() {
    own_view::run("recording::small_disk::on_a_small_disk");
}

/// Lets the disk have no more room than this, in bytes.
fn leave(folder: &Path, room: u64) {
    let output = Command::new("df")
        .args(["--block-size=1", "--output=used"])
        .arg(folder)
        .output();
    let output = String::from_utf8(output.unwrap().stdout).unwrap();
    let used: u64 = output.lines().last().unwrap().trim().parse().unwrap();
    mount(&format!("remount,size={}", used + room), folder);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a view of the file systems of its own: the test above starts it"]
async fn on_a_small_disk() {
    const MB: u64 = 1 << 20;
    let folder = tempfile::tempdir().unwrap();
    mount("size=200m", folder.path());
    let studio = Studio::new().await;
    let problems = Problems::default();
    let library = opened(folder.path(), problems.clone()).await;
    let senders = [
        studio.send(1, Source::Camera).await,
        studio.send(1, Source::Voice).await,
    ];
    let existing = || senders.iter().map(|sender| sender.described.clone()).collect();
    let start = async || library.start(&studio.router, "team", existing()).await.unwrap();
    let broken = async |recorder: &Recorder| {
        let mut failures = recorder.failures();
        let told = tokio::time::timeout(HUNG, failures.wait_for(Option::is_some)).await;
        told.unwrap().unwrap().clone().unwrap()
    };

    // There is room for a while, which is said, and warned of.
    let recorder = start().await;
    written(&library, 2, 8_000).await;
    leave(folder.path(), 130 * MB);
    let mut snapshots = library.snapshots();
    let is_warned = |snapshots: &Vec<RecordingSnapshot>| {
        let running = &snapshots[0];
        running.room_for_seconds.is_some_and(|seconds| seconds < 600) && running.message.is_some()
    };
    let warned = tokio::time::timeout(HUNG, snapshots.wait_for(is_warned)).await;
    let warning = warned.unwrap().unwrap()[0].message.clone().unwrap();
    assert!(
        warning.contains("has room for about") && warning.contains("free some space"),
        "{warning}"
    );
    // Then there is too little left to go on: it ends while its files can be completed.
    leave(folder.path(), 100 * MB);
    let told = broken(&recorder).await;
    assert!(told.contains("is nearly full, so the recording was stopped"), "{told}");
    assert_eq!(recorder.finish().await.failure, Some(told.clone()));
    assert_eq!(problems.sentences(), std::slice::from_ref(&told));
    let snapshot = composed(&library).await;
    assert_eq!((snapshot.state, snapshot.message), (RecordingState::Ready, Some(told)));
    for track in &tracks(&snapshot.folder) {
        let file = probe(&track_file(&snapshot.folder, track));
        assert_eq!(file.frames_in_all(), number(track, "frames"), "{track}");
    }
    // And nothing starts.
    let refused = library.start(&studio.router, "team", existing()).await.unwrap_err();
    assert!(refused.to_string().contains("too little room"), "{refused}");
    assert_eq!(problems.sentences(), [refused.to_string()]);
    assert_eq!(library.snapshots().borrow().len(), 1);

    // Something else fills the disk all of a sudden: not even the end can be written.
    mount("remount,size=200m", folder.path());
    let recorder = start().await;
    written(&library, 2, 8_000).await;
    leave(folder.path(), 20_000);
    let told = broken(&recorder).await;
    assert!(told.contains(" full"), "{told}");
    assert_eq!(recorder.finish().await.failure, Some(told));
    let snapshot = composed(&library).await;
    assert_eq!(snapshot.state, RecordingState::Failed, "{snapshot:?}");
    let message = snapshot.message.unwrap();
    assert!(message.contains("full") && message.contains("Try again"), "{message}");
    assert!(!message.contains("start a new recording"), "{message}");

    mount("remount,size=200m", folder.path());
    library.retry(snapshot.id).unwrap();
    let snapshot = composed(&library).await;
    assert_eq!(snapshot.state, RecordingState::Ready, "{snapshot:?}");
    let tracks = tracks(&snapshot.folder);
    assert_eq!(tracks.len(), 2);
    for track in &tracks {
        let file = probe(&track_file(&snapshot.folder, track));
        assert!(file.frames_in_all() > 10, "{track}");
        assert!(file.frames_in_all() <= number(track, "frames"), "{track}");
    }
    assert_eq!(
        probe(Path::new(snapshot.file.as_deref().unwrap())).codecs(),
        ["h264", "aac"]
    );
}
