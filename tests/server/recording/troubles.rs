//! What happens to a recording while it runs: its media or its folder go away, or its disk takes nothing more. Each is a sentence, and what was there stays.

use std::fs;
use std::path::Path;

use confab_server::problems::Problems;
use confab_server::recording::{MemberEvent, Recorder, RecordingState};
use tokio::time::timeout;

use super::studio::{Source, Studio, probe};
use super::{HUNG, composed, number, opened, track_file, tracks, written};
#[cfg(target_os = "linux")]
use crate::{dying_worker, own_process, own_view};

/// Why a recording ended by itself, once it has.
async fn broken(recorder: &Recorder) -> String {
    let mut failures = recorder.failures();
    let told = timeout(HUNG, failures.wait_for(Option::is_some)).await;
    told.unwrap().unwrap().clone().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_that_dies_is_told_and_what_was_recorded_becomes_a_film() {
    own_process::run(
        own_process::this_program(),
        "recording::troubles::with_a_worker_that_dies",
    );
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "ends a thread of its process: the test above starts it"]
async fn with_a_worker_that_dies() {
    let studio = Studio::new().await;
    let folder = tempfile::tempdir().unwrap();
    let library = opened(folder.path(), Problems::default()).await;
    let mut senders = [
        studio.send(1, Source::Camera).await,
        studio.send(1, Source::Voice).await,
    ];
    let existing = senders.iter().map(|sender| sender.described.clone()).collect();
    let recorder = library.start(&studio.router, "team", existing).await.unwrap();
    written(&library, 2, 16_000).await;
    for sender in &mut senders {
        sender.hush().await;
    }
    dying_worker::kill(studio.router.worker()).await;
    let recorded = timeout(HUNG, recorder.finish()).await.unwrap();
    let told = recorded.failure.unwrap();
    assert!(
        told.contains("sound and pictures stopped") && told.contains("Start the meeting again"),
        "{told}"
    );
    assert_eq!(recorded.tracks, 2);
    let snapshot = composed(&library).await;
    assert_eq!((snapshot.state, snapshot.message), (RecordingState::Ready, Some(told)));
    for track in &tracks(&snapshot.folder) {
        let file = probe(&track_file(&snapshot.folder, track));
        assert_eq!(file.frames_in_all(), number(track, "frames"), "{track}");
        assert!(file.frames_in_all() > 20, "{track}");
    }
    let film = probe(Path::new(snapshot.file.as_deref().unwrap()));
    assert_eq!(film.codecs(), ["h264", "aac"]);

    let refused = library.start(&studio.router, "team", Vec::new()).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "Confab cannot take in what this meeting sends: try again, and if that does not help, let everybody leave and come back."
    );
    assert_eq!(library.snapshots().borrow().len(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_can_only_be_read_all_of_a_sudden_is_told_and_what_was_on_it_is_finished_later() {
    own_view::run("recording::troubles::on_a_disk_that_fails");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a view of the file systems of its own: the test above starts it"]
async fn on_a_disk_that_fails() {
    let (place, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let image = place.path().join("drive");
    let Some(drive) = own_view::Drive::new(&image, folder.path()) else {
        eprintln!("Not tested: this system has no drives to be had.");
        return;
    };
    let studio = Studio::new().await;
    let problems = Problems::default();
    let library = opened(folder.path(), problems.clone()).await;
    let camera = studio.send(1, Source::Camera).await;
    let existing = vec![camera.described.clone()];
    let recorder = library.start(&studio.router, "team", existing.clone()).await.unwrap();
    written(&library, 1, 16_000).await;
    drive.fail();
    let told = broken(&recorder).await;
    let beginning = format!("Nothing can be written to the disk with {}", folder.path().display());
    assert!(
        told.starts_with(&beginning) && told.contains("what is there stays"),
        "{told}"
    );
    assert_eq!(recorder.finish().await.failure, Some(told.clone()));
    assert_eq!(problems.sentences(), [told]);
    let snapshot = composed(&library).await;
    assert_eq!(snapshot.state, RecordingState::Failed);
    let message = snapshot.message.unwrap();
    assert!(
        message.starts_with("The tracks are kept") && message.contains("its disk can only be read"),
        "{message}"
    );
    // What is there can be seen and heard on such a disk, too.
    let kept = tracks(&snapshot.folder);
    let file = probe(&track_file(&snapshot.folder, &kept[0]));
    assert!(file.frames_in_all() > 10);

    let refused = library.start(&studio.router, "team", existing).await.unwrap_err();
    assert!(refused.to_string().starts_with(&beginning), "{refused}");
    assert_eq!(problems.sentences(), [refused.to_string()]);
    assert_eq!(library.snapshots().borrow().len(), 1);
    drop(library);

    drive.mend();
    let next = opened(folder.path(), Problems::default()).await;
    let snapshot = composed(&next).await;
    assert_eq!(snapshot.state, RecordingState::Ready, "{snapshot:?}");
    assert!(snapshot.message.unwrap().contains("everything up to then was kept"));
    let film = probe(Path::new(snapshot.file.as_deref().unwrap()));
    assert_eq!(film.codecs(), ["h264"]);
    assert_eq!(
        next.snapshots().borrow().len(),
        1,
        "what did not start has left nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_all_recordings_that_goes_away_is_told_and_made_anew() {
    let studio = Studio::new().await;
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("recordings");
    let library = opened(&root, Problems::default()).await;
    let voice = studio.send(1, Source::Voice).await;
    let start = async || {
        library
            .start(&studio.router, "team", vec![voice.described.clone()])
            .await
    };
    let recorder = start().await.unwrap();
    written(&library, 1, 2_000).await;
    fs::remove_dir_all(&root).unwrap();
    let told = broken(&recorder).await;
    assert!(
        told.contains("is gone") && told.ends_with("start a new recording."),
        "{told}"
    );
    recorder.finish().await;
    assert_eq!(composed(&library).await.message, Some(told));

    let recorder = start().await.unwrap();
    written(&library, 1, 2_000).await;
    recorder.finish().await;
    let snapshot = composed(&library).await;
    assert_eq!((snapshot.state, snapshot.message), (RecordingState::Ready, None));
    assert_eq!(probe(Path::new(&snapshot.file.unwrap())).codecs(), ["h264", "aac"]);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_not_there_at_the_start_is_told_and_all_is_well_once_it_is() {
    let studio = Studio::new().await;
    let place = tempfile::tempdir().unwrap();
    // As where the drive is not plugged in that it is on.
    let (root, drive) = (place.path().join("recordings"), place.path().join("drive"));
    std::os::unix::fs::symlink(&drive, &root).unwrap();
    let problems = Problems::default();
    let library = opened(&root, problems.clone()).await;
    let refused = library.start(&studio.router, "team", Vec::new()).await.unwrap_err();
    let sentence = format!(
        "Recordings cannot be saved in {}, because there is no such folder: connect its disk or choose another folder, then start the \
         recording again.",
        root.display()
    );
    assert_eq!(refused.to_string(), sentence);
    assert_eq!(problems.sentences(), [sentence]);
    fs::create_dir(&drive).unwrap();
    let voice = studio.send(1, Source::Voice).await;
    let recorder = library
        .start(&studio.router, "team", vec![voice.described.clone()])
        .await
        .unwrap();
    assert!(problems.sentences().is_empty());
    recorder.tell(MemberEvent::People(Vec::new()));
    written(&library, 1, 2_000).await;
    recorder.finish().await;
    assert_eq!(composed(&library).await.state, RecordingState::Ready);
}

#[cfg(target_os = "linux")]
#[test]
fn what_does_not_start_leaves_no_folder() {
    own_view::run("recording::troubles::on_a_disk_that_takes_no_more_files");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a view of the file systems of its own: the test above starts it"]
async fn on_a_disk_that_takes_no_more_files() {
    let folder = tempfile::tempdir().unwrap();
    // One for the disk itself, one for the recording's folder, and one for a file in it.
    own_view::mount("size=300m,nr_inodes=3", folder.path());
    let studio = Studio::new().await;
    let library = opened(folder.path(), Problems::default()).await;
    let refused = library.start(&studio.router, "team", Vec::new()).await.unwrap_err();
    assert!(refused.to_string().contains("too little room"), "{refused}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
