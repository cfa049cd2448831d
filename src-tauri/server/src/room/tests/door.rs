//! Whom the door lets through, and who says how it stands.

use std::time::Duration;

use serde_json::json;

use super::super::*;
use super::*;

fn refusal(joined: Result<Joined, Refusal>) -> String {
    joined.unwrap_err().to_string()
}

fn limit(max_people: u32) -> DoorChange {
    DoorChange {
        max_people: Some(max_people),
        ..DoorChange::default()
    }
}

#[test]
fn a_passcode_lets_in_who_shows_it() {
    let mut scene = Scene::new();
    scene.join(ANNA);
    scene.ask_for_passcode();
    assert_eq!(refusal(scene.try_join(newcomer(BEN))), "Passcode required");
    assert_eq!(refusal(scene.try_join(with_passcode(BEN, "  "))), "Passcode required");
    for wrong in ["open", "open-sesame!", "Open-sesame"] {
        assert_eq!(refusal(scene.try_join(with_passcode(BEN, wrong))), "Wrong passcode");
    }
    // What a phone's keyboard adds does not count.
    let ben = scene.try_join(with_passcode(BEN, " open-sesame ")).unwrap();
    assert!(!ben.ack.is_host);
}

#[test]
fn wrong_passcodes_are_slowed_and_right_ones_after_the_wait_are_not() {
    let mut scene = Scene::new();
    scene.join(ANNA);
    scene.ask_for_passcode();
    for _ in 0..5 {
        assert_eq!(refusal(scene.try_join(with_passcode(BEN, "guess"))), "Wrong passcode");
    }
    let slowed = "Too many wrong passcodes from your network; try again in 10 seconds";
    assert_eq!(refusal(scene.try_join(with_passcode(BEN, "guess"))), slowed);
    // Otherwise one could go on guessing and see which guess is right.
    assert_eq!(refusal(scene.try_join(with_passcode(CLEO, PASSCODE))), slowed);
    assert_eq!(refusal(scene.try_join(newcomer(CLEO))), "Passcode required");
    let elsewhere = Newcomer {
        address: IpAddr::from([192, 168, 1, 31]),
        ..with_passcode("emil", PASSCODE)
    };
    scene.try_join(elsewhere).unwrap();
    let with_key = Newcomer {
        host_key: Some(Secret::from(KEY)),
        ..with_passcode("dora", "guess")
    };
    assert!(scene.try_join(with_key).unwrap().ack.is_host, "the key is never slowed");
    scene.pass(Duration::from_secs(10));
    scene.try_join(with_passcode(CLEO, PASSCODE)).unwrap();
    scene.try_join(with_passcode("fred", PASSCODE)).unwrap();
}

#[test]
fn the_key_passes_every_door_and_a_lost_place_too() {
    for kind in [DoorKind::Passcode, DoorKind::WaitingRoom] {
        let mut scene = Scene::new();
        scene.join(ANNA);
        let ben = scene.join_resumable(BEN, "t1").seat;
        scene.ask_for_passcode();
        let closed = DoorChange {
            max_people: Some(2),
            ..door(kind)
        };
        scene.set_door(closed);
        let locked = PolicyChange {
            locked: Some(true),
            ..PolicyChange::default()
        };
        scene.act(Actor::Owner, Action::SetPolicy(locked)).unwrap();
        scene.room.lose(ben, scene.now);
        assert!(scene.resume("ben-again", "t1", None).ack.resumed);
        let with_key = Newcomer {
            host_key: Some(Secret::from(KEY)),
            ..newcomer(CLEO)
        };
        assert!(scene.try_join(with_key).unwrap().ack.is_host);
    }
}

#[test]
fn the_first_comer_hosts_through_an_open_door_alone() {
    let kept = |kind| {
        let scene = Scene::new();
        let door = Door {
            kind,
            passcode: Some(Secret::from(PASSCODE)),
            max_people: None,
        };
        Scene {
            room: scene.room.behind(door, Guesses::default()),
            ..scene
        }
    };
    assert!(kept(DoorKind::Open).join(ANNA).ack.is_host);
    let mut scene = kept(DoorKind::Passcode);
    assert!(!scene.try_join(with_passcode(ANNA, PASSCODE)).unwrap().ack.is_host);
    let mut scene = kept(DoorKind::WaitingRoom);
    assert_eq!(refusal(scene.try_join(newcomer(ANNA))), "Waiting for the host");
    scene
        .act(Actor::Owner, Action::Admit(crate::wire::Waiting::All))
        .unwrap();
    assert!(!scene.join(ANNA).ack.is_host);
}

#[test]
fn a_room_takes_as_many_as_its_door_says() {
    let mut scene = Scene::new();
    scene.join(ANNA);
    scene.set_door(limit(2));
    scene.join(BEN);
    assert_eq!(refusal(scene.try_join(newcomer(CLEO))), "Room is full");
    scene.set_door(limit(3));
    scene.join(CLEO);
    // A smaller bound puts nobody out.
    scene.set_door(limit(1));
    assert_eq!(scene.ids(), [ANNA, BEN, CLEO]);
}

#[test]
fn nobody_gets_past_the_servers_own_bound() {
    let mut scene = Scene::set_to(RoomSettings {
        max_peers: 1,
        ..RoomSettings::default()
    });
    scene.join(ANNA);
    let with_key = Newcomer {
        host_key: Some(Secret::from(KEY)),
        ..newcomer(BEN)
    };
    assert_eq!(refusal(scene.try_join(with_key)), "Room is full");
}

#[test]
fn hosts_set_the_door_and_co_hosts_and_guests_do_not() {
    let (mut scene, [anna, ben, cleo]) = Scene::of_three();
    scene.make_cohost(ben);
    for seat in [ben, cleo] {
        let done = scene.act(Actor::Peer(seat), Action::SetDoor(door(DoorKind::WaitingRoom)));
        assert_eq!(done, Err(Refusal::NotAllowed));
    }
    let change = DoorChange {
        kind: Some(DoorKind::Passcode),
        passcode: Some(Secret::from(" sesame ")),
        max_people: Some(12),
    };
    let effects = scene.act(Actor::Peer(anna), Action::SetDoor(change.clone())).unwrap();
    assert_eq!(told(&effects), ["room-door to Hosts"]);
    let expected =
        json!({ "door": "passcode", "passcode": "sesame", "maxPeople": 12, "by": "User anna", "byId": ANNA });
    assert_eq!(events(&effects, "room-door"), [expected]);
    assert!(!format!("{effects:?} {change:?} {:?}", scene.room).contains("sesame"));
    let again = scene.act(Actor::Peer(anna), Action::SetDoor(change)).unwrap();
    assert!(again.is_empty(), "nothing changed");
}

#[test]
fn a_door_that_cannot_be_is_refused_and_nothing_changes() {
    let mut scene = Scene::new();
    scene.join(ANNA);
    let before = scene.room.door().clone();
    let with = |text: &str| DoorChange {
        passcode: Some(Secret::from(text)),
        ..door(DoorKind::Passcode)
    };
    for (change, sentence) in [
        (door(DoorKind::Passcode), "Choose a passcode first"),
        (with("abc"), "Choose a passcode of 4 to 32 characters"),
        (with(" abc "), "Choose a passcode of 4 to 32 characters"),
        (with(&"x".repeat(33)), "Choose a passcode of 4 to 32 characters"),
        (with("tab\there"), "Choose a passcode of 4 to 32 characters"),
        (limit(0), "Choose a limit of 1 to 500 people"),
        (limit(501), "Choose a limit of 1 to 500 people"),
        (limit(u32::MAX), "Choose a limit of 1 to 500 people"),
    ] {
        let refused = scene.act(Actor::Owner, Action::SetDoor(change)).unwrap_err();
        assert_eq!(refused.to_string(), sentence);
        assert_eq!(*scene.room.door(), before);
    }
    scene.set_door(with("ünïcödé"));
    scene.set_door(door(DoorKind::Open));
    // It is kept, so that the door can be closed again without a new one.
    scene.set_door(door(DoorKind::Passcode));
    scene.try_join(with_passcode(BEN, "ünïcödé")).unwrap();
}

#[test]
fn hosts_are_told_of_the_door_when_they_come_to_it_and_others_never() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA);
    let expected = json!({ "door": "open", "passcode": null, "maxPeople": 500, "by": "The host", "byId": null });
    assert_eq!(events(&anna.afterwards, "room-door"), [expected]);
    scene.ask_for_passcode();
    let ben = scene.try_join(with_passcode(BEN, PASSCODE)).unwrap();
    scene.make_cohost(ben.seat);
    assert!(ben.afterwards.is_empty());
    let granted = scene
        .act(Actor::Owner, Action::Grant(BEN.to_owned(), Role::Host))
        .unwrap();
    assert_eq!(events(&granted, "room-door")[0]["passcode"], PASSCODE);
    let back = scene.room.join(newcomer(ANNA), scene.now).unwrap();
    assert_eq!(events(&back.afterwards, "room-door")[0]["passcode"], PASSCODE);
}

#[test]
fn a_name_is_told_to_who_comes_in() {
    let mut scene = Scene::new();
    assert_eq!(scene.join(ANNA).ack.room_name, None);
    scene.room.rename(Some("Standup".to_owned()));
    assert_eq!(scene.join(BEN).ack.room_name.as_deref(), Some("Standup"));
}
