//! Files that are too large, too many, not as they were said, or from who may not share any; and a disk that is full.

use confab_server::meeting::MeetingsSettings;
use confab_server::room::{FileBounds, RoomSettings};
use futures::future::join_all;
use serde_json::{Value, json};

use super::super::asking::{Answer, Line, get, put};
use super::super::guest::{Guest, text};
use super::super::house::House;
use super::super::own_view::{self, mount};
use super::{MB, house_in, noise, offer, share, until_lying};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_as_it_was_said_is_not_taken_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let house = house_in(folder.path()).await;
    let anna = house.guest_in("lies").await;
    let bytes = noise(2 * MB);

    let url = offer(&anna, "a", MB).await;
    let announced = put(&house, &url, &bytes).await;
    assert_eq!((announced.status, announced.error().contains("has grown")), (413, true));
    let again = put(&house, &url, &bytes[..MB]).await;
    assert_eq!((again.status, again.error().contains("not waited for")), (404, true));

    // In chunks nobody says how long it is.
    let url = offer(&anna, "b", MB).await;
    let mut line = Line::ask(&house, "PUT", &url, "Transfer-Encoding: chunked\r\n", None).await;
    for part in bytes.chunks(64 * 1024) {
        line.send(format!("{:x}\r\n", part.len()).as_bytes()).await;
        line.send(part).await;
        line.send(b"\r\n").await;
    }
    line.send(b"0\r\n\r\n").await;
    let grown = line.answer().await;
    assert_eq!((grown.status, grown.error().contains("has grown")), (413, true));

    let url = offer(&anna, "c", 2 * MB).await;
    let short = put(&house, &url, &bytes[..MB]).await;
    assert_eq!(
        (short.status, short.error().contains("did not arrive whole")),
        (400, true)
    );

    let url = offer(&anna, "d", 2 * MB).await;
    let mut line = Line::ask(&house, "PUT", &url, "", Some(2 * MB)).await;
    line.send(&bytes[..MB]).await;
    until_lying(&data, 1).await;
    drop(line);
    until_lying(&data, 0).await;
    // Each of them made room for another.
    let url = offer(&anna, "e", 0).await;
    assert_eq!(put(&house, &url, b"").await.status, 200);
    let told = anna.hear("receive-message", |_| true).await;
    assert_eq!(told["message"]["file"]["name"], "e", "nobody was told of the others");
    assert_eq!(get(&house, &url, "").await.status, 200);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_removed_or_may_not_write_is_cut_short() {
    let folder = tempfile::tempdir().unwrap();
    let house = house_in(folder.path()).await;
    let anna = house.guest_in("cut").await;
    let [ben, cem] = [house.guest_in("cut").await, house.guest_in("cut").await];
    let half = noise(MB);
    let begin = async |guest: &Guest| {
        let url = offer(guest, "a", 2 * MB).await;
        let mut line = Line::ask(&house, "PUT", &url, "", Some(2 * MB)).await;
        line.send(&half).await;
        line
    };
    let [mut of_ben, mut of_cem] = [begin(&ben).await, begin(&cem).await];
    let begun_later = offer(&ben, "b", 3).await;
    until_lying(&folder.path().join("data"), 2).await;

    anna.get("remove-participant", json!({ "targetUserId": ben.id })).await;
    of_ben.send(&half).await;
    let answer = of_ben.answer().await;
    assert_eq!((answer.status, answer.error().contains("was stopped")), (410, true));
    assert_eq!(put(&house, &begun_later, b"abc").await.status, 404);

    anna.get("set-room-policy", json!({ "chatEnabled": false })).await;
    of_cem.send(&half).await;
    assert_eq!(of_cem.answer().await.status, 410);
    let refused = cem.ask("offer-file", json!({ "name": "c", "size": 1 })).await;
    assert_eq!(refused, json!({ "error": "Not allowed" }));
    share(&house, &anna, "of a host", b"abc").await;
    assert!(!ben.names().contains(&"receive-message".to_owned()));
    until_lying(&folder.path().join("data"), 1).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_say_how_large_a_file_may_be_and_the_owner_how_large_that() {
    let files = FileBounds {
        largest: 2 * MB as u64,
        in_room: 3 * MB as u64,
    };
    let room = RoomSettings {
        files,
        ..RoomSettings::default()
    };
    let house = House::set_to(MeetingsSettings {
        room,
        ..MeetingsSettings::default()
    })
    .await;
    let mut anna = house.guest().await;
    let joined = anna.enter("bounds").await;
    assert_eq!(joined["largestFileBytes"], 2 * MB);
    assert_eq!(joined["policy"]["maxFileBytes"], 2 * MB);
    let ben = house.guest_in("bounds").await;
    let error = async |guest: &Guest, event: &str, body: Value| text(&guest.ask(event, body).await["error"]);

    let size = |bytes: usize| json!({ "name": "a", "size": bytes });
    assert_eq!(
        error(&ben, "offer-file", size(2 * MB + 1)).await,
        "Files can have 2 MB at most here"
    );
    let more = json!({ "maxFileBytes": 2 * MB + 1 });
    assert_eq!(
        error(&anna, "set-room-policy", more.clone()).await,
        "Files can have 2 MB at most here"
    );
    assert_eq!(error(&ben, "set-room-policy", more).await, "Not allowed");
    anna.get("set-room-policy", json!({ "maxFileBytes": MB })).await;
    ben.hear("room-policy", |policy| policy["maxFileBytes"] == MB).await;
    assert_eq!(
        error(&ben, "offer-file", size(MB + 1)).await,
        "Files can have 1 MB at most here"
    );
    for _ in 0..3 {
        share(&house, &ben, "full", &noise(MB)).await;
    }
    let full = error(&anna, "offer-file", size(1)).await;
    assert!(
        full.starts_with("The files of this meeting take up all the space"),
        "{full}"
    );
    anna.get("set-room-policy", json!({ "maxFileBytes": 0 })).await;
    assert_eq!(error(&anna, "offer-file", size(1)).await, "Files cannot be shared here");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tenth_file_at_once_waits_its_turn() {
    let house = House::open().await;
    let anna = house.guest_in("many").await;
    let offers: Vec<_> = (0..10)
        .map(|number| [json!({ "roomId": "many", "name": format!("{number}"), "size": MB })])
        .collect();
    let answers = join_all(offers.iter().map(|offer| anna.call("offer-file", offer))).await;
    let urls: Vec<String> = answers
        .iter()
        .filter_map(|answer| answer["url"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(urls.len(), 4);
    let told = "Too many files at once; wait until one has arrived";
    assert_eq!(answers.iter().filter(|answer| answer["error"] == told).count(), 6);
    let bytes = noise(MB);
    let sent = join_all(urls.iter().map(|url| put(&house, url, &bytes))).await;
    assert!(sent.iter().all(|answer| answer.status == 200), "{sent:?}");
    // Others have their own turn, all at once.
    let guests = join_all((0..10).map(|_| house.guest_in("many"))).await;
    join_all(guests.iter().map(|guest| share(&house, guest, "own", &bytes))).await;
    offer(&anna, "next", MB).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_device_shares_no_more_than_it_may() {
    let house = House::with(|config| config.limits.file_mb_per_minute = 2.try_into().unwrap()).await;
    let anna = house.guest_in("flood").await;
    // Another socket is no way around it.
    let ben = house.guest_in("flood").await;
    let bytes = noise(MB);
    let mut refused = 0;
    for guest in [&anna, &ben, &anna, &ben, &anna, &ben] {
        let answer = put(&house, &offer(guest, "a", MB).await, &bytes).await;
        if answer.status == 429 {
            assert!(answer.error().contains("wait a minute"), "{}", answer.error());
            refused += 1;
        }
    }
    assert!((1..=4).contains(&refused), "{refused}");
    let figures = String::from_utf8(get(&house, "/metrics", "").await.body).unwrap();
    for figure in [
        format!("confab_files {}", 6 - refused),
        format!("confab_file_bytes {}", (6 - refused) * MB),
        format!("confab_files_received_bytes_total {}", (6 - refused) * MB),
        format!("confab_refusals_total{{event=\"upload-file\",reason=\"too_many_file_bytes\"}} {refused}"),
    ] {
        assert!(figures.contains(&figure), "{figure} in {figures}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_files_without_end_keeps_no_room_busy() {
    let house = House::with(|config| config.limits.requests_per_second_of_address = 5.try_into().unwrap()).await;
    let anna = house.guest_in("asked").await;
    let url = text(&share(&house, &anna, "a", b"abc").await["url"]);
    let mut answers = Vec::new();
    for _ in 0..60 {
        answers.push(get(&house, &url, "").await.status);
    }
    assert_eq!(answers[0], 200);
    assert!(answers.contains(&429), "{answers:?}");
    let sentence = get(&house, &url, "").await;
    assert!(sentence.status == 200 || sentence.body.starts_with(b"Too many requests from your address"));
    anna.get(
        "send-message",
        json!({ "message": { "id": "1", "text": "All is well" } }),
    )
    .await;
    house.close().await;
}

#[test]
fn a_disk_that_gets_full_is_told_to_the_sender_and_the_owner_and_recovers() {
    own_view::run("files::bounds::on_a_small_disk");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a view of the file systems of its own: the test above starts it"]
async fn on_a_small_disk() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let house = house_in(folder.path()).await;
    let disk = data.join("files");
    mount("size=4m", &disk);
    let anna = house.guest_in("small").await;
    let is_told = |problem: &String| problem.contains("too full for the files") && problem.contains("free some space");
    let is_full = |answer: &Answer| {
        let told = answer.error();
        answer.status == 507 && told.starts_with("The disk of the host's computer is full")
    };
    // It fits when it begins, and then beside it there is no space for another.
    let bytes = noise(5 * MB / 2);
    let first = offer(&anna, "a", bytes.len()).await;
    let mut first = Line::ask(&house, "PUT", &first, "", Some(bytes.len())).await;
    until_lying(&data, 1).await;
    let second = put(&house, &offer(&anna, "b", bytes.len()).await, &bytes).await;
    assert!(is_full(&second), "{second:?}");
    // Another program fills the disk meanwhile.
    let filling = disk.join("of-others");
    std::fs::write(&filling, noise(3 * MB)).unwrap();
    first.send(&bytes).await;
    let first = first.answer().await;
    assert!(is_full(&first), "{first:?}");
    house.until(|snapshot| snapshot.problems.iter().any(is_told)).await;
    // What did not fit is gone, so something smaller fits; what is too large does not even begin.
    std::fs::remove_file(filling).unwrap();
    until_lying(&data, 0).await;
    let large = put(&house, &offer(&anna, "c", 5 * MB).await, &noise(5 * MB)).await;
    assert_eq!(large.status, 507);
    house.until(|snapshot| snapshot.problems.iter().any(is_told)).await;
    share(&house, &anna, "d", b"small").await;
    house.until(|snapshot| !snapshot.problems.iter().any(is_told)).await;
    house.close().await;
}
