//! The host's key, and what alone makes a host.

use super::super::*;
use super::*;

fn with_key(id: &str, key: &str) -> Newcomer {
    Newcomer {
        host_key: Some(Secret::from(key)),
        ..newcomer(id)
    }
}

#[test]
fn who_shows_the_key_hosts_the_room() {
    let mut scene = Scene::new();
    scene.join(ANNA);
    let ben = scene.room.join(with_key(BEN, KEY), scene.now).unwrap();
    assert!(ben.ack.is_host);
    assert!(list(&ben.effects)[1].is_host);
}

#[test]
fn a_wrong_key_makes_a_guest() {
    let mut scene = Scene::new();
    scene.join(ANNA);
    for (number, wrong) in ["", "the-key", "the-key-of-the-hosT", "the-key-of-the-host "]
        .iter()
        .enumerate()
    {
        let joined = scene.room.join(with_key(&format!("guest-{number}"), wrong), scene.now);
        assert!(!joined.unwrap().ack.is_host, "{wrong}");
    }
}

#[test]
fn the_key_alone_makes_hosts_where_the_first_comer_does_not_become_one() {
    let mut scene = Scene::set_to(RoomSettings {
        first_comer_hosts: false,
        ..RoomSettings::default()
    });
    assert!(!scene.join(ANNA).ack.is_host);
    assert!(scene.room.join(with_key(BEN, KEY), scene.now).unwrap().ack.is_host);
}

#[test]
fn the_key_opens_a_locked_room() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    let locked = PolicyChange {
        locked: Some(true),
        ..PolicyChange::default()
    };
    scene.act(Actor::Peer(anna), Action::SetPolicy(locked)).unwrap();
    let refusal = scene.room.join(newcomer(BEN), scene.now).unwrap_err();
    assert_eq!(refusal.to_string(), "Room is locked");
    assert!(scene.room.join(with_key(BEN, "wrong"), scene.now).is_err());
    assert!(scene.room.join(with_key(BEN, KEY), scene.now).unwrap().ack.is_host);
}

#[test]
fn who_resumes_with_the_key_hosts_too() {
    let mut scene = Scene::new();
    scene.join(ANNA);
    let ben = scene.join_resumable(BEN, "t1").seat;
    scene.room.lose(ben, scene.now);
    let newcomer = Newcomer {
        old_token: Some(Secret::from("t1")),
        ..with_key("ben-again", KEY)
    };
    let back = scene.room.join(newcomer, scene.now).unwrap();
    assert!(back.ack.resumed && back.ack.is_host);
}

#[test]
fn nothing_that_is_told_has_the_key_in_it() {
    let (mut scene, [anna, _, _]) = Scene::of_three();
    let joined = scene.room.join(with_key("dora", KEY), scene.now).unwrap();
    let acted = scene
        .act(Actor::Peer(anna), Action::Grant(BEN.to_owned(), Role::Host))
        .unwrap();
    let ack = serde_json::to_string(&joined.ack).unwrap();
    for effect in joined.effects.iter().chain(&joined.afterwards).chain(&acted) {
        if let Effect::Tell(_, event) = effect {
            assert!(!event.to_wire().1.to_string().contains(KEY));
        }
        assert!(!format!("{effect:?}").contains(KEY));
    }
    assert!(!ack.contains(KEY));
    assert!(!format!("{:?}", scene.room).contains(KEY));
}
