//! A lost connection: whoever asked for it keeps the place for a while and takes it up again on a new socket.

use std::time::Duration;

use confab_server::meeting::MeetingsSettings;
use serde_json::{Value, json};

use super::guest::{Guest, text};
use super::house::House;

async fn resumable(house: &House, room: &str) -> (Guest, String) {
    let mut guest = house.guest().await;
    let answer = guest
        .enter_with(room, json!({ "resumable": true, "userName": "Anna" }))
        .await;
    let token = text(&answer["resumeToken"]);
    (guest, token)
}

async fn come_back(house: &House, room: &str, token: &str) -> (Guest, Value) {
    let mut guest = house.guest().await;
    let answer = guest
        .enter_with(room, json!({ "resumable": true, "resumeToken": token }))
        .await;
    (guest, answer)
}

fn short() -> MeetingsSettings {
    let mut settings = MeetingsSettings::default();
    settings.room.resume_grace = Duration::from_millis(200);
    settings
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_peer_keeps_its_place_and_takes_it_up_again() {
    let house = House::open().await;
    let (anna, token) = resumable(&house, "resume").await;
    let ben = house.guest_in("resume").await;
    ben.transport("recv").await;
    let sending = anna.transport("send").await;
    let voice = anna.produce(&sending, "audio", 1).await;
    let listening = ben.consume(&voice).await;
    anna.get("update-my-state", json!({ "isVideoPaused": true })).await;
    let before = house.held().await;
    ben.forget().await;

    anna.cut();
    let lost = |list: &Value| list[0]["isReconnecting"] == true;
    let list = ben.hear("participant-list-update", lost).await;
    assert_eq!(list[0]["id"], *anna.id);
    assert_eq!(house.held().await, before, "transports and streams are left running");

    let (back, answer) = come_back(&house, "resume", &token).await;
    assert_eq!(answer["resumed"], true);
    assert_eq!(answer["peerId"], *back.id);
    assert_eq!(answer["isHost"], true);
    assert_ne!(answer["resumeToken"], *token);
    let resumed = ben.hear("peer-resumed", |_| true).await;
    assert_eq!(resumed, json!({ "oldPeerId": anna.id, "peerId": back.id }));
    let list = ben.hear_list(&[&back.id, &ben.id]).await;
    assert_eq!(list[0]["name"], "Anna");
    assert_eq!(list[0]["isReconnecting"], false);
    assert_eq!(list[0]["isVideoPaused"], true);
    assert_eq!(
        ben.names(),
        ["participant-list-update", "peer-resumed", "participant-list-update"]
    );
    assert_eq!(house.held().await, before);

    back.get("pause-producer", json!({ "producerId": voice })).await;
    let paused = ben.hear("producer-paused", |_| true).await;
    assert_eq!(paused, json!({ "producerId": voice, "peerId": back.id }));
    ben.get("resume-consumer", json!({ "consumerId": listening })).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_given_up_when_its_time_is_over() {
    let house = House::set_to(short()).await;
    let ben = house.guest_in("expire").await;
    let before = house.held().await;
    let (anna, token) = resumable(&house, "expire").await;
    anna.transport("send").await;
    anna.cut();
    ben.hear("participant-left", |left| left["peerId"] == *anna.id).await;
    house.until_held(&before).await;
    let (_late, answer) = come_back(&house, "expire", &token).await;
    assert!(answer.get("resumed").is_none(), "{answer}");
    assert_eq!(answer["isHost"], false);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_waits_for_its_only_peer_and_ends_when_it_stays_away() {
    let house = House::set_to(short()).await;
    let before = house.held().await;
    let (anna, _) = resumable(&house, "alone").await;
    anna.transport("send").await;
    anna.cut();
    house.until_rooms(0).await;
    house.until_held(&before).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_a_fresh_join() {
    let house = House::open().await;
    let (anna, _) = resumable(&house, "token").await;
    let ben = house.guest_in("token").await;
    anna.cut();
    ben.hear("participant-list-update", |list| list[0]["isReconnecting"] == true)
        .await;
    let (cleo, answer) = come_back(&house, "token", "00000000-0000-4000-8000-000000000000").await;
    assert!(answer.get("resumed").is_none(), "{answer}");
    ben.hear_list(&[&anna.id, &ben.id, &cleo.id]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_once() {
    let house = House::open().await;
    let (anna, token) = resumable(&house, "once").await;
    anna.cut();
    let (back, answer) = come_back(&house, "once", &token).await;
    assert_eq!(answer["resumed"], true);
    let (thief, answer) = come_back(&house, "once", &token).await;
    assert!(answer.get("resumed").is_none(), "{answer}");
    back.hear_list(&[&back.id, &thief.id]).await;
    assert!(back.is_connected());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_did_not_ask_for_it_or_said_goodbye_leaves_at_once() {
    let house = House::open().await;
    let ben = house.guest_in("at-once").await;
    let plain = house.guest_in("at-once").await;
    ben.forget().await;
    plain.cut();
    ben.hear("participant-left", |left| left["peerId"] == *plain.id).await;
    ben.hear_list(&[&ben.id]).await;
    // Somebody who might come back would be listed as reconnecting first.
    assert_eq!(ben.names(), ["participant-left", "participant-list-update"]);

    let (anna, _) = resumable(&house, "at-once").await;
    ben.forget().await;
    anna.say_goodbye();
    ben.hear("participant-left", |left| left["peerId"] == *anna.id).await;
    ben.hear_list(&[&ben.id]).await;
    assert_eq!(ben.names(), ["participant-left", "participant-list-update"]);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_socket_takes_over_from_one_that_hangs() {
    let house = House::open().await;
    let ben = house.guest_in("hangs").await;
    let (mut anna, token) = resumable(&house, "hangs").await;
    let sending = anna.transport("send").await;
    ben.forget().await;
    let (back, answer) = come_back(&house, "hangs", &token).await;
    assert_eq!(answer["resumed"], true);
    anna.until_hung_up().await;
    back.produce(&sending, "audio", 1).await;
    ben.hear("new-producer", |stream| stream["peerId"] == *back.id).await;
    assert!(
        !ben.names().contains(&"participant-left".to_owned()),
        "{:?}",
        ben.names()
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_takes_nothing_is_hung_up_on_and_keeps_its_place() {
    let house = House::open().await;
    let (mut slow, token) = resumable(&house, "slow").await;
    let ben = house.guest_in("slow").await;
    slow.read(false);
    // More than the system's buffers and the server's own hold for it.
    let text = "x".repeat(4_000);
    for round in 0..30 {
        for number in 0..500 {
            let message = json!({ "id": format!("{round}-{number}"), "text": text });
            ben.emit("send-message", json!({ "roomId": "slow", "message": message }));
        }
        ben.forget().await;
    }
    slow.read(true);
    slow.until_hung_up().await;
    ben.hear("participant-list-update", |list| list[0]["isReconnecting"] == true)
        .await;
    let (_back, answer) = come_back(&house, "slow", &token).await;
    assert_eq!(answer["resumed"], true);
    house.close().await;
}
