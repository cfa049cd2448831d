//! Notifications of those who knock: one for all who wait, with the answers on it where the desktop shows buttons.
//! Pressed elsewhere, it opens the window, as every notification does.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use confab_server::{snapshot::ServerSnapshot, wire::Waiting};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager};
use tauri_plugin_notification::{ActionPerformed, ActionType, NotificationExt};

use crate::{host::Host, hosting, notifications, window};

/// The id of the one notification of this kind, by which it is taken away.
const ID: i32 = 1;

/// The kinds of notification, by the buttons on them.
const ONE: &str = "one-knocks";
const SEVERAL: &str = "several-knock";

const LET_IN: &str = "let-in";
const TURN_AWAY: &str = "turn-away";

/// What the notification carries: whom its buttons are about.
const KNOCKS: &str = "knocks";

/// The least time between two of these notifications: a crowd at the door is told of together.
const PAUSE: Duration = Duration::from_secs(5);

/// A knock, by what its answer needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Knock {
    room: String,
    id: u64,
}

/// A knock in words: who, and where.
struct Words {
    name: String,
    room: String,
}

/// Who has been told of, and what is on the screen.
#[derive(Debug, Default)]
pub(crate) struct Knocks {
    told: BTreeSet<Knock>,
    shown: BTreeSet<Knock>,
    told_at: Option<Instant>,
}

/// What is to be done about the notification.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Nothing,
    Show,
    TakeAway,
}

/// Gives the notifications their buttons, and hears what is pressed on any of them.
pub(crate) fn listen(app: &AppHandle) {
    let button = |id, words| tauri_plugin_notification::Action::builder(id, words).build();
    let kind = |id, buttons| ActionType::builder(id).actions(buttons).build();
    let kinds = vec![
        kind(ONE, vec![button(LET_IN, "Let in"), button(TURN_AWAY, "Turn away")]),
        kind(SEVERAL, vec![button(LET_IN, "Let all in")]),
    ];
    let pressed = {
        let app = app.clone();
        move |pressed: &ActionPerformed| press(&app, pressed)
    };
    let notifications = app.notification();
    let prepared = notifications
        .register_action_types(kinds)
        .and_then(|()| notifications.on_action(pressed));
    if let Err(error) = prepared {
        tracing::debug!(%error, "notifications have no buttons here");
    }
}

impl Knocks {
    /// Follows who waits.
    pub(crate) fn follow(&mut self, app: &AppHandle, snapshot: &ServerSnapshot) {
        let waiting = snapshot
            .rooms
            .iter()
            .flat_map(|room| room.waiting.iter().map(move |person| (room, person)));
        let knocks = waiting.clone().map(|(room, person)| Knock {
            room: room.id.clone(),
            id: person.id,
        });
        let knocks: BTreeSet<Knock> = knocks.collect();
        match self.step(&knocks, notifications::is_looking(app), Instant::now()) {
            Step::Nothing => {}
            Step::Show => {
                let words = waiting.map(|(room, person)| Words {
                    name: person.name.clone(),
                    room: room.name.as_ref().unwrap_or(&room.id).clone(),
                });
                let (app, words) = (app.clone(), words.collect::<Vec<_>>());
                tauri::async_runtime::spawn_blocking(move || show(&app, &knocks, &words));
            }
            Step::TakeAway => {
                let app = app.clone();
                tauri::async_runtime::spawn_blocking(move || take_away(&app));
            }
        }
    }

    /// How long until somebody has to be told of who has not been yet, if nothing changes.
    pub(crate) fn due(&self, snapshot: &ServerSnapshot) -> Option<Duration> {
        let waiting = snapshot.rooms.iter().map(|room| room.waiting.len()).sum::<usize>();
        (waiting > self.told.len()).then(|| self.pause_left(Instant::now()))
    }

    fn step(&mut self, waiting: &BTreeSet<Knock>, is_looking: bool, now: Instant) -> Step {
        self.told.retain(|knock| waiting.contains(knock));
        if is_looking {
            // The window shows them.
            self.told.clone_from(waiting);
        }
        if self.told.len() < waiting.len() && self.pause_left(now).is_zero() {
            self.told.clone_from(waiting);
            self.shown.clone_from(waiting);
            self.told_at = Some(now);
            return Step::Show;
        }
        let is_answered = is_looking || self.shown.is_disjoint(waiting);
        if is_answered && !self.shown.is_empty() {
            self.shown.clear();
            return Step::TakeAway;
        }
        Step::Nothing
    }

    fn pause_left(&self, now: Instant) -> Duration {
        self.told_at.map_or(Duration::ZERO, |at| {
            PAUSE.saturating_sub(now.saturating_duration_since(at))
        })
    }
}

fn show(app: &AppHandle, knocks: &BTreeSet<Knock>, words: &[Words]) {
    take_away(app);
    let shown = app
        .notification()
        .builder()
        .id(ID)
        .title(title(words))
        .body(body(words))
        .action_type_id(if knocks.len() == 1 { ONE } else { SEVERAL })
        .extra(KNOCKS, knocks)
        .show();
    if let Err(error) = shown {
        tracing::debug!(%error, "this desktop shows no notifications");
    }
}

/// Waits for the desktop's answer, so it is for a thread that may.
fn take_away(app: &AppHandle) {
    if let Err(error) = app.notification().remove_active(vec![ID]) {
        tracing::debug!(%error, "this desktop takes no notification back");
    }
}

/// Who knocks, in a line.
fn title(words: &[Words]) -> String {
    match words {
        [] => String::new(),
        [one] => format!("{} asks to come in", one.name),
        [first, second] => format!("{} and {} ask to come in", first.name, second.name),
        [first, others @ ..] => format!("{} and {} others ask to come in", first.name, others.len()),
    }
}

/// Where they knock.
fn body(words: &[Words]) -> String {
    let rooms: BTreeSet<&str> = words.iter().map(|one| one.room.as_str()).collect();
    let rooms: Vec<&str> = rooms.into_iter().collect();
    match rooms.as_slice() {
        [room] => format!("Room {room}"),
        rooms => format!("Rooms {}", rooms.join(", ")),
    }
}

/// Does what a notification's button says; a press beside the buttons opens the window.
fn press(app: &AppHandle, pressed: &ActionPerformed) {
    let is_let_in = match pressed.action_id() {
        LET_IN => true,
        TURN_AWAY => false,
        _ => return window::open(app),
    };
    let carried = pressed.notification().and_then(|shown| shown.extra().get(KNOCKS));
    let knocks: Vec<Knock> = carried
        .and_then(|knocks| serde_json::from_value(knocks.clone()).ok())
        .unwrap_or_default();
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        for knock in knocks {
            let who = Waiting::One(knock.id);
            if let Err(sentence) = hosting::answer_knock(app.state::<Host>(), knock.room, who, is_let_in).await {
                notifications::say(&app, "That did not work", &sentence);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knocks(ids: &[u64]) -> BTreeSet<Knock> {
        let knock = |id: &u64| Knock {
            room: "den".to_owned(),
            id: *id,
        };
        ids.iter().map(knock).collect()
    }

    #[test]
    fn who_knocks_is_told_of_once() {
        let (mut door, now) = (Knocks::default(), Instant::now());
        assert_eq!(door.step(&knocks(&[]), false, now), Step::Nothing);
        assert_eq!(door.step(&knocks(&[1]), false, now), Step::Show);
        assert_eq!(door.step(&knocks(&[1]), false, now + PAUSE), Step::Nothing);
        assert_eq!(door.step(&knocks(&[]), false, now + PAUSE), Step::TakeAway);
        assert_eq!(door.step(&knocks(&[]), false, now + PAUSE), Step::Nothing);
    }

    #[test]
    fn a_crowd_is_told_of_together() {
        let (mut door, now) = (Knocks::default(), Instant::now());
        assert_eq!(door.step(&knocks(&[1]), false, now), Step::Show);
        for id in 2..50 {
            let waiting: Vec<u64> = (1..=id).collect();
            assert_eq!(door.step(&knocks(&waiting), false, now), Step::Nothing);
        }
        assert_eq!(door.step(&knocks(&[1, 2, 3]), false, now + PAUSE), Step::Show);
        // Some of them are answered: what is on the screen is about the others still.
        assert_eq!(door.step(&knocks(&[3]), false, now + PAUSE), Step::Nothing);
        assert_eq!(door.step(&knocks(&[]), false, now + PAUSE), Step::TakeAway);
    }

    #[test]
    fn who_looks_at_the_window_is_told_nothing() {
        let (mut door, now) = (Knocks::default(), Instant::now());
        assert_eq!(door.step(&knocks(&[1]), true, now), Step::Nothing);
        assert_eq!(door.step(&knocks(&[1]), false, now), Step::Nothing);
        assert_eq!(door.step(&knocks(&[1, 2]), false, now), Step::Show);
        assert_eq!(door.step(&knocks(&[1, 2]), true, now), Step::TakeAway);
    }

    #[test]
    fn the_words_name_few_and_count_many() {
        let knocks = ["Cleo", "Ben", "Ada"].map(|name| Words {
            name: name.to_owned(),
            room: "den".to_owned(),
        });
        assert_eq!(title(&knocks[..1]), "Cleo asks to come in");
        assert_eq!(title(&knocks[..2]), "Cleo and Ben ask to come in");
        assert_eq!(title(&knocks), "Cleo and 2 others ask to come in");
        assert_eq!(body(&knocks), "Room den");
        let [cleo, mut ben, _] = knocks;
        ben.room = "attic".to_owned();
        assert_eq!(body(&[cleo, ben]), "Rooms attic, den");
    }
}
