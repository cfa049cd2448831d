//! What one client may ask for, and that others do not notice who asks for more.

use std::time::Duration;

use confab_server::signaling::Limits;
use futures::future::join_all;
use serde_json::{Value, json};

use super::house::House;

/// The limits that people get.
async fn house() -> House {
    House::with(|config| config.limits = Limits::default()).await
}

fn refusals(answers: &[Value], sentence: &str) -> usize {
    answers.iter().filter(|answer| answer["error"] == sentence).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_floods_is_told_so_and_others_go_on() {
    let house = house().await;
    let anna = house.guest_in("calm").await;
    let ben = house.guest_in("calm").await;
    let mallory = house.guest_in("flood").await;
    let nothing = [json!({ "roomId": "flood" })];
    let mut refused = 0;
    for _ in 0..10 {
        let answers = join_all((0..500).map(|_| mallory.call("get-chat-history", &nothing))).await;
        refused += refusals(&answers, "Too many requests; wait a moment");
    }
    assert!(refused > 1_000, "{refused}");
    anna.get(
        "send-message",
        json!({ "message": { "id": "1", "text": "All is well" } }),
    )
    .await;
    ben.hear("receive-message", |entry| entry["message"]["text"] == "All is well")
        .await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_too_much_is_told_so() {
    let house = house().await;
    let mallory = house.guest_in("words").await;
    let text = "x".repeat(4_000);
    let messages = (0..100).map(|id| [json!({ "roomId": "words", "message": { "id": id.to_string(), "text": text } })]);
    let messages: Vec<_> = messages.collect();
    let answers = join_all(messages.iter().map(|message| mallory.call("send-message", message))).await;
    let refused = refusals(
        &answers,
        "Too many words at once; wait a moment before the next message",
    );
    assert!((1..100).contains(&refused), "{refused}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_device_makes_no_more_rooms_than_it_may() {
    let house = house().await;
    let mut refused = 0;
    // Another socket is no way around it.
    for socket in 0..3 {
        let mallory = house.guest().await;
        let rooms: Vec<_> = (0..60)
            .map(|number| [json!({ "roomId": format!("{socket}-{number}") })])
            .collect();
        let answers = join_all(rooms.iter().map(|room| mallory.call("get-rtp-capabilities", room))).await;
        refused += refusals(&answers, "Too many new rooms from this device; try again in a minute");
    }
    assert!((60..=120).contains(&refused), "{refused}");
    let there = [json!({ "roomId": "0-0" })];
    let answer = house.guest().await.call("get-rtp-capabilities", &there).await;
    assert!(
        answer.get("error").is_none(),
        "a room that is there may be asked about: {answer}"
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_joins_nothing_is_hung_up_on() {
    let house = House::with(|config| config.limits.unjoined = Duration::from_secs(1)).await;
    let anna = house.guest_in("stays").await;
    let mut idle = house.guest().await;
    let mut left = house.guest_in("stays").await;
    left.get("leave-room", json!({})).await;
    idle.until_hung_up().await;
    left.until_hung_up().await;
    assert!(anna.is_connected(), "who is in a room stays");
    house.close().await;
}
