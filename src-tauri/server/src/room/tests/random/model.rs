//! The rules once more, as plainly as they can be said: what a room ought to be after each command. It shares no code
//! with the room; what may flow is settled for everybody after everything, instead of where it changes.

use mediasoup::prelude::{MediaKind, ProducerId};

use super::super::super::{Action, Actor, Role, Seat};
use super::doorstep::Doorstep;
use super::sharing::Shared;
use crate::wire::{Bound, DoorKind, ParticipantEntry, PeerId, Refusal, RemovedPerson, RoomPolicy, SocketId};

pub(super) const GRACE_MS: u64 = 20_000;
pub(super) const MAX_PEERS: usize = 5;
pub(super) const MAX_STREAMS: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    On,
    OffBySelf,
    OffByHost,
}

#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) id: ProducerId,
    pub(super) kind: MediaKind,
    pub(super) is_share: bool,
    pub(super) flow: Flow,
}

#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) seat: Seat,
    pub(super) id: SocketId,
    pub(super) name: Option<String>,
    pub(super) label: Option<String>,
    pub(super) wanted_label: Option<String>,
    pub(super) device: Option<String>,
    pub(super) token: Option<String>,
    pub(super) role: Role,
    pub(super) is_muted: bool,
    pub(super) is_camera_off: bool,
    pub(super) is_audio_held: bool,
    pub(super) is_video_held: bool,
    pub(super) is_left_out: bool,
    pub(super) hand: Option<u64>,
    pub(super) joined_at: u64,
    pub(super) lost_until: Option<u64>,
    pub(super) sent: Vec<Sent>,
}

impl Person {
    /// The id that everybody knows.
    pub(super) fn told(&self) -> PeerId {
        PeerId::of(&self.id, self.label.as_deref())
    }

    pub(super) fn shown_name(&self) -> String {
        let made = || format!("User {}", self.id.as_str().chars().take(4).collect::<String>());
        self.name.clone().unwrap_or_else(made)
    }
}

/// Who asks to come in.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) id: SocketId,
    pub(super) name: Option<String>,
    pub(super) label: Option<String>,
    pub(super) device: Option<String>,
    pub(super) has_key: bool,
    pub(super) passcode: Option<String>,
    /// One of three addresses, by number.
    pub(super) address: usize,
    pub(super) old_token: Option<String>,
    pub(super) new_token: Option<String>,
    pub(super) left_out: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    New,
    Already,
    Resumed,
}

#[derive(Debug, Clone)]
pub(super) struct Removal {
    pub(super) person: RemovedPerson,
    pub(super) socket: SocketId,
    pub(super) label: Option<String>,
    pub(super) device: Option<String>,
    pub(super) token: Option<String>,
}

impl Removal {
    fn fits(&self, caller: &Caller) -> bool {
        let same = |kept: &Option<String>, shown: &Option<String>| kept.is_some() && kept == shown;
        self.socket == caller.id
            || same(&self.label, &caller.label)
            || same(&self.device, &caller.device)
            || same(&self.token, &caller.old_token)
    }
}

#[derive(Debug)]
pub(super) struct Model {
    first_comer_hosts: bool,
    pub(super) people: Vec<Person>,
    pub(super) policy: RoomPolicy,
    pub(super) doorstep: Doorstep,
    pub(super) speaker: Option<Seat>,
    pub(super) chat: Vec<String>,
    pub(super) files: Vec<Shared>,
    pub(super) removals: Vec<Removal>,
    seats: u64,
    pub(super) removed_ever: u64,
    last_hand: u64,
}

impl Model {
    pub(super) fn new(first_comer_hosts: bool) -> Self {
        Self {
            first_comer_hosts,
            people: Vec::new(),
            policy: RoomPolicy::default(),
            doorstep: Doorstep::default(),
            speaker: None,
            chat: Vec::new(),
            files: Vec::new(),
            removals: Vec::new(),
            seats: 0,
            removed_ever: 0,
            last_hand: 0,
        }
    }

    pub(super) fn person(&self, seat: Seat) -> Option<&Person> {
        self.people.iter().find(|person| person.seat == seat)
    }

    pub(super) fn person_mut(&mut self, seat: Seat) -> &mut Person {
        let person = self.people.iter_mut().find(|person| person.seat == seat);
        person.expect("somebody in the room")
    }

    pub(super) fn role(&self, seat: Seat) -> Role {
        self.person(seat).map_or(Role::Guest, |person| person.role)
    }

    pub(super) fn removed(&self) -> Vec<RemovedPerson> {
        self.removals.iter().map(|removal| removal.person.clone()).collect()
    }

    pub(super) fn sent(&self) -> impl Iterator<Item = (&Person, &Sent)> {
        self.people
            .iter()
            .flat_map(|person| person.sent.iter().map(move |sent| (person, sent)))
    }

    pub(super) fn named(&self, name: &str) -> Option<&Person> {
        let is_meant = |person: &&Person| person.id.as_str() == name || person.label.as_deref() == Some(name);
        let mut meant = self.people.iter().filter(is_meant);
        let person = meant.next();
        assert!(meant.next().is_none(), "two people have the id {name}");
        person
    }

    pub(super) fn is_held(&self, person: &Person, kind: MediaKind) -> bool {
        match kind {
            MediaKind::Audio => person.is_audio_held,
            MediaKind::Video => person.is_video_held || !(self.policy.cameras_enabled || person.role > Role::Guest),
        }
    }

    fn is_silenced(&self, person: &Person, kind: MediaKind, is_share: bool) -> bool {
        self.is_held(person, kind) && !(is_share && kind == MediaKind::Video)
    }

    /// After anything: no guest shares what guests may not, nothing flows that is held, who is muted
    /// or gone does not speak, and nobody sends a file who may not.
    pub(super) fn settle(&mut self) {
        let mut people = std::mem::take(&mut self.people);
        for person in &mut people {
            if person.role == Role::Guest && !self.policy.screen_share_enabled {
                person.sent.retain(|sent| !sent.is_share);
            }
            for at in 0..person.sent.len() {
                let sent = &person.sent[at];
                if sent.flow == Flow::On && self.is_silenced(person, sent.kind, sent.is_share) {
                    person.sent[at].flow = Flow::OffByHost;
                }
            }
        }
        self.people = people;
        let list = self.list();
        let mut shown = self.people.iter().zip(&list);
        self.speaker = self
            .speaker
            .filter(|seat| shown.any(|(person, entry)| person.seat == *seat && !entry.is_audio_muted));
        self.settle_files();
    }

    pub(super) fn list(&self) -> Vec<ParticipantEntry> {
        let entry = |person: &Person| {
            let is_off = |kind| {
                let mut devices = person.sent.iter().filter(|sent| !sent.is_share && sent.kind == kind);
                self.is_held(person, kind) || devices.any(|sent| sent.flow == Flow::OffByHost)
            };
            ParticipantEntry {
                id: person.told(),
                name: person.shown_name(),
                is_audio_muted: person.is_muted || is_off(MediaKind::Audio),
                is_video_paused: person.is_camera_off || is_off(MediaKind::Video),
                user_id: person.label.clone(),
                image_url: None,
                is_host: person.role == Role::Host,
                is_co_host: person.role == Role::CoHost,
                is_screen_sharing: person.sent.iter().any(|sent| sent.is_share),
                is_reconnecting: person.lost_until.is_some(),
                is_audio_held: self.is_held(person, MediaKind::Audio),
                is_video_held: self.is_held(person, MediaKind::Video),
                audio_locked: person.is_audio_held,
                screen_share_locked: person.role == Role::Guest && !self.policy.screen_share_enabled,
                is_left_out: person.is_left_out,
                hand_raised_at: person.hand,
                joined_at: person.joined_at,
            }
        };
        self.people.iter().map(entry).collect()
    }

    /// A label, unless somebody else is known by it. A lost place at the same browser gives it away, and nobody keeps the
    /// id of another's socket.
    fn claim_label(
        &mut self,
        label: Option<String>,
        own: Option<Seat>,
        socket: &SocketId,
        device: Option<&String>,
    ) -> Option<String> {
        let others = || self.people.iter().filter(|person| Some(person.seat) != own);
        let mut losers: Vec<Seat> = others()
            .filter(|person| person.label.as_deref() == Some(socket.as_str()))
            .map(|person| person.seat)
            .collect();
        let is_ghost =
            |person: &Person| person.lost_until.is_some() && device.is_some() && person.device.as_ref() == device;
        let is_taken = label.as_ref().is_some_and(|label| {
            others().any(|person| {
                person.id.as_str() == label || (person.label.as_ref() == Some(label) && !is_ghost(person))
            })
        });
        let label = label.filter(|_| !is_taken);
        if label.is_some() {
            losers.extend(
                others()
                    .filter(|person| person.label == label)
                    .map(|person| person.seat),
            );
        }
        for person in self.people.iter_mut().filter(|person| losers.contains(&person.seat)) {
            person.label = None;
            person.wanted_label = None;
        }
        label
    }

    /// A label that became free is that of the last person who asked for it in vain.
    fn pass_on(&mut self, label: Option<String>) {
        let Some(label) = label else { return };
        if self.named(&label).is_some() {
            return;
        }
        let wanted = |person: &&mut Person| person.wanted_label.as_ref() == Some(&label);
        if let Some(person) = self.people.iter_mut().filter(wanted).last() {
            person.wanted_label = None;
            person.label = Some(label);
        }
    }

    pub(super) fn join(&mut self, caller: Caller, time: u64) -> Result<(Seat, Entry), Refusal> {
        if let Some(person) = self.people.iter().find(|person| person.id == caller.id) {
            return Ok((person.seat, Entry::Already));
        }
        let is_lost = |person: &&Person| person.token.is_some() && person.token == caller.old_token;
        let lost = self.people.iter().find(is_lost).map(|person| person.seat);
        if lost.is_none() && !caller.has_key {
            if self.removals.iter().any(|removal| removal.fits(&caller)) {
                return Err(Refusal::Removed);
            }
            let is_admitted = self.doorstep.has_admitted(&caller, time);
            if self.policy.locked && !is_admitted {
                return Err(Refusal::RoomLocked);
            }
            if self.people.len() >= self.doorstep.limit() {
                return Err(Refusal::RoomFull);
            }
            if !is_admitted {
                self.doorstep.opens(&caller, time)?;
            }
        }
        if lost.is_none() && self.people.len() == MAX_PEERS {
            return Err(Refusal::RoomFull);
        }
        if caller.has_key {
            self.removals.retain(|removal| !removal.fits(&caller));
        }
        if lost.is_none() {
            self.doorstep.waiters.retain(|waiter| !waiter.is(&caller));
        }
        let wanted = caller.label.clone();
        let label = self.claim_label(caller.label, lost, &caller.id, caller.device.as_ref());
        if let Some(seat) = lost {
            let person = self.person_mut(seat);
            person.id = caller.id;
            person.name = caller.name.or(person.name.take());
            if wanted.is_some() {
                person.wanted_label = wanted.filter(|_| label.is_none());
            }
            let before = person.label.take();
            person.label = label.or(before.clone());
            let freed = before.filter(|before| person.label.as_ref() != Some(before));
            person.device = caller.device.or(person.device.take());
            person.token = caller.new_token;
            person.lost_until = None;
            person.is_left_out = caller.left_out.unwrap_or(person.is_left_out);
            if caller.has_key {
                person.role = Role::Host;
            }
            self.pass_on(freed);
            return Ok((seat, Entry::Resumed));
        }
        let is_first = self.people.is_empty() && self.doorstep.kind == DoorKind::Open;
        let hosts = caller.has_key || (self.first_comer_hosts && is_first);
        let seat = Seat(self.seats);
        self.seats += 1;
        self.people.push(Person {
            seat,
            id: caller.id,
            name: caller.name,
            wanted_label: wanted.filter(|_| label.is_none()),
            label,
            device: caller.device,
            token: caller.new_token,
            role: if hosts { Role::Host } else { Role::Guest },
            is_muted: false,
            is_camera_off: false,
            is_audio_held: false,
            is_video_held: false,
            is_left_out: caller.left_out == Some(true),
            hand: None,
            joined_at: time,
            lost_until: None,
            sent: Vec::new(),
        });
        Ok((seat, Entry::New))
    }

    /// Nothing is left of those who were in.
    pub(super) fn begin_anew(&mut self) {
        self.policy = RoomPolicy::default();
        self.chat.clear();
        self.files.clear();
        self.removals.clear();
        self.removed_ever = 0;
    }

    pub(super) fn leave(&mut self, seat: Seat) {
        let freed = self.person(seat).and_then(|person| person.label.clone());
        self.people.retain(|person| person.seat != seat);
        self.pass_on(freed);
    }

    pub(super) fn lose(&mut self, seat: Seat, time: u64) {
        let person = self.person_mut(seat);
        person.lost_until = Some(time + GRACE_MS);
        if person.token.is_none() {
            self.leave(seat);
        }
    }

    /// Who is given up by now, in the order of joining.
    pub(super) fn over(&self, time: u64) -> Vec<Seat> {
        let over = self
            .people
            .iter()
            .filter(|one| one.lost_until.is_some_and(|until| until <= time));
        over.map(|person| person.seat).collect()
    }

    pub(super) fn introduce(&mut self, seat: Seat, name: Option<String>, label: Option<String>) {
        let Person { id, device, .. } = self.person_mut(seat).clone();
        let wanted = label.clone();
        let label = self.claim_label(label, Some(seat), &id, device.as_ref());
        let person = self.person_mut(seat);
        person.name = name.or(person.name.take());
        if wanted.is_some() {
            person.wanted_label = wanted.filter(|_| label.is_none());
        }
        let before = person.label.take();
        person.label = label.or(before.clone());
        let freed = before.filter(|before| person.label.as_ref() != Some(before));
        self.pass_on(freed);
    }

    pub(super) fn may_produce(&self, seat: Seat, kind: MediaKind, is_share: bool) -> Result<(), Refusal> {
        let person = self.person(seat).ok_or(Refusal::PeerNotFound)?;
        let is_camera = kind == MediaKind::Video && !is_share;
        let is_forbidden =
            (is_share && !self.policy.screen_share_enabled) || (is_camera && !self.policy.cameras_enabled);
        if is_forbidden && person.role == Role::Guest {
            return Err(Refusal::NotAllowed);
        }
        if person.sent.len() == MAX_STREAMS {
            return Err(Bound::StreamsSent.into());
        }
        Ok(())
    }

    pub(super) fn produce(&mut self, seat: Seat, id: ProducerId, kind: MediaKind, is_share: bool) {
        self.person_mut(seat).sent.push(Sent {
            id,
            kind,
            is_share,
            flow: Flow::On,
        });
        self.settle();
        if !is_share {
            self.turn_on(seat, kind);
        }
    }

    fn turn_on(&mut self, seat: Seat, kind: MediaKind) {
        for sent in &mut self.person_mut(seat).sent {
            if sent.kind == kind && sent.flow == Flow::OffByHost {
                sent.flow = Flow::On;
            }
        }
        self.settle();
    }

    fn refused(&self, seat: Seat, kind: MediaKind) -> Result<(), Refusal> {
        match (
            self.is_held(self.person(seat).ok_or(Refusal::PeerNotFound)?, kind),
            kind,
        ) {
            (false, _) => Ok(()),
            (true, MediaKind::Audio) => Err(Refusal::AudioHeld),
            (true, MediaKind::Video) => Err(Refusal::VideoHeld),
        }
    }

    fn say(&mut self, seat: Seat, kind: MediaKind, is_off: bool) {
        let person = self.person_mut(seat);
        match kind {
            MediaKind::Audio => person.is_muted = is_off,
            MediaKind::Video => person.is_camera_off = is_off,
        }
        if !is_off {
            self.turn_on(seat, kind);
        }
    }

    pub(super) fn pause(&mut self, seat: Seat, id: ProducerId, is_off: bool) -> Result<(), Refusal> {
        let own = self
            .person(seat)
            .and_then(|person| person.sent.iter().find(|sent| sent.id == id));
        let sent = own.ok_or(Refusal::ProducerNotFound)?.clone();
        let is_screen = sent.is_share && sent.kind == MediaKind::Video;
        if !is_off && !is_screen {
            self.refused(seat, sent.kind)?;
        }
        for own in self.person_mut(seat).sent.iter_mut().filter(|own| own.id == id) {
            own.flow = if is_off { Flow::OffBySelf } else { Flow::On };
        }
        if !sent.is_share {
            self.say(seat, sent.kind, is_off);
        }
        Ok(())
    }

    pub(super) fn close(&mut self, seat: Seat, id: ProducerId) -> Result<(), Refusal> {
        let person = self.person_mut(seat);
        let before = person.sent.len();
        person.sent.retain(|sent| sent.id != id);
        if person.sent.len() < before {
            Ok(())
        } else {
            Err(Refusal::ProducerNotFound)
        }
    }

    pub(super) fn close_all(&mut self, seat: Seat) {
        self.person_mut(seat).sent.clear();
    }

    pub(super) fn update_state(&mut self, seat: Seat, said: [Option<bool>; 2]) -> Result<(), Refusal> {
        let kinds = [MediaKind::Audio, MediaKind::Video];
        for (kind, off) in kinds.into_iter().zip(said) {
            if off == Some(false) {
                self.refused(seat, kind)?;
            }
        }
        for (kind, off) in kinds.into_iter().zip(said) {
            if let Some(off) = off {
                self.say(seat, kind, off);
            }
        }
        Ok(())
    }

    pub(super) fn set_hand(&mut self, seat: Seat, is_up: bool, of: Option<&str>, time: u64) -> Result<(), Refusal> {
        let of = of.filter(|name| self.named(name).is_none_or(|person| person.seat != seat));
        match of {
            Some(_) if is_up => Err(Refusal::NotAllowed),
            Some(name) => self.act(Actor::Peer(seat), &Action::LowerHand(name.to_owned()), time),
            None => {
                let rises = time.max(self.last_hand + 1);
                let person = self.person_mut(seat);
                let rose = is_up && person.hand.is_none();
                person.hand = if is_up { person.hand.or(Some(rises)) } else { None };
                if rose {
                    self.last_hand = rises;
                }
                Ok(())
            }
        }
    }

    pub(super) fn may(&self, seat: Seat, guests_may: bool) -> Result<(), Refusal> {
        let person = self.person(seat).ok_or(Refusal::PeerNotFound)?;
        let is_allowed = guests_may || person.role > Role::Guest;
        is_allowed.then_some(()).ok_or(Refusal::NotAllowed)
    }
}
