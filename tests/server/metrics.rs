//! `GET /metrics`: what there is, what happened, and that both are true.

use serde_json::json;

use super::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_are_what_there_is() {
    let house = House::open().await;
    let anna = house.guest_in("counted").await;
    let ben = house.guest_in("counted").await;
    let sending = anna.transport("send").await;
    ben.transport("recv").await;
    let voice = anna.produce(&sending, "audio", 1).await;
    ben.consume(&voice).await;
    ben.ask("resume-consumer", json!({ "consumerId": "nothing" })).await;
    ben.ask("resume-consumer", json!({})).await;

    let figures = house.figures().await;
    let expected = [
        ("confab_rooms", 1.0),
        ("confab_peers", 2.0),
        ("confab_transports", 2.0),
        ("confab_producers", 1.0),
        ("confab_consumers", 1.0),
        ("confab_recordings{state=\"recording\"}", 0.0),
        ("confab_workers", 2.0),
        ("confab_received_bytes_total", 0.0),
        (
            "confab_refusals_total{event=\"resume-consumer\",reason=\"consumer_not_found\"}",
            1.0,
        ),
        (
            "confab_refusals_total{event=\"resume-consumer\",reason=\"invalid\"}",
            1.0,
        ),
        ("confab_request_seconds_count{event=\"join-mediasoup-room\"}", 2.0),
        ("confab_request_seconds_count{event=\"resume-consumer\"}", 2.0),
    ];
    for (name, value) in expected {
        assert_eq!(figures.get(name), Some(&value), "{name} in {figures:#?}");
    }
    assert!(figures["process_resident_memory_bytes"] > 0.0);
    // A worker has its own server; the room's has a router, an observer, two transports and a stream each way as well.
    let held = ["1", "2"].map(|worker| figures[&format!("confab_worker_objects{{worker=\"{worker}\"}}")]);
    assert_eq!(held.iter().sum::<f64>(), house.held().await.len() as f64);
    assert_eq!((held[0] - held[1]).abs(), 6.0);
    assert!(figures["confab_port_received_bytes_total"] > 1_000.0);
    assert!(figures["confab_port_sent_bytes_total"] > 1_000.0);
    if cfg!(target_os = "linux") {
        assert!(figures.contains_key("confab_worker_cpu_seconds{worker=\"2\"}"));
    }
    house.close().await;
}
