//! The tray icon and its menu, rebuilt only when something that they show has changed.
//!
//! On Linux a left click opens the menu and nothing else, so nothing depends on click events.

use std::sync::{Mutex, PoisonError};

use tauri::{
    AppHandle, Manager, Wry,
    image::Image,
    include_image,
    menu::{IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu},
    tray::{TrayIcon, TrayIconBuilder},
};

use crate::{
    commands,
    host::{Host, Phase},
    notifications, quit,
    tray_menu::{Action, TrayView},
    window,
};

const IDLE: Image<'_> = include_image!("assets/tray/idle.png");
const RECORDING: Image<'_> = include_image!("assets/tray/recording.png");

/// The tray, as it is shown.
struct Tray {
    icon: TrayIcon,
    shown: Mutex<TrayView>,
}

/// Puts the icon into the tray. Where that is impossible the window says so, and the program goes on without.
pub(crate) fn start(app: &AppHandle) {
    let made = match missing_library() {
        Some(sentence) => Err(sentence),
        None => make(app).map_err(|error| {
            tracing::warn!(%error, "no tray");
            "The tray icon cannot be shown on this desktop. Closing the window quits Confab.".to_owned()
        }),
    };
    match made {
        Ok(tray) => {
            app.manage(tray);
        }
        Err(sentence) => {
            eprintln!("{sentence}");
            app.state::<Host>().add_notice(sentence);
        }
    }
}

/// Whether there is a tray icon to come back from.
pub(crate) fn is_there(app: &AppHandle) -> bool {
    app.try_state::<Tray>().is_some()
}

/// Shows the state of the server, from the main thread: menus are made there, so whoever held the lock elsewhere would
/// wait for a thread that waits for the lock.
pub(crate) fn update(app: &AppHandle) {
    let handle = app.clone();
    if let Err(error) = app.run_on_main_thread(move || update_here(&handle)) {
        tracing::debug!(%error, "no tray to bring up to date: the program ends");
    }
}

fn update_here(app: &AppHandle) {
    let Some(tray) = app.try_state::<Tray>() else { return };
    let now = view(app);
    let mut shown = tray.shown.lock().unwrap_or_else(PoisonError::into_inner);
    if *shown == now {
        return;
    }
    if let Err(error) = apply(app, &tray.icon, &shown, &now) {
        tracing::warn!(%error, "the tray could not be brought up to date");
    }
    *shown = now;
}

fn view(app: &AppHandle) -> TrayView {
    match app.state::<Host>().phase() {
        Phase::Running(server) => TrayView::of(&server.snapshots().borrow()),
        Phase::Starting => TrayView::without_server("Confab is starting"),
        Phase::Failed(_) => TrayView::without_server("Confab could not start"),
        Phase::Stopping => TrayView::without_server("Confab is finishing"),
    }
}

fn make(app: &AppHandle) -> tauri::Result<Tray> {
    let shown = view(app);
    let icon = TrayIconBuilder::with_id("confab")
        .icon(IDLE)
        .icon_as_template(true)
        .tooltip(&shown.status)
        .menu(&menu(app, &shown)?)
        .on_menu_event(|app, event| {
            if let Some(action) = Action::of(event.id().as_ref()) {
                perform(app, action);
            }
        })
        .build(app)?;
    Ok(Tray {
        icon,
        shown: Mutex::new(shown),
    })
}

fn apply(app: &AppHandle, icon: &TrayIcon, before: &TrayView, now: &TrayView) -> tauri::Result<()> {
    if before.is_recording != now.is_recording {
        // Template images are one colour by the system's choice (macOS): the red of recording must not be one.
        icon.set_icon_with_as_template(Some(if now.is_recording { RECORDING } else { IDLE }), !now.is_recording)?;
    }
    icon.set_tooltip(Some(&now.status))?;
    icon.set_menu(Some(menu(app, now)?))
}

fn menu(app: &AppHandle, view: &TrayView) -> tauri::Result<Menu<Wry>> {
    let entry = |action: Action, text: &str, enabled| MenuItem::with_id(app, action.id(), text, enabled, None::<&str>);
    let line = || PredefinedMenuItem::separator(app);

    let menu = Menu::new(app)?;
    menu.append_items(&[&MenuItem::with_id(app, "status", &view.status, false, None::<&str>)?])?;
    if let Some(composing) = &view.composing {
        menu.append(&MenuItem::with_id(app, "composing", composing, false, None::<&str>)?)?;
    }
    menu.append_items(&[
        &line()?,
        &entry(Action::Open, "Open Confab", true)?,
        &entry(Action::CopyLink, "Copy join link", view.has_link)?,
        &entry(Action::ShowQr, "Show QR code", view.has_link)?,
    ])?;
    if !view.rooms.is_empty() {
        let entries = view.rooms.iter().map(|room| entry(room.action(), &room.label(), true));
        let entries = entries.collect::<tauri::Result<Vec<_>>>()?;
        let entries: Vec<&dyn IsMenuItem<Wry>> = entries.iter().map(|entry| entry as &dyn IsMenuItem<Wry>).collect();
        menu.append(&line()?)?;
        if view.has_submenu() {
            menu.append(&Submenu::with_items(app, "Recording", true, &entries)?)?;
        } else {
            menu.append_items(&entries)?;
        }
    }
    menu.append_items(&[&line()?, &entry(Action::Quit, "Quit Confab", true)?])?;
    Ok(menu)
}

fn perform(app: &AppHandle, action: Action) {
    match action {
        Action::Open => window::open(app),
        Action::ShowQr => window::open_at_qr(app),
        Action::Quit => quit::request(app),
        Action::CopyLink => match commands::copy_link_of(app, None) {
            Ok(()) => notifications::say(
                app,
                "The join link is copied",
                "Paste it into a message to your guests.",
            ),
            Err(sentence) => notifications::say(app, "The join link is not copied", &sentence),
        },
        Action::StartRecording(room) => {
            let app = app.clone();
            tauri::async_runtime::spawn(async move {
                if let Err(sentence) = commands::start_recording(app.state::<Host>(), room).await {
                    notifications::say(&app, "Recording did not start", &sentence);
                }
            });
        }
        Action::StopRecording(room) => {
            let app = app.clone();
            tauri::async_runtime::spawn(async move {
                if let Err(sentence) = commands::stop_recording(app.state::<Host>(), room).await {
                    notifications::say(&app, "Recording did not stop", &sentence);
                }
            });
        }
    }
}

/// The sentence to show where the tray's library is missing: the crate below the tray panics without it.
#[cfg(target_os = "linux")]
fn missing_library() -> Option<String> {
    const LIBRARIES: [&str; 2] = ["libayatana-appindicator3.so.1", "libappindicator3.so.1"];
    #[expect(
        unsafe_code,
        reason = "loading a library runs its initialisers; the tray would load the same one next"
    )]
    let is_there = LIBRARIES
        .iter()
        .any(|library| unsafe { libloading::Library::new(library) }.is_ok());
    (!is_there).then(|| {
        "There is no tray icon because libayatana-appindicator3 is missing (on Debian: apt install \
         libayatana-appindicator3-1). Closing the window quits Confab."
            .to_owned()
    })
}

#[cfg(not(target_os = "linux"))]
fn missing_library() -> Option<String> {
    None
}
