//! What is kept, what a broken file costs, and what the owner cannot do.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::wire::DoorKind;

fn room(text: &str) -> RoomId {
    text.parse().unwrap()
}

fn settings() -> KeptSettings {
    KeptSettings {
        default_room: room("meeting"),
        most_people: 500,
        guests_make_rooms: None,
    }
}

fn open(folder: &TempDir) -> Kept {
    Kept::open(folder.path(), settings(), Problems::default()).unwrap()
}

fn plan(id: &str) -> RoomPlan {
    RoomPlan {
        id: Some(room(id)),
        ..RoomPlan::default()
    }
}

fn nothing_open(_: &RoomId) -> Option<(Secret, Door)> {
    None
}

#[tokio::test]
async fn what_is_made_outlives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let kept = open(&folder);
    let planned = RoomPlan {
        id: None,
        name: Some(" Monday standup ".to_owned()),
        door: DoorChange {
            kind: Some(DoorKind::Passcode),
            passcode: Some(Secret::from("sesame")),
            max_people: Some(12),
        },
    };
    let id = kept.make(planned, nothing_open).await.unwrap();
    assert_eq!(id.as_str(), "monday-standup");
    let made = kept.room(&id).unwrap();
    assert_eq!(made.name.as_deref(), Some("Monday standup"));
    kept.set_guests_may_make_rooms(false).await.unwrap();

    let again = open(&folder);
    assert_eq!(again.rooms(), kept.rooms());
    assert_eq!(again.room(&id), Some(made));
    assert!(!again.guests_may_make_rooms());
    let default = again.room(&room("meeting")).expect("the default room is made ahead");
    assert_eq!(Some(default), kept.room(&room("meeting")));
}

#[tokio::test]
async fn doors_and_names_that_are_changed_and_rooms_that_are_deleted_stay_so() {
    let folder = tempfile::tempdir().unwrap();
    let kept = open(&folder);
    for id in ["one", "two"] {
        kept.make(plan(id), nothing_open).await.unwrap();
    }
    kept.rename(&room("one"), Some("The first".to_owned())).await.unwrap();
    let waiting = DoorChange {
        kind: Some(DoorKind::WaitingRoom),
        ..DoorChange::default()
    };
    kept.change_door(&room("one"), waiting.clone()).await.unwrap();
    // As the hosts of the room leave it.
    let door = Door::default().changed(waiting, 500).unwrap();
    kept.set_door(&room("meeting"), door.clone());
    kept.delete(&room("two")).await.unwrap();
    kept.write().await.unwrap();

    let again = open(&folder);
    assert_eq!(again.rooms(), kept.rooms());
    assert_eq!(again.room(&room("one")).unwrap().name.as_deref(), Some("The first"));
    assert_eq!(again.room(&room("one")).unwrap().door, door);
    assert_eq!(again.room(&room("meeting")).unwrap().door, door);
    assert!(!again.has(&room("two")));
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_for_its_owner_alone_and_nothing_is_left_beside_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let kept = open(&folder);
    kept.make(plan("one"), nothing_open).await.unwrap();
    let mode = fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_broken_file_is_put_aside_and_told_of() {
    let good = r#"{ "rooms": [{ "id": "a", "door": "DOOR", "hostKey": "KEY", "createdAt": 1 }] }"#;
    let key = "0123456789abcdef";
    let with = |door: &str, key: &str| good.replace("DOOR", door).replace("KEY", key);
    for broken in [
        String::new(),
        "[1, 2".to_owned(),
        good.replace("\"a\"", "\"a/b\""),
        with("ajar", key),
        // A door with a passcode without one.
        with("passcode", key),
        with("open", "short"),
        with("open", "0123456789abcdef#"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        for number in 1..3 {
            fs::write(folder.path().join(FILE), &broken).unwrap();
            let problems = Problems::default();
            let kept = Kept::open(folder.path(), settings(), problems.clone()).unwrap();
            assert_eq!(kept.rooms().len(), 1, "{broken}");
            let aside = folder.path().join(format!("{FILE}.broken-{number}"));
            assert_eq!(fs::read_to_string(&aside).unwrap(), broken);
            let [told] = &problems.sentences()[..] else {
                panic!("one sentence: {:?}", problems.sentences());
            };
            assert!(
                told.contains(&aside.display().to_string()) && !told.contains(key),
                "{told}"
            );
        }
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE), with("open", key)).unwrap();
    let problems = Problems::default();
    let kept = Kept::open(folder.path(), settings(), problems.clone()).unwrap();
    assert_eq!(kept.room(&room("a")).unwrap().host_key, Secret::from(key));
    assert!(problems.sentences().is_empty());
}

#[tokio::test]
async fn what_cannot_be_is_said_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let kept = open(&folder);
    kept.make(plan("one"), nothing_open).await.unwrap();
    let before = kept.rooms();
    let bad_door = RoomPlan {
        door: DoorChange {
            kind: Some(DoorKind::Passcode),
            ..DoorChange::default()
        },
        ..plan("two")
    };
    let refused = [
        kept.make(plan("one"), nothing_open).await.map(drop),
        kept.make(bad_door, nothing_open).await.map(drop),
        kept.rename(&room("nowhere"), None).await,
        kept.delete(&room("nowhere")).await,
        kept.delete(&room("meeting")).await,
    ];
    for outcome in refused {
        let told = outcome.unwrap_err().to_string();
        assert!(told.ends_with('.'), "{told}");
    }
    assert_eq!(kept.rooms(), before);
}

#[tokio::test]
async fn a_room_that_is_open_becomes_kept_with_its_key_unless_its_id_is_only_made() {
    let folder = tempfile::tempdir().unwrap();
    let kept = open(&folder);
    let key = Secret::from("the-key-that-its-host-has");
    let open_room = |id: &RoomId| (id.as_str() == "standup").then(|| (key.clone(), Door::default()));
    let by_name = RoomPlan {
        name: Some("Standup".to_owned()),
        ..RoomPlan::default()
    };
    assert_eq!(kept.make(by_name, open_room).await.unwrap(), room("standup-2"));
    assert_eq!(kept.make(plan("standup"), open_room).await.unwrap(), room("standup"));
    assert_eq!(kept.room(&room("standup")).unwrap().host_key, key);
    assert_ne!(kept.room(&room("standup-2")).unwrap().host_key, key);
}

#[tokio::test]
async fn what_was_said_at_the_start_outweighs_the_owners_switch() {
    let folder = tempfile::tempdir().unwrap();
    assert!(open(&folder).guests_may_make_rooms());
    open(&folder).set_guests_may_make_rooms(false).await.unwrap();
    for said in [true, false] {
        let settings = KeptSettings {
            guests_make_rooms: Some(said),
            ..settings()
        };
        let kept = Kept::open(folder.path(), settings, Problems::default()).unwrap();
        assert!(kept.is_fixed());
        assert_eq!(kept.guests_may_make_rooms(), said);
        let refused = kept.set_guests_may_make_rooms(!said).await.unwrap_err();
        assert!(refused.to_string().contains("--guests-make-rooms"));
    }
    assert!(!open(&folder).guests_may_make_rooms());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_disk_that_takes_nothing_is_a_problem_until_it_does() {
    let folder = tempfile::tempdir().unwrap();
    let problems = Problems::default();
    let kept = Kept::open(folder.path(), settings(), problems.clone()).unwrap();
    // A folder in its place: even who may write everywhere cannot put a file there.
    fs::remove_file(folder.path().join(FILE)).unwrap();
    fs::create_dir(folder.path().join(FILE)).unwrap();
    let told = kept.make(plan("one"), nothing_open).await.unwrap_err().to_string();
    assert!(told.contains(FILE), "{told}");
    assert_eq!(problems.sentences(), [told]);
    assert!(kept.has(&room("one")), "it lasts until Confab is closed");
    fs::remove_dir(folder.path().join(FILE)).unwrap();
    kept.write().await.unwrap();
    assert!(problems.sentences().is_empty());
    assert_eq!(open(&folder).rooms(), kept.rooms());
}

#[tokio::test]
async fn where_a_room_is_broadcast_to_outlives_a_restart_and_can_be_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let kept = open(&folder);
    let target = Target::parse("rtmp://live.example.org/app", "geheim").unwrap();
    // Also for a room that is not made ahead.
    kept.set_target(&room("made-up"), Some(target.clone())).await.unwrap();
    assert!(fs::read_to_string(folder.path().join(FILE)).unwrap().contains("geheim"));
    let again = open(&folder);
    assert_eq!(again.targets(), BTreeMap::from([(room("made-up"), target)]));
    again.set_target(&room("made-up"), None).await.unwrap();
    assert!(!fs::read_to_string(folder.path().join(FILE)).unwrap().contains("geheim"));
    assert!(open(&folder).targets().is_empty());
}

#[test]
fn a_broken_place_to_broadcast_to_is_a_broken_file() {
    let content = r#"{"broadcasts":[{"room":"meeting","address":"file:///x","key":"k"}]}"#;
    let reason = file::read(content.as_bytes(), 500).unwrap_err();
    assert!(reason.contains("the broadcast of the room meeting"), "{reason}");
}
