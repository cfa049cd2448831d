//! What hosts do to people works on the server, whatever the people's pages make of it.

use serde_json::{Value, json};

use super::guest::{Guest, rtp_parameters, text};
use super::house::House;

/// A room with Anna, who hosts it, and Ben, a guest.
async fn two_in(house: &House, room: &str) -> (Guest, Guest) {
    let mut anna = house.guest().await;
    anna.enter_with(room, json!({ "userName": "Anna", "userId": "u-anna" }))
        .await;
    let mut ben = house.guest().await;
    ben.enter_with(
        room,
        json!({ "userName": "Ben", "userId": "u-ben", "understandsPaused": true }),
    )
    .await;
    (anna, ben)
}

/// Whether a stream is paused, by the word of the worker itself.
async fn is_paused(listener: &Guest, producer: &str) -> bool {
    let body = json!({ "producerId": producer, "rtpCapabilities": super::guest::rtp_capabilities() });
    listener.get("consume", body).await["producerPaused"].as_bool().unwrap()
}

fn error(text: &str) -> Value {
    json!({ "error": text })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forced_mute_pauses_the_stream_in_the_worker_and_keeps_it_so() {
    let house = House::open().await;
    let (anna, ben) = two_in(&house, "mute").await;
    anna.transport("recv").await;
    let sending = ben.transport("send").await;
    let voice = ben.produce(&sending, "audio", 1).await;
    assert!(!is_paused(&anna, &voice).await);

    let mute = json!({ "targetUserId": "u-ben", "force": "mute" });
    assert_eq!(anna.get("toggle-remote-audio", mute).await, json!({}));
    let told = ben.hear("force-mute", |_| true).await;
    assert_eq!(
        told,
        json!({ "audio": true, "locked": true, "by": "Anna", "byId": "u-anna" })
    );
    anna.hear("producer-paused", |paused| paused["producerId"] == *voice)
        .await;
    assert!(is_paused(&anna, &voice).await);

    let refused = error("A host has muted you; ask to be allowed to unmute");
    assert_eq!(
        ben.ask("resume-producer", json!({ "producerId": voice })).await,
        refused
    );
    assert_eq!(
        ben.ask("update-my-state", json!({ "isAudioMuted": false })).await,
        refused
    );
    assert!(is_paused(&anna, &voice).await);
    let body = json!({ "transportId": sending["id"], "kind": "audio", "rtpParameters": rtp_parameters("audio", 2) });
    let second = ben.get("produce", body).await;
    assert_eq!(second["paused"], true);
    assert!(is_paused(&anna, &text(&second["id"])).await);

    anna.get(
        "toggle-remote-audio",
        json!({ "targetUserId": ben.id, "force": "unmute" }),
    )
    .await;
    ben.hear("force-mute", |told| told["audio"] == false).await;
    assert!(is_paused(&anna, &voice).await, "lifting it switches no microphone on");
    ben.get("resume-producer", json!({ "producerId": voice })).await;
    assert!(!is_paused(&anna, &voice).await);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forced_pause_of_the_camera_outlives_a_lost_connection() {
    let house = House::open().await;
    let anna = house.guest_in("pause").await;
    anna.transport("recv").await;
    let mut ben = house.guest().await;
    let joined = ben.enter_with("pause", json!({ "resumable": true })).await;
    let sending = ben.transport("send").await;
    let camera = ben.produce(&sending, "video", 1).await;
    let pause = json!({ "targetUserId": ben.id, "force": "pause" });
    anna.get("toggle-remote-video", pause).await;
    ben.hear("force-video-pause", |told| told["video"] == true).await;
    ben.cut();
    let mut back = house.guest().await;
    back.enter_with(
        "pause",
        json!({ "resumable": true, "resumeToken": joined["resumeToken"] }),
    )
    .await;
    back.hear("force-video-pause", |told| told["video"] == true).await;
    assert!(is_paused(&anna, &camera).await);
    let refused = back.ask("resume-producer", json!({ "producerId": camera })).await;
    assert_eq!(
        refused,
        error("A host has turned your camera off; ask to be allowed to turn it on")
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_guest_is_gone_with_all_they_had_and_does_not_come_straight_back() {
    let house = House::open().await;
    let mut anna = house.guest().await;
    anna.enter_with("removed", json!({ "userName": "Anna" })).await;
    anna.transport("recv").await;
    let before = house.held().await;
    let mut ben = house.guest().await;
    let hello = json!({ "userName": "Ben", "deviceToken": "browser-of-ben", "resumable": true });
    let joined = ben.enter_with("removed", hello.clone()).await;
    let sending = ben.transport("send").await;
    ben.transport("recv").await;
    let voice = ben.produce(&sending, "audio", 1).await;
    anna.consume(&voice).await;

    anna.get("remove-participant", json!({ "targetUserId": ben.id })).await;
    let told = ben.hear("kicked-from-room", |_| true).await;
    let reason = "A host removed you from the meeting.";
    assert_eq!(told, json!({ "by": "Anna", "byId": anna.id, "reason": reason }));
    anna.hear("participant-left", |left| left["peerId"] == *ben.id).await;
    house.until_held(&before).await;
    assert!(ben.is_connected());
    let gone = ben.ask("create-webrtc-transport", json!({ "direction": "send" })).await;
    assert_eq!(gone, error("Peer not found"));

    let refused = error("You were removed from this room; a host can let you back in");
    let join = |hello: &Value| {
        let mut hello = hello.clone();
        hello["rtpCapabilities"] = super::guest::rtp_capabilities();
        hello["roomId"] = json!("removed");
        [hello]
    };
    assert_eq!(ben.call("join-mediasoup-room", &join(&json!({}))).await, refused);
    let mut again = house.guest().await;
    again.room = "removed".to_owned();
    assert_eq!(again.call("join-mediasoup-room", &join(&hello)).await, refused);
    let with_token = json!({ "resumeToken": joined["resumeToken"] });
    assert_eq!(again.call("join-mediasoup-room", &join(&with_token)).await, refused);

    let removed = anna.hear("removed-people", |_| true).await;
    assert_eq!(removed[0]["name"], "Ben");
    anna.get("let-back-in", json!({ "removedId": removed[0]["id"] })).await;
    let back = again.enter_with("removed", hello).await;
    assert_eq!(back["isHost"], false);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_share_is_ended_by_a_host_and_refused_where_guests_may_not() {
    let house = House::open().await;
    let (anna, ben) = two_in(&house, "screens").await;
    let sending = ben.transport("send").await;
    let share = |ssrc| {
        json!({ "transportId": sending["id"], "kind": "video", "appData": { "share": true },
                "rtpParameters": rtp_parameters("video", ssrc) })
    };
    let before = house.held().await;
    ben.get("produce", share(1)).await;
    anna.get("stop-remote-screenshare", json!({ "targetUserId": ben.id }))
        .await;
    ben.hear("host-stop-screenshare", |by| by["by"] == "Anna").await;
    house.until_held(&before).await;

    ben.get("produce", share(2)).await;
    anna.get("set-room-policy", json!({ "screenShareEnabled": false }))
        .await;
    ben.hear("room-policy", |policy| policy["screenShareEnabled"] == false)
        .await;
    ben.hear("screenshare-global-update", |update| update["enabled"] == false)
        .await;
    house.until_held(&before).await;
    assert_eq!(ben.ask("produce", share(3)).await, error("Not allowed"));
    assert_eq!(house.held().await, before);
    let late = house.guest_in("screens").await;
    late.hear("room-policy", |policy| policy["by"] == "Anna").await;
    anna.get("set-room-policy", json!({ "screenShareEnabled": true })).await;
    ben.get("produce", share(4)).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cameras_are_paused_in_the_worker_where_guests_may_have_none() {
    let house = House::open().await;
    let (anna, ben) = two_in(&house, "cameras").await;
    anna.transport("recv").await;
    ben.transport("recv").await;
    let of_anna = anna.transport("send").await;
    let of_ben = ben.transport("send").await;
    let [host, guest] = [
        anna.produce(&of_anna, "video", 1).await,
        ben.produce(&of_ben, "video", 1).await,
    ];
    anna.get("set-room-policy", json!({ "camerasEnabled": false })).await;
    ben.hear("disable-all-cameras", |by| by["by"] == "Anna").await;
    assert!(is_paused(&anna, &guest).await);
    assert!(!is_paused(&ben, &host).await);
    let body = json!({ "transportId": of_ben["id"], "kind": "video", "rtpParameters": rtp_parameters("video", 2) });
    assert_eq!(ben.ask("produce", body).await, error("Not allowed"));

    anna.get("set-room-policy", json!({ "camerasEnabled": true })).await;
    ben.hear("enable-all-cameras", |_| true).await;
    assert!(is_paused(&anna, &guest).await);
    // What frontends say that know nothing of streams on the server.
    ben.get("update-my-state", json!({ "isVideoPaused": false })).await;
    assert!(!is_paused(&anna, &guest).await);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_room_and_closed_chat_and_recording_are_refused_in_words() {
    let house = House::open().await;
    let (anna, ben) = two_in(&house, "closed").await;
    let closed = json!({ "locked": true, "chatEnabled": false, "guestsMayRecord": false });
    anna.get("set-room-policy", closed).await;
    let mut late = house.guest().await;
    late.room = "closed".to_owned();
    let join = json!({ "rtpCapabilities": super::guest::rtp_capabilities() });
    assert_eq!(late.ask("join-mediasoup-room", join).await, error("Room is locked"));
    let message = json!({ "message": { "id": "1", "text": "hello" } });
    assert_eq!(ben.ask("send-message", message.clone()).await, error("Not allowed"));
    for event in ["start-recording", "stop-recording"] {
        assert_eq!(ben.ask(event, json!({})).await, error("Not allowed"));
    }
    anna.get("send-message", message).await;
    anna.get("start-recording", json!({})).await;
    anna.get("stop-recording", json!({})).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_co_host_is_made_and_unmade_and_acts_in_between() {
    let house = House::open().await;
    let (anna, ben) = two_in(&house, "cohost").await;
    let cleo = house.guest_in("cohost").await;
    let mute = json!({ "targetUserId": cleo.id, "force": "mute" });
    assert_eq!(ben.ask("toggle-remote-audio", mute.clone()).await, error("Not allowed"));
    anna.get("make-cohost", json!({ "participantId": "u-ben" })).await;
    let by = json!({ "by": "Anna", "byId": "u-anna" });
    assert_eq!(ben.hear("cohost-granted", |_| true).await, by);
    let updated = json!({ "participantId": "u-ben", "updates": { "isHost": false, "isCoHost": true } });
    assert_eq!(cleo.hear("participant-updated", |_| true).await, updated);
    cleo.hear("participant-list-update", |list| list[1]["isCoHost"] == true)
        .await;
    ben.get("toggle-remote-audio", mute.clone()).await;
    let on_host = json!({ "targetUserId": anna.id, "force": "mute" });
    assert_eq!(ben.ask("toggle-remote-audio", on_host).await, error("Not allowed"));
    anna.get("remove-cohost", json!({ "participantId": ben.id })).await;
    ben.hear("cohost-revoked", |_| true).await;
    assert_eq!(ben.ask("toggle-remote-audio", mute).await, error("Not allowed"));
    house.close().await;
}
