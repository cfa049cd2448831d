//! The native window: made when somebody asks for it, destroyed when it is closed, because an idle web view holds
//! far more memory than the server does.

use tauri::{AppHandle, Emitter, Manager, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent};

use crate::{host::Host, notifications, quit, tray};

/// The label of the one window.
pub(crate) const LABEL: &str = "host";

/// The event that asks the open window to show the QR code large.
const SHOW_QR: &str = "show-qr";

/// The smallest size that the window can be given, in logical pixels.
const SMALLEST: (f64, f64) = (360.0, 480.0);

/// Opens the window, or brings the open one to the front.
pub(crate) fn open(app: &AppHandle) {
    open_at(app, "host.html");
}

/// Opens the window at the QR code.
pub(crate) fn open_at_qr(app: &AppHandle) {
    if app.get_webview_window(LABEL).is_some()
        && let Err(error) = app.emit_to(LABEL, SHOW_QR, ())
    {
        tracing::warn!(%error, "the window could not be asked to show the QR code");
    }
    open_at(app, "host.html#qr");
}

fn open_at(app: &AppHandle, page: &str) {
    let shown = match app.get_webview_window(LABEL) {
        Some(window) => raise(&window),
        None => make(app, page).and_then(|window| raise(&window)),
    };
    if let Err(error) = shown {
        tracing::error!(%error, "the window cannot be opened");
        notifications::say(
            app,
            "The window cannot be opened",
            &format!("{error}. Confab keeps running."),
        );
    }
}

fn raise(window: &WebviewWindow) -> tauri::Result<()> {
    window.unminimize()?;
    window.show()?;
    window.set_focus()
}

fn make(app: &AppHandle, page: &str) -> tauri::Result<WebviewWindow> {
    let size = app.state::<Host>().settings.window_size();
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App(page.into()))
        .title("Confab")
        .inner_size(size.width.max(SMALLEST.0), size.height.max(SMALLEST.1))
        .min_inner_size(SMALLEST.0, SMALLEST.1)
        .build()?;
    let handle = app.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { api, .. } = event {
            remember_size(&handle);
            if tray::is_there(&handle) {
                tell_where_it_went(&handle);
            } else {
                // Without a tray a closed window would leave a program that nobody can reach.
                api.prevent_close();
                quit::request(&handle);
            }
        }
    });
    Ok(window)
}

fn remember_size(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else {
        return;
    };
    if let (Ok(size), Ok(scale)) = (window.inner_size(), window.scale_factor()) {
        app.state::<Host>()
            .settings
            .remember_window_size(size.to_logical(scale));
    }
}

/// Says once, ever, that a closed window is not the end.
fn tell_where_it_went(app: &AppHandle) {
    if app.state::<Host>().settings.first_close() {
        notifications::say(
            app,
            "Confab keeps running",
            "Guests can still join. The tray icon opens the window again and quits Confab.",
        );
    }
}
