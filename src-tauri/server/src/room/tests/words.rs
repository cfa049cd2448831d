//! What is said, who speaks, how people are known, and that a recording runs.

use std::time::Duration;

use super::super::*;
use super::*;
use crate::wire::Refusal;

#[test]
fn what_is_said_carries_the_servers_time_and_name() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    scene.pass(Duration::from_secs(1));
    let effects = scene.say(anna, "m1", "hello").unwrap();
    assert_eq!(told(&effects), ["receive-message to All"]);
    let history = scene.room.chat().history();
    assert_eq!(history[0].message.created_at, 2_000);
    let sender = &history[0].message.sender;
    assert_eq!((sender.id.as_str(), sender.name.as_str()), (ANNA, "User anna"));
}

#[test]
fn messages_have_bounds_and_so_has_what_is_kept_of_them() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    assert!(matches!(scene.say(anna, "m", " "), Err(Refusal::Invalid(_))));
    assert!(matches!(
        scene.say(anna, &"m".repeat(129), "hello"),
        Err(Refusal::Invalid(_))
    ));
    assert!(matches!(
        scene.say(anna, "m", &"ä".repeat(4_001)),
        Err(Refusal::Limit(_))
    ));
    for number in 0..1_010 {
        scene.say(anna, &number.to_string(), "hello").unwrap();
    }
    let history = scene.room.chat().history();
    assert_eq!(history.len(), 1_000);
    assert_eq!(
        (history[0].message.id.as_str(), history[999].message.id.as_str()),
        ("10", "1009")
    );
    for number in 0..300 {
        scene.say(anna, &number.to_string(), &"ä".repeat(4_000)).unwrap();
    }
    let kept: usize = scene
        .room
        .chat()
        .history()
        .iter()
        .map(|entry| entry.message.text.len())
        .sum();
    assert!(kept <= 1 << 20, "{kept} bytes");
}

#[test]
fn who_comes_in_is_told_who_speaks() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    assert!(scene.join(BEN).afterwards.is_empty());
    scene.room.heard(Some(anna));
    let cleo = scene.join(CLEO);
    assert_eq!(
        told(&cleo.afterwards),
        [format!("active-speaker to {:?}", Audience::One(cleo.seat))]
    );
    assert_eq!(
        events(&cleo.afterwards, "active-speaker"),
        [serde_json::json!({ "peerId": ANNA })]
    );
}

#[test]
fn a_speaker_is_told_once_and_only_while_there() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    assert_eq!(told(&scene.room.heard(Some(anna))), ["active-speaker to All"]);
    assert!(scene.room.heard(Some(anna)).is_empty());
    assert_eq!(told(&scene.room.heard(None)), ["active-speaker to All"]);
    scene.room.heard(Some(anna));
    let muted = scene
        .room
        .update_state(anna, Some(true), None)
        .expect("one may mute oneself");
    assert!(
        told(&muted).contains(&"active-speaker to All".to_owned()),
        "{:?}",
        told(&muted)
    );
    assert!(scene.room.heard(Some(anna)).is_empty(), "who is muted does not speak");
    scene.room.leave(anna);
    assert!(scene.room.heard(Some(anna)).is_empty());
}

#[test]
fn who_joins_during_a_recording_is_told_after_the_answer() {
    let mut scene = Scene::new();
    scene.join(ANNA);
    let recording = RunningRecording {
        recording_id: 7,
        started_at: 7,
    };
    assert_eq!(
        told(&scene.room.recording_started(recording)),
        ["recording-started to All"]
    );
    let ben = scene.join(BEN);
    assert_eq!(
        told(&ben.afterwards),
        [format!("recording-started to {:?}", Audience::One(ben.seat))]
    );
    let again = scene.join(BEN);
    assert!(again.ack.already_joined && again.ack.recording == Some(recording));
    assert_eq!(told(&again.afterwards), told(&ben.afterwards));
    assert_eq!(told(&scene.room.recording_stopped(5)), ["recording-stopped to All"]);
    assert!(scene.room.recording_stopped(5).is_empty());
    let cleo = scene.join("cleo");
    assert!(cleo.afterwards.is_empty() && cleo.ack.recording.is_none());
}

#[test]
fn who_joins_during_a_broadcast_is_told_after_the_answer() {
    let mut scene = Scene::new();
    scene.join(ANNA);
    let broadcast = RunningBroadcast { started_at: 7 };
    assert_eq!(
        told(&scene.room.broadcast_started(broadcast)),
        ["broadcast-started to All"]
    );
    let ben = scene.join(BEN);
    assert_eq!(ben.ack.broadcast, Some(broadcast));
    assert_eq!(
        told(&ben.afterwards),
        [format!("broadcast-started to {:?}", Audience::One(ben.seat))]
    );
    assert_eq!(told(&scene.room.broadcast_stopped()), ["broadcast-stopped to All"]);
    assert!(scene.room.broadcast_stopped().is_empty());
    let cleo = scene.join("cleo");
    assert!(cleo.afterwards.is_empty() && cleo.ack.broadcast.is_none());
}

#[test]
fn an_introduction_completes_what_is_known() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    let named = Identity::new(Some(" Anna\n".to_owned()), None, None);
    assert_eq!(list(&scene.room.introduce(anna, named.clone()))[0].name, "Anna");
    assert!(
        scene.room.introduce(anna, named).is_empty(),
        "nothing new is told to nobody"
    );
    let pictured = Identity::new(None, Some("https://a.example/a.png".to_owned()), Some("u".to_owned()));
    let entry = list(&scene.room.introduce(anna, pictured)).remove(0);
    assert_eq!(entry.name, "Anna");
    assert_eq!(entry.image_url.as_deref(), Some("https://a.example/a.png"));
    assert_eq!(scene.room.socket_of_user("u"), Some(SocketId::new(ANNA)));
}

#[test]
fn an_identity_is_trimmed_and_bounded() {
    let long = "ä".repeat(100);
    let script = "javascript:alert(1)".to_owned();
    let identity = Identity::new(Some(long.clone()), Some(script), Some("\u{7} ".to_owned()));
    assert_eq!(identity.name.map(|name| name.chars().count()), Some(64));
    assert_eq!((identity.image_url, identity.user_id), (None, None));
    for (url, kept) in [
        ("data:image/png;base64,AA", true),
        ("data:text/html,x", false),
        ("file:///etc", false),
    ] {
        assert_eq!(
            Identity::new(None, Some(url.to_owned()), None).image_url.is_some(),
            kept,
            "{url}"
        );
    }
    let huge = format!("https://{}", "x".repeat(64 * 1024));
    assert_eq!(Identity::new(None, Some(huge), None).image_url, None);
}

#[test]
fn the_time_of_messages_never_goes_back() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    scene.say(anna, "m1", "hello").unwrap();
    scene.now.epoch_ms -= 500;
    scene.say(anna, "m2", "hello").unwrap();
    let times: Vec<u64> = scene
        .room
        .chat()
        .history()
        .iter()
        .map(|entry| entry.message.created_at)
        .collect();
    assert_eq!(times, [1_000, 1_000]);
}

#[test]
fn a_long_picture_is_not_repeated_with_every_message() {
    let mut scene = Scene::new();
    let pictured = Newcomer {
        identity: Identity::new(None, Some(format!("data:image/png;base64,{}", "A".repeat(600))), None),
        ..newcomer(ANNA)
    };
    let anna = scene.room.join(pictured, scene.now).unwrap();
    assert!(list(&anna.effects)[0].image_url.is_some());
    let message = OutgoingMessage {
        id: "m1".to_owned(),
        text: "hello".to_owned(),
        reply_to: None,
        sender: Some(serde_json::json!({})),
    };
    let effects = scene.room.say(anna.seat, message, scene.now).unwrap();
    let sender = &events(&effects, "receive-message")[0]["message"]["sender"];
    assert_eq!(sender["imageUrl"], serde_json::Value::Null);
    assert_eq!(sender["avatarUrl"], serde_json::Value::Null);
}
