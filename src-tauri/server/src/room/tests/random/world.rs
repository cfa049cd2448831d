//! A room with the model, the clients and the media beside it: does each command to all of them and compares.

use std::collections::BTreeMap;

use mediasoup::prelude::{MediaKind, ProducerId};

use super::super::super::*;
use super::super::{KEY, LINK};
use super::clients::{Client, doer, force, subjects};
use super::commands::{Command, Deed, OUTSIDER, Target, Token, Visit, Who};
use super::model::{Caller, Entry, Flow, GRACE_MS, MAX_PEERS, Model};
use crate::wire::{OutgoingMessage, ParticipantEntry, Refusal};

/// A browser, with what it keeps.
#[derive(Debug, Default)]
struct Browser {
    socket: Option<PeerId>,
    tokens: Vec<String>,
}

pub(super) struct World {
    room: Room,
    pub(super) model: Model,
    clients: BTreeMap<Seat, Client>,
    /// What the media server has been told to carry, and whether it is paused.
    media: BTreeMap<(Seat, ProducerId), bool>,
    /// Every list that was told, in its order.
    lists: Vec<Vec<ParticipantEntry>>,
    browsers: Vec<Browser>,
    produced: Vec<ProducerId>,
    start: Instant,
    time: u64,
    sockets: u32,
    gone: Seat,
}

impl World {
    pub(super) fn new(first_comer_hosts: bool) -> Self {
        let settings = RoomSettings {
            first_comer_hosts,
            resume_grace: Duration::from_millis(GRACE_MS),
            max_peers: MAX_PEERS,
        };
        Self {
            room: Room::new("test".parse().unwrap(), LINK.to_owned(), settings, Secret::from(KEY)),
            model: Model::new(first_comer_hosts),
            clients: BTreeMap::new(),
            media: BTreeMap::new(),
            lists: Vec::new(),
            browsers: (0..6).map(|_| Browser::default()).collect(),
            produced: Vec::new(),
            start: Instant::now(),
            time: 1_000,
            sockets: 0,
            gone: Seat(u64::MAX),
        }
    }

    fn now(&self) -> Now {
        Now {
            instant: self.start + Duration::from_millis(self.time),
            epoch_ms: self.time,
        }
    }

    /// Somebody whose socket is there; who is lost does nothing.
    fn seat(&self, who: Who) -> Option<Seat> {
        let mut here = self.model.people.iter().filter(|person| person.lost_until.is_none());
        let count = here.clone().count();
        (who != OUTSIDER && count > 0).then(|| here.nth(usize::from(who) % count).map(|person| person.seat))?
    }

    fn name(&self, target: &Target) -> String {
        let count = self.model.people.len();
        if target.who == OUTSIDER || count == 0 {
            return "nobody".to_owned();
        }
        let person = &self.model.people[usize::from(target.who) % count];
        let label = person.label.clone().filter(|_| target.by_label);
        label.unwrap_or_else(|| person.id.to_string())
    }

    fn label(&self, label: u8) -> String {
        // The last is the id of somebody else, taken for a label.
        let somebody = self.model.people.first().filter(|_| label == 4);
        somebody.map_or_else(|| format!("label-{label}"), |person| person.id.to_string())
    }

    fn stream(&self, number: u8) -> Option<ProducerId> {
        let count = self.produced.len();
        (count > 0).then(|| self.produced[count - 1 - usize::from(number) % count])
    }

    /// Does a command to the room, the model and the clients, and compares what became of it.
    pub(super) fn step(&mut self, command: &Command) {
        let before = Authority::of(&self.room);
        let list = self.model.list();
        let told = self.lists.len();
        let actor = self.perform(command);
        self.model.settle();
        let after = self.model.list();
        if matches!(command, Command::Pass(_)) {
            // One list for each who is given up; they were compared one by one.
            assert!(self.lists.len() > told || list == after);
        } else if list == after {
            assert_eq!(self.lists.len(), told, "a list was told and nothing had changed");
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
            Command::Introduce(who, ..)
            | Command::Produce(who, ..)
            | Command::Pause(who, ..)
            | Command::Close(who, _)
            | Command::CloseAll(who)
            | Command::UpdateState(who, ..)
            | Command::SetHand(who, ..)
            | Command::React(who, _)
            | Command::Write(who, _) => match self.seat(*who) {
                Some(seat) => self.own(seat, command),
                None => self.outsider(command),
            },
        }
        Standing::Nobody
    }

    fn join(&mut self, visit: &Visit) -> Standing {
        let browser = visit.browser;
        self.sockets += 1;
        let kept = &self.browsers[browser];
        let is_usable = |id: &PeerId| {
            let known = self.model.people.iter().find(|person| person.id == *id);
            known.is_none_or(|person| person.lost_until.is_none())
        };
        let same = kept.socket.clone().filter(|id| visit.same_socket && is_usable(id));
        let id = same.unwrap_or_else(|| PeerId::of_socket(&format!("{:03}-socket", self.sockets)));
        let old_token = match visit.token {
            Token::None => None,
            Token::Last => kept.tokens.last().cloned(),
            Token::Old => kept.tokens.iter().rev().nth(1).cloned(),
            Token::Wrong => Some("token-of-nobody".to_owned()),
        };
        let caller = Caller {
            id: id.clone(),
            name: visit.name.map(|number| format!("Name {number}")),
            label: visit.label.map(|number| self.label(number)),
            // Some browsers keep nothing.
            device: (visit.shows_device && browser < 4).then(|| format!("device-{browser}")),
            has_key: visit.key == Some(true),
            old_token,
            new_token: visit.resumable.then(|| format!("token-{}", self.sockets)),
        };
        self.browsers[browser].socket = Some(id.clone());
        let newcomer = Newcomer {
            id: id.clone(),
            identity: Identity::new(caller.name.clone(), None, caller.label.clone()),
            new_token: caller.new_token.as_deref().map(Secret::from),
            old_token: caller.old_token.as_deref().map(Secret::from),
            host_key: visit
                .key
                .map(|good| Secret::from(if good { KEY } else { "a-key-that-is-wrong" })),
            device: caller.device.as_deref().map(Secret::from),
        };
        let has_key = caller.has_key;
        let first = self.model.people.is_empty();
        let expected = self.model.join(caller, self.time);
        self.model.settle();
        let joined = self.room.join(newcomer, self.now());
        let (seat, entry, joined) = match (expected, joined) {
            (Ok((seat, entry)), Ok(joined)) => (seat, entry, joined),
            (expected, joined) => {
                assert_eq!(expected.err(), joined.err(), "a join is refused as the model says");
                return Standing::Nobody;
            }
        };
        assert_eq!(joined.seat, seat);
        assert_eq!(joined.ack.already_joined, entry == Entry::Already);
        assert_eq!(joined.ack.resumed, entry == Entry::Resumed);
        let token = self.model.person(seat).and_then(|person| person.token.clone());
        assert_eq!(joined.ack.resume_token, token);
        if entry == Entry::Already {
            assert!(joined.effects.is_empty(), "a second join changes nothing");
        } else {
            self.browsers[browser].tokens.extend(token);
            self.clients.insert(seat, Client::new(id, self.model.chat.clone()));
        }
        self.deliver(&joined.effects);
        let client = self.clients.get_mut(&seat).expect("a client");
        client.hears_answer(&joined.ack);
        for effect in &joined.afterwards {
            let Effect::Tell(Audience::One(listener), event) = effect else {
                panic!("more than news for one: {effect:?}")
            };
            assert_eq!(*listener, seat);
            client.hears(event);
        }
        let forced: Vec<_> = told(&joined.afterwards).filter_map(force).collect();
        let person = self.model.person(seat).expect("a place");
        let held = [
            (MediaKind::Audio, person.is_audio_held),
            (MediaKind::Video, person.is_video_held),
        ];
        let held: Vec<_> = held.into_iter().filter(|(_, held)| *held).collect();
        assert_eq!(forced, held, "who comes is told what is kept off");
        if has_key || first {
            Standing::Key(seat)
        } else {
            Standing::Nobody
        }
    }

    fn leave(&mut self, who: Who) {
        let Some(seat) = self.seat(who) else {
            assert!(self.room.leave(self.gone).is_empty());
            return;
        };
        self.clients.remove(&seat);
        self.model.leave(seat);
        self.gone = seat;
        self.model.settle();
        let effects = self.room.leave(seat);
        self.deliver(&effects);
    }

    fn lose(&mut self, who: Who) {
        let Some(seat) = self.seat(who) else { return };
        self.clients.remove(&seat);
        self.model.lose(seat, self.time);
        if self.model.person(seat).is_none() {
            self.gone = seat;
        }
        self.model.settle();
        let effects = self.room.lose(seat, self.now());
        self.deliver(&effects);
    }

    fn pass(&mut self, ms: u64) {
        self.time += ms;
        let effects = self.room.expire(self.now());
        let mut lists = Vec::new();
        for seat in self.model.over(self.time) {
            self.model.leave(seat);
            self.gone = seat;
            lists.push(self.model.list());
        }
        self.model.settle();
        let told = self.lists.len();
        self.deliver(&effects);
        assert_eq!(self.lists[told..], lists);
    }

    fn act(&mut self, who: Option<Who>, deed: &Deed) -> Standing {
        let actor = who.map_or(Actor::Owner, |who| Actor::Peer(self.seat(who).unwrap_or(self.gone)));
        let removed = self.model.removed();
        let action = match deed {
            Deed::Hold(kind, held, target) => Action::Hold {
                target: self.name(target),
                kind: *kind,
                held: *held,
            },
            Deed::StopScreenShare(target) => Action::StopScreenShare(self.name(target)),
            Deed::Remove(target) => Action::Remove(self.name(target)),
            Deed::LetBackIn(number) if removed.is_empty() => Action::LetBackIn(u64::from(*number)),
            Deed::LetBackIn(number) => Action::LetBackIn(removed[usize::from(*number) % removed.len()].id),
            Deed::LowerHand(target) => Action::LowerHand(self.name(target)),
            Deed::Grant(target, role) => Action::Grant(self.name(target), *role),
            Deed::Revoke(target, role) => Action::Revoke(self.name(target), *role),
            Deed::SetPolicy(change) => Action::SetPolicy(*change),
        };
        let by = match actor {
            Actor::Owner => By::owner(),
            Actor::Peer(seat) => By {
                by: self
                    .model
                    .person(seat)
                    .map_or_else(String::new, |person| person.shown_name()),
                by_id: self.model.person(seat).map(|person| person.id.clone()),
            },
        };
        let standing = match actor {
            Actor::Owner => Standing::Owner,
            Actor::Peer(seat) => Standing::Peer(seat, self.model.role(seat)),
        };
        let everybody: Vec<Seat> = self.model.people.iter().map(|person| person.seat).collect();
        let expected = self.model.act(actor, &action, self.time);
        self.model.settle();
        let done = self.room.act(actor, action.clone(), self.now());
        assert_eq!(done.as_ref().err(), expected.as_ref().err(), "{action:?} by {actor:?}");
        let effects = done.unwrap_or_default();
        assert!(
            told(&effects).filter_map(doer).all(|doer| *doer == by),
            "by whom: {effects:?}"
        );
        if let (Action::Hold { kind, held, .. }, Ok(())) = (&action, &expected) {
            assert_eq!(told(&effects).filter_map(force).collect::<Vec<_>>(), [(*kind, *held)]);
        }
        self.deliver(&effects);
        for seat in everybody.into_iter().filter(|seat| self.model.person(*seat).is_none()) {
            self.gone = seat;
            // A lost one has no client that could hear it.
            assert!(!self.clients.contains_key(&seat));
        }
        standing
    }

    /// What somebody does that is about themself.
    fn own(&mut self, seat: Seat, command: &Command) {
        let now = self.now();
        let (expected, done) = match command {
            Command::Introduce(_, name, label) => {
                let name = name.map(|number| format!("Name {number}"));
                let label = label.map(|number| self.label(number));
                self.model.introduce(seat, name.clone(), label.clone());
                (Ok(()), Ok(self.room.introduce(seat, Identity::new(name, None, label))))
            }
            Command::Produce(_, kind, is_share) => return self.produce(seat, *kind, *is_share),
            Command::Pause(_, stream, off) => {
                let Some(id) = self.stream(*stream) else { return };
                (self.model.pause(seat, id, *off), self.room.pause_stream(seat, id, *off))
            }
            Command::Close(_, stream) => {
                let Some(id) = self.stream(*stream) else { return };
                (self.model.close(seat, id), self.room.close_stream(seat, id))
            }
            Command::CloseAll(_) => {
                self.model.close_all(seat);
                (Ok(()), Ok(self.room.close_all_streams(seat)))
            }
            Command::UpdateState(_, audio, video) => {
                let expected = self.model.update_state(seat, [*audio, *video]);
                (expected, self.room.update_state(seat, *audio, *video))
            }
            Command::SetHand(_, up, of) => {
                let of = of.as_ref().map(|target| self.name(target));
                let expected = self.model.set_hand(seat, *up, of.as_deref(), self.time);
                (expected, self.room.set_hand(seat, *up, of, now))
            }
            Command::React(_, good) => {
                let done = self.room.react(seat, if *good { "👍" } else { "no" }.to_owned());
                assert_eq!(done.is_ok(), *good);
                (done.as_ref().map(|_| ()).map_err(Clone::clone), done)
            }
            Command::Write(_, good) => {
                let id = format!("m{}", self.model.chat.len());
                let done = self.room.say(seat, message(&id, *good), now);
                let may = self.model.may(seat, self.model.policy.chat_enabled);
                let expected = if *good {
                    may
                } else {
                    done.as_ref().map(|_| ()).map_err(Clone::clone)
                };
                assert!(*good || matches!(done, Err(Refusal::Invalid(_))));
                if expected.is_ok() {
                    self.model.chat.push(id);
                }
                (expected, done)
            }
            _ => return,
        };
        self.model.settle();
        assert_eq!(done.as_ref().err(), expected.as_ref().err(), "{command:?}");
        self.deliver(&done.unwrap_or_default());
    }

    fn produce(&mut self, seat: Seat, kind: MediaKind, is_share: bool) {
        let expected = self.model.may_produce(seat, kind, is_share);
        let may = self.room.may_produce(seat, kind, is_share);
        assert_eq!(may.as_ref().err(), expected.as_ref().err());
        let Ok(stream) = may else { return };
        let id = format!("00000000-0000-4000-8000-{:012x}", self.produced.len());
        let id: ProducerId = id.parse().unwrap();
        self.produced.push(id);
        self.model.produce(seat, id, kind, is_share);
        self.media.insert((seat, id), stream.paused);
        let effects = self.room.produced(seat, id, stream);
        self.deliver(&effects);
    }

    /// Who is not in the room changes nothing and is told of to nobody.
    fn outsider(&mut self, command: &Command) {
        let (seat, now) = (self.gone, self.now());
        let done = match command {
            Command::Introduce(_, name, _) => {
                let name = name.map(|number| format!("Name {number}"));
                Ok(self.room.introduce(seat, Identity::new(name, None, None)))
            }
            Command::Produce(_, kind, is_share) => self.room.may_produce(seat, *kind, *is_share).map(|_| Vec::new()),
            Command::Pause(_, stream, off) => {
                let Some(id) = self.stream(*stream) else { return };
                self.room.pause_stream(seat, id, *off)
            }
            Command::Close(_, stream) => {
                let Some(id) = self.stream(*stream) else { return };
                self.room.close_stream(seat, id)
            }
            Command::CloseAll(_) => Ok(self.room.close_all_streams(seat)),
            Command::UpdateState(_, audio, video) => self.room.update_state(seat, *audio, *video),
            Command::SetHand(_, up, _) => self.room.set_hand(seat, *up, None, now),
            Command::React(..) => self.room.react(seat, "👍".to_owned()),
            Command::Write(..) => self.room.say(seat, message("m", true), now),
            _ => return,
        };
        let effects = done.unwrap_or_default();
        assert!(effects.is_empty(), "{command:?} by nobody: {effects:?}");
    }

    /// Brings effects to those whom they are for, in their order.
    fn deliver(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Tell(audience, event) => self.tell(*audience, event),
                Effect::EndMedia(seat) => {
                    self.media.retain(|(sender, _), _| sender != seat);
                    let client = self.clients.remove(seat);
                    assert!(
                        client.is_none_or(|client| client.is_removed),
                        "who is put out is told first"
                    );
                }
                Effect::EndStream(seat, id) => {
                    assert!(self.media.remove(&(*seat, *id)).is_some(), "a stream ends once");
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
            let is_list = matches!(event, ServerEvent::ParticipantListUpdate(_));
            // Where several are given up at once, the lists in between are compared elsewhere.
            let is_there = self.room.seat_of(id).is_some();
            assert!(is_list || is_there, "somebody who left: {event:?}");
        }
        if let ServerEvent::NewProducer {
            producer_id, peer_id, ..
        } = event
        {
            let sender = self.room.sender_of(*producer_id).map(|(_, id)| id);
            assert_eq!(sender.as_ref(), Some(peer_id), "what is told of can be consumed");
        }
        if let ServerEvent::ParticipantLeft { peer_id } = event {
            assert_eq!(self.room.seat_of(peer_id), None);
        }
        if let ServerEvent::ParticipantListUpdate(list) = event {
            assert_eq!(audience, Audience::All, "all see one order of lists");
            self.lists.push(list.clone());
        }
        let model = &self.model;
        let is_meant = |seat: Seat| match audience {
            Audience::All => true,
            Audience::Others(other) => seat != other,
            Audience::One(one) => seat == one,
            Audience::Hosts => model.role(seat) == Role::Host,
            Audience::Moderators => model.role(seat) > Role::Guest,
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
        for id in &self.produced {
            let sender = self.model.sent().find(|(_, sent)| sent.id == *id);
            let sender = sender.map(|(person, _)| (person.seat, person.id.clone()));
            assert_eq!(self.room.sender_of(*id), sender);
        }
        assert_eq!(self.room.policy(), self.model.policy);
        assert_eq!(self.room.speaker(), self.model.speaker);
        assert_eq!(self.room.removed_people(), self.model.removed());
        let until = self.model.people.iter().filter_map(|person| person.lost_until).min();
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
        assert!(self.room.is_empty() && self.clients.is_empty() && self.media.is_empty());
        assert_eq!((self.room.next_expiry(), self.room.speaker()), (None, None));
        assert!(self.produced.iter().all(|id| self.room.sender_of(*id).is_none()));
    }
}

/// Who did something, as far as it gives rights.
#[derive(Debug, Clone, Copy)]
enum Standing {
    /// Nobody who could change what others may.
    Nobody,
    /// Who came first, or with the host's key: that makes them a host, and lets them back in.
    Key(Seat),
    Peer(Seat, Role),
    Owner,
}

/// What only those may change who run the room.
#[derive(Debug, PartialEq)]
struct Authority {
    policy: RoomPolicy,
    removed: Vec<u64>,
    people: BTreeMap<Seat, (Role, Holds)>,
}

impl Authority {
    fn of(room: &Room) -> Self {
        Self {
            policy: room.policy(),
            removed: room.removed_people().iter().map(|person| person.id).collect(),
            people: room
                .peers()
                .map(|(seat, peer)| (seat, (peer.role, peer.holds.clone())))
                .collect(),
        }
    }

    fn is_kept_unless_allowed(&self, after: &Self, standing: Standing) {
        let least = match standing {
            Standing::Owner => return,
            Standing::Peer(_, role) => role,
            Standing::Nobody | Standing::Key(_) => Role::Guest,
        };
        if least == Role::Guest {
            assert_eq!(self.policy, after.policy, "a guest changed the policy");
            let is_pardon = matches!(standing, Standing::Key(_));
            assert!(
                is_pardon || self.removed == after.removed,
                "a guest removed somebody or let them in"
            );
        }
        for (seat, (role, holds)) in &after.people {
            let (role_before, holds_before) = self
                .people
                .get(seat)
                .cloned()
                .unwrap_or((Role::Guest, Holds::default()));
            let is_key = matches!(standing, Standing::Key(who) if who == *seat);
            assert!(
                is_key || least == Role::Host || *role == role_before,
                "a role by {standing:?}"
            );
            let is_above = least == Role::Host || least > role_before;
            assert!(is_above || *holds == holds_before, "a hold by {standing:?}");
        }
        let is_gone = |seat: &&Seat| !after.people.contains_key(seat);
        if let Standing::Peer(doer, _) = standing {
            for seat in self.people.keys().filter(is_gone) {
                let is_above = least == Role::Host || least > self.people[seat].0;
                assert!(is_above && *seat != doer, "put out by {standing:?}");
            }
        }
    }
}

fn message(id: &str, is_good: bool) -> OutgoingMessage {
    OutgoingMessage {
        id: id.to_owned(),
        text: if is_good { "hello" } else { " " }.to_owned(),
        sender: None,
    }
}

fn told(effects: &[Effect]) -> impl Iterator<Item = &ServerEvent> {
    effects.iter().filter_map(|effect| match effect {
        Effect::Tell(_, event) => Some(&**event),
        _ => None,
    })
}
