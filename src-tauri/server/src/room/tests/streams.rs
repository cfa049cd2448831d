//! What peers send, hold and close, and what they say of themselves.

use mediasoup::prelude::MediaKind;

use super::super::*;
use super::*;
use crate::wire::Refusal;

#[test]
fn a_new_stream_is_told_to_the_others_and_listed_for_joiners() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    let to_others = format!("new-producer to {:?}", Audience::Others(anna));
    assert_eq!(
        told(&scene.produce(anna, 1, MediaKind::Audio, false)),
        std::slice::from_ref(&to_others)
    );
    let screen = scene.produce(anna, 2, MediaKind::Video, true);
    assert_eq!(told(&screen), [to_others, "participant-list-update to All".to_owned()]);
    assert!(list(&screen)[0].is_screen_sharing);
    let ack = scene.join(BEN).ack;
    assert_eq!(ack.existing_producers, [producer(1), producer(2)]);
    assert_eq!(
        ack.producers.iter().map(|one| one.is_screen_share).collect::<Vec<_>>(),
        [false, true]
    );
}

#[test]
fn a_stream_of_somebody_who_left_meanwhile_ends() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    scene.room.leave(anna);
    assert_eq!(told(&scene.produce(anna, 1, MediaKind::Audio, false)), ["end stream"]);
}

#[test]
fn streams_are_their_senders_to_hold_and_close() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    let ben = scene.join(BEN).seat;
    scene.produce(anna, 1, MediaKind::Video, true);
    assert_eq!(
        scene.room.owned_stream(ben, producer(1)),
        Err(Refusal::ProducerNotFound)
    );
    assert_eq!(
        scene.room.close_stream(ben, producer(1)),
        Err(Refusal::ProducerNotFound)
    );
    assert_eq!(
        scene.room.pause_stream(ben, producer(1), true),
        Err(Refusal::ProducerNotFound)
    );
    let closed = scene.room.close_stream(anna, producer(1)).unwrap();
    let others = format!("producer-closed to {:?}", Audience::Others(anna));
    let expected = [
        "end stream".to_owned(),
        others,
        "participant-list-update to All".to_owned(),
    ];
    assert_eq!(told(&closed), expected);
    assert!(!list(&closed)[0].is_screen_sharing);
    assert_eq!(
        scene.room.close_stream(anna, producer(1)),
        Err(Refusal::ProducerNotFound)
    );
}

#[test]
fn one_peer_sends_twelve_streams_at_most() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    for number in 0..12 {
        scene.room.may_produce(anna, MediaKind::Audio, false).unwrap();
        scene.produce(anna, number, MediaKind::Audio, false);
    }
    assert!(matches!(
        scene.room.may_produce(anna, MediaKind::Audio, false),
        Err(Refusal::Limit(_))
    ));
    scene.room.close_streams(anna, (0..12).map(producer).collect());
    scene.room.may_produce(anna, MediaKind::Audio, false).unwrap();
}

#[test]
fn a_held_camera_is_off_in_the_list_and_a_held_screen_is_not() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    scene.produce(anna, 1, MediaKind::Video, false);
    scene.produce(anna, 2, MediaKind::Video, true);
    let held = scene.room.pause_stream(anna, producer(1), true).unwrap();
    assert!(list(&held)[0].is_video_paused);
    assert!(
        scene.room.pause_stream(anna, producer(1), true).unwrap().is_empty(),
        "it is held already"
    );
    assert!(!list(&scene.room.pause_stream(anna, producer(1), false).unwrap())[0].is_video_paused);
    let screen = scene.room.pause_stream(anna, producer(2), true).unwrap();
    assert_eq!(
        told(&screen),
        [
            "pause stream".to_owned(),
            format!("producer-paused to {:?}", Audience::Others(anna))
        ]
    );
}

#[test]
fn a_state_is_told_when_it_changes_and_only_what_changed() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    assert!(scene.room.update_state(anna, None, None).unwrap().is_empty());
    assert!(scene.room.update_state(anna, Some(false), None).unwrap().is_empty());
    let effects = scene.room.update_state(anna, Some(true), Some(false)).unwrap();
    let [Effect::Tell(Audience::All, event), _] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert!(matches!(
        **event,
        ServerEvent::ParticipantStateChanged {
            is_audio_muted: Some(true),
            is_video_paused: None,
            ..
        }
    ));
}
