//! Rooms made ahead: there while nobody is in them, with the same links and doors after a restart.

use std::fs;

use confab_server::kept::RoomPlan;
use confab_server::room::{Action, DoorChange, PolicyChange};
use confab_server::snapshot::RoomSnapshot;
use confab_server::wire::{DoorKind, RoomId, Secret};
use serde_json::{Value, json};

use super::house::{House, open_rooms};

fn id(text: &str) -> RoomId {
    text.parse().unwrap()
}

fn error(text: &str) -> Value {
    json!({ "error": text })
}

fn key_of(room: &RoomSnapshot) -> String {
    let (link, key) = room.host_link.split_once("#host=").unwrap();
    assert_eq!(link, room.link);
    key.to_owned()
}

fn door(kind: DoorKind) -> DoorChange {
    DoorChange {
        kind: Some(kind),
        ..DoorChange::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_made_ahead_is_shown_and_stays_over_a_restart() {
    let house = House::open().await;
    let plan = RoomPlan {
        name: Some("Monday standup".to_owned()),
        door: DoorChange {
            kind: Some(DoorKind::Passcode),
            passcode: Some(Secret::from("sesame")),
            max_people: Some(12),
        },
        id: None,
    };
    let made = house.server.make_room(plan).await.unwrap();
    assert_eq!(made, id("monday-standup"));
    house
        .until(|snapshot| snapshot.rooms.iter().any(|room| room.id == "monday-standup"))
        .await;
    let before = house.room("monday-standup").unwrap();
    assert!(before.is_kept && !before.is_open && before.people.is_empty());
    assert_eq!(before.name.as_deref(), Some("Monday standup"));
    assert_eq!(
        (before.door, before.passcode.as_deref()),
        (DoorKind::Passcode, Some("sesame"))
    );
    assert_eq!(before.max_people, 12);
    let main = house.room("meeting").expect("the default room is always shown");

    let house = house.reopen(|_| ()).await;
    let after = house.room("monday-standup").unwrap();
    assert_eq!(key_of(&after), key_of(&before));
    assert_eq!((after.door, after.created_at), (before.door, before.created_at));
    assert_eq!(key_of(&house.room("meeting").unwrap()), key_of(&main));
    let mut anna = house.guest().await;
    let joined = anna
        .enter_with("monday-standup", json!({ "hostKey": key_of(&before) }))
        .await;
    assert_eq!(
        (&joined["isHost"], &joined["roomName"]),
        (&json!(true), &json!("Monday standup"))
    );
    let mut ben = house.guest().await;
    let first = ben.try_enter("monday-standup", json!({})).await;
    assert_eq!(first, error("Passcode required"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hosts_make_of_a_kept_rooms_door_is_kept_and_what_they_allow_is_not() {
    let house = House::open().await;
    let key = key_of(&house.room("meeting").unwrap());
    let mut anna = house.guest().await;
    anna.enter_with("meeting", json!({ "hostKey": key })).await;
    anna.get("set-room-door", json!({ "door": "waiting-room", "maxPeople": 7 }))
        .await;
    anna.get("set-room-policy", json!({ "locked": true })).await;
    let house = house.reopen(|_| ()).await;
    let shown = house.room("meeting").unwrap();
    assert_eq!((shown.door, shown.max_people), (DoorKind::WaitingRoom, 7));
    let mut ben = house.guest().await;
    assert_eq!(ben.try_enter("meeting", json!({})).await, error("Waiting for the host"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_wait_before_a_kept_room_for_a_host_who_comes_late_or_leaves_for_a_moment() {
    let house = House::open().await;
    let room = id("meeting");
    house.server.set_door(&room, door(DoorKind::WaitingRoom)).await.unwrap();
    let key = json!({ "hostKey": key_of(&house.room("meeting").unwrap()), "userName": "Anna" });
    let mut ben = house.guest().await;
    let hello = json!({ "userName": "Ben" });
    assert_eq!(
        ben.try_enter("meeting", hello.clone()).await,
        error("Waiting for the host")
    );
    let mut anna = house.guest().await;
    anna.enter_with("meeting", key.clone()).await;
    let waiting = anna.hear("waiting-people", |_| true).await;
    assert_eq!(waiting[0]["name"], "Ben");
    let secret = json!({ "message": { "id": "1", "text": "between us hosts" } });
    anna.get("send-message", secret).await;
    anna.get("set-room-policy", json!({ "locked": true })).await;
    anna.get("start-recording", json!({})).await;
    anna.get("leave-room", json!({})).await;
    // The meeting is over, its recording too; the knock is not.
    house
        .until(|snapshot| {
            let shown = snapshot.rooms.iter().find(|room| room.id == "meeting").unwrap();
            shown.people.is_empty() && shown.waiting.len() == 1 && shown.recording.is_none() && !shown.policy.locked
        })
        .await;
    assert!(!ben.names().contains(&"turned-away".to_owned()));

    let mut again = house.guest().await;
    again.enter_with("meeting", key).await;
    again.hear("waiting-people", |list| list[0]["name"] == "Ben").await;
    again.get("get-chat-history", json!({})).await;
    let history = again.hear("chat-history", |_| true).await;
    assert_eq!(history, json!([]), "what was said before is gone");
    again.get("admit", json!({ "waitingId": "all" })).await;
    ben.hear("admitted", |_| true).await;
    ben.enter_with("meeting", hello).await;
    for guest in [&again, &ben] {
        guest.get("leave-room", json!({})).await;
    }
    house.until_rooms(0).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_owner_says_of_a_room_that_only_guests_wait_before_stays_said() {
    let house = House::open().await;
    let room = id("meeting");
    house.server.set_door(&room, door(DoorKind::WaitingRoom)).await.unwrap();
    let key = json!({ "hostKey": key_of(&house.room("meeting").unwrap()) });
    let mut anna = house.guest().await;
    anna.enter_with("meeting", key.clone()).await;
    let mut ben = house.guest().await;
    ben.try_enter("meeting", json!({})).await;
    anna.get("leave-room", json!({})).await;
    house
        .until(|snapshot| open_rooms(snapshot).all(|room| room.people.is_empty() && room.waiting.len() == 1))
        .await;
    let silence = Action::SetPolicy(PolicyChange {
        chat_enabled: Some(false),
        ..PolicyChange::default()
    });
    house.server.act(&room, silence).await.unwrap();
    // Whatever the room is asked next.
    house.figures().await;
    let mut back = house.guest().await;
    let joined = back.enter_with("meeting", key).await;
    assert_eq!(joined["policy"]["chatEnabled"], false);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_changes_rooms_whether_or_not_somebody_is_in_them() {
    let house = House::open().await;
    let anna = house.guest_in("standup").await;
    house.until_rooms(1).await;
    let made_up = house.room("standup").unwrap();
    assert!(!made_up.is_kept);
    // A room that is there becomes one that stays, with the key that its host has.
    let plan = RoomPlan {
        id: Some(id("standup")),
        name: Some("Standup".to_owned()),
        door: door(DoorKind::WaitingRoom),
    };
    house.server.make_room(plan.clone()).await.unwrap();
    anna.hear("room-door", |door| door["door"] == "waiting-room").await;
    let taken = house.server.make_room(plan).await.unwrap_err().to_string();
    assert!(taken.contains("/r/standup") && taken.ends_with('.'), "{taken}");
    house
        .server
        .set_door(&id("standup"), door(DoorKind::Open))
        .await
        .unwrap();
    anna.hear("room-door", |door| door["door"] == "open").await;
    house
        .server
        .rename_room(&id("standup"), Some(" Daily standup ".to_owned()))
        .await
        .unwrap();
    let mut ben = house.guest().await;
    assert_eq!(ben.enter("standup").await["roomName"], "Daily standup");
    let wrong = house.server.set_door(&id("standup"), door(DoorKind::Passcode)).await;
    assert_eq!(wrong.unwrap_err().to_string(), "Choose a passcode first.");
    for guest in [&anna, &ben] {
        guest.get("leave-room", json!({})).await;
    }
    house.until_rooms(0).await;
    let kept = house.room("standup").unwrap();
    assert_eq!(key_of(&kept), key_of(&made_up));

    // A door of a room that is open and not kept is the owner's to set as well.
    let cleo = house.guest_in("made-up").await;
    house
        .server
        .set_door(&id("made-up"), door(DoorKind::WaitingRoom))
        .await
        .unwrap();
    cleo.hear("room-door", |door| door["door"] == "waiting-room").await;

    let _dora = house.guest_in("standup").await;
    house.server.delete_room(&id("standup")).await.unwrap();
    let shown = house.until(|snapshot| snapshot.rooms.iter().any(|room| room.id == "standup" && !room.is_kept));
    assert_eq!(shown.await.rooms.iter().filter(|room| room.id == "standup").count(), 1);
    for (refused, part) in [
        (house.server.delete_room(&id("standup")).await, "not there any more"),
        (
            house.server.rename_room(&id("standup"), None).await,
            "not there any more",
        ),
        (
            house.server.set_door(&id("nowhere"), door(DoorKind::Open)).await,
            "not there any more",
        ),
        (house.server.delete_room(&id("meeting")).await, "--room"),
    ] {
        let told = refused.unwrap_err().to_string();
        assert!(told.contains(part) && told.ends_with('.'), "{told}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_make_rooms_up_only_where_they_may() {
    let house = House::open().await;
    let anna = house.guest_in("open-already").await;
    house.server.set_guests_may_make_rooms(false).await.unwrap();
    assert!(
        !house
            .until(|snapshot| !snapshot.guests_may_make_rooms)
            .await
            .guests_may_make_rooms_is_fixed
    );

    let mut ben = house.guest().await;
    ben.room = "made-up".to_owned();
    let asked = ben.ask("get-rtp-capabilities", json!({})).await;
    assert_eq!(asked, error("There is no such room here; ask the host for the link"));
    let join = json!({ "rtpCapabilities": super::guest::rtp_capabilities() });
    assert_eq!(ben.ask("join-mediasoup-room", join).await, error("Room not found"));
    assert_eq!(ben.ask("leave-room", json!({})).await, error("Room not found"));
    for (room, is_there) in [("made-up", false), ("open-already", true), ("meeting", true)] {
        let (head, page) = house.http(&format!("GET /r/{room}")).await;
        assert_eq!(!head.starts_with("HTTP/1.1 404"), is_there, "{room}: {head}");
        assert_eq!(!page.contains("Ask the host for the link"), is_there, "{room}");
    }
    ben.enter("open-already").await;
    ben.enter("meeting").await;
    anna.get("update-my-state", json!({})).await;

    let house = house.reopen(|_| ()).await;
    assert!(!house.until(|_| true).await.guests_may_make_rooms, "the switch is kept");
    let house = house.reopen(|config| config.guests_make_rooms = Some(true)).await;
    let snapshot = house.until(|_| true).await;
    assert!(snapshot.guests_may_make_rooms && snapshot.guests_may_make_rooms_is_fixed);
    let _cleo = house.guest_in("made-up").await;
    let refused = house.server.set_guests_may_make_rooms(false).await.unwrap_err();
    assert!(refused.to_string().contains("--guests-make-rooms"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settings_file_that_cannot_be_understood_is_put_aside_and_told_of() {
    let mut file = std::path::PathBuf::new();
    let house = House::with(|config| {
        fs::create_dir_all(&config.data_dir).unwrap();
        file = config.data_dir.join("settings.json");
        fs::write(&file, "{ \"rooms\": 7 }").unwrap();
    })
    .await;
    let aside = file.with_file_name("settings.json.broken-1");
    let is_told = |problem: &String| problem.contains(&aside.display().to_string());
    house.until(|snapshot| snapshot.problems.iter().any(is_told)).await;
    assert_eq!(fs::read_to_string(aside).unwrap(), "{ \"rooms\": 7 }");
    let _anna = house.guest_in("meeting").await;
    house.close().await;
}
