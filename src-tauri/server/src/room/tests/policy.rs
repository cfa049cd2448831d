//! What a room allows, for those who are in it and those who come.

use mediasoup::prelude::MediaKind;
use serde_json::json;

use super::super::*;
use super::*;

fn change(field: impl FnOnce(&mut PolicyChange)) -> Action {
    let mut change = PolicyChange::default();
    field(&mut change);
    Action::SetPolicy(change)
}

#[test]
fn a_change_is_told_to_all_and_to_those_who_come_later() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    let effects = scene
        .act(Actor::Peer(anna), change(|it| it.chat_enabled = Some(false)))
        .unwrap();
    assert_eq!(told(&effects), ["room-policy to All"]);
    let expected = json!({
        "locked": false, "screenShareEnabled": true, "camerasEnabled": true, "chatEnabled": false,
        "guestsMayRecord": true, "maxFileBytes": 50 << 20, "by": "User anna", "byId": ANNA,
    });
    assert_eq!(events(&effects, "room-policy"), std::slice::from_ref(&expected));
    let ben = scene.join(BEN);
    assert_eq!(
        told(&ben.afterwards),
        [format!("room-policy to {:?}", Audience::One(ben.seat))]
    );
    assert_eq!(events(&ben.afterwards, "room-policy"), [expected]);
}

#[test]
fn what_does_not_change_anything_is_told_to_nobody() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    for action in [
        change(|_| ()),
        change(|it| (it.locked, it.chat_enabled) = (Some(false), Some(true))),
    ] {
        assert_eq!(scene.act(Actor::Peer(anna), action), Ok(Vec::new()));
    }
    assert!(scene.join(BEN).afterwards.is_empty());
}

#[test]
fn a_locked_room_takes_nobody_new_but_those_who_come_back() {
    let mut scene = Scene::new();
    scene.join(ANNA);
    let ben = scene.join_resumable(BEN, "t1").seat;
    scene.act(Actor::Owner, change(|it| it.locked = Some(true))).unwrap();
    assert_eq!(
        scene.room.join(newcomer(CLEO), scene.now).unwrap_err(),
        Refusal::RoomLocked
    );
    scene.room.lose(ben, scene.now);
    assert!(scene.resume("ben-again", "t1", None).ack.resumed);
    scene.act(Actor::Owner, change(|it| it.locked = Some(false))).unwrap();
    scene.join(CLEO);
}

#[test]
fn screen_sharing_is_switched_off_for_guests_alone() {
    let (mut scene, [anna, ben, cleo]) = Scene::of_three();
    scene.make_cohost(cleo);
    for (number, seat) in [(1, anna), (2, ben), (3, cleo)] {
        scene.produce(seat, number, MediaKind::Video, true);
    }
    let effects = scene
        .act(Actor::Peer(anna), change(|it| it.screen_share_enabled = Some(false)))
        .unwrap();
    let by = json!({ "enabled": false, "by": "User anna", "byId": ANNA });
    assert_eq!(events(&effects, "screenshare-global-update"), [by]);
    assert_eq!(
        told(&effects)[2],
        format!("host-stop-screenshare to {:?}", Audience::One(ben))
    );
    let sharing: Vec<bool> = list(&effects).iter().map(|entry| entry.is_screen_sharing).collect();
    assert_eq!(sharing, [true, false, true]);
    for kind in [MediaKind::Video, MediaKind::Audio] {
        assert_eq!(scene.room.may_produce(ben, kind, true), Err(Refusal::NotAllowed));
        scene.room.may_produce(cleo, kind, true).unwrap();
    }
    scene.room.may_produce(ben, MediaKind::Video, false).unwrap();
    let late = scene.join("dora");
    assert_eq!(events(&late.afterwards, "screenshare-global-update").len(), 1);

    let effects = scene
        .act(Actor::Owner, change(|it| it.screen_share_enabled = Some(true)))
        .unwrap();
    assert_eq!(events(&effects, "screenshare-global-update")[0]["enabled"], true);
    scene.room.may_produce(ben, MediaKind::Video, true).unwrap();
}

#[test]
fn cameras_are_switched_off_for_guests_alone_and_come_on_by_their_doing() {
    let (mut scene, [anna, ben, cleo]) = Scene::of_three();
    scene.produce(anna, 1, MediaKind::Video, false);
    scene.produce(ben, 2, MediaKind::Video, false);
    scene.produce(ben, 3, MediaKind::Video, true);
    let effects = scene
        .act(Actor::Peer(anna), change(|it| it.cameras_enabled = Some(false)))
        .unwrap();
    assert_eq!(events(&effects, "disable-all-cameras").len(), 1);
    let paused: Vec<bool> = list(&effects).iter().map(|entry| entry.is_video_paused).collect();
    assert_eq!(paused, [false, true, true]);
    assert!(!scene.stream(anna, 1).paused && scene.stream(ben, 2).paused && !scene.stream(ben, 3).paused);
    assert_eq!(
        scene.room.may_produce(cleo, MediaKind::Video, false),
        Err(Refusal::NotAllowed)
    );
    assert_eq!(
        scene.room.update_state(cleo, None, Some(false)),
        Err(Refusal::VideoHeld)
    );
    assert_eq!(
        scene.room.pause_stream(ben, producer(2), false),
        Err(Refusal::VideoHeld)
    );
    let one = scene.hold(Actor::Peer(anna), BEN, MediaKind::Video, false);
    assert_eq!(one, Err(Refusal::CamerasOff));
    let late = scene.join("dora");
    assert_eq!(events(&late.afterwards, "disable-all-cameras").len(), 1);
    assert!(scene.look(late.seat).is_video_paused);

    let effects = scene
        .act(Actor::Peer(anna), change(|it| it.cameras_enabled = Some(true)))
        .unwrap();
    assert_eq!(events(&effects, "enable-all-cameras").len(), 1);
    assert!(scene.stream(ben, 2).paused && scene.look(ben).is_video_paused);
    scene.room.pause_stream(ben, producer(2), false).unwrap();
    assert!(!scene.stream(ben, 2).paused && !scene.look(ben).is_video_paused);
}

#[test]
fn a_change_of_role_brings_its_rights_along() {
    let (mut scene, [anna, ben, _]) = Scene::of_three();
    scene.make_cohost(ben);
    let off = change(|it| (it.cameras_enabled, it.screen_share_enabled) = (Some(false), Some(false)));
    scene.act(Actor::Peer(anna), off).unwrap();
    scene.produce(ben, 1, MediaKind::Video, false);
    scene.produce(ben, 2, MediaKind::Video, true);
    let effects = scene
        .act(Actor::Peer(anna), Action::Revoke(BEN.to_owned(), Role::CoHost))
        .unwrap();
    assert_eq!(events(&effects, "host-stop-screenshare").len(), 1);
    assert!(scene.stream(ben, 1).paused);
    assert!(!scene.look(ben).is_screen_sharing && scene.look(ben).is_video_held);
    scene.make_cohost(ben);
    assert!(!scene.look(ben).is_video_held && scene.look(ben).is_video_paused);
    scene.room.pause_stream(ben, producer(1), false).unwrap();
}

#[test]
fn guests_may_write_and_record_where_the_room_allows_it() {
    let (mut scene, [anna, ben, _]) = Scene::of_three();
    scene.say(ben, "m1", "hello").unwrap();
    scene.room.may_record(ben).unwrap();
    let off = change(|it| (it.chat_enabled, it.guests_may_record) = (Some(false), Some(false)));
    scene.act(Actor::Peer(anna), off).unwrap();
    assert_eq!(scene.say(ben, "m2", "hello"), Err(Refusal::NotAllowed));
    assert_eq!(scene.room.may_record(ben), Err(Refusal::NotAllowed));
    scene.say(anna, "m3", "hello").unwrap();
    scene.room.may_record(anna).unwrap();
    assert_eq!(scene.room.chat().history().len(), 2);
}
