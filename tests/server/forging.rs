//! A guest can forge nothing: not who they are, not what they may do, not what is another's.

use serde_json::{Value, json};

use super::guest::{Guest, text};
use super::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn no_word_of_a_guest_makes_them_more_than_that() {
    let house = House::open().await;
    let mut anna = house.guest().await;
    anna.enter_with("forge", json!({ "userName": "Anna", "userId": "u-anna" }))
        .await;
    let mut ben = house.guest().await;
    let joined = ben
        .enter_with(
            "forge",
            json!({ "userId": "u-anna", "isCreator": true, "isHost": true, "isCoHost": true, "role": "host",
                    "hostKey": "u-anna", "peerId": anna.id, "id": anna.id }),
        )
        .await;
    assert_eq!([&joined["isHost"], &joined["isCoHost"]], [false, false]);
    assert_eq!(joined["peerId"], *ben.id);
    let list = anna.hear_list(&["u-anna", &ben.id]).await;
    assert_eq!(list[0]["userId"], "u-anna");
    assert_eq!(list[1]["userId"], Value::Null, "another's label is nobody else's");
    ben.call("set-user-id", &[json!("u-anna")]).await;
    ben.get("join-room", json!({ "userId": "u-anna", "userName": "Ben" }))
        .await;
    let found = ben
        .call("get-socket-id-for-user", &[json!({ "userId": "u-anna" })])
        .await;
    assert_eq!(found["socketId"], *anna.id);
    house.close().await;
}

/// Everything that hosts alone may do, with every field by which a guest might claim to be one.
fn hosts_requests(host: &Guest, target: &str) -> Vec<(&'static str, Value)> {
    let requests = [
        ("toggle-remote-audio", json!({ "force": "mute" })),
        ("toggle-remote-audio", json!({ "force": "unmute" })),
        ("toggle-remote-video", json!({ "force": "pause" })),
        ("stop-remote-screenshare", json!({})),
        ("remove-participant", json!({})),
        ("let-back-in", json!({ "removedId": 1 })),
        ("set-room-policy", json!({ "locked": true, "camerasEnabled": false })),
        ("make-host", json!({})),
        ("remove-host", json!({})),
        ("make-cohost", json!({})),
        ("remove-cohost", json!({})),
        ("set-hand", json!({ "raised": false })),
    ];
    let claims = |(event, mut body): (&'static str, Value)| {
        for claim in ["userId", "peerId", "socketId", "by", "byId", "hostId"] {
            body[claim] = json!(host.id);
        }
        body["isHost"] = json!(true);
        body["targetUserId"] = json!(target);
        body["participantId"] = json!(target);
        (event, body)
    };
    requests.map(claims).into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_who_commands_in_a_hosts_name_is_refused_and_nothing_happens() {
    let house = House::open().await;
    let anna = house.guest_in("command").await;
    let ben = house.guest_in("command").await;
    let cleo = house.guest_in("command").await;
    let sending = cleo.transport("send").await;
    cleo.produce(&sending, "audio", 1).await;
    cleo.get("set-hand", json!({ "raised": true })).await;
    anna.hear("participant-list-update", |list| list[2]["handRaisedAt"].is_u64())
        .await;
    let held = house.held().await;
    for guest in [&anna, &ben, &cleo] {
        guest.forget().await;
    }
    for target in [&anna.id, &ben.id, &cleo.id] {
        for (event, body) in hosts_requests(&anna, target) {
            if event == "set-hand" && *target == ben.id {
                continue;
            }
            ben.emit(event, {
                let mut body = body.clone();
                body["roomId"] = json!("command");
                body
            });
            let answer = ben.ask(event, body).await;
            assert_eq!(answer, json!({ "error": "Not allowed" }), "{event} to {target}");
        }
    }
    anna.get(
        "send-message",
        json!({ "message": { "id": "1", "text": "All is well" } }),
    )
    .await;
    for guest in [&anna, &ben, &cleo] {
        guest.hear("receive-message", |_| true).await;
        assert_eq!(guest.names(), ["receive-message"], "nobody heard of it");
    }
    assert_eq!(house.held().await, held);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_one_in_their_own_room_alone() {
    let house = House::open().await;
    let anna = house.guest_in("one").await;
    let ben = house.guest_in("other").await;
    let voice = {
        let sending = anna.transport("send").await;
        anna.produce(&sending, "audio", 1).await
    };
    for (event, mut body) in hosts_requests(&ben, &anna.id) {
        body["roomId"] = json!("one");
        assert_eq!(
            ben.ask(event, body).await,
            json!({ "error": "Peer not found" }),
            "{event}"
        );
    }
    for event in ["toggle-remote-audio", "remove-participant"] {
        let body = json!({ "targetUserId": anna.id, "force": "mute" });
        let answer = ben.ask(event, body).await;
        assert_eq!(answer, json!({ "error": "Participant not found" }), "{event}");
    }
    let answer = ben.ask("resume-producer", json!({ "producerId": voice })).await;
    assert_eq!(answer, json!({ "error": "Producer not found" }));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sender_time_and_place_in_the_chat_are_the_servers_word() {
    let house = House::open().await;
    let mut anna = house.guest().await;
    anna.enter_with("chat", json!({ "userName": "Anna", "userId": "u-anna" }))
        .await;
    let mut ben = house.guest().await;
    ben.enter_with("chat", json!({ "userName": "Ben", "userId": "u-anna" }))
        .await;
    let message = json!({ "id": "m1", "text": "hello", "createdAt": 1, "socketId": anna.id,
                          "sender": { "id": "u-anna", "name": "Anna", "imageUrl": "https://a.example/anna.png" } });
    let forged = json!({ "message": message, "socketId": anna.id, "userId": "u-anna", "userName": "Anna" });
    ben.get("send-message", forged).await;
    let entry = anna.hear("receive-message", |_| true).await;
    assert_eq!(entry["socketId"], *ben.id);
    let sender = json!({ "id": ben.id, "name": "Ben", "imageUrl": null, "avatarUrl": null });
    assert_eq!(entry["message"]["sender"], sender);
    assert!(entry["message"]["createdAt"].as_u64().unwrap() > 1_735_689_600_000);
    ben.get("send-reaction", json!({ "emoji": "👍", "peerId": anna.id }))
        .await;
    let reaction = anna.hear("reaction", |_| true).await;
    assert_eq!(reaction, json!({ "peerId": text(&json!(ben.id)), "emoji": "👍" }));
    house.close().await;
}
