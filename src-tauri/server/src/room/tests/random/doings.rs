//! The commands, each done to the room and to the model of it: both are to give the same answer.

use std::net::IpAddr;

use mediasoup::prelude::{MediaKind, ProducerId};

use super::super::super::*;
use super::super::KEY;
use super::authority::Standing;
use super::clients::{Client, doer, force};
use super::commands::{Command, Deed, Token, Visit, Who};
use super::model::{Caller, Entry, Person};
use super::world::World;
use crate::wire::{DoorKind, OutgoingMessage, Refusal, Waiting};

impl World {
    pub(super) fn join(&mut self, visit: &Visit) -> Standing {
        let browser = visit.browser;
        self.sockets += 1;
        let kept = &self.browsers[browser];
        let is_usable = |id: &SocketId| {
            let known = self.model.people.iter().find(|person| person.id == *id);
            known.is_none_or(|person| person.lost_until.is_none())
        };
        let same = kept.socket.clone().filter(|id| visit.same_socket && is_usable(id));
        let id = same.unwrap_or_else(|| SocketId::new(format!("{:03}-socket", self.sockets)));
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
            passcode: visit.passcode.map(|good| self.passcode(good)),
            address: browser % 3,
            old_token,
            new_token: visit.resumable.then(|| format!("token-{}", self.sockets)),
            left_out: visit.left_out,
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
            passcode: caller.passcode.as_deref().map(Secret::from),
            address: IpAddr::from([10, 0, 0, u8::try_from(caller.address).unwrap()]),
            device: caller.device.as_deref().map(Secret::from),
            left_out: caller.left_out,
            understands_paused: true,
            is_creator: false,
        };
        let has_key = caller.has_key;
        let first = self.model.people.is_empty();
        let is_invited = has_key || self.is_invited(&caller);
        let expected = self.model.join(caller.clone(), self.time);
        self.model.settle();
        let joined = self.room.join(newcomer.clone(), self.now());
        if matches!(joined, Err(Refusal::WaitingForHost)) {
            assert_eq!(expected.err(), Some(Refusal::WaitingForHost));
            self.knock(&caller, newcomer);
            return Standing::Nobody;
        }
        let (seat, entry, joined) = match (expected, joined) {
            (Ok((seat, entry)), Ok(joined)) => (seat, entry, joined),
            (expected, joined) => {
                assert_eq!(expected.err(), joined.err(), "a join is refused as the model says");
                return Standing::Nobody;
            }
        };
        assert!(is_invited || entry != Entry::New, "somebody got past a closed door");
        assert_eq!(joined.seat, seat);
        assert_eq!(joined.ack.already_joined, entry == Entry::Already);
        assert_eq!(joined.ack.resumed, entry == Entry::Resumed);
        let token = self.model.person(seat).and_then(|person| person.token.clone());
        assert_eq!(joined.ack.resume_token, token);
        assert_eq!(
            Some(&joined.ack.peer_id),
            self.model.person(seat).map(Person::told).as_ref()
        );
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

    /// The passcode of the door, or another.
    fn passcode(&self, good: bool) -> String {
        let right = self.room.door().passcode.as_ref().filter(|_| good);
        right.map_or("a wrong one", |passcode| passcode.reveal()).to_owned()
    }

    /// Whether the door stands open to somebody who has no key: said without the model's rules.
    fn is_invited(&self, caller: &Caller) -> bool {
        let door = self.room.door();
        let knows_it = door.passcode.as_ref().map(Secret::reveal) == caller.passcode.as_deref();
        let mut waiters = self.model.doorstep.waiters.iter().filter(|waiter| waiter.is(caller));
        waiters.any(|waiter| self.waiting[&waiter.person.id])
            || match door.kind {
                DoorKind::Open => !self.room.policy().locked,
                DoorKind::Passcode => !self.room.policy().locked && knows_it,
                DoorKind::WaitingRoom => false,
            }
    }

    fn knock(&mut self, caller: &Caller, newcomer: Newcomer) {
        let made = || format!("User {}", caller.id.as_str().chars().take(4).collect::<String>());
        let name = caller.name.clone().unwrap_or_else(made);
        let expected = self.model.doorstep.knock(caller, name, self.time);
        let knocked = self.room.knock(newcomer, self.now()).expect("a place in the lobby");
        assert_eq!(Ok(knocked.id), expected);
        self.waiting.insert(knocked.id, false);
        self.deliver(&knocked.effects);
    }

    pub(super) fn hang_up(&mut self, waiter: u8, goodbye: bool) {
        let waiters = &self.model.doorstep.waiters;
        let Some(at) = usize::from(waiter).checked_rem(waiters.len()) else {
            let nobody = SocketId::new("nobody");
            assert!(self.room.hang_up(&nobody, goodbye, self.now()).is_empty());
            return;
        };
        let socket = SocketId::new(&waiters[at].socket);
        self.model.doorstep.hang_up(socket.as_str(), goodbye, self.time);
        let effects = self.room.hang_up(&socket, goodbye, self.now());
        self.deliver(&effects);
    }

    pub(super) fn leave(&mut self, who: Who) {
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

    pub(super) fn lose(&mut self, who: Who) {
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

    pub(super) fn pass(&mut self, ms: u64) {
        self.time += ms;
        self.model.expire_files(self.time);
        let effects = self.room.expire(self.now());
        let mut lists = Vec::new();
        for seat in self.model.over(self.time) {
            self.model.leave(seat);
            self.gone = seat;
            lists.push(self.model.list());
        }
        self.model.doorstep.expire(self.time);
        self.model.settle();
        let told = self.lists.len();
        self.deliver(&effects);
        assert_eq!(self.lists[told..], lists);
    }

    fn waiter(&self, number: Option<u8>) -> Waiting {
        let waiting = self.model.doorstep.waiting();
        let named = |number: u8| match usize::from(number).checked_rem(waiting.len()) {
            Some(at) => waiting[at].id,
            None => u64::from(number),
        };
        number.map_or(Waiting::All, |number| Waiting::One(named(number)))
    }

    pub(super) fn act(&mut self, who: Option<Who>, deed: &Deed) -> Standing {
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
            Deed::ForEverybody(devices, enabled) => Action::SetForEverybody {
                devices: *devices,
                enabled: *enabled,
            },
            Deed::SetDoor(change) => Action::SetDoor(change.clone()),
            Deed::Admit(number) => Action::Admit(self.waiter(*number)),
            Deed::TurnAway(number) => Action::TurnAway(self.waiter(*number)),
        };
        let by = match actor {
            Actor::Owner => By::owner(),
            Actor::Peer(seat) => By {
                by: self
                    .model
                    .person(seat)
                    .map_or_else(String::new, |person| person.shown_name()),
                by_id: self.model.person(seat).map(Person::told),
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
    pub(super) fn own(&mut self, seat: Seat, command: &Command) {
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
                (Ok(()), Ok(self.room.close_streams(seat, self.produced.clone())))
            }
            Command::UpdateState(_, audio, video) => {
                let expected = self.model.update_state(seat, [*audio, *video]);
                (expected, self.room.update_state(seat, *audio, *video))
            }
            Command::LeaveOut(_, left_out) => {
                self.model.person_mut(seat).is_left_out = *left_out;
                (Ok(()), Ok(self.room.leave_out(seat, *left_out)))
            }
            Command::SetHand(_, up, of) => {
                let of = of.as_ref().map(|target| self.name(target));
                let expected = self.model.set_hand(seat, *up, of.as_deref(), self.time);
                (expected, self.room.set_hand(seat, *up, of, now))
            }
            Command::React(_, good) => {
                let done = self.room.react(seat, if *good { "👍" } else { "no" }.to_owned(), None);
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
    pub(super) fn outsider(&mut self, command: &Command) {
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
            Command::CloseAll(_) => Ok(self.room.close_streams(seat, self.produced.clone())),
            Command::UpdateState(_, audio, video) => self.room.update_state(seat, *audio, *video),
            Command::LeaveOut(_, left_out) => Ok(self.room.leave_out(seat, *left_out)),
            Command::SetHand(_, up, _) => self.room.set_hand(seat, *up, None, now),
            Command::React(..) => self.room.react(seat, "👍".to_owned(), None),
            Command::Write(..) => self.room.say(seat, message("m", true), now),
            _ => return,
        };
        let effects = done.unwrap_or_default();
        assert!(effects.is_empty(), "{command:?} by nobody: {effects:?}");
    }
}

fn message(id: &str, is_good: bool) -> OutgoingMessage {
    OutgoingMessage {
        id: id.to_owned(),
        text: if is_good { "hello" } else { " " }.to_owned(),
        reply_to: None,
        sender: None,
    }
}

fn told(effects: &[Effect]) -> impl Iterator<Item = &ServerEvent> {
    effects.iter().filter_map(|effect| match effect {
        Effect::Tell(_, event) => Some(&**event),
        _ => None,
    })
}
