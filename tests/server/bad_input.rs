//! Whatever a client sends, it gets the refusal that it is owed, stays connected, and nobody else notices.

use confab_server::wire::Request;
use futures::future::join_all;
use serde_json::{Map, Value, json};

use super::guest::{Guest, rtp_capabilities, rtp_parameters, text};
use super::house::House;

const NO_ID: &str = "00000000-0000-4000-8000-000000000000";
const UNKNOWN: [&str; 6] = [
    "make-coffee",
    "",
    "constructor",
    "connect",
    "disconnect",
    "participant-list-update",
];

/// Two who meet next door, and what must not change for them.
struct Neighbours {
    house: House,
    anna: Guest,
    ben: Guest,
    voice: String,
    sending: Value,
    listening: String,
    held: std::collections::BTreeSet<String>,
}

impl Neighbours {
    async fn meet() -> Self {
        let house = House::open().await;
        let anna = house.guest_in("next-door").await;
        let ben = house.guest_in("next-door").await;
        let sending = anna.transport("send").await;
        ben.transport("recv").await;
        let voice = anna.produce(&sending, "audio", 1).await;
        let listening = ben.consume(&voice).await;
        ben.hear("new-producer", |_| true).await;
        anna.hear_list(&[&anna.id, &ben.id]).await;
        for guest in [&anna, &ben] {
            guest.forget().await;
        }
        let held = house.held().await;
        Self {
            house,
            anna,
            ben,
            voice,
            sending,
            listening,
            held,
        }
    }

    /// Those next door heard nothing, have all that they had, and go on.
    async fn noticed_nothing(self) {
        self.house.until_held(&self.held).await;
        for guest in [&self.anna, &self.ben] {
            assert_eq!(guest.names(), [""; 0]);
            assert!(guest.is_connected());
        }
        let message = json!({ "message": { "id": "1", "text": "All is well" } });
        self.anna.get("send-message", message).await;
        self.ben
            .hear("receive-message", |entry| entry["message"]["text"] == "All is well")
            .await;
        self.ben
            .get("resume-consumer", json!({ "consumerId": self.listening }))
            .await;
        self.house.close().await;
    }
}

/// The fields that an event cannot do without, in a form that fits.
fn complete(event: &str, room: &str) -> Map<String, Value> {
    let fingerprint = ["AB"; 32].join(":");
    let dtls = json!({ "role": "auto", "fingerprints": [{ "algorithm": "sha-256", "value": fingerprint }] });
    let mut body = match event {
        "join-mediasoup-room" => json!({ "rtpCapabilities": rtp_capabilities() }),
        "create-webrtc-transport" => json!({ "direction": "send" }),
        "connect-transport" => json!({ "transportId": NO_ID, "dtlsParameters": dtls }),
        "restart-ice" | "get-stats" => json!({ "transportId": NO_ID }),
        "produce" => {
            json!({ "transportId": NO_ID, "kind": "audio", "rtpParameters": rtp_parameters("audio", 9) })
        }
        "consume" => json!({ "producerId": NO_ID, "rtpCapabilities": rtp_capabilities() }),
        "set-consumer-layers" => json!({ "consumerId": NO_ID, "spatialLayer": 0 }),
        "set-consumer-priority" => json!({ "consumerId": NO_ID, "priority": 1 }),
        "resume-consumer" | "pause-consumer" | "request-key-frame" => json!({ "consumerId": NO_ID }),
        "pause-producer" | "resume-producer" | "close-producer" | "screen-share-started" | "screen-share-stopped" => {
            json!({ "producerId": NO_ID })
        }
        "send-message" => json!({ "message": { "id": "1", "text": "hello" } }),
        "get-socket-id-for-user" => json!({ "userId": "somebody" }),
        "offer-file" => json!({ "name": "a", "size": 1 }),
        "set-left-out" => json!({ "leftOut": true }),
        "set-hand" => json!({ "raised": true }),
        "send-reaction" | "video-reaction" => json!({ "emoji": "👍" }),
        "message-react" => json!({ "messageId": "1", "emoji": "👍" }),
        "pin-message" => json!({ "messageId": "1", "pinned": true }),
        "host-bulk-action" => json!({ "type": "audio", "grant": false }),
        "toggle-remote-audio" => json!({ "targetUserId": "somebody", "force": "mute" }),
        "toggle-remote-video" => json!({ "targetUserId": "somebody", "force": "pause" }),
        "stop-remote-screenshare" | "remove-participant" => json!({ "targetUserId": "somebody" }),
        "get-recording-link" => json!({ "recordingId": 1 }),
        "let-back-in" => json!({ "removedId": 1 }),
        "admit" | "turn-away" => json!({ "waitingId": 1 }),
        "make-host" | "remove-host" | "make-cohost" | "remove-cohost" => json!({ "participantId": "somebody" }),
        _ => json!({}),
    };
    if event != "get-socket-id-for-user" {
        body["roomId"] = json!(room);
    }
    body.as_object().unwrap().clone()
}

/// Payloads without the shape of any event.
fn shapeless() -> Vec<Vec<Value>> {
    let mut shapeless: Vec<Vec<Value>> = [
        json!(null),
        json!(7),
        json!(-0.5),
        json!(true),
        json!([]),
        json!([null, ["room"]]),
        json!({}),
        json!({ "roomId": null, "userId": null }),
        json!({ "roomId": {}, "userId": [] }),
        json!({ "__proto__": { "roomId": "next-door" } }),
    ]
    .map(|payload| vec![payload])
    .into();
    shapeless.push(vec![]);
    shapeless.push(vec![json!(null), json!({ "roomId": "next-door" })]);
    shapeless
}

/// Every event in every shape that does not fit, with and without an acknowledgement; one shape is text so long.
async fn pester(guest: &Guest, room: &str, megabytes: usize) {
    let named = Request::EVENTS.iter().filter(|event| **event != "set-user-id");
    for event in Request::EVENTS {
        let mut wrong = shapeless();
        if *event != "set-user-id" {
            // These two take a room's id alone.
            if !matches!(*event, "join-room" | "leave-room") {
                wrong.push(vec![json!("next-door")]);
            }
            wrong.push(vec![json!("x".repeat(megabytes << 20))]);
        }
        for arguments in &wrong {
            let mut frame = vec![json!(event)];
            frame.extend_from_slice(arguments);
            guest.say(format!("42{}", Value::Array(frame)));
        }
        let answers = join_all(wrong.iter().map(|arguments| guest.call(event, arguments))).await;
        for (answer, arguments) in answers.iter().zip(&wrong) {
            let error = answer["error"].as_str().unwrap_or_default();
            let sent: String = format!("{arguments:?}").chars().take(80).collect();
            assert!(error.starts_with("Invalid request: "), "{event} {sent}: {answer}");
            assert!(
                error.contains('`') || *event == "set-user-id",
                "{event} {sent} names no field: {answer}"
            );
            assert!(error.len() < 1_000, "{event} {sent} is echoed at length");
        }
    }
    for event in named {
        let body = complete(event, room);
        for field in body.keys() {
            let mut wrong: Vec<Option<Value>> = [json!(null), json!(7.5), json!([]), json!({}), json!(true)]
                .map(Some)
                .into();
            wrong.push(None);
            let is_switch = ["raised", "leftOut", "pinned", "grant"].contains(&field.as_str());
            wrong.retain(|value| !is_switch || *value != Some(json!(true)));
            // All that is in these may be left out.
            wrong.retain(|value| field != "rtpCapabilities" || *value != Some(json!({})));
            for value in wrong {
                let mut body = body.clone();
                match &value {
                    Some(value) => body.insert(field.clone(), value.clone()),
                    None => body.remove(field),
                };
                let body = Value::Object(body);
                guest.emit(event, body.clone());
                let answer = guest.call(event, &[body]).await;
                let error = answer["error"].as_str().unwrap_or_default();
                let right = error.starts_with("Invalid request: ") && error.contains(&format!("`{field}"));
                assert!(right, "{event} with {field} {value:?}: {answer}");
            }
        }
    }
    for event in UNKNOWN {
        for payload in [json!(null), json!({ "roomId": "next-door" })] {
            guest.emit(event, payload.clone());
            // An answer to this one would end the guest's line: it is not owed any.
            guest.say(format!("429999{}", json!([event, payload])));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_in_every_wrong_shape_is_refused_at_every_stage() {
    let neighbours = Neighbours::meet().await;
    let mut guest = neighbours.house.guest().await;
    pester(&guest, "next-door", 1).await;
    guest.enter("own").await;
    pester(&guest, "own", 0).await;
    guest.enter("own").await;
    pester(&guest, "own", 0).await;
    guest.get("leave-room", json!({})).await;
    pester(&guest, "own", 0).await;
    guest.enter("own").await;
    guest.transport("send").await;
    assert!(guest.is_connected());
    guest.say_goodbye();
    neighbours.noticed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_joining_and_after_leaving_all_that_a_peer_may_do_is_refused() {
    let neighbours = Neighbours::meet().await;
    let mut guest = neighbours.house.guest().await;
    let of_peers = |event: &&&str| {
        !matches!(
            **event,
            // The last is remembered until its socket, or its person, is in.
            "get-rtp-capabilities" | "join-mediasoup-room" | "set-user-id" | "get-socket-id-for-user" | "join-room"
        )
    };
    for stage in ["before", "after"] {
        for event in Request::EVENTS.iter().filter(of_peers) {
            let body = Value::Object(complete(event, "next-door"));
            guest.emit(event, body.clone());
            let answer = guest.call(event, &[body]).await;
            assert_eq!(answer, json!({ "error": "Peer not found" }), "{event} {stage}");
            let body = Value::Object(complete(event, "nowhere"));
            assert_eq!(
                guest.call(event, &[body]).await,
                json!({ "error": "Room not found" }),
                "{event} {stage}"
            );
        }
        guest.enter("own").await;
        guest.get("leave-room", json!({})).await;
    }
    neighbours.noticed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ids_of_others_are_as_if_they_did_not_exist() {
    let neighbours = Neighbours::meet().await;
    let guest = neighbours.house.guest_in("own").await;
    guest.transport("send").await;
    guest.transport("recv").await;
    let transport = text(&neighbours.sending["id"]);
    for event in Request::EVENTS {
        for (id_field, id, refusal) in [
            ("transportId", &transport, "ransport not found"),
            ("producerId", &neighbours.voice, "Producer not found"),
            ("consumerId", &neighbours.listening, "Consumer not found"),
        ] {
            let mut body = complete(event, "own");
            if *event == "join-mediasoup-room" || body.insert(id_field.to_owned(), json!(id)).is_none() {
                continue;
            }
            for garbled in [
                id.clone(),
                String::new(),
                "../../etc/passwd".to_owned(),
                "x".repeat(1 << 20),
            ] {
                body.insert(id_field.to_owned(), json!(garbled));
                let answer = guest.call(event, &[Value::Object(body.clone())]).await;
                let error = answer["error"].as_str().unwrap_or_default();
                assert!(error.ends_with(refusal), "{event}: {answer}");
            }
        }
    }
    guest.say_goodbye();
    neighbours.noticed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_messages_are_bounded() {
    let house = House::open().await;
    let mut anna = house.guest().await;
    let long = "x".repeat(1 << 19);
    anna.enter_with(
        "long",
        json!({ "userName": long, "userId": long, "userImageUrl": format!("https://{long}") }),
    )
    .await;
    let list = anna.hear_list(&[&"x".repeat(64)]).await;
    assert_eq!(list[0]["name"], "x".repeat(64));
    assert_eq!(list[0]["userId"], "x".repeat(64));
    assert_eq!(list[0]["imageUrl"], json!(null));
    let answer = anna
        .ask("send-message", json!({ "message": { "id": "1", "text": long } }))
        .await;
    assert_eq!(
        answer,
        json!({ "error": "Message is too long; 4,000 characters are the most" })
    );
    let answer = anna.ask("join-room", json!({ "userName": "\u{0}\u{7f}" })).await;
    assert_eq!(answer, json!({}));
    assert!(anna.is_connected());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_a_hundred_encodings_is_refused() {
    let neighbours = Neighbours::meet().await;
    let mallory = neighbours.house.guest_in("encodings").await;
    let sending = mallory.transport("send").await;
    let mut rtp_parameters = super::guest::rtp_parameters("video", 1);
    rtp_parameters["encodings"] = (1..=100).map(|ssrc| json!({ "ssrc": ssrc })).collect();
    let body = json!({ "transportId": sending["id"], "kind": "video", "rtpParameters": rtp_parameters });
    let refused = json!({ "error": "Too many encodings for one stream; send at most 8" });
    assert_eq!(mallory.ask("produce", body).await, refused);
    drop(mallory);
    neighbours.noticed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_are_no_protocol_harm_nobody() {
    let neighbours = Neighbours::meet().await;
    let frames = [
        "",
        "4",
        "9",
        "42",
        "42[",
        "42{}",
        "42[]",
        "42[7]",
        "42[null]",
        "42[{}]",
        "421[",
        "42nonsense",
        "43",
        "431[]",
        "439999[{}]",
        "45",
        "451-",
        "451-[\"produce\",{\"_placeholder\":true,\"num\":0}]",
        "49",
        "40",
        "40/elsewhere,",
        "41/elsewhere,",
        "42/elsewhere,[\"x\"]",
        "4299999999999999999999[\"leave-room\"]",
        "2probe",
        "5",
        "6",
        "1",
    ];
    for frame in frames {
        let guest = neighbours.house.guest().await;
        guest.say(frame);
        // Whether it is hung up on is the server's to choose; the next one is served.
        guest.is_served().await;
    }
    let mut guest = neighbours.house.guest().await;
    guest.enter("own").await;
    guest.say_goodbye();
    neighbours.noticed_nothing().await;
}
