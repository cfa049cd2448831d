//! The owner of the machine steps in from outside the room, by the same way as its hosts, and alone has the host's link.

use confab_server::meeting::PersonView;
use confab_server::room::{Action, PolicyChange, Role};
use confab_server::snapshot::RoomSnapshot;
use mediasoup::prelude::MediaKind;
use serde_json::json;

use super::guest::Guest;
use super::house::{House, open_rooms};

/// The host's key, from the link that only the owner's window shows.
fn key_of(house: &House, room: &str) -> String {
    let snapshot = house.server.snapshots().borrow().clone();
    let room = snapshot.rooms.iter().find(|shown| shown.id == room).unwrap();
    let (link, key) = room.host_link.split_once("#host=").unwrap();
    assert_eq!(link, room.link);
    assert!(!snapshot.link.contains('#') && !room.link.contains('#'));
    key.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_steps_into_a_room_without_a_host() {
    let house = House::open().await;
    let room = "owned".parse().unwrap();
    let host = house.guest_in("owned").await;
    let ben = house.guest_in("owned").await;
    host.get("leave-room", json!({})).await;
    let sending = ben.transport("send").await;
    ben.produce(&sending, "audio", 1).await;
    let mute = Action::Hold {
        target: ben.id.clone(),
        kind: MediaKind::Audio,
        held: true,
    };
    house.server.act(&room, mute).await.unwrap();
    let told = ben.hear("force-mute", |_| true).await;
    assert_eq!(
        told,
        json!({ "audio": true, "locked": true, "by": "The host", "byId": null })
    );
    let mut snapshots = house.server.snapshots();
    let held = |person: &PersonView| person.is_audio_held && person.sends.iter().all(|stream| stream.paused);
    let ben_is_held = |room: &RoomSnapshot| room.people.iter().any(held);
    snapshots
        .wait_for(|snapshot| snapshot.rooms.iter().any(ben_is_held))
        .await
        .unwrap();

    let make_host = Action::Grant(ben.id.clone(), Role::Host);
    house.server.act(&room, make_host).await.unwrap();
    ben.hear("host-granted", |by| by["by"] == "The host").await;
    let lock = Action::SetPolicy(PolicyChange {
        locked: Some(true),
        ..PolicyChange::default()
    });
    house.server.act(&room, lock).await.unwrap();
    ben.hear("room-policy", |policy| policy["locked"] == true).await;

    let remove = Action::Remove(ben.id.clone());
    house.server.act(&room, remove.clone()).await.unwrap();
    ben.hear("kicked-from-room", |_| true).await;
    house.until_rooms(0).await;
    let refusal = house.server.act(&room, remove).await.unwrap_err();
    assert_eq!(refusal.to_string(), "This room is not open any more.");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_sees_whom_hosts_removed_and_lets_them_back_in() {
    let house = House::open().await;
    let room = "pardon".parse().unwrap();
    let anna = house.guest_in("pardon").await;
    let mut ben = house.guest_in("pardon").await;
    anna.get("remove-participant", json!({ "targetUserId": ben.id })).await;
    let mut snapshots = house.server.snapshots();
    let has_removed = |room: &RoomSnapshot| !room.removed.is_empty();
    let removed = snapshots.wait_for(|snapshot| snapshot.rooms.iter().any(has_removed));
    let id = open_rooms(&removed.await.unwrap()).next().unwrap().removed[0].id;
    let nobody = house.server.act(&room, Action::LetBackIn(id + 1)).await.unwrap_err();
    assert_eq!(nobody.to_string(), "Participant not found.");
    house.server.act(&room, Action::LetBackIn(id)).await.unwrap();
    ben.enter("pardon").await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_link_makes_a_host_and_is_told_to_nobody() {
    let house = House::open().await;
    let mut first = house.guest().await;
    let joined = first.enter("key").await;
    house.until_rooms(1).await;
    let key = key_of(&house, "key");
    let mut ben = house.guest().await;
    let wrong = json!({ "hostKey": key.to_lowercase() + "x", "isCreator": true });
    assert_eq!(ben.enter_with("key", wrong).await["isHost"], false);
    let mut host = house.guest().await;
    let answer = host.enter_with("key", json!({ "hostKey": key })).await;
    assert_eq!(answer["isHost"], true);
    host.get("set-hand", json!({ "raised": true })).await;
    host.get("set-room-policy", json!({ "locked": true })).await;
    host.get("make-host", json!({ "participantId": ben.id })).await;
    ben.hear("host-granted", |_| true).await;
    assert!(!joined.to_string().contains(&key) && !answer.to_string().contains(&key));
    for guest in [&first, &ben, &host] {
        assert!(!guest.all_heard().contains(&key));
    }
    // Each room has a key of its own.
    let _other: Guest = house.guest_in("another").await;
    house.until_rooms(2).await;
    assert_ne!(key_of(&house, "another"), key);
    house.close().await;
}
