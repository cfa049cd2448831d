//! The native window: made when somebody asks for it, destroyed when it is closed, because an idle web view holds
//! far more memory than the server does.

use std::sync::PoisonError;

use tauri::{AppHandle, Emitter, Manager, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent};

use crate::{host::Host, notifications, quit, tray};

/// The label of the one window.
pub(crate) const LABEL: &str = "host";

/// The page, opened at the QR code.
const QR_PAGE: &str = "host.html#qr";

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
    open_at(app, QR_PAGE);
}

/// One at a time, or two that find no window would each make one; and never on the main thread, which has to be free
/// to make it.
fn open_at(app: &AppHandle, page: &'static str) {
    let app = app.clone();
    tauri::async_runtime::spawn_blocking(move || {
        let host = app.state::<Host>();
        let _one_at_a_time = host.opening.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = match app.get_webview_window(LABEL) {
            Some(window) => raise(&window).and_then(|()| match page {
                QR_PAGE => app.emit_to(LABEL, SHOW_QR, ()),
                _ => Ok(()),
            }),
            None => make(&app, page).and_then(|window| raise(&window)),
        };
        if let Err(error) = shown {
            tracing::error!(%error, "the window cannot be opened");
            let text = format!("{error}. Confab keeps running.");
            notifications::say(&app, "The window cannot be opened", &text);
        }
    });
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
