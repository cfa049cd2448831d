//! What is said: to all, with the server's word on who and when, and again for those who ask.

use serde_json::json;

use super::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn sender_and_time_are_the_servers_word() {
    let house = House::open().await;
    let mut anna = house.guest().await;
    anna.enter_with("chat", json!({ "userName": "Anna", "userId": "u-anna" }))
        .await;
    let ben = house.guest_in("chat").await;
    let forged = json!({ "id": "m1", "text": " hello ", "createdAt": 1, "sender": { "id": "u-ben", "name": "Ben" } });
    anna.get("send-message", json!({ "message": forged })).await;
    for guest in [&anna, &ben] {
        let entry = guest.hear("receive-message", |_| true).await;
        assert_eq!(entry["socketId"], *anna.id);
        assert_eq!(entry["message"]["id"], "m1");
        assert_eq!(
            entry["message"]["sender"],
            json!({ "id": "u-anna", "name": "Anna", "imageUrl": null, "avatarUrl": null })
        );
        // Later than this test was written.
        assert!(entry["message"]["createdAt"].as_u64().unwrap() > 1_735_689_600_000);
    }
    let plain = json!({ "id": "m2", "text": "again", "sender": "Ben" });
    anna.get("send-message", json!({ "message": plain })).await;
    let entry = ben
        .hear("receive-message", |entry| entry["message"]["id"] == "m2")
        .await;
    let sender = json!({ "id": "u-anna", "name": "Anna", "imageUrl": null, "avatarUrl": null });
    assert_eq!(
        entry["message"]["sender"], sender,
        "an object, whatever the client wrote"
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_gets_what_was_said() {
    let house = House::open().await;
    let anna = house.guest_in("history").await;
    for id in ["m1", "m2"] {
        anna.get("send-message", json!({ "message": { "id": id, "text": "hello" } }))
            .await;
    }
    let ben = house.guest_in("history").await;
    ben.get("get-chat-history", json!({})).await;
    let history = ben.hear("chat-history", |_| true).await;
    let ids: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["message"]["id"])
        .collect();
    assert_eq!(ids, ["m1", "m2"]);
    assert!(
        !anna.names().contains(&"chat-history".to_owned()),
        "it is told to the asker alone"
    );

    ben.get(
        "join-room",
        json!({ "userName": "Ben", "userId": "u-ben", "userImageUrl": "https://a.example/b.png" }),
    )
    .await;
    let list = anna
        .hear("participant-list-update", |list| list[1]["name"] == "Ben")
        .await;
    assert_eq!(list[1]["imageUrl"], "https://a.example/b.png");
    let answer = anna
        .call("get-socket-id-for-user", &[json!({ "userId": "u-ben" })])
        .await;
    assert_eq!(answer, json!({ "socketId": ben.id }));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_message_is_refused_and_said_to_nobody() {
    let house = House::open().await;
    let anna = house.guest_in("empty").await;
    let answer = anna
        .ask("send-message", json!({ "message": { "id": "m1", "text": " \n" } }))
        .await;
    assert_eq!(answer, json!({ "error": "Invalid request: `message.text` is empty" }));
    anna.get("send-message", json!({ "message": { "id": "m2", "text": "hello" } }))
        .await;
    let entry = anna.hear("receive-message", |_| true).await;
    assert_eq!(entry["message"]["id"], "m2");
    house.close().await;
}
