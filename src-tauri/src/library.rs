//! What the owner does with recordings from the native window.

use std::path::Path;

use confab_server::recording::{ExportOptions, LibrarySettings};
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt;
use tokio::sync::oneshot;

use crate::{
    commands::{find_recording, sentence},
    host::Host,
    opening,
};

/// Lets putting together stand still, or go on.
#[tauri::command]
pub(crate) fn hold_composition(host: State<'_, Host>, held: bool) -> Result<(), String> {
    host.server()?.hold_composition(held);
    Ok(())
}

/// Gives up putting a recording together.
#[tauri::command]
pub(crate) fn cancel_composition(host: State<'_, Host>, recording: String) -> Result<(), String> {
    let server = host.server()?;
    let id = find_recording(&server, &recording)?.id;
    server.cancel_composition(id).map_err(sentence)
}

/// Makes one more file of a recording.
#[tauri::command]
pub(crate) fn export_recording(host: State<'_, Host>, recording: String, options: ExportOptions) -> Result<(), String> {
    let server = host.server()?;
    let id = find_recording(&server, &recording)?.id;
    server.export_recording(id, options).map_err(sentence)
}

/// Gives a recording a name; an empty one takes it away.
#[tauri::command]
pub(crate) fn rename_recording(host: State<'_, Host>, recording: String, title: &str) -> Result<(), String> {
    let server = host.server()?;
    let id = find_recording(&server, &recording)?.id;
    server.rename_recording(id, title).map_err(sentence)
}

/// Moves a recording to the bin.
#[tauri::command]
pub(crate) async fn delete_recording(host: State<'_, Host>, recording: String) -> Result<(), String> {
    let server = host.server()?;
    let id = find_recording(&server, &recording)?.id;
    server.delete_recording(id).await.map_err(sentence)
}

/// A still of a recording as a `data:` link, if there is one.
#[tauri::command]
pub(crate) async fn recording_still(host: State<'_, Host>, recording: String) -> Result<Option<String>, String> {
    let server = host.server()?;
    let id = find_recording(&server, &recording)?.id;
    Ok(server.recording_still(id).await)
}

/// Opens the folder with a recording's tracks.
#[tauri::command]
pub(crate) fn show_tracks(app: AppHandle, host: State<'_, Host>, recording: String) -> Result<(), String> {
    let recording = find_recording(&host.server()?, &recording)?;
    opening::open_path(&app, Path::new(&recording.folder))
}

/// Changes what is wanted of all recordings.
#[tauri::command]
pub(crate) async fn set_recordings(host: State<'_, Host>, settings: LibrarySettings) -> Result<(), String> {
    host.server()?.set_recordings(settings).await.map_err(sentence)
}

/// Asks for another folder for recordings.
#[tauri::command]
pub(crate) async fn choose_recordings_folder(app: AppHandle, host: State<'_, Host>) -> Result<(), String> {
    let server = host.server()?;
    let (chosen, choice) = oneshot::channel();
    let folder = server.snapshots().borrow().recordings_folder.clone();
    let dialog = app
        .dialog()
        .file()
        .set_title("Where recordings go")
        .set_directory(folder);
    dialog.pick_folder(move |folder| {
        let _ = chosen.send(folder); // the window may be closed by now
    });
    let Ok(Some(folder)) = choice.await else { return Ok(()) };
    let folder = folder.into_path().map_err(sentence)?;
    let settings = server.snapshots().borrow().recording_settings.clone();
    let settings = LibrarySettings {
        folder: Some(folder),
        ..settings
    };
    server.set_recordings(settings).await.map_err(sentence)
}
