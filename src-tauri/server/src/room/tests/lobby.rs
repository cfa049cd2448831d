//! Knocking, and being let in or not.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::*;
use super::*;
use crate::wire::Waiting;

/// A room with Anna, who hosts it, before whose waiting room Ben and Cleo wait.
fn two_wait() -> (Scene, Seat) {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    scene.open_waiting_room();
    for id in [BEN, CLEO] {
        assert!(scene.try_join(at_browser(id, id)).is_err());
        scene.pass(Duration::from_millis(5));
    }
    (scene, anna)
}

fn ids(people: &Value) -> Vec<u64> {
    let people = people.as_array().unwrap();
    people.iter().map(|person| person["id"].as_u64().unwrap()).collect()
}

fn waiting(scene: &Scene) -> Vec<u64> {
    scene.room.waiting_people().iter().map(|person| person.id).collect()
}

#[test]
fn a_knock_is_told_to_those_who_can_open() {
    let mut scene = Scene::new();
    scene.join(ANNA);
    scene.open_waiting_room();
    let ben = Newcomer {
        identity: Identity::new(Some("Ben".to_owned()), Some("https://pictures/ben".to_owned()), None),
        ..newcomer(BEN)
    };
    let refused = scene.room.join(ben.clone(), scene.now).unwrap_err();
    assert_eq!(refused.to_string(), "Waiting for the host");
    let knocked = scene.room.knock(ben.clone(), scene.now).unwrap();
    assert_eq!(told(&knocked.effects), ["waiting-people to Moderators"]);
    let expected = json!([{ "id": 1, "name": "Ben", "imageUrl": "https://pictures/ben", "knockedAt": 1_000 }]);
    assert_eq!(events(&knocked.effects, "waiting-people"), [expected]);
    // Asking again, as a client does that knows nothing of waiting, is the same knock.
    scene.pass(Duration::from_secs(5));
    let again = scene.room.knock(ben.clone(), scene.now).unwrap();
    assert_eq!((again.id, told(&again.effects).len()), (1, 0));
    let renamed = Newcomer {
        identity: Identity::new(Some("Benjamin".to_owned()), None, None),
        ..ben
    };
    let renamed = scene.room.knock(renamed, scene.now).unwrap();
    assert_eq!(events(&renamed.effects, "waiting-people")[0][0]["name"], "Benjamin");
    let large = format!("data:image/png;base64,{}", "x".repeat(2_000));
    let cleo = Newcomer {
        identity: Identity::new(None, Some(large), None),
        ..newcomer(CLEO)
    };
    scene.room.knock(cleo, scene.now).unwrap();
    assert_eq!(scene.room.waiting_people()[1].image_url, None);
    assert_eq!(scene.room.waiting_people()[1].name, "User cleo");
}

#[test]
fn who_is_admitted_is_told_and_gets_in() {
    let (mut scene, anna) = two_wait();
    let effects = scene.act(Actor::Peer(anna), Action::Admit(Waiting::One(2))).unwrap();
    assert_eq!(
        told(&effects),
        ["admitted to Waiting(2)", "waiting-people to Moderators"]
    );
    let by = json!({ "roomId": "test", "by": "User anna", "byId": ANNA });
    assert_eq!(events(&effects, "admitted"), [by]);
    assert_eq!(ids(&events(&effects, "waiting-people")[0]), [1]);
    let cleo = scene.try_join(at_browser(CLEO, CLEO)).unwrap();
    assert_eq!(told(&cleo.effects), ["participant-list-update to All", "end wait"]);
    assert!(!cleo.ack.is_host);
    assert!(scene.try_join(at_browser(BEN, BEN)).is_err());
    // An admission is for one time.
    scene.room.leave(cleo.seat);
    assert!(scene.try_join(at_browser(CLEO, CLEO)).is_err());
}

#[test]
fn all_are_admitted_as_far_as_there_is_room() {
    let (mut scene, anna) = two_wait();
    let admit = |scene: &mut Scene, who| scene.act(Actor::Peer(anna), Action::Admit(who));
    let two = DoorChange {
        max_people: Some(2),
        ..DoorChange::default()
    };
    scene.set_door(two);
    let effects = admit(&mut scene, Waiting::All).unwrap();
    assert_eq!(
        told(&effects),
        ["admitted to Waiting(1)", "waiting-people to Moderators"]
    );
    // Ben's place is his, though he has not come yet.
    assert_eq!(admit(&mut scene, Waiting::One(2)), Err(Refusal::RoomFull));
    assert!(admit(&mut scene, Waiting::All).unwrap().is_empty());
    // He does not come.
    scene.pass(Duration::from_secs(120));
    assert_eq!(told(&scene.room.expire(scene.now)), ["end wait"]);
    admit(&mut scene, Waiting::One(2)).unwrap();
    assert!(scene.try_join(at_browser(BEN, BEN)).is_err());
    scene.try_join(at_browser(CLEO, CLEO)).unwrap();
}

#[test]
fn an_admission_opens_a_locked_door_and_one_with_a_passcode() {
    let (mut scene, anna) = two_wait();
    scene.act(Actor::Peer(anna), Action::Admit(Waiting::All)).unwrap();
    let locked = PolicyChange {
        locked: Some(true),
        ..PolicyChange::default()
    };
    scene.act(Actor::Owner, Action::SetPolicy(locked)).unwrap();
    scene.ask_for_passcode();
    scene.try_join(at_browser(BEN, BEN)).unwrap();
    let refused = scene.try_join(newcomer("dora")).unwrap_err();
    assert_eq!(refused, Refusal::RoomLocked);
}

#[test]
fn who_is_turned_away_is_told_and_has_to_pause_longer_each_time() {
    let (mut scene, anna) = two_wait();
    let mut id = 1;
    for (seconds, words) in [
        (60, "60 seconds"),
        (120, "2 minutes"),
        (240, "4 minutes"),
        (480, "8 minutes"),
    ] {
        let effects = scene
            .act(Actor::Peer(anna), Action::TurnAway(Waiting::One(id)))
            .unwrap();
        let reason = "A host did not let you in.";
        let expected = json!({ "roomId": "test", "by": "User anna", "byId": ANNA, "reason": reason });
        assert_eq!(events(&effects, "turned-away"), [expected]);
        let names = ["turned-away to Waiting", "end wait", "waiting-people to Moderators"];
        assert!(
            told(&effects)
                .iter()
                .zip(names)
                .all(|(told, name)| told.starts_with(name))
        );
        let expected = format!("A host did not let you in; you can ask again in {words}");
        // Another socket of the same browser is no way around it.
        for socket in [BEN, "ben-again"] {
            let refused = scene.try_join(at_browser(socket, BEN)).unwrap_err();
            assert_eq!(refused.to_string(), expected);
        }
        scene.pass(Duration::from_secs(seconds));
        assert_eq!(
            scene.try_join(at_browser(BEN, BEN)).unwrap_err(),
            Refusal::WaitingForHost
        );
        id = *waiting(&scene).last().unwrap();
    }
}

#[test]
fn the_longest_pause_is_an_hour() {
    let (mut scene, anna) = two_wait();
    for _ in 0..40 {
        scene.act(Actor::Peer(anna), Action::TurnAway(Waiting::All)).unwrap();
        scene.pass(Duration::from_secs(3_600));
        assert_eq!(
            scene.try_join(at_browser(BEN, BEN)).unwrap_err(),
            Refusal::WaitingForHost
        );
    }
}

#[test]
fn hosts_and_co_hosts_open_and_guests_do_not() {
    let (mut scene, _) = two_wait();
    scene.act(Actor::Owner, Action::Admit(Waiting::One(1))).unwrap();
    let ben = scene.try_join(at_browser(BEN, BEN)).unwrap();
    assert!(ben.afterwards.is_empty(), "a guest is not told who waits");
    for action in [Action::Admit(Waiting::All), Action::TurnAway(Waiting::All)] {
        assert_eq!(scene.act(Actor::Peer(ben.seat), action), Err(Refusal::NotAllowed));
    }
    let granted = scene
        .act(Actor::Owner, Action::Grant(BEN.to_owned(), Role::CoHost))
        .unwrap();
    assert_eq!(ids(&events(&granted, "waiting-people")[0]), [2]);
    for action in [Action::Admit(Waiting::One(7)), Action::TurnAway(Waiting::One(1))] {
        let done = scene.act(Actor::Peer(ben.seat), action);
        assert_eq!(done, Err(Refusal::ParticipantNotFound), "nobody who waits");
    }
    scene
        .act(Actor::Peer(ben.seat), Action::Admit(Waiting::One(2)))
        .unwrap();
}

#[test]
fn a_late_host_is_told_who_waits() {
    let (mut scene, anna) = two_wait();
    scene.room.leave(anna);
    let with_key = Newcomer {
        host_key: Some(Secret::from(KEY)),
        ..newcomer("dora")
    };
    let dora = scene.try_join(with_key).unwrap();
    assert_eq!(ids(&events(&dora.afterwards, "waiting-people")[0]), [1, 2]);
}

#[test]
fn opening_the_door_lets_those_in_who_wait() {
    let (mut scene, _) = two_wait();
    let effects = scene.set_door(door(DoorKind::Open));
    let expected = [
        "room-door to Hosts",
        "admitted to Waiting(1)",
        "admitted to Waiting(2)",
        "waiting-people to Moderators",
    ];
    assert_eq!(told(&effects), expected);
    for id in [BEN, CLEO] {
        scene.try_join(at_browser(id, id)).unwrap();
    }
    assert!(!scene.room.is_awaited());
}

#[test]
fn a_lost_line_keeps_a_known_browsers_knock_for_a_while() {
    let (mut scene, anna) = two_wait();
    let ben = SocketId::new(BEN);
    assert!(scene.room.hang_up(&ben, false, scene.now).is_empty());
    scene.pass(Duration::from_secs(19));
    // On another socket, it is the same knock in the same place.
    assert!(scene.try_join(at_browser("ben-again", BEN)).is_err());
    assert_eq!(waiting(&scene), [1, 2]);
    scene.pass(Duration::from_secs(60));
    assert!(scene.room.expire(scene.now).is_empty());

    let again = SocketId::new("ben-again");
    scene.room.hang_up(&again, false, scene.now);
    scene.act(Actor::Peer(anna), Action::Admit(Waiting::One(1))).unwrap();
    scene.pass(Duration::from_secs(60));
    scene.room.expire(scene.now);
    scene.try_join(at_browser("ben-at-last", BEN)).unwrap();

    scene.room.hang_up(&SocketId::new(CLEO), false, scene.now);
    scene.pass(Duration::from_secs(20));
    let given_up = scene.room.expire(scene.now);
    assert_eq!(told(&given_up), ["end wait", "waiting-people to Moderators"]);
}

#[test]
fn a_goodbye_ends_a_knock_and_so_does_a_lost_line_of_a_browser_that_keeps_nothing() {
    let (mut scene, _) = two_wait();
    let goodbye = scene.room.hang_up(&SocketId::new(BEN), true, scene.now);
    assert_eq!(told(&goodbye), ["end wait", "waiting-people to Moderators"]);
    assert!(scene.try_join(newcomer("dora")).is_err());
    let lost = scene.room.hang_up(&SocketId::new("dora"), false, scene.now);
    assert_eq!(told(&lost), ["end wait", "waiting-people to Moderators"]);
    assert_eq!(waiting(&scene), [2]);
    assert!(scene.room.hang_up(&SocketId::new("dora"), false, scene.now).is_empty());
}

#[test]
fn the_label_of_another_does_not_let_in() {
    let (mut scene, anna) = two_wait();
    let labelled = |id: &str| Newcomer {
        identity: Identity::new(None, None, Some("u-dora".to_owned())),
        ..newcomer(id)
    };
    assert!(scene.try_join(labelled("dora")).is_err());
    scene.act(Actor::Peer(anna), Action::Admit(Waiting::All)).unwrap();
    let refused = scene.room.join(labelled("mallory"), scene.now).unwrap_err();
    assert_eq!(refused, Refusal::WaitingForHost);
    scene.try_join(labelled("dora")).unwrap();
}

#[test]
fn who_was_removed_does_not_wait() {
    let (mut scene, anna) = two_wait();
    scene.act(Actor::Peer(anna), Action::Admit(Waiting::All)).unwrap();
    scene.try_join(at_browser(BEN, BEN)).unwrap();
    scene.act(Actor::Peer(anna), Action::Remove(BEN.to_owned())).unwrap();
    assert_eq!(
        scene.try_join(at_browser("ben-again", BEN)).unwrap_err(),
        Refusal::Removed
    );
}

#[test]
fn so_many_wait_and_no_more() {
    let mut scene = Scene::new();
    scene.join(ANNA);
    scene.open_waiting_room();
    for number in 0..100 {
        let refused = scene.try_join(newcomer(&format!("guest-{number}"))).unwrap_err();
        assert_eq!(refused, Refusal::WaitingForHost);
    }
    let refused = scene.try_join(newcomer("one-too-many")).unwrap_err();
    assert_eq!(refused.kind(), "too_many_in_lobby");
    assert!(
        scene
            .try_join(newcomer("guest-7"))
            .is_err_and(|refusal| refusal == Refusal::WaitingForHost)
    );
}

#[test]
fn those_who_wait_when_the_room_ends_are_told() {
    let (mut scene, _) = two_wait();
    let effects = scene.room.close_lobby();
    assert_eq!(told(&effects).len(), 4);
    let reasons = events(&effects, "turned-away");
    assert!(reasons.iter().all(|told| told["reason"] == "The meeting has ended."));
    assert!(!scene.room.is_awaited());
}

#[test]
fn a_room_that_begins_anew_forgets_who_was_in_and_keeps_who_waits() {
    let (mut scene, anna) = two_wait();
    scene.say(anna, "1", "between us").unwrap();
    let locked = PolicyChange {
        locked: Some(true),
        ..PolicyChange::default()
    };
    scene.act(Actor::Owner, Action::SetPolicy(locked)).unwrap();
    scene.room.begin_anew();
    assert!(!scene.room.chat().history().is_empty(), "somebody is in");
    scene.room.leave(anna);
    scene.room.begin_anew();
    assert!(scene.room.chat().history().is_empty());
    assert!(!scene.room.policy().locked);
    assert_eq!(waiting(&scene), [1, 2]);
}
