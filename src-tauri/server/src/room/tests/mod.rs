//! The rules, each by its name, without a socket, a worker or a clock.

mod chat_features;
mod creator;
mod door;
mod everybody;
mod files;
mod holds;
mod key;
mod labels;
mod left_out;
mod lobby;
mod locks;
mod membership;
mod policy;
mod random;
mod removed;
mod roles;
mod signals;
mod streams;
mod words;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use mediasoup::prelude::{MediaKind, ProducerId};
use serde_json::Value;

use super::*;
use crate::wire::{DoorKind, OutgoingMessage, ParticipantEntry, Refusal};

const LINK: &str = "https://192.168.1.20:8080/r/test";

/// A room with a clock that the test turns.
struct Scene {
    room: Room,
    now: Now,
}

impl Scene {
    fn new() -> Self {
        Self::set_to(RoomSettings::default())
    }

    fn set_to(settings: RoomSettings) -> Self {
        Self {
            room: Room::new("test".parse().unwrap(), LINK.to_owned(), settings, Secret::from(KEY)),
            now: Now {
                instant: Instant::now(),
                epoch_ms: 1_000,
            },
        }
    }

    fn pass(&mut self, span: Duration) {
        self.now.instant += span;
        self.now.epoch_ms += u64::try_from(span.as_millis()).unwrap();
    }

    fn join(&mut self, id: &str) -> Joined {
        self.room.join(newcomer(id), self.now).unwrap()
    }

    fn join_resumable(&mut self, id: &str, token: &str) -> Joined {
        let newcomer = Newcomer {
            new_token: Some(Secret::from(token)),
            ..newcomer(id)
        };
        self.room.join(newcomer, self.now).unwrap()
    }

    fn resume(&mut self, id: &str, old: &str, new: Option<&str>) -> Joined {
        let newcomer = Newcomer {
            old_token: Some(Secret::from(old)),
            new_token: new.map(Secret::from),
            ..newcomer(id)
        };
        self.room.join(newcomer, self.now).unwrap()
    }

    /// A room with Anna, who hosts it, and Ben and Cleo, who are guests.
    fn of_three() -> (Self, [Seat; 3]) {
        let mut scene = Self::new();
        let seats = [ANNA, BEN, CLEO].map(|id| scene.join(id).seat);
        (scene, seats)
    }

    fn act(&mut self, actor: Actor, action: Action) -> Result<Vec<Effect>, Refusal> {
        self.room.act(actor, action, self.now)
    }

    fn hold(&mut self, actor: Actor, target: &str, kind: MediaKind, held: bool) -> Result<Vec<Effect>, Refusal> {
        let target = target.to_owned();
        self.act(actor, Action::Hold { target, kind, held })
    }

    fn set_door(&mut self, change: DoorChange) -> Vec<Effect> {
        self.act(Actor::Owner, Action::SetDoor(change)).unwrap()
    }

    fn ask_for_passcode(&mut self) {
        self.set_door(DoorChange {
            kind: Some(DoorKind::Passcode),
            passcode: Some(Secret::from(PASSCODE)),
            ..DoorChange::default()
        });
    }

    fn open_waiting_room(&mut self) -> Vec<Effect> {
        self.set_door(door(DoorKind::WaitingRoom))
    }

    /// Somebody asks to join, and waits if that is the answer.
    fn try_join(&mut self, newcomer: Newcomer) -> Result<Joined, Refusal> {
        let joined = self.room.join(newcomer.clone(), self.now);
        if let Err(Refusal::WaitingForHost) = joined {
            self.room.knock(newcomer, self.now)?;
        }
        joined
    }

    fn make_cohost(&mut self, seat: Seat) {
        let id = self.room.peer(seat).unwrap().id.to_string();
        self.act(Actor::Owner, Action::Grant(id, Role::CoHost)).unwrap();
    }

    fn look(&self, seat: Seat) -> Look {
        self.room.look(self.room.peer(seat).unwrap())
    }

    fn stream(&self, seat: Seat, number: u8) -> Stream {
        self.room.peer(seat).unwrap().streams[&producer(number)]
    }

    fn ids(&self) -> Vec<&str> {
        self.room.peers().map(|(_, peer)| peer.id.as_str()).collect()
    }

    fn say(&mut self, seat: Seat, id: &str, text: &str) -> Result<Vec<Effect>, Refusal> {
        let message = OutgoingMessage {
            id: id.to_owned(),
            text: text.to_owned(),
            reply_to: None,
            sender: None,
        };
        self.room.say(seat, message, self.now)
    }

    fn produce(&mut self, seat: Seat, number: u8, kind: MediaKind, is_screen_share: bool) -> Vec<Effect> {
        let stream = self.room.may_produce(seat, kind, is_screen_share);
        let stream = stream.unwrap_or(Stream {
            kind,
            is_screen_share,
            paused: false,
            by_host: false,
        });
        self.room.produced(seat, producer(number), stream)
    }
}

fn newcomer(id: &str) -> Newcomer {
    Newcomer {
        id: SocketId::new(id),
        identity: Identity::default(),
        new_token: None,
        old_token: None,
        host_key: None,
        passcode: None,
        address: HERE,
        device: None,
        left_out: None,
        understands_paused: true,
        is_creator: false,
    }
}

fn door(kind: DoorKind) -> DoorChange {
    DoorChange {
        kind: Some(kind),
        ..DoorChange::default()
    }
}

fn with_passcode(id: &str, passcode: &str) -> Newcomer {
    Newcomer {
        passcode: Some(Secret::from(passcode)),
        ..newcomer(id)
    }
}

fn at_browser(id: &str, device: &str) -> Newcomer {
    Newcomer {
        device: Some(Secret::from(device)),
        ..newcomer(id)
    }
}

fn producer(number: u8) -> ProducerId {
    format!("00000000-0000-4000-8000-0000000000{number:02x}")
        .parse()
        .unwrap()
}

/// What is done, in its order: events by their names on the wire and whom they are for, media by what ends.
fn told(effects: &[Effect]) -> Vec<String> {
    let name = |effect: &Effect| match effect {
        Effect::Tell(audience, event) => format!("{} to {audience:?}", event.to_wire().0),
        Effect::EndMedia(_) => "end media".to_owned(),
        Effect::EndWait(_) => "end wait".to_owned(),
        Effect::EndStream(..) => "end stream".to_owned(),
        Effect::EndFile(_) => "end file".to_owned(),
        Effect::PauseStream(_, _, true) => "pause stream".to_owned(),
        Effect::PauseStream(_, _, false) => "resume stream".to_owned(),
        Effect::LeaveOut(_, true) => "leave out".to_owned(),
        Effect::LeaveOut(_, false) => "take in".to_owned(),
    };
    effects.iter().map(name).collect()
}

/// The events of this name, as they go out.
fn events(effects: &[Effect], name: &str) -> Vec<Value> {
    let event = |effect: &Effect| match effect {
        Effect::Tell(_, event) => {
            let (told, payload) = event.to_wire();
            (told == name).then_some(payload)
        }
        _ => None,
    };
    effects.iter().filter_map(event).collect()
}

/// The last list that was told.
fn list(effects: &[Effect]) -> Vec<ParticipantEntry> {
    let entries = effects.iter().rev().find_map(|effect| match effect {
        Effect::Tell(Audience::All, event) => match &**event {
            ServerEvent::ParticipantListUpdate(entries) => Some(entries.clone()),
            _ => None,
        },
        _ => None,
    });
    entries.expect("a list")
}

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 30));
const ANNA: &str = "anna-socket";
const BEN: &str = "ben-socket";
const CLEO: &str = "cleo-socket";
const PASSCODE: &str = "open-sesame";
const KEY: &str = "the-key-of-the-host";
