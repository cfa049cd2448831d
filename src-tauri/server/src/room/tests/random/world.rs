//! A room with the model, the clients and the media beside it: does each command to all of them and compares.

use std::collections::{BTreeMap, BTreeSet};

use mediasoup::prelude::ProducerId;

use super::super::super::*;
use super::super::{KEY, LINK};
use super::authority::{Authority, Standing};
use super::clients::{Client, subjects};
use super::commands::{Command, OUTSIDER, Target, Who};
use super::doorstep::Waiter;
use super::model::{Flow, GRACE_MS, MAX_PEERS, MAX_STREAMS, Model};
use super::sharing::BOUNDS;
use crate::wire::{FileId, ParticipantEntry};

/// A browser, with what it keeps.
#[derive(Debug, Default)]
pub(super) struct Browser {
    pub(super) socket: Option<SocketId>,
    pub(super) tokens: Vec<String>,
}

pub(super) struct World {
    pub(super) room: Room,
    pub(super) model: Model,
    pub(super) clients: BTreeMap<Seat, Client>,
    /// Those who wait to be let in, and whether they were told that they may come.
    pub(super) waiting: BTreeMap<u64, bool>,
    /// How many were told so ever.
    admissions: usize,
    /// What the media server has been told to carry, and whether it is paused.
    pub(super) media: BTreeMap<(Seat, ProducerId), bool>,
    /// What a recorder takes that has listened from the beginning.
    recorded: BTreeSet<(Seat, ProducerId)>,
    /// Every list that was told, in its order.
    pub(super) lists: Vec<Vec<ParticipantEntry>>,
    pub(super) browsers: Vec<Browser>,
    pub(super) produced: Vec<ProducerId>,
    /// Every file that was ever offered, and those of them for which the meeting holds something.
    pub(super) offers: Vec<FileId>,
    pub(super) disk: Vec<FileId>,
    pub(super) start: Instant,
    pub(super) time: u64,
    pub(super) sockets: u32,
    pub(super) gone: Seat,
}

impl World {
    pub(super) fn new(first_comer_hosts: bool) -> Self {
        let settings = RoomSettings {
            first_comer_hosts,
            resume_grace: Duration::from_millis(GRACE_MS),
            max_peers: MAX_PEERS,
            max_streams: MAX_STREAMS,
            files: BOUNDS,
        };
        Self {
            room: Room::new("test".parse().unwrap(), LINK.to_owned(), settings, Secret::from(KEY)),
            model: Model::new(first_comer_hosts),
            clients: BTreeMap::new(),
            waiting: BTreeMap::new(),
            admissions: 0,
            media: BTreeMap::new(),
            recorded: BTreeSet::new(),
            lists: Vec::new(),
            browsers: (0..6).map(|_| Browser::default()).collect(),
            produced: Vec::new(),
            offers: Vec::new(),
            disk: Vec::new(),
            start: Instant::now(),
            time: 1_000,
            sockets: 0,
            gone: Seat(u64::MAX),
        }
    }

    pub(super) fn now(&self) -> Now {
        Now {
            instant: self.start + Duration::from_millis(self.time),
            epoch_ms: self.time,
        }
    }

    /// Somebody whose socket is there; who is lost does nothing.
    pub(super) fn seat(&self, who: Who) -> Option<Seat> {
        let mut here = self.model.people.iter().filter(|person| person.lost_until.is_none());
        let count = here.clone().count();
        (who != OUTSIDER && count > 0).then(|| here.nth(usize::from(who) % count).map(|person| person.seat))?
    }

    pub(super) fn name(&self, target: &Target) -> String {
        let count = self.model.people.len();
        if target.who == OUTSIDER || count == 0 {
            return "nobody".to_owned();
        }
        let person = &self.model.people[usize::from(target.who) % count];
        let label = person.label.clone().filter(|_| target.by_label);
        label.unwrap_or_else(|| person.id.to_string())
    }

    pub(super) fn label(&self, label: u8) -> String {
        // The last is the id of somebody else, taken for a label.
        let somebody = self.model.people.first().filter(|_| label == 4);
        somebody.map_or_else(|| format!("label-{label}"), |person| person.id.to_string())
    }

    pub(super) fn stream(&self, number: u8) -> Option<ProducerId> {
        let count = self.produced.len();
        (count > 0).then(|| self.produced[count - 1 - usize::from(number) % count])
    }

    /// Does a command to the room, the model and the clients, and compares what became of it.
    pub(super) fn step(&mut self, command: &Command) {
        let before = Authority::of(&self.room);
        let list = self.model.list();
        let told = self.lists.len();
        let admissions = self.admissions;
        let actor = self.perform(command);
        let may_admit = matches!(actor, Standing::Owner | Standing::Peer(_, Role::Host | Role::CoHost));
        assert!(may_admit || self.admissions == admissions, "let in by {actor:?}");
        self.model.settle();
        let after = self.model.list();
        if matches!(command, Command::Pass(_)) {
            // One list for each who is given up; they were compared one by one.
            assert!(self.lists.len() > told || list == after);
        } else if list == after {
            // Who takes a place up again that is not lost is told the list on the new socket.
            let again = usize::from(matches!(command, Command::Join(_)));
            assert!(
                self.lists.len() - told <= again,
                "a list was told and nothing had changed"
            );
        } else {
            assert_eq!(self.lists[told..], [after], "one list, equal to the model's");
        }
        before.is_kept_unless_allowed(&Authority::of(&self.room), actor);
        self.check();
    }

    /// Who acted with what role, if it was done at all.
    fn perform(&mut self, command: &Command) -> Standing {
        match command {
            Command::Join(visit) => return self.join(visit),
            Command::Leave(who) => self.leave(*who),
            Command::Lose(who) => self.lose(*who),
            Command::HangUp(waiter, goodbye) => self.hang_up(*waiter, *goodbye),
            Command::Pass(ms) => self.pass(*ms),
            Command::Act(who, deed) => return self.act(*who, deed),
            Command::Heard(who) => {
                let seat = who.map(|who| self.seat(who).unwrap_or(self.gone));
                self.model.speaker = seat.filter(|seat| self.model.person(*seat).is_some());
                let effects = self.room.heard(seat);
                self.deliver(&effects);
            }
            Command::StartRecording => {
                let recording = RunningRecording {
                    recording_id: self.time,
                    started_at: self.time,
                };
                let effects = self.room.recording_started(recording);
                self.deliver(&effects);
                assert_eq!(self.room.recording(), Some(recording));
            }
            Command::StopRecording => {
                let ran = self.room.recording().is_some();
                let effects = self.room.recording_stopped(1);
                assert_eq!(effects.len(), usize::from(ran));
                self.deliver(&effects);
                assert_eq!(self.room.recording(), None);
            }
            Command::Move(number) => {
                let effects = self
                    .room
                    .moved(vec![format!("https://10.0.0.{number}/r/test"), LINK.to_owned()]);
                assert_eq!(effects.len(), 1);
                self.deliver(&effects);
            }
            Command::Offer(..) | Command::FileArrives(_) | Command::FileCame(..) => self.share(command),
            Command::Introduce(who, ..)
            | Command::Produce(who, ..)
            | Command::Pause(who, ..)
            | Command::Close(who, _)
            | Command::CloseAll(who)
            | Command::UpdateState(who, ..)
            | Command::LeaveOut(who, _)
            | Command::SetHand(who, ..)
            | Command::React(who, _)
            | Command::Write(who, _) => match self.seat(*who) {
                Some(seat) => self.own(seat, command),
                None => self.outsider(command),
            },
        }
        Standing::Nobody
    }

    /// Brings effects to those whom they are for, in their order.
    pub(super) fn deliver(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Tell(audience, event) => self.tell(*audience, event),
                Effect::EndMedia(seat) => {
                    self.media.retain(|(sender, _), _| sender != seat);
                    self.recorded.retain(|(sender, _)| sender != seat);
                    let client = self.clients.remove(seat);
                    assert!(
                        client.is_none_or(|client| client.is_removed),
                        "who is put out is told first"
                    );
                }
                Effect::EndWait(id) => {
                    assert!(self.waiting.remove(id).is_some(), "a knock ends once");
                }
                Effect::EndStream(seat, id) => {
                    assert!(self.media.remove(&(*seat, *id)).is_some(), "a stream ends once");
                    self.recorded.remove(&(*seat, *id));
                }
                Effect::EndFile(id) => {
                    assert!(self.offers.contains(id) && self.room.file(id).is_none());
                    self.disk.retain(|held| held != id);
                }
                Effect::LeaveOut(seat, left_out) => {
                    assert_eq!(self.room.is_recorded(*seat), !left_out, "told once, when it is so");
                    let theirs: Vec<_> = self
                        .media
                        .keys()
                        .filter(|(sender, _)| sender == seat)
                        .copied()
                        .collect();
                    for stream in theirs {
                        let was_recorded = !self.recorded.insert(stream);
                        assert_eq!(was_recorded, *left_out, "one who is left out was not before");
                    }
                    if *left_out {
                        self.recorded.retain(|(sender, _)| sender != seat);
                    }
                }
                Effect::PauseStream(seat, id, paused) => {
                    let stream = self.media.get_mut(&(*seat, *id)).expect("a stream that is there");
                    assert_ne!(*stream, *paused, "a stream is not paused twice");
                    *stream = *paused;
                }
            }
        }
    }

    fn tell(&mut self, audience: Audience, event: &ServerEvent) {
        for id in subjects(event) {
            let is_list = matches!(
                event,
                ServerEvent::ParticipantListUpdate(_) | ServerEvent::PeerResumed { .. }
            );
            // Where several are given up at once, the lists in between are compared elsewhere.
            let is_there = self.room.seat_of_peer(id).is_some();
            assert!(is_list || is_there, "somebody who left: {event:?}");
        }
        if let ServerEvent::NewProducer {
            producer_id, peer_id, ..
        } = event
        {
            let (seat, id) = self
                .room
                .sender_of(*producer_id)
                .expect("what is told of can be consumed");
            assert_eq!(id, *peer_id);
            if self.room.is_recorded(seat) {
                self.recorded.insert((seat, *producer_id));
            }
        }
        if let ServerEvent::ParticipantLeft { peer_id, .. } = event {
            // A label that became free may be that of the next who asked for it, and nothing else may.
            let heir = self.room.seat_of_peer(peer_id).and_then(|seat| self.room.peer(seat));
            let has_label = |peer: &Peer| peer.identity.user_id.as_deref() == Some(peer_id.as_str());
            assert!(
                heir.is_none_or(|heir| has_label(heir) && heir.id.as_str() != peer_id.as_str()),
                "who left is still there"
            );
        }
        if let ServerEvent::ParticipantListUpdate(list) = event {
            assert_eq!(audience, Audience::All, "all see one order of lists");
            self.lists.push(list.clone());
        }
        if let Audience::Waiting(id) = audience {
            let is_told = self.waiting.get_mut(&id).expect("somebody who waits");
            *is_told = matches!(event, ServerEvent::Admitted { .. });
            self.admissions += usize::from(*is_told);
        }
        let model = &self.model;
        let is_meant = |seat: Seat| match audience {
            Audience::All => true,
            Audience::Others(other) => seat != other,
            Audience::One(one) => seat == one,
            Audience::Hosts => model.role(seat) == Role::Host,
            Audience::Moderators => model.role(seat) > Role::Guest,
            Audience::Waiting(_) => false,
        };
        if let Audience::One(seat) | Audience::Others(seat) = audience {
            let is_goodbye = matches!(event, ServerEvent::KickedFromRoom { .. });
            assert!(
                is_goodbye || model.person(seat).is_some(),
                "told to somebody who left: {event:?}"
            );
        }
        for (seat, client) in &mut self.clients {
            if is_meant(*seat) {
                client.hears(event);
            }
        }
    }

    /// What holds at any time.
    fn check(&self) {
        let seats: Vec<Seat> = self.room.peers().map(|(seat, _)| seat).collect();
        let expected: Vec<Seat> = self.model.people.iter().map(|person| person.seat).collect();
        assert_eq!(seats, expected);
        for client in self.clients.values() {
            client.check(&self.model, self.room.recording());
            assert!(self.lists.ends_with(client.lists()), "all see one order of lists");
        }
        let sent = self.model.sent();
        let media: BTreeMap<_, _> = sent
            .map(|(person, sent)| ((person.seat, sent.id), sent.flow != Flow::On))
            .collect();
        assert_eq!(self.media, media, "what flows is what may");
        let recorded = self.model.sent().filter(|(person, _)| !person.is_left_out);
        let recorded: BTreeSet<_> = recorded.map(|(person, sent)| (person.seat, sent.id)).collect();
        assert_eq!(self.recorded, recorded, "nothing is recorded of who is left out");
        for id in &self.produced {
            let sender = self.model.sent().find(|(_, sent)| sent.id == *id);
            let sender = sender.map(|(person, _)| (person.seat, person.told()));
            assert_eq!(self.room.sender_of(*id), sender);
        }
        assert_eq!(self.room.policy(), self.model.policy);
        assert_eq!(self.room.speaker(), self.model.speaker);
        assert_eq!(self.room.removed_people(), self.model.removed());
        let doorstep = &self.model.doorstep;
        assert_eq!(self.room.waiting_people(), doorstep.waiting());
        assert_eq!(self.room.is_awaited(), !doorstep.waiters.is_empty());
        let waiting: Vec<u64> = doorstep.waiters.iter().map(|waiter| waiter.person.id).collect();
        assert!(self.waiting.keys().eq(&waiting), "{:?} {waiting:?}", self.waiting);
        assert_eq!(self.room.door().shown(MAX_PEERS), doorstep.shown());
        let lost = self.model.people.iter().filter_map(|person| person.lost_until);
        let waits = doorstep.waiters.iter().filter_map(Waiter::until);
        let until = lost.chain(waits).chain(self.model.next_offer_expiry()).min();
        let until = until.map(|ms| self.start + Duration::from_millis(ms));
        assert_eq!(self.room.next_expiry(), until);
        let said: Vec<String> = self
            .room
            .chat()
            .history()
            .into_iter()
            .map(|one| one.message.id)
            .collect();
        assert_eq!(said, self.model.chat);
        self.check_files();
        for person in &self.model.people {
            let may = self.model.may(person.seat, self.model.policy.guests_may_record);
            assert_eq!(self.room.may_record(person.seat), may);
        }
    }

    /// Everybody goes, one way or the other, and nothing of them is left.
    pub(super) fn empty(&mut self) {
        while self.model.people.iter().any(|person| person.lost_until.is_none()) {
            let leaves = self.model.people.len().is_multiple_of(2);
            self.step(&if leaves { Command::Leave(0) } else { Command::Lose(0) });
        }
        self.step(&Command::Pass(GRACE_MS));
        while !self.model.doorstep.waiters.is_empty() {
            self.step(&Command::HangUp(0, true));
        }
        assert!(!self.room.is_awaited() && self.waiting.is_empty());
        assert!(self.room.is_empty() && self.clients.is_empty() && self.media.is_empty());
        assert_eq!((self.room.next_expiry(), self.room.speaker()), (None, None));
        assert!(self.produced.iter().all(|id| self.room.sender_of(*id).is_none()));
        self.model.begin_anew();
        let ended = self.room.begin_anew();
        self.deliver(&ended);
        self.check();
    }
}
