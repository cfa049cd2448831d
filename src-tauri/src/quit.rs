//! Leaving: asks where people are meeting or a recording runs, then lets the server finish before the program ends.

use std::sync::atomic::{AtomicBool, Ordering};

use confab_server::snapshot::ServerSnapshot;
use tauri::{AppHandle, Manager};
use tauri_plugin_dialog::{DialogExt, MessageDialogButtons, MessageDialogKind};

use crate::{
    host::{self, Host, Phase},
    window,
};

/// Whether the question is on the screen.
#[derive(Debug, Default)]
pub(crate) struct Asking(AtomicBool);

/// What is lost by quitting now, as a question and the words on its button.
#[derive(Debug, PartialEq)]
struct Question {
    text: String,
    button: &'static str,
}

/// Quits, after asking where that ends something.
pub(crate) fn request(app: &AppHandle) {
    let host = app.state::<Host>();
    match host.phase() {
        Phase::Running(server) => match question(&server.snapshots().borrow()) {
            Some(question) => ask(app, question),
            None => finish(app),
        },
        Phase::Starting | Phase::Failed(_) => app.exit(0),
        Phase::Stopping => {}
    }
}

/// Lets the server finish its recordings and say goodbye, then ends the program. A second call ends it at once.
pub(crate) fn finish(app: &AppHandle) {
    match app.state::<Host>().phase() {
        Phase::Running(server) => {
            host::enter(app, Phase::Stopping);
            let app = app.clone();
            tauri::async_runtime::spawn(async move {
                server.stop().await;
                app.exit(0);
            });
        }
        Phase::Starting | Phase::Failed(_) | Phase::Stopping => app.exit(0),
    }
}

/// Ends the program, without asking, when the system or the terminal says so.
pub(crate) fn on_signals(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        loop {
            if let Err(error) = signal().await {
                tracing::warn!(%error, "signals cannot be heard: quit from the tray or the window");
                return;
            }
            finish(&app);
        }
    });
}

#[cfg(unix)]
async fn signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

fn ask(app: &AppHandle, question: Question) {
    let asking = &app.state::<Host>().quit.0;
    if asking.swap(true, Ordering::AcqRel) {
        return;
    }
    let buttons = MessageDialogButtons::OkCancelCustom(question.button.to_owned(), "Keep running".to_owned());
    let mut dialog = app
        .dialog()
        .message(question.text)
        .title("Quit Confab")
        .kind(MessageDialogKind::Warning)
        .buttons(buttons);
    if let Some(window) = app.get_webview_window(window::LABEL) {
        dialog = dialog.parent(&window);
    }
    let app = app.clone();
    dialog.show(move |is_confirmed| {
        app.state::<Host>().quit.0.store(false, Ordering::Release);
        if is_confirmed {
            finish(&app);
        }
    });
}

/// The question to ask, or none when nobody is there and nothing is recorded.
fn question(snapshot: &ServerSnapshot) -> Option<Question> {
    let meetings = snapshot.rooms.iter().filter(|room| !room.people.is_empty()).count();
    let people = snapshot.rooms.iter().map(|room| room.people.len()).sum();
    let recordings = snapshot.rooms.iter().filter(|room| room.recording.is_some()).count();
    ending(people, meetings, recordings)
}

fn ending(people: usize, meetings: usize, recordings: usize) -> Option<Question> {
    let who = match (people, meetings) {
        (0, _) => None,
        (1, _) => Some("1 person is in a meeting".to_owned()),
        (_, 1) => Some(format!("{people} people are in a meeting")),
        _ => Some(format!("{people} people are in {meetings} meetings")),
    };
    let what = match recordings {
        0 => None,
        1 => Some("a recording is running".to_owned()),
        _ => Some(format!("{recordings} recordings are running")),
    };
    let (end, button) = match recordings {
        0 => ("End it and quit?", "End and quit"),
        1 => ("Stop recording and quit?", "Stop and quit"),
        _ => ("Stop all of them and quit?", "Stop and quit"),
    };
    let end = if recordings == 0 && meetings > 1 {
        "End them and quit?"
    } else {
        end
    };
    let facts = match (who, what) {
        (None, None) => return None,
        (Some(who), Some(what)) => format!("{who} and {what}."),
        (Some(fact), None) => format!("{fact}."),
        (None, Some(what)) => format!("{}.", what.replacen("a recording", "A recording", 1)),
    };
    Some(Question {
        text: format!("{facts} {end}"),
        button,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(people: usize, meetings: usize, recordings: usize) -> String {
        ending(people, meetings, recordings)
            .map(|question| question.text)
            .unwrap_or_default()
    }

    #[test]
    fn an_empty_house_is_left_without_a_question() {
        assert_eq!(ending(0, 0, 0), None);
    }

    #[test]
    fn the_question_says_what_ends() {
        assert_eq!(text(1, 1, 0), "1 person is in a meeting. End it and quit?");
        assert_eq!(
            text(2, 1, 1),
            "2 people are in a meeting and a recording is running. Stop recording and quit?"
        );
        assert_eq!(text(5, 2, 0), "5 people are in 2 meetings. End them and quit?");
        assert_eq!(
            text(5, 2, 2),
            "5 people are in 2 meetings and 2 recordings are running. Stop all of them and quit?"
        );
        assert_eq!(text(0, 0, 1), "A recording is running. Stop recording and quit?");
        assert_eq!(text(0, 0, 2), "2 recordings are running. Stop all of them and quit?");
    }
}
