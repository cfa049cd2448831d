//! The buttons of the native window. Each answers with nothing or with one sentence for a person.
//!
//! Only the window named in `src-tauri/capabilities` reaches them.

use std::{net::IpAddr, path::Path};

use confab_server::{
    Server,
    network::links,
    recording::{RecordingId, RecordingSnapshot},
    snapshot::ServerSnapshot,
    wire::RoomId,
};
use tauri::{AppHandle, Manager, State};
use tauri_plugin_clipboard_manager::ClipboardExt;

use crate::{
    host::{self, Host, Phase},
    opening, quit,
    view::{self, HostView},
};

/// The state of the window, for its first paint.
#[tauri::command]
pub(crate) fn host_view(app: AppHandle) -> HostView {
    view::current(&app)
}

/// Tries again to start the server after it failed.
#[tauri::command]
pub(crate) fn retry_start(app: AppHandle, host: State<'_, Host>) {
    if matches!(host.phase(), Phase::Failed(_)) {
        host::start_server(&app);
    }
}

/// Starts recording a room.
#[tauri::command]
pub(crate) async fn start_recording(host: State<'_, Host>, room: String) -> Result<(), String> {
    let room = parse_room(&room)?;
    host.server()?.start_recording(&room).await.map(drop).map_err(sentence)
}

/// Stops recording a room.
#[tauri::command]
pub(crate) async fn stop_recording(host: State<'_, Host>, room: String) -> Result<(), String> {
    let room = parse_room(&room)?;
    host.server()?.stop_recording(&room).await.map(drop).map_err(sentence)
}

/// Chooses the address of the join link; none leaves the choice to Confab.
#[tauri::command]
pub(crate) fn choose_address(host: State<'_, Host>, address: Option<String>) -> Result<(), String> {
    let address = address
        .map(|text| {
            text.parse::<IpAddr>()
                .map_err(|_| format!("{text} is not an address of this computer."))
        })
        .transpose()?;
    host.server()?.choose_address(address).map_err(sentence)
}

/// Tries again to put a recording's tracks together into one file.
#[tauri::command]
pub(crate) fn retry_composition(host: State<'_, Host>, recording: String) -> Result<(), String> {
    let server = host.server()?;
    server
        .retry_composition(find_recording(&server, &recording)?.id)
        .map_err(sentence)
}

/// Plays a recording in the program that the system has for it.
#[tauri::command]
pub(crate) fn open_recording(app: AppHandle, host: State<'_, Host>, recording: String) -> Result<(), String> {
    let recording = find_recording(&host.server()?, &recording)?;
    let file =
        opening::file_of(&recording).ok_or("This recording is not one file yet. Its tracks are in its folder.")?;
    opening::open_path(&app, &file)
}

/// Opens a recording's folder at its file, or the folder of all recordings.
#[tauri::command]
pub(crate) fn show_recording_folder(
    app: AppHandle,
    host: State<'_, Host>,
    recording: Option<String>,
) -> Result<(), String> {
    let server = host.server()?;
    let Some(id) = recording else {
        let folder = server.snapshots().borrow().recordings_folder.clone();
        return match Path::new(&folder).exists() {
            true => opening::open_path(&app, Path::new(&folder)),
            false => Err(format!("Nothing is recorded yet. Recordings will be in {folder}.")),
        };
    };
    let recording = find_recording(&server, &id)?;
    match opening::file_of(&recording) {
        Some(file) => opening::reveal(&app, &file),
        None => opening::open_path(&app, Path::new(&recording.folder)),
    }
}

/// Opens a room's meeting page in this computer's default browser.
///
/// By `localhost`, which browsers trust without a certificate: no warning, and the camera works. The owner of the
/// machine comes as a host, with the room's key.
#[tauri::command]
pub(crate) fn open_meeting_here(app: AppHandle, host: State<'_, Host>, room: String) -> Result<(), String> {
    let room = parse_room(&room)?;
    let snapshot = host.server()?.snapshots().borrow().clone();
    opening::open_link(&app, &link_here(&snapshot, &room))
}

/// Copies a room's join link, or the default room's.
#[tauri::command]
pub(crate) fn copy_link(app: AppHandle, room: Option<String>) -> Result<(), String> {
    copy_link_of(&app, room.as_deref())
}

/// The QR code of a link, an SVG picture.
#[tauri::command]
pub(crate) fn qr_code(link: &str) -> Result<String, String> {
    links::qr_svg(link).map_err(sentence)
}

/// Quits, after asking where people are meeting or a recording runs.
#[tauri::command]
pub(crate) fn quit(app: AppHandle) {
    quit::request(&app);
}

/// Puts the join link of `room`, or of the default room, on the clipboard.
///
/// # Errors
/// A sentence for a person, with the link in it where the clipboard is at fault.
pub(crate) fn copy_link_of(app: &AppHandle, room: Option<&str>) -> Result<(), String> {
    let snapshot = app.state::<Host>().server()?.snapshots().borrow().clone();
    let link = room
        .and_then(|id| snapshot.rooms.iter().find(|room| room.id == id))
        .map_or_else(|| snapshot.link.clone(), |room| room.link.clone());
    copy(app, &link)
}

/// Puts a link or a passcode on the clipboard.
///
/// # Errors
/// A sentence for a person, with the text in it to be copied by hand.
pub(crate) fn copy(app: &AppHandle, text: &str) -> Result<(), String> {
    app.clipboard().write_text(text).map_err(|error| {
        tracing::warn!(%error, "the clipboard takes no text");
        format!("The clipboard cannot be used. Copy this by hand: {text}")
    })
}

/// The room's link for this computer, with the host's key after the `#`.
fn link_here(snapshot: &ServerSnapshot, room: &RoomId) -> String {
    let made = snapshot.rooms.iter().find(|made| made.id == room.as_str());
    let key = made.and_then(|made| made.host_link.split_once('#'));
    let fragment = key.map(|(_, key)| format!("#{key}")).unwrap_or_default();
    format!("http://localhost:{}/r/{room}{fragment}", snapshot.port)
}

/// A room's name as the window sends it.
///
/// # Errors
/// A sentence for a person.
pub(crate) fn parse_room(room: &str) -> Result<RoomId, String> {
    room.parse::<RoomId>().map_err(sentence)
}

pub(crate) fn find_recording(server: &Server, id: &str) -> Result<RecordingSnapshot, String> {
    let snapshot = server.snapshots().borrow().clone();
    let id = id.parse::<RecordingId>().ok();
    let found = snapshot
        .recordings
        .iter()
        .find(|recording| Some(recording.id) == id)
        .cloned();
    found.ok_or_else(|| "This recording is no longer there.".to_owned())
}

/// An error's own words, which are a sentence for a person.
pub(crate) fn sentence(error: impl std::fmt::Display) -> String {
    error.to_string()
}
