//! The receiver's side of quality: what it asks for, and what it is told.

use serde_json::{Value, json};

use super::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn a_transport_tells_how_it_and_its_streams_fare() {
    let house = House::open().await;
    let anna = house.guest_in("stats").await;
    let ben = house.guest_in("stats").await;
    let sending = anna.transport("send").await;
    let receiving = ben.transport("recv").await;
    let voice = anna.produce(&sending, "audio", 1).await;
    let consumer = ben.consume(&voice).await;

    let sent = anna.get("get-stats", json!({ "transportId": sending["id"] })).await;
    assert_eq!(sent["transport"]["transportId"], sending["id"]);
    assert_eq!(sent["transport"]["iceState"], "new");
    assert_eq!(sent["transport"]["protocol"], Value::Null);
    assert_eq!(
        sent["streams"],
        json!([]),
        "nothing flows before the transport is connected"
    );
    let received = ben.get("get-stats", json!({ "transportId": receiving["id"] })).await;
    let [stream] = &received["streams"].as_array().unwrap()[..] else {
        panic!("{received}")
    };
    assert_eq!(stream["producerId"], *voice);
    assert_eq!(stream["consumerId"], *consumer);
    assert_eq!([&stream["kind"], &stream["byteCount"]], [&json!("audio"), &json!(0)]);

    let others = ben.ask("get-stats", json!({ "transportId": sending["id"] })).await;
    assert_eq!(others, json!({ "error": "Transport not found" }));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_takes_a_priority_and_no_other_number() {
    let house = House::open().await;
    let anna = house.guest_in("priority").await;
    let ben = house.guest_in("priority").await;
    let sending = anna.transport("send").await;
    ben.transport("recv").await;
    let camera = anna.produce(&sending, "video", 1).await;
    let consumer = ben.consume(&camera).await;
    let set = |priority: Value| json!({ "consumerId": consumer, "priority": priority });
    assert_eq!(ben.get("set-consumer-priority", set(json!(255))).await, json!({}));
    for wrong in [json!(0), json!(256), json!(-1), json!("1")] {
        let answer = ben.ask("set-consumer-priority", set(wrong)).await;
        let error = answer["error"].as_str().unwrap();
        assert!(error.starts_with("Invalid request: `priority`"), "{answer}");
    }
    let others = anna.ask("set-consumer-priority", set(json!(1))).await;
    assert_eq!(others, json!({ "error": "Consumer not found" }));
    house.close().await;
}
