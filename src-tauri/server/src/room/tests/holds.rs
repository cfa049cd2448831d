//! What hosts keep off stays off, and comes on again by its own person's doing alone.

use mediasoup::prelude::MediaKind;
use serde_json::json;

use super::super::*;
use super::*;

const SOUND: MediaKind = MediaKind::Audio;
const PICTURE: MediaKind = MediaKind::Video;

#[test]
fn a_forced_mute_pauses_what_is_heard_and_is_told() {
    let (mut scene, [anna, ben, _]) = Scene::of_three();
    scene.produce(ben, 1, SOUND, false);
    scene.produce(ben, 2, PICTURE, false);
    scene.produce(ben, 3, SOUND, true);
    let effects = scene.hold(Actor::Peer(anna), BEN, SOUND, true).unwrap();
    let others = format!("producer-paused to {:?}", Audience::Others(ben));
    assert_eq!(
        told(&effects),
        [
            format!("force-mute to {:?}", Audience::One(ben)),
            "pause stream".to_owned(),
            others.clone(),
            "pause stream".to_owned(),
            others,
            "participant-state-changed to All".to_owned(),
            "participant-list-update to All".to_owned(),
        ]
    );
    let expected = json!({ "audio": true, "locked": true, "by": "User anna", "byId": ANNA });
    assert_eq!(events(&effects, "force-mute"), [expected]);
    assert!(list(&effects)[1].is_audio_muted && list(&effects)[1].is_audio_held);
    assert!(scene.stream(ben, 1).paused && scene.stream(ben, 3).paused);
    assert!(!scene.stream(ben, 2).paused, "the camera goes on");
}

#[test]
fn who_is_muted_cannot_unmute_by_any_way() {
    let (mut scene, [anna, ben, _]) = Scene::of_three();
    scene.produce(ben, 1, SOUND, false);
    scene.hold(Actor::Peer(anna), BEN, SOUND, true).unwrap();
    let refusal = scene.room.pause_stream(ben, producer(1), false).unwrap_err();
    assert_eq!(refusal.to_string(), "A host has muted you; ask to be allowed to unmute");
    assert_eq!(
        scene.room.update_state(ben, Some(false), Some(true)),
        Err(Refusal::AudioHeld)
    );
    assert!(!scene.look(ben).is_video_paused, "a refused request changes nothing");
    assert!(scene.room.may_produce(ben, SOUND, false).unwrap().paused);
    assert!(scene.room.may_produce(ben, SOUND, true).unwrap().paused);
    let opened = scene.produce(ben, 2, SOUND, false);
    assert_eq!(events(&opened, "producer-paused").len(), 1);
    assert!(scene.stream(ben, 1).paused && scene.stream(ben, 2).paused);
    // Leaving the connection behind is no way either.
    scene.room.pause_stream(ben, producer(1), true).unwrap();
    assert!(scene.look(ben).is_audio_muted);
}

#[test]
fn lifting_a_mute_switches_nothing_on() {
    let (mut scene, [anna, ben, _]) = Scene::of_three();
    scene.produce(ben, 1, SOUND, false);
    scene.hold(Actor::Peer(anna), BEN, SOUND, true).unwrap();
    let lifted = scene.hold(Actor::Peer(anna), BEN, SOUND, false).unwrap();
    assert_eq!(events(&lifted, "force-mute")[0]["audio"], false);
    assert!(scene.stream(ben, 1).paused);
    let look = scene.look(ben);
    assert!(look.is_audio_muted && !look.is_audio_held);

    let resumed = scene.room.pause_stream(ben, producer(1), false).unwrap();
    assert_eq!(events(&resumed, "producer-resumed").len(), 1);
    assert!(!scene.look(ben).is_audio_muted);
}

#[test]
fn after_a_mute_is_lifted_a_word_of_the_person_brings_back_what_they_had_not_paused() {
    let (mut scene, [anna, ben, _]) = Scene::of_three();
    scene.produce(ben, 1, PICTURE, false);
    scene.produce(ben, 2, PICTURE, false);
    scene.room.pause_stream(ben, producer(2), true).unwrap();
    scene.hold(Actor::Peer(anna), BEN, PICTURE, true).unwrap();
    scene.hold(Actor::Peer(anna), BEN, PICTURE, false).unwrap();
    let effects = scene.room.update_state(ben, None, Some(false)).unwrap();
    assert!(told(&effects).contains(&"resume stream".to_owned()));
    assert!(!scene.stream(ben, 1).paused);
    assert!(scene.stream(ben, 2).paused, "the person paused this one");
}

#[test]
fn after_a_mute_is_lifted_a_new_microphone_is_a_word_of_the_person_too() {
    let (mut scene, [anna, ben, _]) = Scene::of_three();
    scene.produce(ben, 1, SOUND, false);
    scene.hold(Actor::Peer(anna), BEN, SOUND, true).unwrap();
    scene.produce(ben, 2, SOUND, false);
    assert!(scene.stream(ben, 1).paused && scene.stream(ben, 2).paused);
    scene.hold(Actor::Peer(anna), BEN, SOUND, false).unwrap();
    // As a page does that has forgotten its earlier ones.
    scene.produce(ben, 3, SOUND, false);
    assert!(!scene.look(ben).is_audio_muted);
    assert!((1..=3).all(|number| !scene.stream(ben, number).paused));
}

#[test]
fn a_camera_that_is_kept_off_leaves_the_screen_alone() {
    let (mut scene, [anna, ben, _]) = Scene::of_three();
    scene.produce(ben, 1, PICTURE, false);
    scene.produce(ben, 2, PICTURE, true);
    let effects = scene.hold(Actor::Peer(anna), BEN, PICTURE, true).unwrap();
    assert_eq!(events(&effects, "force-video-pause")[0]["video"], true);
    assert!(scene.stream(ben, 1).paused && !scene.stream(ben, 2).paused);
    scene.room.pause_stream(ben, producer(2), true).unwrap();
    scene.room.pause_stream(ben, producer(2), false).unwrap();
    let refusal = scene.room.pause_stream(ben, producer(1), false).unwrap_err();
    assert_eq!(refusal, Refusal::VideoHeld);
}

#[test]
fn a_screen_share_is_ended_by_a_host() {
    let (mut scene, [anna, ben, _]) = Scene::of_three();
    scene.produce(ben, 1, PICTURE, true);
    scene.produce(ben, 2, SOUND, true);
    scene.produce(ben, 3, SOUND, false);
    let effects = scene
        .act(Actor::Peer(anna), Action::StopScreenShare(BEN.to_owned()))
        .unwrap();
    assert_eq!(events(&effects, "host-stop-screenshare").len(), 1);
    assert_eq!(events(&effects, "producer-closed").len(), 2);
    assert!(!list(&effects)[1].is_screen_sharing);
    assert_eq!(scene.room.peer(ben).unwrap().streams.len(), 1);
    let again = scene.act(Actor::Peer(anna), Action::StopScreenShare(BEN.to_owned()));
    assert_eq!(again, Ok(Vec::new()));
}

#[test]
fn who_comes_back_is_told_what_is_kept_off() {
    let mut scene = Scene::new();
    scene.join(ANNA);
    let ben = scene.join_resumable(BEN, "t1").seat;
    scene.produce(ben, 1, SOUND, false);
    scene.room.lose(ben, scene.now);
    scene.hold(Actor::Owner, BEN, SOUND, true).unwrap();
    let back = scene.resume("ben-again", "t1", Some("t2"));
    let expected = json!({ "audio": true, "locked": true, "by": "The host", "byId": null });
    assert_eq!(events(&back.afterwards, "force-mute"), [expected]);
    assert!(scene.look(ben).is_audio_held && scene.stream(ben, 1).paused);
}
