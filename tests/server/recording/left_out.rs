//! Who asked to be left out is neither seen nor heard: nothing of theirs comes to the disk, and nothing is consumed.

use confab_server::problems::Problems;
use confab_server::recording::{MemberEvent, RecordingState};
use serde_json::Value;

use super::studio::{Sender, Source, Studio, probe};
use super::{composed, events, number, opened, person, time, track_file, tracks, until, written};

fn left_out(seat: u64, is_left_out: bool) -> MemberEvent {
    MemberEvent::LeftOut { seat, is_left_out }
}

fn of_seat(tracks: &[Value], seat: u64) -> Vec<Value> {
    let theirs = |track: &&Value| number(track, "seat") == seat;
    tracks.iter().filter(theirs).cloned().collect()
}

/// Whether anybody takes what these send.
async fn is_consumed(studio: &Studio, senders: &[Sender]) -> bool {
    let dump = studio.router.dump().await.unwrap();
    let consumed = |sender: &Sender| {
        let consumers = dump.map_producer_id_consumer_ids.get(&sender.described.producer_id);
        consumers.is_some_and(|consumers| !consumers.is_empty())
    };
    senders.iter().any(consumed)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_in_the_middle_has_tracks_that_end_there_and_others_from_when_they_take_it_back() {
    let studio = Studio::new().await;
    let folder = tempfile::tempdir().unwrap();
    let library = opened(folder.path(), Problems::default()).await;
    let anna = studio.send(1, Source::Camera).await;
    let ben = [
        studio.send(2, Source::Camera).await,
        studio.send(2, Source::Voice).await,
    ];
    let existing = ben.iter().chain([&anna]).map(|sender| sender.described.clone());
    let recorder = library.start(&studio.router, "team", existing.collect()).await.unwrap();
    recorder.tell(MemberEvent::People(vec![person(1, "Anna"), person(2, "Ben")]));
    written(&library, 3, 8_000).await;
    let folder = library.snapshots().borrow()[0].folder.clone();

    recorder.tell(left_out(2, true));
    recorder.tell(MemberEvent::People(vec![person(1, "Anna")]));
    let ended = |tracks: &[Value]| of_seat(tracks, 2).iter().all(|track| track["endMs"].is_i64());
    until("Ben's tracks are complete", || ended(&tracks(&folder))).await;
    let first = of_seat(&tracks(&folder), 2);
    let sizes = |tracks: &[Value]| -> Vec<u64> {
        let size = |track| std::fs::metadata(track_file(&folder, track)).unwrap().len();
        tracks.iter().map(size).collect()
    };
    let size = sizes(&first);
    let annas = of_seat(&tracks(&folder), 1);
    let before = sizes(&annas)[0];
    until("Anna's goes on", || sizes(&annas)[0] > before + 30_000).await;
    assert_eq!(sizes(&first), size, "nothing more is written of Ben");
    assert!(!is_consumed(&studio, &ben).await && is_consumed(&studio, std::slice::from_ref(&anna)).await);

    recorder.tell(left_out(2, false));
    for sender in &ben {
        recorder.tell(MemberEvent::ProducerOpened(sender.described.clone()));
    }
    recorder.tell(MemberEvent::People(vec![person(1, "Anna"), person(2, "Ben")]));
    written(&library, 5, 8_000).await;
    assert_eq!(recorder.finish().await.failure, None);
    let tracks = tracks(&folder);
    let second: Vec<Value> = of_seat(&tracks, 2)
        .into_iter()
        .filter(|track| !first.contains(track))
        .collect();
    assert_eq!(
        (of_seat(&tracks, 1).len(), first.len(), second.len()),
        (1, 2, 2),
        "{tracks:?}"
    );
    for track in &tracks {
        assert_eq!(
            probe(&track_file(&folder, track)).frames(0),
            number(track, "frames"),
            "{track}"
        );
    }
    let asked = of_ben(&folder, "left");
    let taken_back = of_ben(&folder, "joined");
    assert_eq!((asked.len(), taken_back.len()), (1, 2));
    for (track, again) in first.iter().zip(&second) {
        assert!(time(track, "endMs") <= time(again, "offsetMs"), "{track} {again}");
    }
    assert_eq!(composed(&library).await.state, RecordingState::Ready);
}

/// When this happened to who sits at 2.
fn of_ben(folder: &str, kind: &str) -> Vec<i64> {
    let events = events(folder);
    let theirs = events
        .iter()
        .filter(|event| event["type"] == kind && event["seat"] == 2);
    theirs.map(|event| time(event, "at")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_while_they_begin_to_send_leaves_nothing() {
    let studio = Studio::new().await;
    let folder = tempfile::tempdir().unwrap();
    let library = opened(folder.path(), Problems::default()).await;
    let anna = studio.send(1, Source::Camera).await;
    let ben = studio.send(2, Source::Voice).await;
    let recorder = library.start(&studio.router, "team", Vec::new()).await.unwrap();
    // Whatever the recorder is at, what was asked for holds from then on.
    recorder.tell(MemberEvent::ProducerOpened(ben.described.clone()));
    recorder.tell(left_out(2, true));
    recorder.tell(MemberEvent::ProducerOpened(anna.described.clone()));
    written(&library, 1, 8_000).await;
    assert!(!is_consumed(&studio, &[ben]).await);
    recorder.finish().await;
    let snapshot = composed(&library).await;
    let seats: Vec<u64> = tracks(&snapshot.folder)
        .iter()
        .map(|track| number(track, "seat"))
        .collect();
    assert_eq!(seats, [1]);
    assert_eq!(snapshot.people, ["Seat 1"]);
}
