//! The labels by which people are told of: one person's each, whoever asks for one, and whatever they call themselves.

use serde_json::{Value, json};

use super::*;

fn labelled(id: &str, label: &str) -> Newcomer {
    Newcomer {
        identity: Identity::new(None, None, Some(label.to_owned())),
        ..newcomer(id)
    }
}

fn label(label: &str) -> Identity {
    Identity::new(None, None, Some(label.to_owned()))
}

impl Scene {
    /// Everybody, as they are told of.
    fn told_ids(&self) -> Vec<String> {
        self.room
            .peers()
            .map(|(_, peer)| peer.public_id().to_string())
            .collect()
    }
}

#[test]
fn who_brings_a_label_is_told_of_by_it_everywhere_and_who_does_not_by_the_socket() {
    let mut scene = Scene::new();
    let anna = scene.room.join(labelled(ANNA, "u-anna"), scene.now).unwrap();
    assert_eq!(anna.ack.peer_id.as_str(), "u-anna");
    let ben = scene.join(BEN);
    assert_eq!(ben.ack.peer_id.as_str(), BEN);
    let cleo = scene.room.join(labelled(CLEO, "u-cleo"), scene.now).unwrap();
    let ids: Vec<String> = list(&cleo.effects).iter().map(|entry| entry.id.to_string()).collect();
    assert_eq!(ids, ["u-anna", BEN, "u-cleo"]);

    let mut said = Vec::new();
    for (seat, number) in [(anna.seat, 1), (ben.seat, 2)] {
        said.extend(scene.produce(seat, number, MediaKind::Audio, false));
        said.extend(scene.room.update_state(seat, Some(true), None).unwrap());
        said.extend(scene.room.update_state(seat, Some(false), None).unwrap());
        said.extend(scene.room.pause_stream(seat, producer(number), true).unwrap());
        said.extend(scene.room.pause_stream(seat, producer(number), false).unwrap());
        said.extend(scene.room.heard(Some(seat)));
        said.extend(scene.room.react(seat, "👍".to_owned(), None).unwrap());
        said.extend(scene.say(seat, "m", "hello").unwrap());
    }
    said.extend(
        scene
            .act(Actor::Peer(anna.seat), Action::Grant(BEN.to_owned(), Role::CoHost))
            .unwrap(),
    );
    said.extend(
        scene
            .hold(Actor::Peer(anna.seat), "u-cleo", MediaKind::Audio, true)
            .unwrap(),
    );
    let late = scene.join("late-socket");
    let owners: Vec<&str> = late
        .ack
        .producers
        .iter()
        .map(|stream| stream.peer_id.as_str())
        .collect();
    assert_eq!(owners, ["u-anna", BEN]);
    said.extend(scene.room.leave(ben.seat));
    said.extend(scene.room.leave(anna.seat));
    let told: String = said
        .iter()
        .filter_map(|effect| match effect {
            Effect::Tell(_, event) => Some(event.to_wire().1),
            _ => None,
        })
        .map(without_sockets)
        .map(|event| event.to_string())
        .collect();
    assert!(told.contains("\"u-anna\"") && told.contains(&format!("\"{BEN}\"")));
    for socket in [ANNA, CLEO] {
        assert!(!told.contains(socket), "{socket} is told where a label is due: {told}");
    }
}

/// An event without the fields that are about sockets.
fn without_sockets(mut event: Value) -> Value {
    match &mut event {
        Value::Object(fields) => {
            fields.remove("socketId");
            fields
                .values_mut()
                .for_each(|field| *field = without_sockets(field.take()));
        }
        Value::Array(entries) => entries
            .iter_mut()
            .for_each(|entry| *entry = without_sockets(entry.take())),
        _ => (),
    }
    event
}

#[test]
fn streams_and_leavers_are_told_with_their_labels_beside() {
    let mut scene = Scene::new();
    let anna = scene.room.join(labelled(ANNA, "u-anna"), scene.now).unwrap().seat;
    let ben = scene.join(BEN).seat;
    for (seat, number, label) in [(anna, 1, json!("u-anna")), (ben, 2, json!(null))] {
        let opened = scene.produce(seat, number, MediaKind::Video, true);
        assert_eq!(events(&opened, "new-producer")[0]["userId"], label);
        let closed = scene.room.close_stream(seat, producer(number)).unwrap();
        let closed = &events(&closed, "producer-closed")[0];
        let fields = [&closed["userId"], &closed["kind"], &closed["isScreenShare"]];
        assert_eq!(fields, [&label, &json!("video"), &json!(true)]);
        scene.produce(seat, number, MediaKind::Audio, false);
        let left = scene.room.leave(seat);
        assert_eq!(events(&left, "participant-left")[0]["userId"], label);
        let closed = &events(&left, "producer-closed")[0];
        let fields = [&closed["userId"], &closed["kind"], &closed["isScreenShare"]];
        assert_eq!(fields, [&label, &json!("audio"), &json!(false)]);
    }
}

#[test]
fn requests_name_people_by_label_or_socket() {
    let mut scene = Scene::new();
    scene.join(ANNA);
    let ben = scene.room.join(labelled(BEN, "u-ben"), scene.now).unwrap().seat;
    scene.hold(Actor::Owner, "u-ben", MediaKind::Audio, true).unwrap();
    assert!(scene.look(ben).is_audio_held);
    scene.hold(Actor::Owner, BEN, MediaKind::Video, true).unwrap();
    assert!(scene.look(ben).is_video_held);
    let nobody = scene.hold(Actor::Owner, "nobody", MediaKind::Audio, true);
    assert_eq!(nobody, Err(Refusal::ParticipantNotFound));
}

#[test]
fn a_socket_is_asked_for_by_label_and_never_answered_with_what_was_asked() {
    let mut scene = Scene::new();
    scene.room.join(labelled(ANNA, "u-anna"), scene.now).unwrap();
    scene.join(BEN);
    scene.room.join(labelled(CLEO, CLEO), scene.now).unwrap();
    assert_eq!(scene.room.socket_of_user("u-anna"), Some(SocketId::new(ANNA)));
    for id in [ANNA, BEN, CLEO, "nobody"] {
        assert_eq!(scene.room.socket_of_user(id), None, "{id}");
    }
}

#[test]
fn a_label_or_socket_of_somebody_in_the_room_is_nobody_elses() {
    let mut scene = Scene::new();
    scene.room.join(labelled(ANNA, "u-anna"), scene.now).unwrap();
    let ben = scene.join(BEN).seat;
    for taken in ["u-anna", ANNA] {
        assert!(scene.room.introduce(ben, label(taken)).is_empty(), "{taken}");
        scene.room.join(labelled(CLEO, taken), scene.now).unwrap();
        assert_eq!(scene.told_ids(), ["u-anna", BEN, CLEO], "{taken}");
        let cleo = scene.room.seat_of(&SocketId::new(CLEO)).unwrap();
        scene.room.leave(cleo);
    }
    // The own socket's id is nothing that another could mean.
    scene.room.introduce(ben, label(BEN));
    assert_eq!(scene.told_ids(), ["u-anna", BEN]);
}

#[test]
fn who_took_the_id_of_a_socket_for_a_label_loses_it_when_that_socket_comes() {
    let mut scene = Scene::new();
    let anna = scene.room.join(labelled(ANNA, BEN), scene.now).unwrap().seat;
    assert_eq!(scene.told_ids(), [BEN]);
    let joined = scene.join(BEN);
    let renamed = json!({ "oldPeerId": BEN, "peerId": ANNA });
    assert_eq!(events(&joined.effects, "peer-resumed"), [renamed]);
    assert_eq!(scene.told_ids(), [ANNA, BEN]);
    assert_eq!(scene.room.seat_named(BEN), Some(joined.seat));
    assert_eq!(scene.room.seat_named(ANNA), Some(anna));
}

#[test]
fn another_label_is_told_of_as_another_id() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    for (old, new) in [(ANNA, "u-1"), ("u-1", "u-2")] {
        let effects = scene.room.introduce(anna, label(new));
        assert_eq!(
            told(&effects),
            ["peer-resumed to All", "participant-list-update to All"]
        );
        assert_eq!(
            events(&effects, "peer-resumed"),
            [json!({ "oldPeerId": old, "peerId": new })]
        );
    }
    assert!(scene.room.introduce(anna, label("u-2")).is_empty());
}

#[test]
fn a_label_that_becomes_free_is_that_of_the_last_who_asked_for_it() {
    let mut scene = Scene::new();
    let ghost = scene.room.join(labelled(ANNA, "u-anna"), scene.now).unwrap().seat;
    scene.room.join(labelled(BEN, "u-anna"), scene.now).unwrap();
    scene.room.join(labelled(CLEO, "u-anna"), scene.now).unwrap();
    assert_eq!(scene.told_ids(), ["u-anna", BEN, CLEO]);
    let effects = scene.room.leave(ghost);
    assert_eq!(
        told(&effects)[1..],
        [
            "participant-left to All",
            "peer-resumed to All",
            "participant-list-update to All"
        ]
    );
    assert_eq!(scene.told_ids(), [BEN, "u-anna"]);
}

#[test]
fn a_lost_place_at_the_same_browser_gives_its_label_away_and_one_that_is_there_does_not() {
    let mut scene = Scene::new();
    let at = |id: &str, device: &str, token: &str| Newcomer {
        device: Some(Secret::from(device)),
        new_token: Some(Secret::from(token)),
        ..labelled(id, "u-anna")
    };
    let anna = scene.room.join(at(ANNA, "d1", "t1"), scene.now).unwrap().seat;
    scene.room.join(at("tab-2", "d1", "t2"), scene.now).unwrap();
    assert_eq!(scene.told_ids(), ["u-anna", "tab-2"], "a second tab is another person");
    scene.room.lose(anna, scene.now);
    scene.room.join(at(BEN, "d2", "t3"), scene.now).unwrap();
    let back = scene.room.join(at("tab-3", "d1", "t4"), scene.now).unwrap();
    assert_eq!(back.ack.peer_id.as_str(), "u-anna");
    assert_eq!(scene.told_ids(), [ANNA, "tab-2", BEN, "u-anna"]);
}
