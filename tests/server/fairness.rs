//! What one client may ask for, and that others do not notice who asks for more.

use std::num::NonZeroU32;
use std::time::Duration;

use confab_server::signaling::Limits;
use futures::future::join_all;
use serde_json::{Value, json};

use super::guest::HUNG;
use super::house::{House, http};

/// The limits that people get.
async fn house() -> House {
    House::with(|config| config.limits = Limits::default()).await
}

fn refusals(answers: &[Value], sentence: &str) -> usize {
    answers.iter().filter(|answer| answer["error"] == sentence).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_floods_is_told_so_and_then_hung_up_on_and_others_go_on() {
    let house = house().await;
    let anna = house.guest_in("calm").await;
    let ben = house.guest_in("calm").await;
    let mut mallory = house.guest_in("flood").await;
    let nothing = [json!({ "roomId": "flood", "consumerId": "none" })];
    let mut refused = 0_u32;
    while mallory.is_connected() {
        let answers = join_all((0..100).map(|_| mallory.try_call("resume-consumer", &nothing))).await;
        let answers: Vec<Value> = answers.into_iter().flatten().collect();
        refused += u32::try_from(refusals(&answers, "Too many requests; wait a moment")).unwrap();
    }
    assert!((300..3_000).contains(&refused), "{refused}");
    mallory.until_hung_up().await;
    let figures = house.figures().await;
    let counted = figures["confab_refusals_total{event=\"resume-consumer\",reason=\"too_many_requests\"}"];
    assert!(counted >= f64::from(refused), "{counted}");
    assert_eq!(figures["confab_hangups_total{reason=\"flood\"}"], 1.0);
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
async fn a_room_that_is_made_anew_by_a_join_counts_as_well() {
    let house = House::with(|config| config.limits.rooms_per_minute = NonZeroU32::new(5).unwrap()).await;
    let mut mallory = house.guest().await;
    mallory.enter("again").await;
    let join = json!({ "rtpCapabilities": super::guest::rtp_capabilities() });
    let mut refused = Value::Null;
    for _ in 0..20 {
        mallory.get("leave-room", json!({})).await;
        house.until_rooms(0).await;
        refused = mallory.ask("join-mediasoup-room", join.clone()).await;
        if refused.get("error").is_some() {
            break;
        }
    }
    let sentence = "Too many new rooms from this device; try again in a minute";
    assert_eq!(refused, json!({ "error": sentence }));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_makes_transports_without_an_end_is_told_so() {
    let house = House::with(|config| config.limits.transports_per_minute = NonZeroU32::new(6).unwrap()).await;
    let anna = house.guest_in("transports").await;
    let mallory = house.guest_in("transports").await;
    let mut expected = house.held().await;
    let making = ["send", "recv"].repeat(10);
    let making: Vec<_> = making
        .iter()
        .map(|direction| [json!({ "roomId": "transports", "direction": direction })])
        .collect();
    let answers = join_all(making.iter().map(|one| mallory.call("create-webrtc-transport", one))).await;
    let refused = refusals(&answers, "Too many transports from one participant; wait a minute");
    assert!((10..=14).contains(&refused), "{refused}");
    let figures = house.figures().await;
    let counted = figures["confab_refusals_total{event=\"create-webrtc-transport\",reason=\"too_many_transports\"}"];
    assert_eq!(counted, refused as f64);
    // Those that were made are there and work, and so do others'.
    let made = || answers.iter().filter_map(|answer| answer.get("params"));
    expected.extend(made().map(|params| super::guest::text(&params["id"])));
    house.until_held(&expected).await;
    let mut sending = answers.iter().step_by(2).filter_map(|answer| answer.get("params"));
    mallory.produce(sending.next_back().unwrap(), "audio", 1).await;
    anna.transport("send").await;
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
    let hung_up = house.figures().await["confab_hangups_total{reason=\"unjoined\"}"];
    assert_eq!(hung_up, 2.0);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_of_forty_behind_one_router_meets() {
    let house = house().await;
    // Beside its socket, each browser has some connections by which it got the page.
    let _pages = house.connections(200).await;
    let class = join_all((0..40).map(|_| house.guest_in("class"))).await;
    let voices = join_all(class.iter().zip(1..).map(async |(guest, ssrc)| {
        let sending = guest.transport("send").await;
        guest.transport("recv").await;
        guest.produce(&sending, "audio", ssrc).await
    }))
    .await;
    join_all(class.iter().enumerate().map(async |(own, guest)| {
        let others = voices.iter().enumerate().filter(|(other, _)| *other != own);
        for (_, voice) in others {
            let consumer = guest.consume(voice).await;
            guest.get("resume-consumer", json!({ "consumerId": consumer })).await;
        }
    }))
    .await;
    assert!(class.iter().all(super::guest::Guest::is_connected));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_no_more_connections_than_it_may() {
    let house = House::with(|config| config.limits.connections_of_address = NonZeroU32::new(100).unwrap()).await;
    let anna = house.guest_in("full").await;
    let mut others = house.connections(99).await;
    let sentence = "Too many connections from your address; close some first";
    let (head, body) = house.http("GET /health").await;
    assert!(
        head.starts_with("HTTP/1.1 503") && body.trim() == sentence,
        "{head} {body}"
    );
    assert!(anna.is_served().await);
    others.truncate(50);
    let let_in = async {
        while !house.http("GET /health").await.0.starts_with("HTTP/1.1 200") {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::time::timeout(HUNG, let_in).await.unwrap();
    let name = "confab_refusals_total{event=\"connection\",reason=\"too_many_connections\"}";
    assert!(house.figures().await[name] >= 1.0);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_sockets_over_one_connection_count_as_well() {
    const BEGIN: &str = "GET /socket.io/?EIO=4&transport=polling";
    let house = House::with(|config| config.limits.connections_of_address = NonZeroU32::new(3).unwrap()).await;
    let mut line = house.connections(1).await.remove(0);
    let mut said = Vec::new();
    for _ in 0..4 {
        let (_, opened) = http(&mut line, BEGIN, "").await;
        let opened: Value = serde_json::from_str(opened.trim_start_matches('0')).unwrap();
        let session = format!(
            "/socket.io/?EIO=4&transport=polling&sid={}",
            opened["sid"].as_str().unwrap()
        );
        http(&mut line, &format!("POST {session}"), "40").await;
        // A ping may come first.
        let answer = loop {
            let (_, said) = http(&mut line, &format!("GET {session}"), "").await;
            if let Some(answer) = said.split('\u{1e}').find(|packet| packet.starts_with('4')) {
                break answer.to_owned();
            }
        };
        said.push(answer);
    }
    assert!(said[..3].iter().all(|said| said.starts_with("40")), "{said:?}");
    let sentence = "44{\"message\":\"Too many connections from your address; close some first\"}";
    assert_eq!(said[3], sentence);
    // To begin without an end is no way around it.
    let (head, body) = loop {
        let (head, body) = http(&mut line, BEGIN, "").await;
        if !head.starts_with("HTTP/1.1 200") {
            break (head, body);
        }
    };
    assert!(head.starts_with("HTTP/1.1 429"), "{head}");
    assert_eq!(body.trim(), "Too many new connections from your address; wait a minute");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_changes_something_without_an_end_has_little_said_and_the_last_of_it_to_all() {
    let house = House::open().await;
    // Lists of half a megabyte, to twenty people each time.
    let picture = json!({ "userImageUrl": format!("data:image/png;base64,{}", "A".repeat(24 << 10)) });
    let mut crowd = Vec::new();
    for _ in 0..20 {
        let mut guest = house.guest().await;
        guest.enter_with("pictures", picture.clone()).await;
        crowd.push(guest);
    }
    let (mallory, ben) = (&crowd[0], &crowd[19]);
    ben.forget().await;
    let hands = [true, false].map(|raised| [json!({ "roomId": "pictures", "raised": raised })]);
    let hands: Vec<_> = hands.iter().cycle().take(99).collect();
    join_all(hands.iter().map(|hand| mallory.call("set-hand", *hand))).await;
    ben.get("set-hand", json!({ "raised": true })).await;
    let is_up = |list: &Value, at: usize| list[at]["handRaisedAt"].is_u64();
    for guest in [mallory, ben] {
        guest
            .hear("participant-list-update", |list| is_up(list, 0) && is_up(list, 19))
            .await;
    }
    let lists = ben
        .names()
        .iter()
        .filter(|name| *name == "participant-list-update")
        .count();
    assert!(lists < 50, "{lists}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_too_large_is_refused_and_a_huge_one_ends_the_line() {
    let house = house().await;
    let mut anna = house.guest_in("large").await;
    let message = |bytes: usize| [json!({ "roomId": "large", "message": { "id": "1", "text": "x".repeat(bytes) } })];
    let refused = json!({ "error": "This message is too large; 1048576 bytes are the most" });
    assert_eq!(anna.call("send-message", &message(1 << 20)).await, refused);
    assert!(anna.is_connected());
    assert_eq!(anna.try_call("send-message", &message(3 << 20)).await, None);
    anna.until_hung_up().await;
    house.close().await;
}
