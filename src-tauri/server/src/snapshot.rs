//! The server at one moment, as the native window shows it.

use std::collections::BTreeMap;

use serde::Serialize;
use ts_rs::TS;

use crate::meeting::{PersonView, RoomView};
use crate::network::links::{host_link, join_link};
use crate::network::{AddressKind, Addresses};
use crate::recording::RecordingSnapshot;
use crate::wire::{RemovedPerson, RoomId, RoomPolicy, RunningRecording};

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
    /// The room's name.
    pub id: String,
    /// Its join link.
    pub link: String,
    /// The join link that makes a host of whoever opens it; for the owner of the machine alone.
    pub host_link: String,
    /// When it was made, in ms since 1970.
    #[ts(type = "number")]
    pub created_at: u64,
    /// The recording that runs in it.
    pub recording: Option<RunningRecording>,
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
    /// The rooms that there are.
    pub rooms: Vec<RoomSnapshot>,
    /// The recordings, newest first.
    pub recordings: Vec<RecordingSnapshot>,
    /// Where recordings go.
    pub recordings_folder: String,
    /// What the host should know and do, in sentences.
    pub problems: Vec<String>,
    /// How many media workers run.
    pub workers: usize,
}

/// What a snapshot is drawn from.
pub(crate) struct Sources<'a> {
    pub(crate) port: u16,
    pub(crate) default_room: &'a RoomId,
    pub(crate) addresses: &'a Addresses,
    pub(crate) rooms: &'a BTreeMap<RoomId, RoomView>,
    pub(crate) recordings: Vec<RecordingSnapshot>,
    pub(crate) recordings_folder: String,
    pub(crate) problems: Vec<String>,
    pub(crate) workers: usize,
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
        let room = |(id, view): (&RoomId, &RoomView)| {
            let link = link_at(chosen, id);
            RoomSnapshot {
                id: id.to_string(),
                host_link: host_link(&link, &view.host_key),
                link,
                created_at: view.created_at,
                recording: view.recording,
                policy: view.policy,
                people: view.people.clone(),
                removed: view.removed.clone(),
            }
        };
        let network_problem = self.addresses.problem();
        ServerSnapshot {
            link: link_at(chosen, self.default_room),
            port: self.port,
            default_room: self.default_room.to_string(),
            addresses: self.addresses.all.iter().map(address).collect(),
            address_is_manual: self.addresses.is_manual,
            rooms: self.rooms.iter().map(room).collect(),
            recordings: self.recordings,
            recordings_folder: self.recordings_folder,
            problems: network_problem.into_iter().chain(self.problems).collect(),
            workers: self.workers,
        }
    }
}
