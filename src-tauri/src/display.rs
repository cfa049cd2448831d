//! Is there a display to show a window on? Asked before Tauri is, which panics where there is none.

/// Whether a window can be opened. Must be called on the main thread, once, before anything else touches GTK.
#[cfg(target_os = "linux")]
pub(crate) fn is_available() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    // The variables first: GTK prints warnings of its own when it looks for a display that is not named at all.
    (is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")) && gtk::init().is_ok()
}

/// Whether a window can be opened: always, on systems that have no sessions without a display.
#[cfg(not(target_os = "linux"))]
pub(crate) fn is_available() -> bool {
    true
}
