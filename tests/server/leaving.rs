//! What is left behind when somebody goes: nothing, for the others and in the workers.

use serde_json::json;

use super::guest::Guest;
use super::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn a_leavers_streams_end_for_the_others() {
    let house = House::open().await;
    let anna = house.guest_in("leaving").await;
    let ben = house.guest_in("leaving").await;
    ben.transport("recv").await;
    let before = house.held().await;

    let sending = anna.transport("send").await;
    anna.transport("recv").await;
    let voice = anna.produce(&sending, "audio", 1).await;
    let camera = anna.produce(&sending, "video", 2).await;
    let heard = ben.consume(&voice).await;
    ben.consume(&camera).await;
    ben.forget().await;
    anna.cut();

    ben.hear("participant-left", |left| left["peerId"] == *anna.id).await;
    ben.hear_list(&[&ben.id]).await;
    assert_eq!(
        ben.names(),
        [
            "producer-closed",
            "producer-closed",
            "participant-left",
            "participant-list-update"
        ]
    );
    for (producer, kind) in [(voice, "audio"), (camera, "video")] {
        let closed = json!({ "producerId": producer, "peerId": anna.id, "userId": null, "kind": kind,
                             "isScreenShare": false });
        ben.hear("producer-closed", |event| *event == closed).await;
    }
    house.until_held(&before).await;
    let gone = ben.ask("resume-consumer", json!({ "consumerId": heard })).await;
    assert_eq!(gone, json!({ "error": "Consumer not found" }));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn joining_another_room_frees_the_first() {
    let house = House::open().await;
    let ben = house.guest_in("first").await;
    let before = house.held().await;
    let mut anna = house.guest_in("first").await;
    let sending = anna.transport("send").await;
    anna.produce(&sending, "audio", 1).await;
    ben.forget().await;

    anna.enter("second").await;
    ben.hear("participant-left", |left| left["peerId"] == *anna.id).await;
    ben.hear_list(&[&ben.id]).await;
    let answer = anna
        .ask(
            "create-webrtc-transport",
            json!({ "roomId": "first", "direction": "send" }),
        )
        .await;
    assert_eq!(answer, json!({ "error": "Peer not found" }));
    anna.transport("send").await;

    anna.ask("leave-room", json!({})).await;
    house.until_held(&before).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn joining_twice_changes_nothing() {
    let house = House::open().await;
    let mut anna = house.guest_in("twice").await;
    let sending = anna.transport("send").await;
    let voice = anna.produce(&sending, "audio", 1).await;
    let before = house.held().await;
    let again = anna.enter("twice").await;
    assert_eq!(again["alreadyJoined"], true);
    assert_eq!(again["peerId"], *anna.id);
    assert_eq!(house.held().await, before);
    anna.get("pause-producer", json!({ "producerId": voice })).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_left_can_come_back_on_the_same_socket() {
    let house = House::open().await;
    let empty = house.held().await;
    let ben = house.guest_in("back").await;
    let mut anna = house.guest_in("back").await;
    anna.transport("send").await;
    ben.forget().await;
    assert_eq!(anna.ask("leave-room", json!({})).await, json!({}));
    ben.hear("participant-left", |left| left["peerId"] == *anna.id).await;
    let refused = anna
        .ask("create-webrtc-transport", json!({ "direction": "send" }))
        .await;
    assert_eq!(refused, json!({ "error": "Peer not found" }));

    let back = anna.enter("back").await;
    assert!(back.get("alreadyJoined").is_none(), "{back}");
    ben.hear_list(&[&ben.id, &anna.id]).await;
    let sending = anna.transport("send").await;
    anna.produce(&sending, "audio", 1).await;
    for guest in [&anna, &ben] {
        guest.ask("leave-room", json!({})).await;
    }
    house.until_held(&empty).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_transport_takes_the_place_of_the_old_one_once_it_is_used() {
    let house = House::open().await;
    let anna = house.guest_in("replaced").await;
    let ben = house.guest_in("replaced").await;
    ben.transport("recv").await;
    let before = house.held().await;
    let first = anna.transport("send").await;
    let voice = anna.produce(&first, "audio", 1).await;
    let heard = ben.consume(&voice).await;
    let second = anna.transport("send").await;
    let name = |transport: &serde_json::Value| super::guest::text(&transport["id"]);
    let both = [&first, &second].map(name);
    // The one that carries something lives, and so does what it carries.
    anna.get("pause-producer", json!({ "producerId": voice })).await;
    let all = both.into_iter().chain([voice.clone(), heard]);
    house.until_held(&before.iter().cloned().chain(all).collect()).await;
    let again = anna.produce(&second, "audio", 2).await;
    ben.hear("producer-closed", |closed| closed["producerId"] == *voice)
        .await;
    let mut expected = before;
    expected.extend([name(&second), again.clone()]);
    house.until_held(&expected).await;
    // Who says that it replaces the others means at once.
    let body = json!({ "direction": "send", "replaces": true });
    let third = anna.get("create-webrtc-transport", body).await["params"].clone();
    for gone in [&name(&second), &again] {
        expected.remove(gone);
    }
    expected.insert(name(&third));
    house.until_held(&expected).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_transports_that_nobody_uses_the_oldest_close_and_any_that_is_left_can_be_used() {
    let house = House::open().await;
    let anna = house.guest_in("mounted").await;
    let ben = house.guest_in("mounted").await;
    let voice = {
        let sending = ben.transport("send").await;
        ben.produce(&sending, "audio", 1).await
    };
    let before = house.held().await;
    let mut made = Vec::new();
    for _ in 0..20 {
        for direction in ["send", "recv"] {
            made.push(super::guest::text(&anna.transport(direction).await["id"]));
        }
    }
    let left = &made[made.len() - 16..];
    let mut expected = before.clone();
    expected.extend(left.iter().cloned());
    house.until_held(&expected).await;
    let rtp = super::guest::rtp_parameters("audio", 7);
    let gone = json!({ "transportId": made[0], "kind": "audio", "rtpParameters": rtp });
    let refused = anna.ask("produce", gone).await;
    assert_eq!(refused, json!({ "error": "Send transport not found" }));
    let kept = json!({ "transportId": left[4], "kind": "audio", "rtpParameters": rtp });
    let sent = super::guest::text(&anna.get("produce", kept).await["id"]);
    let named = json!({ "producerId": voice, "rtpCapabilities": super::guest::rtp_capabilities(),
                        "transportId": left[5] });
    let heard = super::guest::text(&anna.get("consume", named).await["id"]);
    // Those before the ones that are used are gone, those after them can still be used.
    let mut expected = before;
    expected.extend(left[4..].iter().cloned().chain([sent, heard]));
    house.until_held(&expected).await;
    anna.consume(&voice).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stops_a_recording_and_leaves_at_once_hears_how_it_went() {
    let house = House::open().await;
    let anna = house.guest_in("stopped").await;
    anna.get("start-recording", json!({})).await;
    let body = json!({ "roomId": "stopped" });
    // The last one in the room does not wait for the answer.
    let (stopped, left) = futures::future::join(
        anna.call("stop-recording", std::slice::from_ref(&body)),
        anna.call("leave-room", std::slice::from_ref(&body)),
    )
    .await;
    assert_eq!((&stopped["success"], &left), (&json!(true), &json!({})), "{stopped}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_joins_and_leaves_leave_nothing_behind() {
    let house = House::open().await;
    let empty = house.held().await;
    let host = house.guest_in("comings").await;
    let host_sending = host.transport("send").await;
    host.transport("recv").await;
    let host_voice = host.produce(&host_sending, "audio", 1).await;
    let before = house.held().await;

    for round in 0..40_u32 {
        let guests = futures::future::join_all((0..5).map(|_| house.guest_in("comings"))).await;
        for (guest, ssrc) in guests.iter().zip(round * 10 + 10..) {
            let sending = guest.transport("send").await;
            guest.transport("recv").await;
            let voice = guest.produce(&sending, "audio", ssrc).await;
            guest.consume(&host_voice).await;
            host.consume(&voice).await;
        }
        for (number, guest) in guests.iter().enumerate() {
            match number % 3 {
                0 => drop(guest.ask("leave-room", json!({})).await),
                1 => Guest::say_goodbye(guest),
                _ => Guest::cut(guest),
            }
        }
        // Dropped before that, a guest might take its goodbye along.
        for guest in &guests {
            host.hear("participant-left", |left| left["peerId"] == *guest.id).await;
        }
    }
    house.until_held(&before).await;
    host.hear_list(&[&host.id]).await;
    host.say_goodbye();
    house.until_held(&empty).await;
    house.until_rooms(0).await;
    house.close().await;
}
