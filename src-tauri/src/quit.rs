//! Leaving: asks where people are meeting or a recording runs, then lets the server finish before the program ends.

use std::sync::atomic::{AtomicBool, Ordering};

use confab_server::{
    recording::{RecordingSnapshot, RecordingState},
    snapshot::ServerSnapshot,
};
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

/// The question to ask, or none when nobody is there, nothing is recorded and no recording is on its way to a file.
fn question(snapshot: &ServerSnapshot) -> Option<Question> {
    let is_unfinished =
        |recording: &&RecordingSnapshot| matches!(recording.state, RecordingState::Waiting | RecordingState::Composing);
    ending(&Ending {
        people: snapshot.rooms.iter().map(|room| room.people.len()).sum(),
        meetings: snapshot.rooms.iter().filter(|room| !room.people.is_empty()).count(),
        recordings: snapshot.rooms.iter().filter(|room| room.recording.is_some()).count(),
        unfinished: snapshot.recordings.iter().filter(is_unfinished).count(),
    })
}

/// What goes on that quitting would end.
#[derive(Debug, Default)]
struct Ending {
    people: usize,
    /// Rooms with people in them.
    meetings: usize,
    /// Recordings that run.
    recordings: usize,
    /// Recordings that are put together into one file, or wait for that.
    unfinished: usize,
}

fn ending(ending: &Ending) -> Option<Question> {
    let who = match (ending.people, ending.meetings) {
        (0, _) => None,
        (1, _) => Some("1 person is in a meeting".to_owned()),
        (people, 1) => Some(format!("{people} people are in a meeting")),
        (people, meetings) => Some(format!("{people} people are in {meetings} meetings")),
    };
    let what = match ending.recordings {
        0 => None,
        1 => Some("a recording is running".to_owned()),
        recordings => Some(format!("{recordings} recordings are running")),
    };
    let rest = match ending.unfinished {
        0 => None,
        1 => Some("a recording is still being put together".to_owned()),
        unfinished => Some(format!("{unfinished} recordings are still being put together")),
    };
    let facts: Vec<String> = [who, what, rest].into_iter().flatten().collect();
    let (last, others) = facts.split_last()?;
    let facts = match others {
        [] => capitalised(last),
        others => format!("{} and {last}", capitalised(&others.join(", "))),
    };
    let later = match ending.recordings + ending.unfinished {
        0 => "",
        1 => " It becomes one file when Confab is next started.",
        _ => " They become one file each when Confab is next started.",
    };
    let (end, button) = match (ending.recordings, ending.meetings) {
        (0, 0) => ("Quit now?", "Quit"),
        (0, 1) => ("End the meeting and quit?", "End and quit"),
        (0, _) => ("End the meetings and quit?", "End and quit"),
        (1, _) => ("Stop recording and quit?", "Stop and quit"),
        _ => ("Stop all of them and quit?", "Stop and quit"),
    };
    Some(Question {
        text: format!("{facts}.{later} {end}"),
        button,
    })
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(people: usize, meetings: usize, recordings: usize, unfinished: usize) -> String {
        let ending_now = Ending {
            people,
            meetings,
            recordings,
            unfinished,
        };
        ending(&ending_now).map(|question| question.text).unwrap_or_default()
    }

    #[test]
    fn an_empty_house_is_left_without_a_question() {
        assert_eq!(ending(&Ending::default()), None);
    }

    #[test]
    fn the_question_says_what_ends() {
        assert_eq!(text(1, 1, 0, 0), "1 person is in a meeting. End the meeting and quit?");
        assert_eq!(
            text(5, 2, 0, 0),
            "5 people are in 2 meetings. End the meetings and quit?"
        );
        assert_eq!(
            text(2, 1, 1, 0),
            "2 people are in a meeting and a recording is running. It becomes one file when Confab is next started. \
             Stop recording and quit?"
        );
        assert_eq!(
            text(5, 2, 2, 0),
            "5 people are in 2 meetings and 2 recordings are running. They become one file each when Confab is next \
             started. Stop all of them and quit?"
        );
        assert_eq!(
            text(0, 0, 1, 0),
            "A recording is running. It becomes one file when Confab is next started. Stop recording and quit?"
        );
    }

    #[test]
    fn a_recording_on_its_way_to_a_file_is_asked_about_too() {
        assert_eq!(
            text(0, 0, 0, 1),
            "A recording is still being put together. It becomes one file when Confab is next started. Quit now?"
        );
        assert_eq!(
            text(3, 1, 1, 2),
            "3 people are in a meeting, a recording is running and 2 recordings are still being put together. They \
             become one file each when Confab is next started. Stop recording and quit?"
        );
        assert_eq!(
            text(1, 1, 0, 1),
            "1 person is in a meeting and a recording is still being put together. It becomes one file when Confab is \
             next started. End the meeting and quit?"
        );
    }
}
