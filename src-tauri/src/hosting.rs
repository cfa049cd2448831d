//! What the owner of the machine does in a room from the native window, as its hosts do from their pages.

use confab_server::{
    meeting::CommandError,
    room::{Action, MediaKind, Role},
    wire::{Refusal, SetRoomPolicy, Waiting},
};
use serde::Deserialize;
use tauri::{AppHandle, State};

use crate::{
    commands::{self, parse_room, sentence},
    host::Host,
};

/// What is done to a person, by the names of `ui/src/shared/deeds.ts`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Deed {
    Mute,
    Unmute,
    CameraOff,
    CameraOn,
    StopScreen,
    LowerHand,
    MakeHost,
    RemoveHost,
    MakeCohost,
    RemoveCohost,
    Remove,
}

/// Does something to a person, who is named by peer id.
#[tauri::command]
pub(crate) async fn act_on_person(
    host: State<'_, Host>,
    room: String,
    person: String,
    deed: Deed,
) -> Result<(), String> {
    act(&host, &room, deed.to(person)).await
}

/// Lets somebody in who waits at the door, or turns them away.
#[tauri::command]
pub(crate) async fn answer_knock(host: State<'_, Host>, room: String, who: Waiting, admit: bool) -> Result<(), String> {
    let action = if admit {
        Action::Admit(who)
    } else {
        Action::TurnAway(who)
    };
    act(&host, &room, action).await
}

/// Lets somebody back in who was removed, by the removal's id.
#[tauri::command]
pub(crate) async fn let_back_in(host: State<'_, Host>, room: String, removal: u64) -> Result<(), String> {
    act(&host, &room, Action::LetBackIn(removal)).await
}

/// Changes what a room allows, in the shape in which hosts send it.
#[tauri::command]
pub(crate) async fn set_room_policy(host: State<'_, Host>, change: SetRoomPolicy) -> Result<(), String> {
    let room = change.room_id.to_string();
    act(&host, &room, change.into()).await
}

/// Copies the link that makes a host of whoever opens it.
#[tauri::command]
pub(crate) fn copy_host_link(app: AppHandle, host: State<'_, Host>, room: String) -> Result<(), String> {
    let snapshot = host.server()?.snapshots().borrow().clone();
    let made = snapshot.rooms.iter().find(|made| made.id == room);
    let made = made.ok_or("This room is not open any more.")?;
    commands::copy(&app, &made.host_link)
}

async fn act(host: &Host, room: &str, action: Action) -> Result<(), String> {
    let room = parse_room(room)?;
    host.server()?.act(&room, action).await.map_err(|error| match error {
        CommandError::Refused(Refusal::ParticipantNotFound) => "They are no longer there.".to_owned(),
        other => sentence(other),
    })
}

impl Deed {
    fn to(self, person: String) -> Action {
        let hold = |target, kind, held| Action::Hold { target, kind, held };
        match self {
            Self::Mute => hold(person, MediaKind::Audio, true),
            Self::Unmute => hold(person, MediaKind::Audio, false),
            Self::CameraOff => hold(person, MediaKind::Video, true),
            Self::CameraOn => hold(person, MediaKind::Video, false),
            Self::StopScreen => Action::StopScreenShare(person),
            Self::LowerHand => Action::LowerHand(person),
            Self::MakeHost => Action::Grant(person, Role::Host),
            Self::RemoveHost => Action::Revoke(person, Role::Host),
            Self::MakeCohost => Action::Grant(person, Role::CoHost),
            Self::RemoveCohost => Action::Revoke(person, Role::CoHost),
            Self::Remove => Action::Remove(person),
        }
    }
}
