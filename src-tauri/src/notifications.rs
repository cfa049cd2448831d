//! Desktop notifications: what somebody wants to hear about while the window is closed.

use confab_server::{recording::RecordingState, snapshot::ServerSnapshot};
use tauri::{AppHandle, Manager};
use tauri_plugin_notification::NotificationExt;

use crate::window;

/// Shows a notification. A desktop that takes none costs only the notification.
pub(crate) fn say(app: &AppHandle, title: &str, body: &str) {
    if let Err(error) = app.notification().builder().title(title).body(body).show() {
        tracing::debug!(%error, "this desktop shows no notifications");
    }
}

/// Whether somebody has the window in front of them.
pub(crate) fn is_looking(app: &AppHandle) -> bool {
    app.get_webview_window(window::LABEL)
        .is_some_and(|window| window.is_focused().unwrap_or(false))
}

/// Tells what became of recordings between two snapshots, unless the window is there to be looked at.
pub(crate) fn announce(app: &AppHandle, before: &ServerSnapshot, now: &ServerSnapshot) {
    if !is_looking(app) {
        for (title, body) in news(before, now) {
            say(app, title, &body);
        }
    }
}

/// Titles and texts for the recordings that came to an end, well or not.
fn news(before: &ServerSnapshot, now: &ServerSnapshot) -> Vec<(&'static str, String)> {
    let moved_on = now.recordings.iter().filter_map(|recording| {
        let earlier = before.recordings.iter().find(|other| other.id == recording.id)?;
        (earlier.state != recording.state).then_some((earlier.state, recording))
    });
    moved_on
        .filter_map(|(earlier, recording)| {
            let (title, otherwise) = match recording.state {
                RecordingState::Ready => ("The recording is ready", format!("Room {}", recording.room_id)),
                RecordingState::TracksOnly => (
                    "The recording is in separate files",
                    format!("Each person of room {} has their own.", recording.room_id),
                ),
                RecordingState::Failed => (
                    "The recording failed",
                    format!("Open Confab to see what happened in room {}.", recording.room_id),
                ),
                // What is to be said of it at its end is why it ended, or what it lacks.
                _ if earlier == RecordingState::Recording => {
                    let message = recording.message.clone()?;
                    return Some(("The recording has a problem", message));
                }
                RecordingState::Recording | RecordingState::Waiting | RecordingState::Composing => return None,
            };
            Some((title, recording.message.clone().unwrap_or(otherwise)))
        })
        .collect()
}
