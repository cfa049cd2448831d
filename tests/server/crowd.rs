//! Where a server written from the guide gives up: many people, many rooms, everybody at once.

use std::collections::BTreeSet;
use std::time::Duration;

use confab_server::meeting::MeetingsSettings;
use futures::future::join_all;
use serde_json::json;

use super::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_and_twenty_people_meet_through_two_ports() {
    let house = House::open().await;
    let before = house.held().await;
    let rooms = ["left", "right"];
    let guests = join_all((0..120).map(|number| house.guest_in(rooms[number % 2]))).await;
    let transports = join_all(
        guests
            .iter()
            .map(async |guest| [guest.transport("send").await, guest.transport("recv").await]),
    )
    .await;
    let ports: BTreeSet<u64> = transports
        .iter()
        .flatten()
        .flat_map(|transport| transport["iceCandidates"].as_array().unwrap())
        .map(|candidate| candidate["port"].as_u64().unwrap())
        .collect();
    assert_eq!(ports.len(), 2, "{ports:?}");
    assert_eq!(house.routers().await, [1, 1], "rooms are spread over the workers");

    let producers = join_all(
        transports
            .iter()
            .zip(&guests)
            .zip(1_000..)
            .map(async |(([sending, _], guest), ssrc)| guest.produce(sending, "audio", ssrc).await),
    )
    .await;
    // Everybody hears of the last to speak and can listen to the first.
    for (number, guest) in guests.iter().enumerate().skip(2) {
        guest.consume(&producers[number % 2]).await;
        guest
            .hear("participant-list-update", |list| list.as_array().unwrap().len() == 60)
            .await;
    }
    // 2 routers, 2 observers of who speaks, 240 transports, 120 producers, 118 consumers.
    assert_eq!(house.held().await.difference(&before).count(), 2 + 2 + 240 + 120 + 118);

    guests.iter().for_each(|guest| guest.say_goodbye());
    house.until_rooms(0).await;
    house.until_held(&before).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_first_calls_at_once_make_one_room() {
    let house = House::open().await;
    let mut guests = join_all((0..20).map(|_| house.guest())).await;
    join_all(guests.iter_mut().map(|guest| guest.enter("at-once"))).await;
    assert_eq!(house.routers().await.iter().sum::<usize>(), 1);
    for guest in &guests {
        guest
            .hear("participant-list-update", |list| list.as_array().unwrap().len() == 20)
            .await;
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_that_nobody_joined_disappear() {
    let settings = MeetingsSettings {
        unjoined_grace: Duration::from_millis(300),
        ..MeetingsSettings::default()
    };
    let house = House::set_to(settings).await;
    let before = house.held().await;
    let anna = house.guest_in("joined").await;
    let asker = house.guest().await;
    let asked = (0..300).map(|number| [json!({ "roomId": format!("asked-{number}") })]);
    let asked: Vec<_> = asked.collect();
    join_all(asked.iter().map(|payload| asker.call("get-rtp-capabilities", payload)))
        .await
        .iter()
        .for_each(|answer| assert!(answer.get("rtpCapabilities").is_some(), "{answer}"));
    house.until_rooms(1).await;
    // The room that is left has its router, and so have no others once the workers have dropped theirs.
    house.until_routers(1).await;
    assert!(anna.is_connected() && asker.is_connected());
    anna.say_goodbye();
    house.until_held(&before).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_ended_between_the_question_and_the_join_is_there_again() {
    let settings = MeetingsSettings {
        unjoined_grace: Duration::from_millis(1),
        ..MeetingsSettings::default()
    };
    let house = House::set_to(settings).await;
    let mut slow = house.guest().await;
    "slow".clone_into(&mut slow.room);
    slow.get("get-rtp-capabilities", json!({})).await;
    house.until_rooms(0).await;
    let body = json!({ "rtpCapabilities": super::guest::rtp_capabilities() });
    let answer = slow.ask("join-mediasoup-room", body).await;
    assert_eq!(answer["existingProducers"], json!([]), "{answer}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_bounds_and_each_is_told_in_words() {
    let mut settings = MeetingsSettings {
        max_rooms: 2,
        ..MeetingsSettings::default()
    };
    settings.room.max_peers = 2;
    let house = House::set_to(settings).await;
    let _anna = house.guest_in("full").await;
    let ben = house.guest_in("full").await;
    let mut cleo = house.guest().await;
    cleo.room = "full".to_owned();
    let join = json!({ "rtpCapabilities": super::guest::rtp_capabilities() });
    assert_eq!(
        cleo.ask("join-mediasoup-room", join.clone()).await,
        json!({ "error": "Room is full" })
    );
    cleo.enter("second").await;
    let third = json!({ "roomId": "third" });
    let refused = json!({ "error": "Too many rooms on this server; wait until one ends" });
    assert_eq!(ben.call("get-rtp-capabilities", &[third]).await, refused);

    let sending = ben.transport("send").await;
    for ssrc in 1..=12 {
        ben.produce(&sending, "audio", ssrc).await;
    }
    let body = json!({ "transportId": sending["id"], "kind": "audio",
                       "rtpParameters": super::guest::rtp_parameters("audio", 13) });
    let refused = json!({ "error": "Too many streams from one participant; close one first" });
    assert_eq!(ben.ask("produce", body).await, refused);
    house.close().await;
}
