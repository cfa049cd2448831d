//! What the native window is shown: the phase the server is in, with its snapshot while it runs.
//!
//! `ui/src/host/platform.ts` reads the same shape.

use std::sync::Arc;

use confab_server::snapshot::ServerSnapshot;
use serde::Serialize;
use tauri::{AppHandle, Emitter, Manager};

use crate::{
    host::{Host, Phase},
    window,
};

/// The event that carries a [`HostView`].
const EVENT: &str = "host-view";

/// The whole state of the window.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HostView {
    #[serde(flatten)]
    phase: PhaseView,
    /// Higher in a newer view: an event and the answer to a command can overtake each other.
    revision: u64,
    /// Sentences of the shell itself, such as a missing tray.
    notices: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(tag = "phase", rename_all = "camelCase")]
enum PhaseView {
    Starting,
    Failed { message: String },
    Running { snapshot: Arc<ServerSnapshot> },
    Stopping,
}

/// The state of the window now.
pub(crate) fn current(app: &AppHandle) -> HostView {
    let host = app.state::<Host>();
    let (revision, phase) = host.look();
    let phase = match phase {
        Phase::Starting => PhaseView::Starting,
        Phase::Failed(message) => PhaseView::Failed { message },
        Phase::Running(server) => PhaseView::Running {
            snapshot: server.snapshots().borrow().clone(),
        },
        Phase::Stopping => PhaseView::Stopping,
    };
    HostView {
        phase,
        revision,
        notices: host.notices(),
    }
}

/// Sends the state to the window, if there is one.
pub(crate) fn emit(app: &AppHandle) {
    if app.get_webview_window(window::LABEL).is_some()
        && let Err(error) = app.emit_to(window::LABEL, EVENT, current(app))
    {
        tracing::warn!(%error, "the window could not be brought up to date");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phase_is_a_tag_beside_the_notices() {
        let view = HostView {
            phase: PhaseView::Failed {
                message: "Port 8080 is taken.".to_owned(),
            },
            revision: 3,
            notices: vec!["No tray.".to_owned()],
        };
        let json = serde_json::to_value(view).unwrap();
        assert_eq!(
            json,
            serde_json::json!({ "phase": "failed", "message": "Port 8080 is taken.", "revision": 3, "notices": ["No tray."] })
        );
    }
}
