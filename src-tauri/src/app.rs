//! Puts the desktop program together: plugins, the state, the tray, the window, and what ends it.

use anyhow::Context;
use confab_server::config::Config;
use tauri::RunEvent;

use crate::{
    broadcasts, commands,
    host::{self, Host},
    hosting, knocks, library, quit, rooms, tray, window,
};

/// Runs until somebody quits. `in_tray` starts without opening the window.
///
/// # Errors
/// When the display or the web view cannot be used. A server that cannot start is no error here: the window says why.
pub(crate) fn run(config: Config, in_tray: bool) -> anyhow::Result<()> {
    let app = tauri::Builder::default()
        // First, so that a second start ends before it has touched anything.
        .plugin(tauri_plugin_single_instance::init(|app, _arguments, _folder| {
            window::open(app)
        }))
        .plugin(tauri_plugin_opener::init())
        .plugin(tauri_plugin_clipboard_manager::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .manage(Host::new(config))
        .invoke_handler(tauri::generate_handler![
            commands::host_view,
            commands::retry_start,
            commands::start_recording,
            commands::stop_recording,
            commands::choose_address,
            commands::retry_composition,
            commands::open_recording,
            commands::show_recording_folder,
            commands::open_meeting_here,
            commands::copy_link,
            commands::qr_code,
            hosting::act_on_person,
            hosting::answer_knock,
            hosting::let_back_in,
            hosting::set_room_policy,
            hosting::copy_host_link,
            rooms::make_room,
            rooms::keep_room,
            rooms::rename_room,
            rooms::delete_room,
            rooms::set_room_door,
            rooms::copy_passcode,
            rooms::set_guests_may_make_rooms,
            library::hold_composition,
            library::cancel_composition,
            library::export_recording,
            library::rename_recording,
            library::delete_recording,
            library::recording_still,
            library::show_tracks,
            library::set_recordings,
            library::choose_recordings_folder,
            broadcasts::start_broadcast,
            broadcasts::stop_broadcast,
            broadcasts::forget_broadcast,
            commands::quit,
        ])
        .setup(move |app| {
            let app = app.handle();
            tray::start(app);
            knocks::listen(app);
            quit::on_signals(app);
            host::start_server(app);
            if !in_tray || !tray::is_there(app) {
                window::open(app);
            }
            Ok(())
        })
        .build(tauri::generate_context!())
        .context("the window system refused")?;
    app.run(|app, event| match event {
        // The last window is gone, which is no reason to go as long as there is a tray.
        RunEvent::ExitRequested { code: None, api, .. } if tray::is_there(app) => api.prevent_exit(),
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::open(app),
        _ => {}
    });
    Ok(())
}
