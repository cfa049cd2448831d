//! Passcodes, waiting rooms and limits of people, asked for over real sockets.

use std::time::Duration;

use confab_server::meeting::MeetingsSettings;
use confab_server::room::{Action, DoorChange};
use confab_server::wire::{DoorKind, Secret, Waiting};
use futures::future::join_all;
use serde_json::{Value, json};

use super::guest::Guest;
use super::house::House;

fn error(text: &str) -> Value {
    json!({ "error": text })
}

/// A room with Anna, who hosts it, behind a door.
async fn behind(house: &House, room: &str, door: Value) -> Guest {
    let mut anna = house.guest().await;
    anna.enter_with(room, json!({ "userName": "Anna" })).await;
    anna.get("set-room-door", door).await;
    anna
}

/// Somebody who waits before a room.
async fn waits(house: &House, room: &str, join: Value) -> Guest {
    let mut guest = house.guest().await;
    assert_eq!(guest.try_enter(room, join).await, error("Waiting for the host"));
    guest
}

/// Waits until those who wait are these, and returns their list.
async fn hear_waiting(host: &Guest, names: &[&str]) -> Value {
    let fits = |list: &Value| {
        let people = list.as_array().unwrap();
        people.len() == names.len() && people.iter().zip(names).all(|(person, name)| person["name"] == **name)
    };
    host.hear("waiting-people", fits).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passcode_lets_in_who_knows_it_and_is_told_to_hosts_alone() {
    let house = House::open().await;
    let door = json!({ "door": "passcode", "passcode": "open-sesame" });
    let anna = behind(&house, "passcode", door).await;
    let told = anna.hear("room-door", |door| door["door"] == "passcode").await;
    assert_eq!(told["passcode"], "open-sesame");
    let mut ben = house.guest().await;
    assert_eq!(ben.try_enter("passcode", json!({})).await, error("Passcode required"));
    let wrong = json!({ "passcode": "sesame" });
    assert_eq!(ben.try_enter("passcode", wrong).await, error("Wrong passcode"));
    assert_eq!(ben.ask("get-chat-history", json!({})).await, error("Peer not found"));
    let asked = ben.get("get-rtp-capabilities", json!({})).await;
    assert_eq!(asked["door"], "passcode");
    let joined = ben.enter_with("passcode", json!({ "passcode": "open-sesame" })).await;
    assert_eq!(joined["isHost"], false);
    anna.get("make-cohost", json!({ "participantId": ben.id })).await;
    ben.hear("cohost-granted", |_| true).await;
    assert!(!format!("{joined} {asked} {}", ben.all_heard()).contains("open-sesame"));
    assert_eq!(
        ben.ask("set-room-door", json!({ "door": "open" })).await,
        error("Not allowed")
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_hosts_or_for_those_who_help_them_is_told_to_nobody_else() {
    let house = House::open().await;
    let anna = house.guest_in("told").await;
    let ben = house.guest_in("told").await;
    let cleo = house.guest_in("told").await;
    anna.get("make-cohost", json!({ "participantId": ben.id })).await;
    for guest in [&anna, &ben, &cleo] {
        guest.forget().await;
    }
    anna.get("set-room-door", json!({ "door": "waiting-room", "passcode": "mellon" }))
        .await;
    let _dora = waits(&house, "told", json!({ "userName": "Dora" })).await;
    anna.get("set-room-door", json!({ "door": "open" })).await;
    anna.get("remove-participant", json!({ "targetUserId": cleo.id })).await;
    cleo.hear("kicked-from-room", |_| true).await;
    for guest in [&anna, &ben] {
        hear_waiting(guest, &["Dora"]).await;
        guest
            .hear("removed-people", |list| list.as_array().unwrap().len() == 1)
            .await;
    }
    anna.hear("room-door", |door| door["passcode"] == "mellon").await;
    assert!(!ben.names().contains(&"room-door".to_owned()) && !ben.all_heard().contains("mellon"));
    assert_eq!(cleo.names(), ["kicked-from-room"], "a guest hears none of it");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_is_slowed_on_every_socket_and_after_the_room_was_closed() {
    let house = House::set_to(MeetingsSettings {
        unjoined_grace: Duration::from_millis(1),
        ..MeetingsSettings::default()
    })
    .await;
    let closed = DoorChange {
        kind: Some(DoorKind::Passcode),
        passcode: Some(Secret::from("open-sesame")),
        max_people: None,
    };
    let room = "meeting".parse().unwrap();
    house.server.set_door(&room, closed).await.unwrap();
    let wrong = json!({ "passcode": "sesame" });
    for _ in 0..5 {
        // Nobody is in: each finds a room that has just opened.
        let mut mallory = house.guest().await;
        assert_eq!(
            mallory.try_enter("meeting", wrong.clone()).await,
            error("Wrong passcode")
        );
        house.until_rooms(0).await;
    }
    for passcode in ["sesame", "open-sesame"] {
        let mut guest = house.guest().await;
        let answer = guest.try_enter("meeting", json!({ "passcode": passcode })).await;
        let refusal = answer["error"].as_str().unwrap();
        let slowed = "Too many wrong passcodes from your network; try again in ";
        assert!(refusal.starts_with(slowed) && refusal.ends_with("seconds"), "{refusal}");
    }
    let shown = house.room("meeting").unwrap();
    let (_, key) = shown.host_link.split_once("#host=").unwrap();
    let mut anna = house.guest().await;
    assert_eq!(
        anna.enter_with("meeting", json!({ "hostKey": key })).await["isHost"],
        true
    );
    let figures = house.figures().await;
    let count = |reason: &str| {
        let name = format!("confab_refusals_total{{event=\"join-mediasoup-room\",reason=\"{reason}\"}}");
        figures.get(&name).copied()
    };
    assert_eq!(count("wrong_passcode"), Some(5.0));
    assert_eq!(count("too_many_guesses"), Some(2.0));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_knocks_and_is_let_in() {
    let house = House::open().await;
    let anna = behind(&house, "lobby", json!({ "door": "waiting-room" })).await;
    let before = house.held().await;
    let join = json!({ "userName": "Ben", "userImageUrl": "https://pictures/ben" });
    let mut ben = waits(&house, "lobby", join.clone()).await;
    let waiting = hear_waiting(&anna, &["Ben"]).await;
    assert_eq!(waiting[0]["imageUrl"], "https://pictures/ben");
    // What is for those in the room is not for who waits, and costs the server nothing.
    for event in ["create-webrtc-transport", "send-message", "admit", "set-hand"] {
        let body = json!({ "direction": "send", "message": { "id": "1", "text": "hello" }, "waitingId": "all", "raised": true });
        assert_eq!(ben.ask(event, body).await, error("Peer not found"), "{event}");
    }
    assert_eq!(
        ben.try_enter("lobby", join.clone()).await,
        error("Waiting for the host")
    );
    assert_eq!(house.held().await, before);
    assert_eq!(house.figures().await["confab_waiting"], 1.0);

    anna.get("admit", json!({ "waitingId": waiting[0]["id"] })).await;
    let told = ben.hear("admitted", |_| true).await;
    assert_eq!(told, json!({ "roomId": "lobby", "by": "Anna", "byId": anna.id }));
    let joined = ben.enter_with("lobby", join).await;
    assert_eq!(joined["isHost"], false);
    anna.hear_list(&[&anna.id, &ben.id]).await;
    // Once in, once admitted: knocking again is a new knock.
    ben.get("leave-room", json!({})).await;
    assert_eq!(ben.try_enter("lobby", json!({})).await, error("Waiting for the host"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_knows_nothing_of_waiting_gets_in_by_trying_again() {
    let house = House::open().await;
    let anna = behind(&house, "retry", json!({ "door": "waiting-room" })).await;
    let mut ben = waits(&house, "retry", json!({})).await;
    anna.hear("waiting-people", |list| list.as_array().unwrap().len() == 1)
        .await;
    anna.get("admit", json!({ "waitingId": "all" })).await;
    ben.enter("retry").await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_is_turned_away_and_has_to_pause() {
    let house = House::open().await;
    let anna = behind(&house, "away", json!({ "door": "waiting-room" })).await;
    let hello = json!({ "userName": "Ben", "deviceToken": "browser-of-ben" });
    let mut ben = waits(&house, "away", hello.clone()).await;
    let waiting = hear_waiting(&anna, &["Ben"]).await;
    anna.get("turn-away", json!({ "waitingId": waiting[0]["id"] })).await;
    let told = ben.hear("turned-away", |_| true).await;
    let reason = "A host did not let you in.";
    assert_eq!(
        told,
        json!({ "roomId": "away", "by": "Anna", "byId": anna.id, "reason": reason })
    );
    hear_waiting(&anna, &[]).await;
    let mut again = house.guest().await;
    for guest in [&mut ben, &mut again] {
        let answer = guest.try_enter("away", hello.clone()).await;
        let refusal = answer["error"].as_str().unwrap();
        assert!(
            refusal.starts_with("A host did not let you in; you can ask again in "),
            "{refusal}"
        );
    }
    // Twice is once.
    let body = json!({ "waitingId": waiting[0]["id"] });
    for event in ["turn-away", "admit"] {
        assert_eq!(anna.ask(event, body.clone()).await, error("Participant not found"));
        anna.get(event, json!({ "waitingId": "all" })).await;
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_opens_from_outside_the_room() {
    let house = House::open().await;
    let room = "owner".parse().unwrap();
    let _anna = behind(&house, "owner", json!({ "door": "waiting-room" })).await;
    let mut ben = waits(&house, "owner", json!({ "userName": "Ben" })).await;
    let cleo = waits(&house, "owner", json!({ "userName": "Cleo" })).await;
    let shown = house
        .until(|snapshot| snapshot.rooms.iter().any(|room| room.waiting.len() == 2))
        .await;
    let shown = shown.rooms.iter().find(|room| room.id == "owner").unwrap();
    assert_eq!(
        (shown.door, shown.waiting[0].name.as_str()),
        (DoorKind::WaitingRoom, "Ben")
    );
    let [first, second] = [&shown.waiting[0], &shown.waiting[1]].map(|person| Waiting::One(person.id));
    house.server.act(&room, Action::Admit(first)).await.unwrap();
    house.server.act(&room, Action::TurnAway(second)).await.unwrap();
    ben.hear("admitted", |told| told["by"] == "The host" && told["byId"].is_null())
        .await;
    cleo.hear("turned-away", |told| told["by"] == "The host").await;
    ben.enter("owner").await;
    let nobody = house.server.act(&room, Action::Admit(second)).await.unwrap_err();
    assert_eq!(nobody.to_string(), "Participant not found.");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_the_door_lets_in_those_who_wait() {
    let house = House::open().await;
    let anna = behind(&house, "opens", json!({ "door": "waiting-room" })).await;
    let mut guests = join_all((0..5).map(|_| waits(&house, "opens", json!({})))).await;
    anna.get("set-room-door", json!({ "door": "open" })).await;
    for guest in &mut guests {
        guest.hear("admitted", |_| true).await;
        guest.enter("opens").await;
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_knock_ends_with_its_socket_with_a_goodbye_and_when_its_guest_leaves() {
    let house = House::open().await;
    let anna = behind(&house, "ends", json!({ "door": "waiting-room" })).await;
    for way in ["cut", "goodbye", "leave", "elsewhere"] {
        let mut ben = waits(&house, "ends", json!({ "userName": way })).await;
        hear_waiting(&anna, &[way]).await;
        match way {
            "cut" => ben.cut(),
            "goodbye" => ben.say_goodbye(),
            "leave" => {
                ben.get("leave-room", json!({})).await;
                let again = ben.ask("leave-room", json!({})).await;
                assert_eq!(again, error("Peer not found"), "twice is once");
            }
            _ => {
                ben.enter("another").await;
            }
        }
        hear_waiting(&anna, &[]).await;
        anna.forget().await;
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_loses_its_line_keeps_its_knock_and_its_admission() {
    let house = House::open().await;
    let anna = behind(&house, "phone", json!({ "door": "waiting-room" })).await;
    let hello = json!({ "userName": "Ben", "deviceToken": "phone-of-ben" });
    let ben = waits(&house, "phone", hello.clone()).await;
    let waiting = hear_waiting(&anna, &["Ben"]).await;
    ben.cut();
    let back = waits(&house, "phone", hello.clone()).await;
    let knocks = house
        .until(|snapshot| {
            snapshot
                .rooms
                .iter()
                .any(|room| room.id == "phone" && !room.waiting.is_empty())
        })
        .await;
    let knocks: Vec<u64> = knocks
        .rooms
        .iter()
        .flat_map(|room| &room.waiting)
        .map(|person| person.id)
        .collect();
    assert_eq!(json!(knocks), json!([waiting[0]["id"]]), "it is the same knock");
    back.cut();
    anna.get("admit", json!({ "waitingId": waiting[0]["id"] })).await;
    let mut again = house.guest().await;
    again.enter_with("phone", hello).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_not_hung_up_on_and_who_was_turned_away_is() {
    let house = House::with(|config| config.limits.unjoined = Duration::from_millis(300)).await;
    let anna = behind(&house, "patience", json!({ "door": "waiting-room" })).await;
    let mut ben = waits(&house, "patience", json!({ "userName": "Ben" })).await;
    let mut idle = house.guest().await;
    idle.until_hung_up().await;
    let mut other = house.guest().await;
    other.until_hung_up().await;
    assert!(ben.is_connected(), "twice the time that others get");
    let waiting = hear_waiting(&anna, &["Ben"]).await;
    anna.get("turn-away", json!({ "waitingId": waiting[0]["id"] })).await;
    ben.until_hung_up().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_before_a_room_that_ends_are_told() {
    let house = House::open().await;
    let anna = behind(&house, "over", json!({ "door": "waiting-room" })).await;
    let mut ben = waits(&house, "over", json!({})).await;
    anna.get("leave-room", json!({})).await;
    let told = ben.hear("turned-away", |_| true).await;
    assert_eq!(told["reason"], "The meeting has ended.");
    // Nothing is left of the door of a room that its guests made up.
    assert_eq!(ben.enter("over").await["isHost"], true);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_are_told_when_the_server_closes() {
    let house = House::open().await;
    let _anna = behind(&house, "closing", json!({ "door": "waiting-room" })).await;
    let ben = waits(&house, "closing", json!({})).await;
    house.close().await;
    ben.hear("server-shutting-down", |_| true).await;
    assert!(
        !ben.names().contains(&"turned-away".to_owned()),
        "one goodbye is enough"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_takes_as_many_as_it_is_set_to() {
    let mut settings = MeetingsSettings::default();
    settings.room.max_peers = 40;
    let house = House::set_to(settings).await;
    let anna = behind(&house, "limit", json!({ "maxPeople": 2 })).await;
    let mut ben = house.guest().await;
    assert_eq!(ben.enter("limit").await["mostPeople"], 40, "the server's own bound");
    let mut cleo = house.guest().await;
    assert_eq!(cleo.try_enter("limit", json!({})).await, error("Room is full"));
    for wrong in [0, 41] {
        let refused = anna.ask("set-room-door", json!({ "maxPeople": wrong })).await;
        assert_eq!(refused, error("Choose a limit of 1 to 40 people"));
    }
    anna.get("set-room-door", json!({ "maxPeople": 3 })).await;
    cleo.enter("limit").await;
    house.close().await;
}
