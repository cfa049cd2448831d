//! Coming, going, and coming back.

use std::time::Duration;

use mediasoup::prelude::MediaKind;

use super::super::*;
use serde_json::json;

use super::*;

#[test]
fn everybody_is_told_of_a_joiner_in_the_order_of_joining() {
    let mut scene = Scene::new();
    scene.join(ANNA);
    scene.pass(Duration::from_millis(5));
    let joined = scene.join(BEN);
    assert_eq!(told(&joined.effects), ["participant-list-update to All"]);
    let entries = list(&joined.effects);
    assert_eq!([entries[0].id.as_str(), entries[1].id.as_str()], [ANNA, BEN]);
    assert_eq!([entries[0].joined_at, entries[1].joined_at], [1_000, 1_005]);
    assert_eq!(entries[1].name, "User ben-");
    assert!(joined.afterwards.is_empty());
}

#[test]
fn the_first_in_an_empty_room_hosts_it_where_that_is_allowed() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA);
    assert!(anna.ack.is_host);
    assert!(!scene.join(BEN).ack.is_host);
    // The host who leaves and comes back to a room with others in it is a guest.
    scene.room.leave(anna.seat);
    assert!(!scene.join(ANNA).ack.is_host);

    let mut strict = Scene::set_to(RoomSettings {
        first_comer_hosts: false,
        ..RoomSettings::default()
    });
    assert!(!strict.join(ANNA).ack.is_host);
}

#[test]
fn a_second_join_of_a_socket_changes_nothing() {
    let mut scene = Scene::new();
    let first = scene.join_resumable(ANNA, "t1");
    let second = scene.join_resumable(ANNA, "t2");
    assert_eq!(second.seat, first.seat);
    assert!(second.ack.already_joined && second.effects.is_empty());
    assert_eq!(second.ack.resume_token.as_deref(), Some("t1"));
    assert_eq!(scene.ids(), [ANNA]);
}

#[test]
fn a_joiner_is_told_the_link_for_others_and_the_servers_time() {
    let mut scene = Scene::new();
    let joined = scene.join(ANNA);
    assert_eq!((joined.ack.link.as_str(), joined.ack.server_time), (LINK, 1_000));
    let elsewhere = LINK.replace("192.168.1.20", "10.0.0.7");
    let moved = scene.room.moved(vec![elsewhere.clone(), LINK.to_owned()]);
    assert_eq!(told(&moved), ["server-address-changed to All"]);
    assert_eq!(scene.join(BEN).ack.link, elsewhere);
}

#[test]
fn a_full_room_takes_nobody_but_those_who_have_a_place() {
    let mut scene = Scene::set_to(RoomSettings {
        max_peers: 1,
        ..RoomSettings::default()
    });
    let anna = scene.join_resumable(ANNA, "t1");
    let refusal = scene.room.join(newcomer(BEN), scene.now).unwrap_err();
    assert_eq!(refusal.to_string(), "Room is full");
    scene.room.lose(anna.seat, scene.now);
    assert!(scene.resume("anna-again", "t1", Some("t2")).ack.resumed);
}

#[test]
fn a_leaver_takes_media_and_streams_along_before_the_others_are_told() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    scene.join(BEN);
    scene.produce(anna, 1, MediaKind::Audio, false);
    scene.produce(anna, 2, MediaKind::Video, false);
    scene.room.heard(Some(anna));
    let effects = scene.room.leave(anna);
    assert_eq!(
        told(&effects),
        [
            "end media",
            "producer-closed to All",
            "producer-closed to All",
            "participant-left to All",
            "participant-list-update to All",
            "active-speaker to All",
        ]
    );
    assert_eq!(list(&effects).len(), 1);
    assert!(scene.room.leave(anna).is_empty(), "a peer leaves once");
    assert_eq!(scene.room.speaker(), None);
}

#[test]
fn a_lost_peer_without_a_token_leaves_at_once() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    let effects = scene.room.lose(anna, scene.now);
    assert!(told(&effects).contains(&"participant-left to All".to_owned()));
    assert!(scene.room.is_empty());
    assert_eq!(scene.room.next_expiry(), None);
}

#[test]
fn a_lost_peer_with_a_token_keeps_its_place_for_twenty_seconds() {
    let mut scene = Scene::new();
    let anna = scene.join_resumable(ANNA, "t1").seat;
    scene.join(BEN);
    let effects = scene.room.lose(anna, scene.now);
    assert_eq!(told(&effects), ["participant-list-update to All"]);
    assert!(list(&effects)[0].is_reconnecting);
    assert_eq!(
        scene.room.next_expiry(),
        Some(scene.now.instant + Duration::from_secs(20))
    );

    scene.pass(Duration::from_millis(19_999));
    assert!(scene.room.expire(scene.now).is_empty());
    scene.pass(Duration::from_millis(1));
    let effects = scene.room.expire(scene.now);
    assert!(told(&effects).contains(&"participant-left to All".to_owned()));
    assert_eq!(scene.ids(), [BEN]);
    assert_eq!(scene.room.next_expiry(), None);
}

#[test]
fn the_place_that_is_lost_first_is_given_up_first() {
    let mut scene = Scene::new();
    let anna = scene.join_resumable(ANNA, "t1").seat;
    let ben = scene.join_resumable(BEN, "t2").seat;
    scene.room.lose(ben, scene.now);
    scene.pass(Duration::from_secs(5));
    scene.room.lose(anna, scene.now);
    assert_eq!(
        scene.room.next_expiry(),
        Some(scene.now.instant + Duration::from_secs(15))
    );
    scene.pass(Duration::from_secs(15));
    scene.room.expire(scene.now);
    assert_eq!(scene.ids(), [ANNA]);
}

#[test]
fn who_resumes_is_as_before_under_a_new_id() {
    let mut scene = Scene::new();
    let named = Newcomer {
        identity: Identity::new(Some("Anna".to_owned()), None, Some("u-anna".to_owned())),
        new_token: Some(Secret::from("t1")),
        ..newcomer(ANNA)
    };
    let anna = scene.room.join(named, scene.now).unwrap().seat;
    scene.join(BEN);
    scene.produce(anna, 1, MediaKind::Audio, false);
    scene.room.update_state(anna, Some(true), None).unwrap();
    scene.room.lose(anna, scene.now);
    scene.pass(Duration::from_secs(10));

    let back = scene.resume("anna-again", "t1", Some("t2"));
    assert_eq!(back.seat, anna);
    assert!(back.ack.resumed && back.ack.is_host);
    assert_eq!(back.ack.peer_id.as_str(), "u-anna");
    assert_eq!(back.ack.resume_token.as_deref(), Some("t2"));
    assert_eq!(
        told(&back.effects),
        ["peer-resumed to All", "participant-list-update to All"]
    );
    let entry = &list(&back.effects)[0];
    assert_eq!(
        (entry.name.as_str(), entry.user_id.as_deref()),
        ("Anna", Some("u-anna"))
    );
    assert!(entry.is_audio_muted && !entry.is_reconnecting);
    let resumed = json!({ "oldPeerId": "u-anna", "peerId": "u-anna" });
    assert_eq!(events(&back.effects, "peer-resumed"), [resumed]);
    assert_eq!(scene.room.seat_of(&SocketId::new("anna-again")), Some(anna));
    assert_eq!(scene.room.sender_of(producer(1)).unwrap().1.as_str(), "u-anna");
    assert_eq!(scene.room.next_expiry(), None);
    assert_eq!(scene.room.seat_of(&SocketId::new(ANNA)), None, "the old id is nobody");
}

#[test]
fn a_token_is_good_once_and_no_other_is_good() {
    let mut scene = Scene::new();
    let anna = scene.join_resumable(ANNA, "t1").seat;
    scene.room.lose(anna, scene.now);
    for wrong in ["", "t", "t2", "t11", "T1"] {
        let stranger = scene.resume(wrong, wrong, None);
        assert!(!stranger.ack.resumed, "{wrong}");
        scene.room.leave(stranger.seat);
    }
    assert!(scene.resume("anna-2", "t1", Some("t2")).ack.resumed);
    assert!(!scene.resume("anna-3", "t1", None).ack.resumed);
    assert!(scene.resume("anna-4", "t2", None).ack.resumed);
    // Without a new token the place is no longer kept.
    scene.room.lose(anna, scene.now);
    assert_eq!(scene.ids(), ["anna-3"]);
}

#[test]
fn the_pictures_of_a_room_stay_within_bounds_and_a_leaver_makes_space() {
    let mut scene = Scene::new();
    let picture = |length: usize| Some(format!("data:image/png;base64,{}", "A".repeat(length - 22)));
    let with = |id: &str, length: usize| Newcomer {
        identity: Identity::new(None, picture(length), None),
        ..newcomer(id)
    };
    let mut seats = Vec::new();
    for number in 0..8 {
        let joined = scene
            .room
            .join(with(&format!("{number}-socket"), 64 << 10), scene.now)
            .unwrap();
        seats.push(joined.seat);
    }
    let shows = |scene: &Scene, seat: Seat| scene.room.peer(seat).unwrap().identity.image_url.is_some();
    assert!(seats.iter().all(|seat| shows(&scene, *seat)));
    let late = scene.room.join(with(ANNA, 1_000), scene.now).unwrap().seat;
    assert!(!shows(&scene, late), "there is no space for one more");
    scene
        .room
        .introduce(seats[0], Identity::new(None, picture(64 << 10), None));
    assert!(
        shows(&scene, seats[0]),
        "one's own old picture takes no space from the new"
    );
    scene.room.leave(seats[1]);
    scene.room.introduce(late, Identity::new(None, picture(1_000), None));
    assert!(shows(&scene, late));
}
