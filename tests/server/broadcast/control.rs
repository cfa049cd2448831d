//! The owner of the machine starts and stops broadcasts, everybody knows, and the key stays a secret.

use confab_server::broadcast::{BroadcastState, Target};
use confab_server::snapshot::RoomSnapshot;
use serde_json::json;

use super::station::{KEY, Station};
use super::{SMALL, is_live};
use crate::house::House;

fn is_live_in(room: Option<RoomSnapshot>) -> bool {
    let broadcast = room.and_then(|room| room.broadcast);
    broadcast.is_some_and(|broadcast| is_live(&broadcast.state))
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_knows_of_a_broadcast_from_its_start_to_its_end() {
    let (house, station) = (House::open().await, Station::open().await);
    let room = "shown".parse().unwrap();
    let too_early = house.server.start_broadcast(&room, Some(station.target()), SMALL).await;
    assert!(
        too_early
            .unwrap_err()
            .to_string()
            .contains("Nobody is in this room yet")
    );

    let anna = house.guest_in("shown").await;
    house
        .server
        .start_broadcast(&room, Some(station.target()), SMALL)
        .await
        .unwrap();
    let told = anna.hear("broadcast-started", |told| told["roomId"] == "shown").await;
    let mut ben = house.guest().await;
    let joined = ben.enter("shown").await;
    assert_eq!(joined["broadcast"], json!({ "startedAt": told["startedAt"] }));
    assert_eq!(ben.hear("broadcast-started", |_| true).await, told);
    house.until(|_| is_live_in(house.room("shown"))).await;
    let again = house.server.start_broadcast(&room, Some(station.target()), SMALL).await;
    assert!(again.unwrap_err().to_string().contains("already"));
    assert_eq!(house.figures().await["confab_broadcasts{state=\"live\"}"], 1.0);

    let snapshot = house.server.snapshots().borrow().clone();
    let shown = serde_json::to_string(&*snapshot).unwrap();
    assert!(shown.contains("/live/••••") && !shown.contains(KEY), "{shown}");
    assert!(!anna.all_heard().contains("rtmp"), "guests do not learn where it goes");

    house.server.stop_broadcast(&room).await.unwrap();
    anna.hear("broadcast-stopped", |told| told["roomId"] == "shown").await;
    house
        .until(|_| house.room("shown").is_some_and(|room| room.broadcast.is_none()))
        .await;
    assert!(house.server.stop_broadcast(&room).await.is_err());
    house.close().await;
    assert_eq!(station.kept().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_that_ends_takes_its_broadcast_with_it() {
    let (house, station) = (House::open().await, Station::open().await);
    let anna = house.guest_in("brief").await;
    let held = {
        let room = "brief".parse().unwrap();
        let held = house.held().await;
        house
            .server
            .start_broadcast(&room, Some(station.target()), SMALL)
            .await
            .unwrap();
        held
    };
    house.until(|_| is_live_in(house.room("brief"))).await;
    assert!(house.held().await.len() > held.len(), "it is a member of the room");
    anna.get("leave-room", json!({})).await;
    house.until_rooms(0).await;
    house.until_routers(0).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_failed_is_shown_until_it_is_taken_away_and_a_kept_place_is_used_again() {
    let (house, station) = (House::open().await, Station::open().await);
    let room = "meeting".parse().unwrap();
    let anna = house.guest_in("meeting").await;
    let nowhere = house.server.start_broadcast(&room, None, SMALL).await;
    assert!(nowhere.unwrap_err().to_string().contains("enter the address"));
    let closed = Target::parse(&station.address("closed"), KEY).unwrap();
    house.server.start_broadcast(&room, Some(closed), SMALL).await.unwrap();
    anna.hear("broadcast-stopped", |_| true).await;
    let has_failed = |room: RoomSnapshot| {
        let state = room.broadcast.map(|broadcast| broadcast.state);
        matches!(state, Some(BroadcastState::Failed { reason }) if reason.contains("stream key"))
    };
    house.until(|_| house.room("meeting").is_some_and(has_failed)).await;
    house.server.stop_broadcast(&room).await.unwrap();

    house
        .server
        .keep_broadcast_target(&room, Some(station.target()))
        .await
        .unwrap();
    drop(anna);
    let house = house.reopen(|_| ()).await;
    let kept = house.room("meeting").unwrap().broadcast_kept.unwrap();
    assert!(kept.ends_with("/live/••••"), "{kept}");
    let _anna = house.guest_in("meeting").await;
    house.server.start_broadcast(&room, None, SMALL).await.unwrap();
    house.until(|_| is_live_in(house.room("meeting"))).await;
    house.close().await;
}
