//! A finished recording by real HTTP: by the link that a host asked for, once.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::asking::{Line, get};
use super::guest::{Guest, text};
use super::house::House;
use super::recording::earlier_recording;

const FILM: &str = "room_film_7.webm";

/// A house with a finished recording of the room `film`, and where its file lies.
async fn house_with_film(bytes: &[u8]) -> (House, PathBuf) {
    let mut folder = PathBuf::new();
    let house = House::with(|config| {
        folder.clone_from(&config.recordings_dir);
        earlier_recording(&folder, "film", 7, "composed");
        fs::write(folder.join(FILM), bytes).unwrap();
    })
    .await;
    house.until(|snapshot| snapshot.recordings.len() == 1).await;
    let film = folder.join(FILM);
    (house, film)
}

async fn link(host: &Guest) -> String {
    text(&host.get("get-recording-link", json!({ "recordingId": 7 })).await["path"])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_fetches_a_recording_whole_and_once() {
    let bytes: Vec<u8> = (0..3_000_017_u32).map(|number| (number % 251) as u8).collect();
    let (house, _) = house_with_film(&bytes).await;
    let anna = house.guest_in("film").await;
    let path = link(&anna).await;
    let secret = path.strip_prefix("/recordings/").unwrap();
    assert!(secret.len() >= 32, "nobody guesses it: {secret}");

    // Whoever only looks, as a scanner of links does, uses nothing up.
    let looked = Line::ask(&house, "HEAD", &path, "", None).await.answer().await;
    assert_eq!((looked.status, looked.header("allow")), (405, Some("GET")));
    assert!(looked.body.is_empty());
    let posted = Line::ask(&house, "POST", &path, "", Some(0)).await.answer().await;
    assert_eq!(posted.status, 405);

    // A part is answered with the whole, as there is no second time.
    let had = get(&house, &path, "Range: bytes=0-99\r\n").await;
    assert_eq!(had.status, 200, "{}", had.head);
    assert!(had.body == bytes, "what came out is what lies there");
    for (name, value) in [
        ("content-type", "video/webm"),
        ("content-length", "3000017"),
        (
            "content-disposition",
            "attachment; filename=\"room_film_7.webm\"; filename*=UTF-8''room%5Ffilm%5F7%2Ewebm",
        ),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(had.header(name), Some(value), "{}", had.head);
    }
    let again = get(&house, &path, "").await;
    assert_eq!(again.status, 404);
    let told = String::from_utf8(again.body).unwrap();
    assert!(
        told.starts_with("This link was used already") && told.contains("ask for the recording again"),
        "{told}"
    );
    // Another link is another time.
    let other = link(&anna).await;
    assert_ne!(other, path);
    assert!(get(&house, &other, "").await.body == bytes);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_nobody_gave_opens_nothing() {
    let (house, film) = house_with_film(b"film").await;
    let anna = house.guest_in("film").await;
    let path = link(&anna).await;
    for wrong in [
        "/recordings/x".to_owned(),
        path[..path.len() - 1].to_owned(),
        path.to_lowercase().replace("/recordings/", "/recordings/x"),
        format!("/recordings/{FILM}"),
        "/recordings/..%2froom_film_7.webm".to_owned(),
        format!("/recordings/{}", "x".repeat(5_000)),
        "/recordings/%00".to_owned(),
    ] {
        let answer = get(&house, &wrong, "").await;
        assert_eq!(answer.status, 404, "{wrong}");
        assert!(!answer.body.starts_with(b"film"));
    }
    assert_eq!(
        get(&house, &path, "").await.body,
        b"film",
        "none of that used the right one up"
    );

    // A file that went after the link was given.
    let late = link(&anna).await;
    fs::remove_file(&film).unwrap();
    let gone = get(&house, &late, "").await;
    assert_eq!(gone.status, 404);
    let told = String::from_utf8(gone.body).unwrap();
    assert!(
        told.starts_with("The recording is no longer there") && told.contains("ask"),
        "{told}"
    );
    let folder = film.parent().map(Path::display).unwrap().to_string();
    assert!(!told.contains(&folder), "{told}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_hosts_of_the_room_get_a_link_to_its_recording() {
    let (house, _) = house_with_film(b"film").await;
    let anna = house.guest_in("film").await;
    let ben = house.guest_in("film").await;
    anna.get("make-cohost", json!({ "participantId": ben.id })).await;
    let cleo = house.guest_in("film").await;
    let other = house.guest_in("elsewhere").await;
    let asked = |id: u64| json!({ "recordingId": id });
    let not_allowed = json!({ "error": "Not allowed" });
    for guest in [&ben, &cleo] {
        assert_eq!(guest.ask("get-recording-link", asked(7)).await, not_allowed);
    }
    let error = |answer: &Value| text(&answer["error"]);
    let of_other = other.ask("get-recording-link", asked(7)).await;
    assert!(error(&of_other).contains("no longer there"), "{of_other}");
    let of_nothing = anna.ask("get-recording-link", asked(8)).await;
    assert_eq!(of_nothing, of_other, "another room's is as if it did not exist");
    link(&anna).await;
    house.close().await;
}
