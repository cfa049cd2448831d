//! Who may do what to whom.

use mediasoup::prelude::MediaKind;
use serde_json::json;

use super::super::*;
use super::*;

fn everything_to(target: &str) -> Vec<Action> {
    let hold = |kind, held| Action::Hold {
        target: target.to_owned(),
        kind,
        held,
    };
    vec![
        hold(MediaKind::Audio, true),
        hold(MediaKind::Audio, false),
        hold(MediaKind::Video, true),
        hold(MediaKind::Video, false),
        Action::StopScreenShare(target.to_owned()),
        Action::LowerHand(target.to_owned()),
        Action::Remove(target.to_owned()),
    ]
}

fn all_grants_to(target: &str) -> [Action; 4] {
    [
        Action::Grant(target.to_owned(), Role::Host),
        Action::Grant(target.to_owned(), Role::CoHost),
        Action::Revoke(target.to_owned(), Role::Host),
        Action::Revoke(target.to_owned(), Role::CoHost),
    ]
}

#[test]
fn a_guest_may_do_nothing_to_anybody() {
    let (mut scene, [_, ben, _]) = Scene::of_three();
    for target in [ANNA, BEN, CLEO, "nobody"] {
        let actions = everything_to(target).into_iter().chain(all_grants_to(target));
        for action in actions {
            let done = scene.act(Actor::Peer(ben), action.clone());
            assert_eq!(done, Err(Refusal::NotAllowed), "{action:?}");
        }
    }
    let policy = Action::SetPolicy(PolicyChange {
        locked: Some(false),
        ..PolicyChange::default()
    });
    assert_eq!(scene.act(Actor::Peer(ben), policy), Err(Refusal::NotAllowed));
    assert_eq!(
        scene.act(Actor::Peer(ben), Action::LetBackIn(1)),
        Err(Refusal::NotAllowed)
    );
    assert_eq!(scene.ids(), [ANNA, BEN, CLEO]);
}

#[test]
fn a_co_host_acts_on_guests_alone_and_grants_nothing() {
    let (mut scene, [_, ben, cleo]) = Scene::of_three();
    scene.make_cohost(ben);
    for action in everything_to(ANNA).into_iter().chain(everything_to(BEN)) {
        let done = scene.act(Actor::Peer(ben), action.clone());
        assert_eq!(done, Err(Refusal::NotAllowed), "{action:?}");
    }
    for target in [ANNA, BEN, CLEO] {
        for action in all_grants_to(target) {
            assert_eq!(scene.act(Actor::Peer(ben), action), Err(Refusal::NotAllowed));
        }
    }
    scene.make_cohost(cleo);
    let remove = Action::Remove(CLEO.to_owned());
    assert_eq!(scene.act(Actor::Peer(ben), remove.clone()), Err(Refusal::NotAllowed));
    scene
        .act(Actor::Owner, Action::Revoke(CLEO.to_owned(), Role::CoHost))
        .unwrap();
    scene.act(Actor::Peer(ben), remove).unwrap();
    assert_eq!(scene.ids(), [ANNA, BEN]);
}

#[test]
fn hosts_act_on_one_another_and_the_owner_on_all() {
    let (mut scene, [anna, ben, _]) = Scene::of_three();
    scene
        .act(Actor::Peer(anna), Action::Grant(BEN.to_owned(), Role::Host))
        .unwrap();
    scene.hold(Actor::Peer(ben), ANNA, MediaKind::Audio, true).unwrap();
    assert!(scene.look(anna).is_audio_held);
    for action in everything_to(ANNA) {
        scene.act(Actor::Owner, action).unwrap();
    }
    assert_eq!(scene.ids(), [BEN, CLEO]);
}

#[test]
fn a_role_is_granted_and_taken_back_before_everybodys_eyes() {
    let (mut scene, [anna, ben, _]) = Scene::of_three();
    let by = json!({ "by": "User anna", "byId": ANNA });
    let one = Audience::One(ben);
    for (action, event, updates) in [
        (
            Action::Grant(BEN.to_owned(), Role::CoHost),
            "cohost-granted",
            json!({ "isHost": false, "isCoHost": true }),
        ),
        (
            Action::Grant(BEN.to_owned(), Role::Host),
            "host-granted",
            json!({ "isHost": true, "isCoHost": false }),
        ),
        (
            Action::Revoke(BEN.to_owned(), Role::Host),
            "host-revoked",
            json!({ "isHost": false, "isCoHost": false }),
        ),
    ] {
        let effects = scene.act(Actor::Peer(anna), action).unwrap();
        // Who becomes a host is told of the door, which is theirs to set.
        let door = (event == "host-granted").then(|| format!("room-door to {one:?}"));
        let expected = [
            vec![format!("{event} to {one:?}"), "participant-updated to All".to_owned()],
            door.into_iter().collect(),
            vec!["participant-list-update to All".to_owned()],
        ];
        assert_eq!(told(&effects), expected.concat());
        assert_eq!(events(&effects, event), std::slice::from_ref(&by));
        let updated = json!({ "participantId": BEN, "updates": updates });
        assert_eq!(events(&effects, "participant-updated"), [updated]);
    }
    scene.make_cohost(ben);
    let revoked = scene
        .act(Actor::Peer(anna), Action::Revoke(BEN.to_owned(), Role::CoHost))
        .unwrap();
    assert_eq!(events(&revoked, "cohost-revoked"), [by]);
}

#[test]
fn a_role_that_somebody_has_already_is_told_to_nobody() {
    let (mut scene, [anna, ..]) = Scene::of_three();
    for action in [
        Action::Grant(ANNA.to_owned(), Role::Host),
        Action::Grant(ANNA.to_owned(), Role::CoHost),
        Action::Revoke(BEN.to_owned(), Role::Host),
        Action::Revoke(BEN.to_owned(), Role::CoHost),
    ] {
        assert_eq!(scene.act(Actor::Peer(anna), action), Ok(Vec::new()));
    }
    assert_eq!(scene.look(anna).role, Role::Host);
}

#[test]
fn a_host_may_step_down_unless_no_other_is_left() {
    let (mut scene, [anna, ben, _]) = Scene::of_three();
    let step_down = Action::Revoke(ANNA.to_owned(), Role::Host);
    let refusal = scene.act(Actor::Peer(anna), step_down.clone()).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "You are the only host; make somebody else a host first"
    );
    scene
        .act(Actor::Peer(anna), Action::Grant(BEN.to_owned(), Role::Host))
        .unwrap();
    scene.act(Actor::Peer(anna), step_down).unwrap();
    assert_eq!(scene.look(anna).role, Role::Guest);
    scene
        .act(Actor::Owner, Action::Revoke(BEN.to_owned(), Role::Host))
        .unwrap();
    assert_eq!(
        scene.look(ben).role,
        Role::Guest,
        "the owner may leave a room without one"
    );
}

#[test]
fn the_room_goes_on_when_its_last_host_leaves() {
    let (mut scene, [anna, ben, _]) = Scene::of_three();
    scene.room.leave(anna);
    assert_eq!(scene.ids(), [BEN, CLEO]);
    assert!(scene.join("dora").ack.peer_id.as_str() == "dora");
    assert_eq!(scene.look(ben).role, Role::Guest, "nobody inherits it");
    scene
        .act(Actor::Owner, Action::Grant(BEN.to_owned(), Role::Host))
        .unwrap();
    assert_eq!(scene.look(ben).role, Role::Host);
}

#[test]
fn a_role_is_kept_through_a_lost_connection() {
    let mut scene = Scene::new();
    scene.join(ANNA);
    let ben = scene.join_resumable(BEN, "t1").seat;
    scene.make_cohost(ben);
    scene.room.lose(ben, scene.now);
    assert!(scene.resume("ben-again", "t1", None).ack.is_co_host);
}
