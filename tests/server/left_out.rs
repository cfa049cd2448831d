//! Who asks to be left out of recordings is kept nowhere in them: not that they are there, not what they are called, say
//! or write. What is sent is the subject of `recording::left_out`.

use serde_json::{Value, json};

use super::house::House;
use super::recording::events;

/// A stretch of a meeting that is recorded, by what its sidecar says happened.
async fn recorded(house: &House) -> Vec<Value> {
    let ended = house.until(|snapshot| snapshot.recordings.len() == 1).await;
    events(&ended.recordings[0].folder)
}

fn of(events: &[Value], kind: &str) -> Vec<Value> {
    events.iter().filter(|event| event["type"] == kind).cloned().collect()
}

async fn says(guest: &super::guest::Guest, text: &str) {
    let message = json!({ "id": text, "text": text, "sender": "Made up" });
    guest.get("send-message", json!({ "message": message })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_and_words_of_who_is_left_out_are_written_nowhere() {
    let house = House::open().await;
    let mut anna = house.guest().await;
    anna.enter_with("out", json!({ "userName": "Anna" })).await;
    let mut ben = house.guest().await;
    let join = json!({ "userName": "Ben", "leftOut": true, "resumable": true });
    let token = ben.enter_with("out", join).await["resumeToken"].clone();
    let list = anna.hear_list(&[&anna.id, &ben.id]).await;
    assert_eq!([&list[0]["isLeftOut"], &list[1]["isLeftOut"]], [false, true]);

    anna.get("start-recording", json!({})).await;
    says(&anna, "of Anna").await;
    says(&ben, "of Ben").await;
    ben.get("join-room", json!({ "userName": "Benjamin" })).await;
    ben.get("update-my-state", json!({ "isAudioMuted": true })).await;
    ben.cut();
    anna.hear("participant-list-update", |list| list[1]["isReconnecting"] == true)
        .await;
    let mut back = house.guest().await;
    let join = json!({ "userName": "Benny", "resumeToken": token });
    assert_eq!(back.enter_with("out", join).await["resumed"], true);
    anna.hear("participant-list-update", |list| {
        list[1]["name"] == "Benny" && list[1]["isLeftOut"] == true
    })
    .await;
    says(&back, "of Benny").await;
    anna.get("stop-recording", json!({})).await;

    let events = recorded(&house).await;
    assert_eq!(of(&events, "joined").len(), 1, "{events:?}");
    assert_eq!(of(&events, "message").len(), 1, "{events:?}");
    let folder = house.server.snapshots().borrow().recordings[0].folder.clone();
    for entry in std::fs::read_dir(folder).unwrap() {
        let written = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&written);
        assert!(!text.contains("Ben"), "{text}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_in_the_middle_is_gone_from_then_on_and_back_when_they_take_it_back() {
    let house = House::open().await;
    let mut anna = house.guest().await;
    anna.enter_with("out", json!({ "userName": "Anna" })).await;
    let mut ben = house.guest().await;
    ben.enter_with("out", json!({ "userName": "Ben" })).await;
    anna.get("start-recording", json!({})).await;
    says(&ben, "before").await;
    // Nobody asks for another, whatever they claim.
    let claim = json!({ "leftOut": true, "targetUserId": ben.id, "userId": ben.id });
    anna.get("set-left-out", claim).await;
    anna.hear("participant-list-update", |list| {
        list[0]["isLeftOut"] == true && list[1]["isLeftOut"] == false
    })
    .await;
    anna.get("set-left-out", json!({ "leftOut": false })).await;
    ben.get("set-left-out", json!({ "leftOut": true })).await;
    says(&ben, "meanwhile").await;
    ben.get("set-left-out", json!({ "leftOut": false })).await;
    says(&ben, "after").await;
    anna.get("stop-recording", json!({})).await;

    let events = recorded(&house).await;
    let words: Vec<Value> = of(&events, "message")
        .iter()
        .map(|event| event["text"].clone())
        .collect();
    assert_eq!(words, ["before", "after"]);
    let bens = |kind| of(&events, kind).iter().filter(|event| event["seat"] == 1).count();
    assert_eq!((bens("joined"), bens("left")), (2, 1), "{events:?}");
    house.close().await;
}
