//! The rooms as the native window has them: made ahead, named, given a door, kept and deleted.

use confab_server::{
    kept::RoomPlan,
    room::DoorChange,
    wire::{DoorKind, Secret},
};
use serde::Deserialize;
use tauri::{AppHandle, State};

use crate::{
    commands::{self, parse_room, sentence},
    host::Host,
};

/// A change of a door as the window sends it; what is left out stays.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Door {
    door: Option<DoorKind>,
    passcode: Option<Secret>,
    max_people: Option<u32>,
}

/// Makes a room ahead; answers with its id, which is made of the name.
#[tauri::command]
pub(crate) async fn make_room(host: State<'_, Host>, name: String, door: Door) -> Result<String, String> {
    let plan = RoomPlan {
        id: None,
        name: Some(name),
        door: door.into(),
    };
    let made = host.server()?.make_room(plan).await.map_err(sentence)?;
    Ok(made.to_string())
}

/// Makes an open room stay when its last person leaves.
#[tauri::command]
pub(crate) async fn keep_room(host: State<'_, Host>, room: String) -> Result<(), String> {
    let plan = RoomPlan {
        id: Some(parse_room(&room)?),
        name: None,
        door: Door::default().into(),
    };
    host.server()?.make_room(plan).await.map(drop).map_err(sentence)
}

/// Gives a kept room another name, or none.
#[tauri::command]
pub(crate) async fn rename_room(host: State<'_, Host>, room: String, name: Option<String>) -> Result<(), String> {
    let room = parse_room(&room)?;
    host.server()?.rename_room(&room, name).await.map_err(sentence)
}

/// Keeps a room no longer.
#[tauri::command]
pub(crate) async fn delete_room(host: State<'_, Host>, room: String) -> Result<(), String> {
    let room = parse_room(&room)?;
    host.server()?.delete_room(&room).await.map_err(sentence)
}

/// Says who may come into a room.
#[tauri::command]
pub(crate) async fn set_room_door(host: State<'_, Host>, room: String, change: Door) -> Result<(), String> {
    let room = parse_room(&room)?;
    host.server()?.set_door(&room, change.into()).await.map_err(sentence)
}

/// Copies a room's passcode.
#[tauri::command]
pub(crate) fn copy_passcode(app: AppHandle, host: State<'_, Host>, room: String) -> Result<(), String> {
    let snapshot = host.server()?.snapshots().borrow().clone();
    let made = snapshot.rooms.iter().find(|made| made.id == room);
    let passcode = made.and_then(|made| made.passcode.as_deref());
    commands::copy(&app, passcode.ok_or("This room has no passcode.")?)
}

/// Says whether a room comes to be when a guest opens a link with its name.
#[tauri::command]
pub(crate) async fn set_guests_may_make_rooms(host: State<'_, Host>, allowed: bool) -> Result<(), String> {
    host.server()?
        .set_guests_may_make_rooms(allowed)
        .await
        .map_err(sentence)
}

impl From<Door> for DoorChange {
    fn from(door: Door) -> Self {
        Self {
            kind: door.door,
            passcode: door.passcode,
            max_people: door.max_people,
        }
    }
}
