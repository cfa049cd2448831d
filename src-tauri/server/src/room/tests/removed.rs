//! Whom a host removed is kept out until let back in.

use std::time::Duration;

use serde_json::json;

use super::super::*;
use super::*;

fn known_by(id: &str, device: Option<&str>, label: Option<&str>) -> Newcomer {
    Newcomer {
        identity: Identity::new(Some("Ben".to_owned()), None, label.map(str::to_owned)),
        device: device.map(Secret::from),
        ..newcomer(id)
    }
}

fn scene_without_ben() -> (Scene, Seat, Vec<Effect>) {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    let ben = Newcomer {
        new_token: Some(Secret::from("t1")),
        ..known_by(BEN, Some("device"), Some("u-ben"))
    };
    scene.room.join(ben, scene.now).unwrap();
    scene.pass(Duration::from_millis(5));
    let effects = scene.act(Actor::Peer(anna), Action::Remove(BEN.to_owned())).unwrap();
    (scene, anna, effects)
}

#[test]
fn a_removed_person_is_told_first_and_then_gone() {
    let (scene, _, effects) = scene_without_ben();
    let told = told(&effects);
    assert!(told[0].starts_with("kicked-from-room to One"), "{told:?}");
    assert_eq!(
        told[1..],
        [
            "end media",
            "participant-left to All",
            "participant-list-update to All",
            "removed-people to Moderators"
        ]
    );
    let reason = "A host removed you from the meeting.";
    let expected = json!({ "by": "User anna", "byId": ANNA, "reason": reason });
    assert_eq!(events(&effects, "kicked-from-room"), [expected]);
    let expected = json!([{ "id": 1, "name": "Ben", "removedAt": 1_005 }]);
    assert_eq!(events(&effects, "removed-people"), [expected]);
    assert_eq!(scene.ids(), [ANNA]);
}

#[test]
fn the_same_browser_is_known_again_by_any_of_what_it_brings() {
    let (mut scene, ..) = scene_without_ben();
    let with_token = Newcomer {
        old_token: Some(Secret::from("t1")),
        ..newcomer("by-token")
    };
    for back in [
        newcomer(BEN),
        known_by("by-device", Some("device"), None),
        known_by("by-label", None, Some("u-ben")),
        known_by("by-both", Some("another"), Some("u-ben")),
        with_token,
    ] {
        let refusal = scene.room.join(back.clone(), scene.now).unwrap_err();
        let expected = "You were removed from this room; a host can let you back in";
        assert_eq!(refusal.to_string(), expected, "{back:?}");
    }
    for other in [
        newcomer(CLEO),
        known_by("dora", Some("devic"), None),
        known_by("emil", Some("device-2"), Some("u-emil")),
    ] {
        scene.room.join(other, scene.now).unwrap();
    }
}

#[test]
fn a_host_lets_a_removed_person_back_in() {
    let (mut scene, anna, _) = scene_without_ben();
    let unknown = scene.act(Actor::Peer(anna), Action::LetBackIn(2));
    assert_eq!(unknown, Err(Refusal::ParticipantNotFound));
    let effects = scene.act(Actor::Peer(anna), Action::LetBackIn(1)).unwrap();
    assert_eq!(told(&effects), ["removed-people to Moderators"]);
    assert_eq!(events(&effects, "removed-people"), [json!([])]);
    let back = scene.room.join(known_by(BEN, Some("device"), Some("u-ben")), scene.now);
    assert!(!back.unwrap().ack.is_host);
}

#[test]
fn those_who_may_see_removed_people_are_told_of_them_when_they_come_to_it() {
    let (mut scene, ..) = scene_without_ben();
    let cleo = scene.join(CLEO);
    assert!(cleo.afterwards.is_empty(), "a guest is not told");
    let granted = scene
        .act(Actor::Owner, Action::Grant(CLEO.to_owned(), Role::CoHost))
        .unwrap();
    assert!(told(&granted).contains(&format!("removed-people to {:?}", Audience::One(cleo.seat))));
    let host = Newcomer {
        host_key: Some(Secret::from(KEY)),
        ..newcomer("dora")
    };
    let dora = scene.room.join(host, scene.now).unwrap();
    assert_eq!(events(&dora.afterwards, "removed-people").len(), 1);
}

#[test]
fn who_has_the_hosts_key_is_not_kept_out() {
    let (mut scene, ..) = scene_without_ben();
    let with_key = Newcomer {
        host_key: Some(Secret::from(KEY)),
        ..known_by("ben-again", Some("device"), None)
    };
    assert!(scene.room.join(with_key, scene.now).unwrap().ack.is_host);
    assert!(scene.room.removed_people().is_empty());
}

#[test]
fn nobody_removes_themselves() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    let done = scene.act(Actor::Peer(anna), Action::Remove(ANNA.to_owned()));
    assert_eq!(done, Err(Refusal::NotAllowed));
}

#[test]
fn so_many_removals_are_kept_and_no_more() {
    let mut scene = Scene::new();
    scene.join(ANNA);
    for number in 0..510 {
        let id = format!("guest-{number}");
        scene.join(&id);
        scene.act(Actor::Owner, Action::Remove(id)).unwrap();
    }
    let people = scene.room.removed_people();
    assert_eq!((people.len(), people[0].id), (500, 11));
}
