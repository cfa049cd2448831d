//! The server at one moment, as the native window shows it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use ts_rs::TS;

use crate::broadcast::{BroadcastStatus, Target};
use crate::kept::{Kept, KeptRoom};
use crate::meeting::{PersonView, RoomView};
use crate::network::links::{host_link, join_link};
use crate::network::{AddressKind, Addresses};
use crate::recording::{LibrarySettings, RecordingSnapshot};
use crate::wire::{DoorKind, RemovedPerson, RoomId, RoomPolicy, RunningRecording, WaitingPerson};

/// An address of this computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AddressSnapshot {
    /// The address.
    pub ip: String,
    /// The system's name of its interface.
    pub interface: String,
    /// What it is good for.
    #[ts(type = "'lan' | 'vpn' | 'virtual' | 'loopback' | 'announced'")]
    pub kind: AddressKind,
    /// Whether the join link uses it.
    pub chosen: bool,
    /// The join link of the default room at this address.
    pub link: String,
}

/// A room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RoomSnapshot {
    /// The room's id, in which its link ends.
    pub id: String,
    /// The name that the owner gave it.
    pub name: Option<String>,
    /// Whether it was made ahead and is kept over restarts.
    pub is_kept: bool,
    /// Whether it is open: somebody is in, waits to be let in, or has just opened its link.
    pub is_open: bool,
    /// Its join link.
    pub link: String,
    /// The join link that makes a host of whoever opens it; for the owner of the machine alone.
    pub host_link: String,
    /// When it was opened or, while it is not open, made ahead, in ms since 1970.
    #[ts(type = "number")]
    pub created_at: u64,
    /// What somebody new must do to come in.
    pub door: DoorKind,
    /// The passcode, also while the door is another one.
    pub passcode: Option<String>,
    /// How many people it takes at most.
    pub max_people: u32,
    /// Who waits to be let in.
    pub waiting: Vec<WaitingPerson>,
    /// The recording that runs in it.
    pub recording: Option<RunningRecording>,
    /// The broadcast that runs in it, or that ended by itself.
    pub broadcast: Option<BroadcastStatus>,
    /// Where it is broadcast to by the owner's wish, kept over restarts, with dots for the stream key.
    pub broadcast_kept: Option<String>,
    /// What it allows its guests.
    pub policy: RoomPolicy,
    /// Who is in.
    pub people: Vec<PersonView>,
    /// Whom hosts removed, and who could be let back in.
    pub removed: Vec<RemovedPerson>,
}

/// Everything that there is to show of the server.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ServerSnapshot {
    /// The join link of the default room.
    pub link: String,
    /// The port of pages and signalling.
    pub port: u16,
    /// The room that is always there.
    pub default_room: String,
    /// The addresses of this computer, best first.
    pub addresses: Vec<AddressSnapshot>,
    /// Whether the host chose the address.
    pub address_is_manual: bool,
    /// The rooms that are open or made ahead.
    pub rooms: Vec<RoomSnapshot>,
    /// The recordings, newest first.
    pub recordings: Vec<RecordingSnapshot>,
    /// Where recordings go.
    pub recordings_folder: String,
    /// What the owner wants of all recordings.
    pub recording_settings: LibrarySettings,
    /// How many bytes are free where recordings go; `None` where that is not known.
    #[ts(type = "number | null")]
    pub recordings_free_bytes: Option<u64>,
    /// What the host should know and do, in sentences.
    pub problems: Vec<String>,
    /// How many media workers run.
    pub workers: usize,
    /// The most people that a room may be set to take.
    pub most_people: usize,
    /// Whether guests may make rooms up by opening a link.
    pub guests_may_make_rooms: bool,
    /// Whether that was said when Confab was started, so that it cannot be changed now.
    pub guests_may_make_rooms_is_fixed: bool,
    /// The most that a room can allow for one file, in bytes.
    #[ts(type = "number")]
    pub largest_file_bytes: u64,
}

/// What a snapshot is drawn from.
pub(crate) struct Sources<'a> {
    pub(crate) port: u16,
    pub(crate) default_room: &'a RoomId,
    pub(crate) addresses: &'a Addresses,
    pub(crate) kept: &'a Kept,
    pub(crate) rooms: &'a BTreeMap<RoomId, RoomView>,
    pub(crate) recordings: Vec<RecordingSnapshot>,
    pub(crate) recordings_folder: String,
    pub(crate) recording_settings: LibrarySettings,
    pub(crate) recordings_free_bytes: Option<u64>,
    pub(crate) problems: Vec<String>,
    pub(crate) workers: usize,
    pub(crate) largest_file_bytes: u64,
}

impl Sources<'_> {
    pub(crate) fn draw(self) -> ServerSnapshot {
        let link_at = |ip, room: &RoomId| join_link(ip, self.port, room);
        let chosen = self.addresses.chosen;
        let address = |address: &crate::network::Address| AddressSnapshot {
            ip: address.ip.to_string(),
            interface: address.interface.clone(),
            kind: address.kind,
            chosen: address.ip == chosen,
            link: link_at(address.ip, self.default_room),
        };
        let (kept, most_people) = (self.kept.rooms(), self.kept.most_people());
        let targets = self.kept.targets();
        let room = |id: &RoomId| {
            let (kept, open) = (kept.get(id), self.rooms.get(id));
            draw_room(id, link_at(chosen, id), kept, open, targets.get(id), most_people)
        };
        let ids: BTreeSet<&RoomId> = kept.keys().chain(self.rooms.keys()).collect();
        let network_problem = self.addresses.problem();
        ServerSnapshot {
            link: link_at(chosen, self.default_room),
            port: self.port,
            default_room: self.default_room.to_string(),
            addresses: self.addresses.all.iter().map(address).collect(),
            address_is_manual: self.addresses.is_manual,
            rooms: ids.into_iter().filter_map(room).collect(),
            recordings: self.recordings,
            recordings_folder: self.recordings_folder,
            recording_settings: self.recording_settings,
            recordings_free_bytes: self.recordings_free_bytes,
            problems: network_problem.into_iter().chain(self.problems).collect(),
            workers: self.workers,
            most_people,
            guests_may_make_rooms: self.kept.guests_may_make_rooms(),
            guests_may_make_rooms_is_fixed: self.kept.is_fixed(),
            largest_file_bytes: self.largest_file_bytes,
        }
    }
}

/// A room that is kept, open, or both. While it is open, what goes on in it is what is shown.
fn draw_room(
    id: &RoomId,
    link: String,
    kept: Option<&KeptRoom>,
    open: Option<&RoomView>,
    target: Option<&Target>,
    most_people: usize,
) -> Option<RoomSnapshot> {
    let (key, door, created_at) = match (open, kept) {
        (Some(view), _) => (&view.host_key, &view.door, view.created_at),
        (None, Some(room)) => (&room.host_key, &room.door, room.created_at),
        (None, None) => return None,
    };
    let shown = door.shown(most_people);
    Some(RoomSnapshot {
        id: id.to_string(),
        name: kept.and_then(|room| room.name.clone()),
        is_kept: kept.is_some(),
        is_open: open.is_some(),
        host_link: host_link(&link, key),
        link,
        created_at,
        door: shown.door,
        passcode: shown.passcode.map(|passcode| passcode.reveal().to_owned()),
        max_people: shown.max_people,
        waiting: open.map(|view| view.waiting.clone()).unwrap_or_default(),
        recording: open.and_then(|view| view.recording),
        broadcast: open.and_then(|view| view.broadcast.clone()),
        broadcast_kept: target.map(|target| target.shown()),
        policy: open.map(|view| view.policy).unwrap_or_default(),
        people: open.map(|view| view.people.clone()).unwrap_or_default(),
        removed: open.map(|view| view.removed.clone()).unwrap_or_default(),
    })
}
