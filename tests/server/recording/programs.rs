//! An ffmpeg that is missing, too old, incomplete or broken: a sentence in the library that names the way out, and the film as soon as there is a good one. And what ffmpeg
//! is told, read from its arguments.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use confab_server::broadcast::{BroadcastOptions, BroadcastState, Broadcaster, Target};
use confab_server::problems::Problems;
use confab_server::recording::{Library, PictureSize, RecordingSnapshot, RecordingState};
use serde_json::json;
use tokio::time::timeout;

use super::films::Reel;
use super::shelf::earlier_recording;
use super::studio::{Studio, probe};
use super::{HUNG, composed, opened};
use crate::own_process;

/// What the scripts below begin with: they answer questions about the program as the real one does.
const ANSWERS: &str = "case \"$*\" in *-version*|*-encoders*) exec ffmpeg-itself \"$@\";; esac\n";

/// Runs an ignored test of this program with a folder of its own as its only place for programs.
fn run(test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let found = |program: &str| {
        let places = std::env::var_os("PATH").unwrap();
        std::env::split_paths(&places)
            .map(|place| place.join(program))
            .find(|path| path.is_file())
    };
    for program in ["nice", "ionice", "ffmpeg", "ffprobe"] {
        if let Some(path) = found(program) {
            symlink(path, folder.path().join(program)).unwrap();
        }
    }
    symlink(found("ffmpeg").unwrap(), folder.path().join("ffmpeg-itself")).unwrap();
    let mut command = own_process::this_program();
    command.env("PATH", folder.path());
    own_process::run(command, test);
}

/// What stands for ffmpeg from now on.
fn install(script: &str) {
    remove();
    let path = programs().join("ffmpeg");
    fs::write(&path, format!("#!/bin/sh\n{script}")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn install_itself() {
    remove();
    symlink(programs().join("ffmpeg-itself"), programs().join("ffmpeg")).unwrap();
}

/// Takes away what there is, if there is one.
fn remove() {
    let path = programs().join("ffmpeg");
    if path.symlink_metadata().is_ok() {
        fs::remove_file(path).unwrap();
    }
}

fn programs() -> PathBuf {
    std::env::var_os("PATH").unwrap().into()
}

fn only(library: &Library) -> RecordingSnapshot {
    library.snapshots().borrow()[0].clone()
}

/// What becomes of the only recording when it is tried again.
async fn tried_again(library: &Library) -> (RecordingState, String) {
    library.retry(only(library).id).unwrap();
    let snapshot = composed(library).await;
    (snapshot.state, snapshot.message.unwrap_or_default())
}

#[test]
fn what_is_wrong_with_ffmpeg_is_told_with_the_way_out() {
    run("recording::programs::with_one_bad_ffmpeg_after_the_other");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs other programs than there are: the test above starts it"]
async fn with_one_bad_ffmpeg_after_the_other() {
    let root = tempfile::tempdir().unwrap();
    earlier_recording(root.path(), "team", 7, "recorded");
    remove();
    let library = opened(root.path(), Problems::default()).await;
    let snapshot = composed(&library).await;
    assert_eq!(snapshot.state, RecordingState::TracksOnly);
    assert_eq!(
        snapshot.message.unwrap(),
        "The tracks are kept, but joining them into one file needs ffmpeg: install the package ffmpeg (on Debian and Ubuntu: sudo apt \
         install ffmpeg), then choose Try again."
    );

    install("echo 'ffmpeg version 4.2.7-0ubuntu0.1 Copyright (c) 2000-2022 the FFmpeg developers'");
    assert_eq!(
        tried_again(&library).await,
        (
            RecordingState::TracksOnly,
            "The tracks are kept, but the ffmpeg found here (version 4.2) is too old: install version 4.3 or newer, then choose Try \
             again."
                .to_owned()
        )
    );

    install(
        "case \"$*\" in *-encoders*) ;; *) exec ffmpeg-itself \"$@\";; esac\n\
         ffmpeg-itself \"$@\" | while read -r line; do case \"$line\" in *libx264*) ;; *) echo \"$line\";; esac; done",
    );
    let (state, message) = tried_again(&library).await;
    assert_eq!(state, RecordingState::TracksOnly);
    assert!(
        message.contains("cannot write MP4 files (it lacks libx264)") && message.contains("another kind of file"),
        "{message}"
    );

    install(&format!("{ANSWERS}echo 'x.webm: Conversion failed!' >&2; exit 1"));
    assert_eq!(
        tried_again(&library).await,
        (
            RecordingState::Failed,
            "The tracks are kept, but ffmpeg failed to join them into one file: choose Try again, and if it fails once more, export \
             another kind of file or install the newest ffmpeg."
                .to_owned()
        )
    );
    install(&format!("{ANSWERS}kill -KILL $$"));
    let (state, message) = tried_again(&library).await;
    assert_eq!(state, RecordingState::Failed);
    assert!(
        message.contains("ended before") && message.ends_with("close other programs, then choose Try again."),
        "{message}"
    );
    assert!(!root.path().join("room_team_7/composing").exists());

    install_itself();
    assert_eq!(tried_again(&library).await, (RecordingState::Ready, String::new()));
    let film = only(&library).file.unwrap();
    assert_eq!(probe(Path::new(&film)).codecs(), ["h264", "aac"]);
}

#[test]
fn what_lacked_ffmpeg_is_made_at_the_next_start() {
    run("recording::programs::with_an_ffmpeg_that_comes_late");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs other programs than there are: the test above starts it"]
async fn with_an_ffmpeg_that_comes_late() {
    let root = tempfile::tempdir().unwrap();
    earlier_recording(root.path(), "team", 7, "recorded");
    remove();
    let library = opened(root.path(), Problems::default()).await;
    assert_eq!(composed(&library).await.state, RecordingState::TracksOnly);
    install_itself();
    let library = opened(root.path(), Problems::default()).await;
    assert_eq!(composed(&library).await.state, RecordingState::Ready);
}

#[test]
fn what_is_wrong_with_ffmpeg_is_told_of_a_broadcast_as_well() {
    run("recording::programs::broadcasting_with_bad_ffmpegs");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs other programs than there are: the test above starts it"]
async fn broadcasting_with_bad_ffmpegs() {
    let studio = Studio::new().await;
    let state = async || {
        let target = Target::parse("rtmp://127.0.0.1:9/live", "key").unwrap();
        let options = BroadcastOptions {
            size: PictureSize::P480,
        };
        let broadcaster = Broadcaster::start(&studio.router, target, options, Vec::new())
            .await
            .unwrap();
        let mut status = broadcaster.status();
        let told = timeout(HUNG, status.wait_for(|status| status.state != BroadcastState::Starting)).await;
        let told = told.unwrap().unwrap().state.clone();
        broadcaster.finish().await;
        told
    };
    remove();
    let missing = "Broadcasting needs ffmpeg: install the package ffmpeg (on Debian and Ubuntu: sudo apt install ffmpeg), then start it again.";
    let reason = missing.to_owned();
    assert_eq!(state().await, BroadcastState::Failed { reason });
    install("echo 'ffmpeg version n4.2 Copyright'");
    let BroadcastState::Failed { reason } = state().await else {
        panic!("it is too old")
    };
    assert!(
        reason.contains("(version 4.2 is too old, 4.3 or newer will do)") && reason.ends_with("then start it again."),
        "{reason}"
    );
    install(&format!("{ANSWERS}echo '[x @ 0x1] a fault' >&2; exit 1"));
    let BroadcastState::Reconnecting { reason, .. } = state().await else {
        panic!("it is tried again")
    };
    assert_eq!(reason, "ffmpeg could not go on with the broadcast.");
}

#[test]
fn what_people_write_is_no_argument() {
    run("recording::programs::reading_the_arguments");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs other programs than there are: the test above starts it"]
async fn reading_the_arguments() {
    let root = tempfile::tempdir().unwrap();
    let mut reel = Reel::new(root.path());
    reel.camera(1, [200, 30, 30], 0, 3_000).voice(1, 440, -20, 0, 3_000);
    for (seat, name) in [(1, "Mallory'; touch y"), (2, "Mallory %{pts}"), (3, "Mallory\\:\n-y")] {
        reel.line(&json!({ "at": 0, "type": "joined", "seat": seat, "name": name }));
        reel.line(&json!({ "at": 1_500, "type": "sharing", "seat": seat, "on": true }));
        reel.line(&json!({ "at": 1_000, "type": "message", "seat": seat, "name": name, "text": name }));
    }
    reel.wants(json!({ "format": "mp4", "size": "480p", "chat": true }));
    let arguments = programs().join("arguments");
    install(&format!(
        "printf '%s\\n' \"$@\" >> {}\nexec ffmpeg-itself \"$@\"",
        arguments.display()
    ));
    let film = reel.film().await;
    let said = fs::read_to_string(arguments).unwrap();
    assert!(said.contains("-map_chapters") && said.contains("chat.vtt"), "{said}");
    assert!(!said.contains("Mallory"), "{said}");
    let found = probe(&film);
    assert!(
        found.chapters().iter().any(|(_, title)| title.contains("Mallory")),
        "{found:?}"
    );
}
