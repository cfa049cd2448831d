//! What the owner does with finished recordings, and with those in the making.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use confab_server::problems::Problems;
use confab_server::recording::{
    ExportFormat, ExportOptions, Library, LibrarySettings, RecordingId, RecordingSnapshot, RecordingState,
};

use super::films::Reel;
use super::shelf::earlier_recording;
use super::studio::probe;
use super::{HUNG, opened};

const SOUND: ExportOptions = ExportOptions {
    format: ExportFormat::Mp3,
    size: confab_server::recording::PictureSize::P480,
    chat: false,
};

fn only(library: &Library) -> RecordingSnapshot {
    library.snapshots().borrow()[0].clone()
}

async fn composed(root: &Path) -> Library {
    earlier_recording(root, "team", 7, "recorded");
    let library = opened(root, Problems::default()).await;
    library.wait_idle().await;
    assert_eq!(only(&library).state, RecordingState::Ready, "{:?}", only(&library));
    library
}

/// Waits until the only recording is so.
async fn becomes(library: &Library, is: impl Fn(&RecordingSnapshot) -> bool) {
    let mut snapshots = library.snapshots();
    let waited = snapshots.wait_for(|snapshots| snapshots.first().is_some_and(&is));
    let found = tokio::time::timeout(HUNG, waited).await;
    assert!(found.is_ok(), "{:?}", only(library));
}

fn names(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn one_more_file_is_made_beside_the_first_and_both_get_the_recordings_name() {
    let root = tempfile::tempdir().unwrap();
    let library = composed(root.path()).await;
    let id = only(&library).id;
    library.export(id, SOUND).unwrap();
    library.wait_idle().await;
    assert_eq!(
        names(root.path()),
        ["room_team_7", "room_team_7-480p.mp4", "room_team_7.mp3"]
    );

    fs::write(root.path().join("Board - June.mp3"), "another's").unwrap();
    library.rename(id, " Board / June ").unwrap();
    assert_eq!(
        names(root.path()),
        [
            "Board - June (2).mp3",
            "Board - June-480p.mp4",
            "Board - June.mp3",
            "room_team_7"
        ]
    );
    let snapshot = only(&library);
    assert_eq!(snapshot.title.as_deref(), Some("Board / June"));
    assert!(snapshot.file.unwrap().ends_with("Board - June (2).mp3"));

    // After a restart, too; and what is made next is called so.
    let library = opened(root.path(), Problems::default()).await;
    let snapshot = only(&library);
    assert_eq!(
        (snapshot.state, snapshot.title.as_deref()),
        (RecordingState::Ready, Some("Board / June"))
    );
    library
        .export(
            id,
            ExportOptions {
                format: ExportFormat::Opus,
                ..SOUND
            },
        )
        .unwrap();
    library.wait_idle().await;
    let file = PathBuf::from(only(&library).file.unwrap());
    assert_eq!(file.file_name().unwrap(), "Board - June.opus");
    assert_eq!(probe(&file).codecs(), ["opus"]);
    library.rename(id, "").unwrap();
    assert!(names(root.path()).contains(&"room_team_7-480p.mp4".to_owned()));
}

/// A recording that takes a while to compose.
fn long(root: &Path) {
    let mut reel = Reel::new(root);
    reel.camera(1, [200, 30, 30], 0, 40_000);
    reel.leave();
}

#[tokio::test(flavor = "multi_thread")]
async fn composing_stands_still_while_it_is_held_and_goes_on() {
    let root = tempfile::tempdir().unwrap();
    long(root.path());
    let library = Library::open(root.path(), Problems::default()).await;
    library.hold(true);
    becomes(&library, |one| {
        one.state == RecordingState::Composing && one.held_by.is_some()
    })
    .await;
    let held = only(&library).progress;
    tokio::time::sleep(Duration::from_secs(2)).await;
    // What was on its way may still be told.
    assert!(only(&library).progress.unwrap() < held.unwrap() + 0.2);
    assert_eq!(only(&library).state, RecordingState::Composing);
    library.hold(false);
    library.wait_idle().await;
    assert_eq!(only(&library).state, RecordingState::Ready);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_film_is_not_made_after_a_restart_either_and_can_be_made_again() {
    let root = tempfile::tempdir().unwrap();
    long(root.path());
    let library = Library::open(root.path(), Problems::default()).await;
    becomes(&library, |one| one.progress.is_some_and(|progress| progress > 0.0)).await;
    let id = only(&library).id;
    library.cancel(id).unwrap();
    let snapshot = only(&library);
    assert_eq!((snapshot.state, snapshot.file), (RecordingState::TracksOnly, None));
    assert!(
        snapshot
            .message
            .unwrap()
            .ends_with("choose Try again to make the file.")
    );
    let scratch = root.path().join("room_team_7/composing");
    let gone = async {
        while scratch.exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(HUNG, gone).await.unwrap();
    assert_eq!(names(root.path()), ["room_team_7"]);

    let library = opened(root.path(), Problems::default()).await;
    assert_eq!(only(&library).state, RecordingState::TracksOnly);
    library.export(id, SOUND).unwrap();
    library.wait_idle().await;
    let message = only(&library).message.unwrap();
    assert!(message.starts_with("Nobody was to be heard"), "{message}");
    library.retry(id).unwrap();
    library.wait_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_survives_a_restart_with_what_was_wanted() {
    let root = tempfile::tempdir().unwrap();
    let library = composed(root.path()).await;
    let id = only(&library).id;
    library.hold(true);
    library.export(id, SOUND).unwrap();
    library.stop();
    drop(library);
    let library = opened(root.path(), Problems::default()).await;
    library.wait_idle().await;
    assert_eq!(only(&library).id, id);
    assert!(
        names(root.path()).contains(&"room_team_7.mp3".to_owned()),
        "{:?}",
        names(root.path())
    );
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn old_recordings_go_to_the_bin_if_the_owner_wants_that_and_can_be_had_back() {
    let root = tempfile::tempdir().unwrap();
    let library = composed(root.path()).await;
    let id: RecordingId = only(&library).id;
    library.clear(SystemTime::now()).await;
    assert_eq!(only(&library).id, id, "nothing goes by itself");
    library.set(LibrarySettings {
        keep_days: Some(30),
        ..LibrarySettings::default()
    });
    library
        .clear(SystemTime::UNIX_EPOCH + Duration::from_secs(29 * 24 * 3600))
        .await;
    assert_eq!(only(&library).id, id, "not old enough");
    library.clear(SystemTime::now()).await;
    assert!(library.snapshots().borrow().is_empty());
    assert_eq!(names(root.path()), [""; 0]);

    let ours = |item: &trash::TrashItem| item.original_parent == root.path().canonicalize().unwrap();
    let thrown: Vec<trash::TrashItem> = trash::os_limited::list().unwrap().into_iter().filter(ours).collect();
    assert_eq!(thrown.len(), 2, "the folder and the film");
    trash::os_limited::restore_all(thrown).unwrap();
    let library = opened(root.path(), Problems::default()).await;
    assert_eq!(only(&library).state, RecordingState::Ready);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_folder_is_shown_as_soon_as_it_is_chosen() {
    let (root, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    earlier_recording(other.path(), "there", 9, "failed");
    let library = composed(root.path()).await;
    library.move_to(other.path().to_owned()).await.unwrap();
    assert_eq!(only(&library).room_id, "there");
    assert_eq!(library.root(), other.path());
    let file = other.path().join("a file");
    fs::write(&file, "").unwrap();
    let refused = library.move_to(file).await.unwrap_err();
    assert!(refused.to_string().contains("cannot be listed"), "{refused}");
    assert_eq!(only(&library).room_id, "there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_a_film_works_once_and_for_its_own_room_alone() {
    let root = tempfile::tempdir().unwrap();
    let library = composed(root.path()).await;
    let id = only(&library).id;
    assert!(library.ticket(id, "another").is_err());
    let secret = library.ticket(id, "team").unwrap();
    assert_eq!(
        library.spend(secret.reveal()),
        Some(PathBuf::from(only(&library).file.unwrap()))
    );
    assert_eq!(library.spend(secret.reveal()), None);
    assert_eq!(library.spend("guessed"), None);
}
