//! Who hosts a room for which a meeting was announced.

use super::*;

fn announced() -> Scene {
    let scene = Scene::new();
    Scene {
        room: scene.room.created_by(Some("u-anna".to_owned())),
        now: scene.now,
    }
}

fn creator(id: &str) -> Newcomer {
    Newcomer {
        is_creator: true,
        ..newcomer(id)
    }
}

#[test]
fn who_announced_the_meeting_hosts_it_and_not_whoever_comes_first() {
    let mut scene = announced();
    assert!(!scene.join(BEN).ack.is_host);
    assert!(scene.room.join(creator(ANNA), scene.now).unwrap().ack.is_host);
    assert!(!scene.join(CLEO).ack.is_host);
}

#[test]
fn who_announced_it_is_a_guest_where_somebody_hosts_already() {
    let mut scene = announced();
    let with_key = Newcomer {
        host_key: Some(Secret::from(KEY)),
        ..newcomer(BEN)
    };
    assert!(scene.room.join(with_key, scene.now).unwrap().ack.is_host);
    assert!(!scene.room.join(creator(ANNA), scene.now).unwrap().ack.is_host);
}

#[test]
fn the_label_alone_hosts_an_empty_room_and_no_other() {
    let labelled = |id: &str, label: &str| Newcomer {
        identity: Identity::new(None, None, Some(label.to_owned())),
        ..newcomer(id)
    };
    let mut scene = announced();
    let other = scene.room.join(labelled(BEN, "u-ben"), scene.now).unwrap();
    assert!(!other.ack.is_host);
    assert!(
        !scene
            .room
            .join(labelled(ANNA, "u-anna"), scene.now)
            .unwrap()
            .ack
            .is_host
    );
    let mut scene = announced();
    assert!(
        scene
            .room
            .join(labelled(ANNA, "u-anna"), scene.now)
            .unwrap()
            .ack
            .is_host
    );
}
