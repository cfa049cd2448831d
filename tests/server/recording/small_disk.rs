//! A disk that is really full: a small one of the test's own, mounted where no other process sees it.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use confab_server::problems::Problems;
use confab_server::recording::RecordingState;

use super::super::own_view::{self, mount};
use super::studio::{Source, Studio, probe};
use super::{HUNG, composed, number, opened, track_file, tracks};

#[test]
fn a_disk_that_gets_full_is_told_and_what_was_recorded_is_kept() {
    own_view::run("recording::small_disk::on_a_small_disk");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a view of the file systems of its own: the test above starts it"]
async fn on_a_small_disk() {
    let folder = tempfile::tempdir().unwrap();
    mount("size=250k", folder.path());
    let studio = Studio::new().await;
    let problems = Problems::default();
    let library = opened(folder.path(), problems.clone()).await;
    let senders = [
        studio.send(1, Source::Camera).await,
        studio.send(1, Source::Voice).await,
    ];
    let existing = || senders.iter().map(|sender| sender.described.clone()).collect();
    let recorder = library.start(&studio.router, "team", existing()).await.unwrap();
    let mut failures = recorder.failures();
    let told = tokio::time::timeout(HUNG, failures.wait_for(Option::is_some))
        .await
        .unwrap();
    let told = told.unwrap().clone().unwrap();
    assert!(
        told.starts_with("The disk with ") && told.contains(" is full"),
        "{told}"
    );
    assert_eq!(recorder.finish().await.failure, Some(told.clone()));
    assert_eq!(problems.sentences(), [told]);

    let snapshot = composed(&library).await;
    assert_eq!(snapshot.state, RecordingState::Failed, "{snapshot:?}");
    let message = snapshot.message.unwrap();
    assert!(message.contains("full") && message.contains("Try again"), "{message}");
    assert!(!message.contains("start a new recording"), "{message}");

    // Not a byte is left: nothing starts.
    let mut filler = fs::File::create(folder.path().join("filler")).unwrap();
    while filler.write(&[0; 512]).is_ok() {}
    let refused = library.start(&studio.router, "team", existing()).await.unwrap_err();
    assert!(refused.to_string().contains("is full"), "{refused}");
    assert_eq!(problems.sentences(), [refused.to_string()]);
    assert_eq!(library.snapshots().borrow().len(), 1);

    mount("remount,size=64m", folder.path());
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
