//! Who may share files, how much of them there is, and when they go.

use std::time::Duration;

use super::super::*;
use super::*;
use crate::wire::{FileId, Refusal, SharedFile};

const MB: u64 = 1 << 20;

fn id(name: &str) -> FileId {
    FileId::from(name)
}

impl Scene {
    fn offer(&mut self, seat: Seat, name: &str, size: u64) -> Result<SharedFile, Refusal> {
        let offer = FileOffer {
            name: format!("{name}.txt"),
            size,
            kind: Some("text/plain".to_owned()),
        };
        self.room.offer_file(seat, offer, id(name), self.now)
    }

    fn share(&mut self, seat: Seat, name: &str, size: u64) -> Vec<Effect> {
        self.offer(seat, name, size).unwrap();
        assert_eq!(self.room.file_arrives(&id(name)), Some(size));
        self.room.file_arrived(&id(name), self.now).unwrap()
    }

    fn set_files(&mut self, change: PolicyChange) -> Vec<Effect> {
        self.act(Actor::Owner, Action::SetPolicy(change)).unwrap()
    }
}

#[test]
fn a_file_that_came_is_a_message_to_all_and_part_of_what_was_said() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    let effects = scene.share(anna, "plan", 3 * MB / 2);
    assert_eq!(told(&effects), ["receive-message to All"]);
    let message = &events(&effects, "receive-message")[0]["message"];
    assert_eq!(
        message["text"],
        "plan.txt (1.5 MB) https://192.168.1.20:8080/files/test/plan"
    );
    assert_eq!(message["sender"]["name"], "User anna");
    let file = serde_json::json!({
        "id": "plan", "name": "plan.txt", "size": 3 * MB / 2, "type": "text/plain", "url": "/files/test/plan",
    });
    assert_eq!(message["file"], file);
    assert_eq!(scene.room.chat().history().len(), 1);
    assert_eq!(scene.room.files(), (1, 3 * MB / 2));
}

#[test]
fn a_place_for_a_file_is_good_for_one_file() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    scene.offer(anna, "a", 1).unwrap();
    assert!(scene.room.file(&id("a")).is_none(), "nobody has it before it is whole");
    assert_eq!(scene.room.file_arrived(&id("a"), scene.now), None);
    assert_eq!(scene.room.file_arrives(&id("b")), None);
    assert_eq!(scene.room.file_arrives(&id("a")), Some(1));
    assert_eq!(scene.room.file_arrives(&id("a")), None);
    scene.room.file_arrived(&id("a"), scene.now).unwrap();
    assert_eq!(scene.room.file_arrives(&id("a")), None);
    assert_eq!(scene.room.file_arrived(&id("a"), scene.now), None);
    assert!(scene.room.file_failed(&id("a")).is_empty() && scene.room.file(&id("a")).is_some());
}

#[test]
fn one_file_has_a_bound_that_hosts_move_below_the_owners() {
    let mut scene = Scene::set_to(RoomSettings {
        files: FileBounds {
            largest: 60 * MB,
            in_room: 1_000 * MB,
        },
        ..RoomSettings::default()
    });
    let anna = scene.join(ANNA);
    assert_eq!(
        (anna.ack.policy.max_file_bytes, anna.ack.largest_file_bytes),
        (50 * MB, 60 * MB)
    );
    let too_large = |words: &str| Err(Refusal::FileTooLarge(words.to_owned()));
    assert_eq!(scene.offer(anna.seat, "a", 50 * MB + 1), too_large("50 MB"));
    assert_eq!(scene.offer(anna.seat, "a", u64::MAX), too_large("50 MB"));
    let to = |bytes| PolicyChange {
        max_file_bytes: Some(bytes),
        ..PolicyChange::default()
    };
    let refused = scene.act(Actor::Peer(anna.seat), Action::SetPolicy(to(60 * MB + 1)));
    assert_eq!(refused.err(), too_large("60 MB").err());
    let told_all = scene.set_files(to(60 * MB));
    assert_eq!(told(&told_all), ["room-policy to All"]);
    assert!(scene.offer(anna.seat, "a", 60 * MB).is_ok());
    assert!(scene.offer(anna.seat, "nothing", 0).is_ok(), "an empty file is a file");
    let ended = scene.set_files(to(0));
    assert_eq!(told(&ended), ["room-policy to All", "end file", "end file"]);
    assert_eq!(scene.offer(anna.seat, "b", 1).err(), Some(Refusal::FilesOff));

    let small = FileBounds {
        largest: MB,
        in_room: MB,
    };
    let mut small = Scene::set_to(RoomSettings {
        files: small,
        ..RoomSettings::default()
    });
    assert_eq!(
        small.join(ANNA).ack.policy.max_file_bytes,
        MB,
        "the owner's word counts"
    );
}

#[test]
fn all_files_of_a_room_have_a_bound_and_one_sender_has_too() {
    let mut scene = Scene::set_to(RoomSettings {
        files: FileBounds {
            largest: 50 * MB,
            in_room: 100 * MB,
        },
        ..RoomSettings::default()
    });
    let [anna, ben] = [ANNA, BEN].map(|id| scene.join(id).seat);
    for name in ["a", "b", "c", "d"] {
        scene.offer(anna, name, 1).unwrap();
    }
    assert!(matches!(scene.offer(anna, "e", 1), Err(Refusal::Limit(_))));
    scene.share(ben, "f", 50 * MB);
    // What is on its way counts.
    assert!(matches!(scene.offer(ben, "g", 50 * MB), Err(Refusal::Limit(_))));
    assert_eq!(told(&scene.room.file_failed(&id("a"))), ["end file"]);
    assert!(scene.offer(anna, "h", 50 * MB - 3).is_ok());
}

#[test]
fn what_is_not_begun_is_given_up() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    scene.offer(anna, "a", 1).unwrap();
    scene.offer(anna, "b", 1).unwrap();
    scene.room.file_arrives(&id("b")).unwrap();
    let due = scene.room.next_expiry().unwrap();
    scene.pass(Duration::from_secs(59));
    assert!(scene.room.expire(scene.now).is_empty());
    scene.pass(Duration::from_secs(1));
    assert_eq!(due, scene.now.instant);
    assert_eq!(told(&scene.room.expire(scene.now)), ["end file"]);
    assert_eq!(scene.room.next_expiry(), None);
    assert_eq!(scene.room.file_arrives(&id("a")), None);
    assert!(
        scene.room.file_arrived(&id("b"), scene.now).is_some(),
        "what began may take its time"
    );
}

#[test]
fn who_leaves_or_may_not_write_any_more_stops_sending_but_what_came_stays() {
    let (mut scene, [anna, ben, cleo]) = Scene::of_three();
    for (seat, name) in [(anna, "anna"), (ben, "ben"), (cleo, "cleo")] {
        scene.share(seat, &format!("{name}-came"), 1);
        scene.offer(seat, name, 1).unwrap();
        scene.room.file_arrives(&id(name)).unwrap();
    }
    let effects = scene.act(Actor::Peer(anna), Action::Remove(CLEO.to_owned())).unwrap();
    assert!(told(&effects).contains(&"end file".to_owned()), "{:?}", told(&effects));
    assert_eq!(scene.room.file_arrived(&id("cleo"), scene.now), None);
    assert!(scene.room.file(&id("cleo-came")).is_some());

    let effects = scene.set_files(PolicyChange {
        chat_enabled: Some(false),
        ..PolicyChange::default()
    });
    assert_eq!(told(&effects), ["room-policy to All", "end file"]);
    assert_eq!(scene.room.file_arrived(&id("ben"), scene.now), None);
    assert_eq!(scene.offer(ben, "b", 1), Err(Refusal::NotAllowed));
    assert!(scene.room.file_arrived(&id("anna"), scene.now).is_some(), "hosts may");
}

#[test]
fn a_lost_connection_stops_nothing_while_its_place_is_kept() {
    let mut scene = Scene::new();
    let anna = scene.join_resumable(ANNA, "t1").seat;
    scene.offer(anna, "a", 1).unwrap();
    scene.room.file_arrives(&id("a")).unwrap();
    assert!(!told(&scene.room.lose(anna, scene.now)).contains(&"end file".to_owned()));
    scene.resume("anna-again", "t1", None);
    let effects = scene.room.file_arrived(&id("a"), scene.now).unwrap();
    assert_eq!(events(&effects, "receive-message")[0]["socketId"], "anna-again");
}

#[test]
fn a_file_goes_when_its_message_is_forgotten() {
    let mut scene = Scene::new();
    let anna = scene.join(ANNA).seat;
    scene.share(anna, "a", 1);
    for number in 0..999 {
        scene.say(anna, &number.to_string(), "hello").unwrap();
    }
    assert!(scene.room.file(&id("a")).is_some());
    let effects = scene.say(anna, "one more", "hello").unwrap();
    assert_eq!(told(&effects), ["receive-message to All", "end file"]);
    assert_eq!((scene.room.file(&id("a")), scene.room.files()), (None, (0, 0)));
}
