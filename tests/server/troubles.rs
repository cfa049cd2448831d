//! What goes wrong around the server while it runs or starts: each is told to who can do something about it, and to
//! nobody else more than they need.

use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::Path;

use confab_server::Server;
use confab_server::recording::RecordingState;
use confab_server::snapshot::ServerSnapshot;
use serde_json::json;

#[cfg(target_os = "linux")]
use super::dying_worker;
use super::guest::HUNG;
use super::house::{House, open_rooms};
#[cfg(target_os = "linux")]
use super::own_process;
use super::recording::earlier_recording;

#[tokio::test]
async fn a_start_that_fails_leaves_nothing_running() {
    let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = alive();
    let folder = tempfile::tempdir().unwrap();
    let mut config = House::config(folder.path());
    fs::write(&config.data_dir, "a file where a folder should be").unwrap();
    Server::start(config.clone()).await.unwrap_err();
    fs::remove_file(&config.data_dir).unwrap();
    let taken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    config.media_ports = port..=port;
    Server::start(config).await.unwrap_err();
    let ended = async {
        while alive() > before {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(HUNG, ended).await.expect("its tasks end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_takes_no_recording_is_told_to_the_owner_and_to_guests_without_its_path() {
    let house = House::with(|config| {
        let folder = config.recordings_dir.parent().unwrap().join("a file");
        fs::write(&folder, "").unwrap();
        config.recordings_dir = folder.join("recordings");
    })
    .await;
    let anna = house.guest_in("saved").await;
    let refused = anna.ask("start-recording", json!({})).await;
    let told = refused["error"].as_str().unwrap();
    assert!(told.contains("the host's computer cannot save it"), "{told}");
    assert!(!told.contains('/'), "{told}");
    let told = |problem: &String| problem.contains("recordings") && problem.contains('/');
    house.until(|snapshot| snapshot.problems.iter().any(told)).await;
    assert!(!anna.names().contains(&"recording-started".to_owned()));
    house.close().await;
}

/// A place where nobody may write, not even root.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_may_not_be_written_is_told_as_such() {
    let house = House::with(|config| config.recordings_dir = "/sys/confab".into()).await;
    let _anna = house.guest_in("saved").await;
    let refused = house
        .server
        .start_recording(&"saved".parse().unwrap())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refused.starts_with("Recordings cannot be saved in /sys/confab, because writing there is not permitted"),
        "{refused}"
    );
    house.until(|snapshot| snapshot.problems.contains(&refused)).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_can_no_longer_be_written_ends_for_everybody_and_says_why() {
    let house = House::open().await;
    let anna = house.guest_in("ends").await;
    anna.get("start-recording", json!({})).await;
    anna.hear("recording-started", |_| true).await;
    let running = house.until(|snapshot| snapshot.recordings.len() == 1).await;
    fs::remove_dir_all(&running.recordings[0].folder).unwrap();
    anna.hear("recording-stopped", |_| true).await;
    let is_told = |snapshot: &ServerSnapshot| snapshot.problems.iter().any(|problem| problem.contains("is gone"));
    let ended = house
        .until(|snapshot| open_rooms(snapshot).all(|room| room.recording.is_none()) && is_told(snapshot))
        .await;
    assert_ne!(ended.recordings[0].state, RecordingState::Recording);
    let message = ended.recordings[0].message.as_ref().unwrap();
    assert!(ended.problems.contains(message), "{message} {:?}", ended.problems);

    // The next one that starts is in order again.
    anna.get("start-recording", json!({})).await;
    house.until(|snapshot| !is_told(snapshot)).await;
    anna.get("stop-recording", json!({})).await;
    house.close().await;
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_that_dies_ends_its_own_meetings_and_no_others() {
    own_process::run(own_process::this_program(), "troubles::with_a_worker_that_dies");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "ends a thread of its process: the test above starts it"]
async fn with_a_worker_that_dies() {
    let house = House::open().await;
    let mut anna = house.guest_in("dies").await;
    let dying = house.routers().await.iter().position(|routers| *routers == 1);
    let ben = house.guest_in("lives").await;
    assert_eq!(house.routers().await, [1, 1], "a room on each worker");
    for guest in [&anna, &ben] {
        guest.get("start-recording", json!({})).await;
    }
    let worker = house.server.media_workers().workers().nth(dying.unwrap());
    dying_worker::kill(worker.unwrap()).await;
    anna.until_hung_up().await;
    let of_room = |snapshot: &ServerSnapshot, room: &str| {
        let found = snapshot.recordings.iter().find(|recording| recording.room_id == room);
        found.cloned().unwrap()
    };
    let told = |problem: &String| problem.contains("the meetings on it have ended");
    let after = house
        .until(|snapshot| {
            of_room(snapshot, "dies").state == RecordingState::Failed && snapshot.problems.iter().any(told)
        })
        .await;
    // Nothing had been sent yet, and why it ended explains more.
    let message = of_room(&after, "dies").message.unwrap();
    assert!(message.contains("Start the meeting again"), "{message}");

    assert_eq!(of_room(&after, "lives").state, RecordingState::Recording);
    ben.get("stop-recording", json!({})).await;
    house
        .until(|snapshot| of_room(snapshot, "lives").state == RecordingState::Failed)
        .await;

    // Whoever comes back finds a new room on the worker that lives.
    let anna = house.guest_in("dies").await;
    anna.transport("send").await;
    anna.get("start-recording", json!({})).await;
    anna.get("stop-recording", json!({})).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_hear_the_name_of_a_finished_recording_and_not_its_path() {
    let house = House::with(|config| earlier_recording(&config.recordings_dir, "film", 7, "failed")).await;
    let anna = house.guest_in("film").await;
    let before = house.until(|snapshot| snapshot.recordings.len() == 1).await;
    assert_eq!(before.recordings[0].state, RecordingState::Failed);
    house.server.retry_composition(before.recordings[0].id).unwrap();
    let ready = anna.hear("recording-ready", |_| true).await;
    assert_eq!(
        ready,
        json!({ "roomId": "film", "recordingId": 7, "file": "room_film_7-480p.mp4" })
    );
    let shown = house.until(|snapshot| snapshot.recordings[0].file.is_some()).await;
    let shown = shown.recordings[0].file.clone().unwrap();
    assert!(Path::new(&shown).is_file(), "the owner sees where it is: {shown}");
    house.close().await;
}
