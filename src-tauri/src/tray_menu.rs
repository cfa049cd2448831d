//! What the tray shows, worked out of a snapshot: the entries of its menu, its tooltip, which picture. No Tauri here.

use confab_server::{recording::RecordingSnapshot, snapshot::ServerSnapshot};

/// From this many rooms on, the recording entries move to a menu of their own.
const ROOMS_IN_MAIN_MENU: usize = 4;

/// Everything that is seen of the tray. Two equal ones look the same, so nothing is rebuilt between them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TrayView {
    /// One line on what goes on: the tooltip, and the first line of the menu where there are no tooltips.
    pub(crate) status: String,
    /// How far a recording is on its way to a file, in one line, while one is.
    pub(crate) composing: Option<String>,
    /// Whether anything is recorded, which changes the picture.
    pub(crate) is_recording: bool,
    /// Whether there is a link to copy and show.
    pub(crate) has_link: bool,
    /// The recording entries.
    pub(crate) rooms: Vec<RoomEntry>,
}

/// One room's recording entry.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RoomEntry {
    pub(crate) id: String,
    /// What people call the room.
    pub(crate) title: String,
    pub(crate) is_recording: bool,
}

/// What a menu entry does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    Open,
    CopyLink,
    ShowQr,
    StartRecording(String),
    StopRecording(String),
    Quit,
}

impl TrayView {
    /// The tray while no server runs.
    pub(crate) fn without_server(status: &str) -> Self {
        Self {
            status: status.to_owned(),
            composing: None,
            is_recording: false,
            has_link: false,
            rooms: Vec::new(),
        }
    }

    /// The tray of a running server.
    pub(crate) fn of(snapshot: &ServerSnapshot) -> Self {
        let rooms: Vec<RoomEntry> = snapshot
            .rooms
            .iter()
            .filter(|room| room.is_open)
            .map(|room| RoomEntry {
                id: room.id.clone(),
                title: room.name.as_ref().unwrap_or(&room.id).clone(),
                is_recording: room.recording.is_some(),
            })
            .collect();
        let recorded: Vec<&str> = rooms
            .iter()
            .filter(|room| room.is_recording)
            .map(|room| room.title.as_str())
            .collect();
        let people = snapshot.rooms.iter().map(|room| room.people.len()).sum();
        let waiting: usize = snapshot.rooms.iter().map(|room| room.waiting.len()).sum();
        let waiting = match waiting {
            0 => String::new(),
            1 => ", 1 person waits to be let in".to_owned(),
            people => format!(", {people} people wait to be let in"),
        };
        let status = match (recorded.as_slice(), people) {
            ([], 0_usize) => "Confab: nobody is here yet".to_owned(),
            ([], 1) => "Confab: 1 person is here".to_owned(),
            ([], people) => format!("Confab: {people} people are here"),
            ([room], _) => format!("Confab is recording {room}"),
            (rooms, _) => format!("Confab is recording {} rooms", rooms.len()),
        };
        Self {
            status: status + &waiting,
            composing: snapshot.recordings.iter().find_map(composing),
            is_recording: !recorded.is_empty(),
            has_link: true,
            rooms,
        }
    }

    /// Whether the recording entries have a menu of their own.
    pub(crate) fn has_submenu(&self) -> bool {
        self.rooms.len() > ROOMS_IN_MAIN_MENU
    }
}

/// How far a recording is that is being put together.
fn composing(recording: &RecordingSnapshot) -> Option<String> {
    let name = recording.title.as_ref().unwrap_or(&recording.room_id);
    // In coarse steps, as each makes the menu anew.
    let percent = (recording.progress? * 20.0).floor() * 5.0;
    let time = match recording.seconds_left {
        _ if recording.held_by.is_some() => ", paused".to_owned(),
        Some(seconds @ 0..90) => format!(", {} s left", seconds.next_multiple_of(10)),
        Some(seconds) => format!(", {} min left", seconds.div_ceil(60)),
        None => String::new(),
    };
    Some(format!("Putting {name} together: {percent} %{time}"))
}

impl RoomEntry {
    /// The words of the entry.
    pub(crate) fn label(&self) -> String {
        let verb = if self.is_recording { "Stop" } else { "Start" };
        format!("{verb} recording in {}", self.title)
    }

    /// What the entry does.
    pub(crate) fn action(&self) -> Action {
        match self.is_recording {
            true => Action::StopRecording(self.id.clone()),
            false => Action::StartRecording(self.id.clone()),
        }
    }
}

impl Action {
    /// The id of the menu entry.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::Open => "open".to_owned(),
            Self::CopyLink => "copy-link".to_owned(),
            Self::ShowQr => "show-qr".to_owned(),
            Self::StartRecording(room) => format!("start-recording:{room}"),
            Self::StopRecording(room) => format!("stop-recording:{room}"),
            Self::Quit => "quit".to_owned(),
        }
    }

    /// The action of a menu entry's id.
    pub(crate) fn of(id: &str) -> Option<Self> {
        match id.split_once(':') {
            Some(("start-recording", room)) => Some(Self::StartRecording(room.to_owned())),
            Some(("stop-recording", room)) => Some(Self::StopRecording(room.to_owned())),
            Some(_) => None,
            None => [Self::Open, Self::CopyLink, Self::ShowQr, Self::Quit]
                .into_iter()
                .find(|action| action.id() == id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_found_by_its_id() {
        let room = "team-1.a_b".to_owned();
        for action in [
            Action::Open,
            Action::CopyLink,
            Action::ShowQr,
            Action::StartRecording(room.clone()),
            Action::StopRecording(room),
            Action::Quit,
        ] {
            assert_eq!(Action::of(&action.id()), Some(action));
        }
        assert_eq!(Action::of("status"), None);
        assert_eq!(Action::of("erase:everything"), None);
    }

    #[test]
    fn an_entry_offers_the_opposite_of_what_happens() {
        let mut entry = RoomEntry {
            id: "demo".to_owned(),
            title: "The demo".to_owned(),
            is_recording: false,
        };
        assert_eq!(
            (entry.label().as_str(), entry.action()),
            ("Start recording in The demo", Action::StartRecording("demo".to_owned()))
        );
        entry.is_recording = true;
        assert_eq!(
            (entry.label().as_str(), entry.action()),
            ("Stop recording in The demo", Action::StopRecording("demo".to_owned()))
        );
    }
}
