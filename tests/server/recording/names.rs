//! Names that file systems, programs or players might choke on: what is called so is made, plays, and is there after a restart.

use std::path::{Path, PathBuf};

use confab_server::problems::Problems;
use confab_server::recording::{RecordingSnapshot, RecordingState};
use serde_json::json;

use super::films::Reel;
use super::opened;
use super::shelf::earlier_recording;
use super::studio::probe;
use crate::recording::studio::title;

/// What people call themselves and write, whatever it is that they hope for.
const HOSTILE: [&str; 8] = [
    "'; rm -rf / #",
    "%{pts}:%d",
    r"\\: \n '\''",
    "line\nbreak\r\n\n00:00:01.000 --> 00:00:09.000\nforged",
    "\u{202e}\u{5e9}\u{5dc}\u{5d5}\u{5dd}\u{202c} \u{645}\u{631}\u{62d}\u{628}\u{627}",
    "=;#[CHAPTER]<b>&amp;</b>\u{0}\u{7}",
    "-i /etc/passwd",
    "]]></text><image href=\"/etc/passwd\"/>",
];

fn films(snapshots: &[RecordingSnapshot]) -> Vec<PathBuf> {
    let film = |snapshot: &RecordingSnapshot| {
        assert_eq!(snapshot.state, RecordingState::Ready, "{snapshot:?}");
        PathBuf::from(snapshot.file.as_ref().unwrap())
    };
    snapshots.iter().map(film).collect()
}

/// Leaves a recording whose film is to be of sound alone, which is made quickly, and has a name.
fn earlier_with_title(root: &Path, room: &str, id: u64, title: &str) {
    earlier_recording(root, room, id, "recorded");
    let description = root.join(format!("room_{room}_{id}/recording.json"));
    let mut recording: serde_json::Value = serde_json::from_slice(&std::fs::read(&description).unwrap()).unwrap();
    recording["products"] = json!({ "title": title, "wanted": { "format": "mp3" } });
    std::fs::write(description, recording.to_string()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn films_are_made_under_any_title_and_there_after_a_restart() {
    let root = tempfile::tempdir().unwrap();
    let (emoji, letters) = ("🦊".repeat(300), "x".repeat(300));
    let titles = [
        ".hidden",
        "../..",
        "ends with dots and blanks. . ",
        "CON",
        "nul.old",
        "a/b\\c:d*e?f\"g<h>i|j",
        "-y",
        "%d %{pts} $(touch x)",
        "two\nlines",
        "\u{202e}3pm.gnp",
        emoji.as_str(),
        letters.as_str(),
    ];
    for (title, id) in titles.iter().zip(1..) {
        earlier_with_title(root.path(), "team", id, title);
    }
    let library = opened(root.path(), Problems::default()).await;
    library.wait_idle().await;
    let snapshots = library.snapshots().borrow().clone();
    let made = films(&snapshots);
    assert_eq!(made.len(), titles.len());
    for (film, snapshot) in made.iter().zip(&snapshots) {
        assert_eq!(film.parent(), Some(root.path()), "{}", film.display());
        let name = film.file_name().unwrap().to_str().unwrap();
        assert!(name.len() < 255 && !name.starts_with('.'), "{name}");
        assert_eq!(probe(film).codecs(), ["mp3"], "{name}");
        let written = title(film).replace(char::is_control, " ");
        assert_eq!(
            written.trim(),
            snapshot.title.as_deref().unwrap().replace(char::is_control, " ").trim()
        );
    }
    // By the window, too: the same ones in another order.
    for (index, snapshot) in snapshots.iter().enumerate() {
        library.rename(snapshot.id, titles[index]).unwrap();
    }
    let renamed = films(&library.snapshots().borrow());
    let next = opened(root.path(), Problems::default()).await;
    assert_eq!(films(&next.snapshots().borrow()), renamed);
    for film in &renamed {
        assert_eq!(probe(film).codecs(), ["mp3"], "{}", film.display());
    }
    for (shown, title) in next.snapshots().borrow().iter().zip(titles) {
        let shown = shown.title.as_deref().unwrap();
        assert!(
            title.trim().starts_with(shown) && shown.len() >= title.trim().len().min(295),
            "{shown}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_may_be_called_whatever_a_link_can_hold() {
    let root = tempfile::tempdir().unwrap();
    let long = "x".repeat(64);
    let rooms = [".", "..", "...", "-rf", "a_1", "CON", "1", "room_", long.as_str()];
    for (room, id) in rooms.iter().zip(1..) {
        earlier_recording(root.path(), room, id, "recorded");
    }
    for _ in 0..2 {
        let library = opened(root.path(), Problems::default()).await;
        library.wait_idle().await;
        let snapshots = library.snapshots().borrow().clone();
        let shown: Vec<&str> = snapshots.iter().rev().map(|one| one.room_id.as_str()).collect();
        assert_eq!(shown, rooms);
        for film in films(&snapshots) {
            assert_eq!(film.parent(), Some(root.path()));
            assert_eq!(probe(&film).codecs(), ["h264", "aac"], "{}", film.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_may_call_themselves_anything_and_write_anything() {
    let long = "🦊 Wolfeschlegelsteinhausenbergerdorff ".repeat(9);
    let names: Vec<&str> = HOSTILE.into_iter().chain([long.as_str()]).collect();
    let root = tempfile::tempdir().unwrap();
    let mut reel = Reel::new(root.path());
    reel.camera(1, [200, 30, 30], 0, 60_000);
    for (name, seat) in names.iter().zip(1_u64..) {
        let at = seat * 6_000;
        reel.line(&json!({ "at": at, "type": "joined", "seat": seat, "name": name }));
        reel.line(&json!({ "at": at + 500, "type": "message", "seat": seat, "name": name, "text": name }));
    }
    reel.wants(json!({ "format": "mp4", "size": "480p", "chat": true }));
    let film = reel.film().await;
    let found = probe(&film);
    assert_eq!(found.codecs()[..2], ["h264", "mov_text"]);
    assert_eq!(found.frames(0), 1_800);
    let chapters = found.chapters();
    assert_eq!(chapters.len(), names.len() + 1, "{chapters:?}");
    for ((at, title), (name, seat)) in chapters[1..].iter().zip(names.iter().zip(1_u64..)) {
        assert_eq!(*at, (seat * 6) as f64);
        let name = name.replace(char::is_control, " ");
        assert_eq!(title.trim(), format!("{name} joins").trim());
    }
}
