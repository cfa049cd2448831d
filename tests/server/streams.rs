//! What senders do with their streams, and what the others are told of it.

use serde_json::{Value, json};

use super::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn a_held_stream_is_told_and_shown_as_muted() {
    let house = House::open().await;
    let anna = house.guest_in("held").await;
    let ben = house.guest_in("held").await;
    let sending = anna.transport("send").await;
    let voice = anna.produce(&sending, "audio", 1).await;
    let event = json!({ "producerId": voice, "peerId": anna.id });
    ben.hear("new-producer", |_| true).await;
    for (request, told, muted) in [
        ("pause-producer", "producer-paused", true),
        ("resume-producer", "producer-resumed", false),
    ] {
        ben.forget().await;
        assert_eq!(anna.get(request, json!({ "producerId": voice })).await, json!({}));
        assert_eq!(ben.hear(told, |_| true).await, event);
        let state = ben.hear("participant-state-changed", |_| true).await;
        assert_eq!(
            state,
            json!({ "userId": null, "peerId": anna.id, "isAudioMuted": muted })
        );
        let list = ben.hear("participant-list-update", |_| true).await;
        assert_eq!(list[0]["isAudioMuted"], muted);
        assert_eq!(
            ben.names(),
            [told, "participant-state-changed", "participant-list-update"]
        );
    }
    anna.get("pause-producer", json!({ "producerId": voice })).await;
    let mut late = house.guest().await;
    let answer = late.enter("held").await;
    let known = json!([{ "producerId": voice, "peerId": anna.id, "kind": "audio", "isScreenShare": false,
                         "paused": true }]);
    assert_eq!(answer["producers"], known);
    assert_eq!(answer["existingProducers"], json!([voice]));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_share_is_in_the_list_until_it_stops() {
    let house = House::open().await;
    let anna = house.guest_in("screen").await;
    let ben = house.guest_in("screen").await;
    let sending = anna.transport("send").await;
    let body = json!({ "transportId": sending["id"], "kind": "video", "appData": { "share": true },
                       "rtpParameters": super::guest::rtp_parameters("video", 1) });
    let screen = anna.get("produce", body).await["id"].clone();
    let shared = ben.hear("new-producer", |_| true).await;
    assert_eq!(shared["isScreenShare"], true);
    let shares = |expected: bool| move |list: &Value| list[0]["isScreenSharing"] == expected;
    ben.hear("participant-list-update", shares(true)).await;
    anna.get("screen-share-started", json!({ "producerId": screen })).await;
    ben.forget().await;
    anna.get("screen-share-stopped", json!({ "producerId": screen })).await;
    ben.hear("producer-closed", |closed| closed["producerId"] == screen)
        .await;
    ben.hear("participant-list-update", shares(false)).await;
    let again = anna.ask("close-producer", json!({ "producerId": screen })).await;
    assert_eq!(again, json!({ "error": "Producer not found" }));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_is_told_to_all_when_it_changes() {
    let house = House::open().await;
    let anna = house.guest_in("state").await;
    let ben = house.guest_in("state").await;
    anna.get(
        "update-my-state",
        json!({ "isAudioMuted": true, "isVideoPaused": true }),
    )
    .await;
    for guest in [&anna, &ben] {
        let state = guest.hear("participant-state-changed", |_| true).await;
        assert_eq!(state["isAudioMuted"], true);
        assert_eq!(state["isVideoPaused"], true);
        guest
            .hear("participant-list-update", |list| list[0]["isAudioMuted"] == true)
            .await;
    }
    ben.forget().await;
    anna.get("update-my-state", json!({ "isAudioMuted": true })).await;
    anna.get(
        "send-message",
        json!({ "message": { "id": "1", "text": "nothing new" } }),
    )
    .await;
    ben.hear("receive-message", |_| true).await;
    assert_eq!(ben.names(), ["receive-message"]);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_in_an_empty_room_hosts_it() {
    let house = House::open().await;
    let mut anna = house.guest().await;
    assert_eq!(anna.enter("host").await["isHost"], true);
    let mut ben = house.guest().await;
    assert_eq!(
        ben.enter_with("host", json!({ "isCreator": true })).await["isHost"],
        false
    );
    let list = anna.hear_list(&[&anna.id, &ben.id]).await;
    assert_eq!([&list[0]["isHost"], &list[1]["isHost"]], [true, false]);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_during_a_recording_is_told() {
    let house = House::open().await;
    let anna = house.guest_in("recorded").await;
    let room = "recorded".parse().unwrap();
    let id = house.server.start_recording(&room).await.unwrap();
    let started = anna.hear("recording-started", |_| true).await;
    assert_eq!(started["recordingId"], id.as_millis());
    assert_eq!(
        anna.ask("start-recording", json!({})).await,
        json!({ "error": "Already recording" })
    );
    let ben = house.guest_in("recorded").await;
    assert_eq!(ben.hear("recording-started", |_| true).await, started);
    let stopped = ben.get("stop-recording", json!({})).await;
    let told = anna.hear("recording-stopped", |_| true).await;
    assert_eq!(told["duration"], stopped["duration"]);
    let refusal = house.server.stop_recording(&room).await.unwrap_err().to_string();
    assert_eq!(refusal, "This room is not being recorded.");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_says_goodbye() {
    let house = House::open().await;
    let mut anna = house.guest_in("goodbye").await;
    let House { server, .. } = house;
    server.stop().await;
    anna.hear("server-shutting-down", |event| event["reason"].is_string())
        .await;
    anna.until_hung_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_that_is_told_after_joining_counts() {
    let house = House::open().await;
    let anna = house.guest_in("labels").await;
    let ben = house.guest_in("labels").await;
    assert_eq!(anna.call("set-user-id", &[json!("anna@school")]).await, json!({}));
    let list = ben
        .hear("participant-list-update", |list| list[0]["userId"] == "anna@school")
        .await;
    assert_eq!(list[0]["id"], "anna@school");
    let renamed = ben.hear("peer-resumed", |_| true).await;
    assert_eq!(renamed, json!({ "oldPeerId": anna.id, "peerId": "anna@school" }));
    let asked = [json!({ "userId": "anna@school" })];
    assert_eq!(
        ben.call("get-socket-id-for-user", &asked).await,
        json!({ "socketId": anna.id })
    );
    house.close().await;
}
