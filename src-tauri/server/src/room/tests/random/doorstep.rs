//! The door and those before it, as the model has them.

use super::super::super::DoorChange;
use super::model::{Caller, GRACE_MS, MAX_PEERS, Model};
use crate::wire::{DoorKind, Refusal, RoomDoor, Secret, Wait, Waiting, WaitingPerson};

const ADMISSION_MS: u64 = 120_000;
const MAX_WAITING: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stay {
    Waits,
    LostUntil(u64),
    AdmittedUntil(u64),
}

#[derive(Debug, Clone)]
pub(super) struct Waiter {
    pub(super) person: WaitingPerson,
    pub(super) socket: String,
    device: Option<String>,
    pub(super) stay: Stay,
}

#[derive(Debug, Clone)]
struct Sent {
    socket: String,
    device: Option<String>,
    times: u32,
    until: u64,
}

/// Who guessed passcodes at one address, and until when nothing more is looked at.
#[derive(Debug, Clone, Default)]
struct Guesser {
    wrong: Vec<u64>,
    waits: u32,
    closed_until: u64,
}

#[derive(Debug, Default)]
pub(super) struct Doorstep {
    pub(super) kind: DoorKind,
    pub(super) passcode: Option<String>,
    limit: Option<usize>,
    pub(super) waiters: Vec<Waiter>,
    sent_away: Vec<Sent>,
    guessers: [Guesser; 3],
    knocks: u64,
}

fn is_same(socket: &str, device: Option<&String>, caller: &Caller) -> bool {
    socket == caller.id.as_str() || (device.is_some() && device == caller.device.as_ref())
}

impl Waiter {
    pub(super) fn is(&self, caller: &Caller) -> bool {
        is_same(&self.socket, self.device.as_ref(), caller)
    }

    pub(super) fn until(&self) -> Option<u64> {
        match self.stay {
            Stay::Waits => None,
            Stay::LostUntil(until) | Stay::AdmittedUntil(until) => Some(until),
        }
    }

    fn is_admitted(&self) -> bool {
        matches!(self.stay, Stay::AdmittedUntil(_))
    }
}

impl Doorstep {
    pub(super) fn limit(&self) -> usize {
        self.limit.unwrap_or(MAX_PEERS)
    }

    pub(super) fn shown(&self) -> RoomDoor {
        RoomDoor {
            door: self.kind,
            passcode: self.passcode.as_deref().map(Secret::from),
            max_people: u32::try_from(self.limit()).unwrap(),
        }
    }

    pub(super) fn waiting(&self) -> Vec<WaitingPerson> {
        let waiting = self.waiters.iter().filter(|waiter| !waiter.is_admitted());
        waiting.map(|waiter| waiter.person.clone()).collect()
    }

    pub(super) fn has_admitted(&self, caller: &Caller, time: u64) -> bool {
        let is_admitted = |waiter: &Waiter| matches!(waiter.stay, Stay::AdmittedUntil(until) if until > time);
        self.waiters
            .iter()
            .any(|waiter| waiter.is(caller) && is_admitted(waiter))
    }

    /// Whether the door itself lets somebody through.
    pub(super) fn opens(&mut self, caller: &Caller, time: u64) -> Result<(), Refusal> {
        match self.kind {
            DoorKind::Open => Ok(()),
            DoorKind::Passcode => self.try_passcode(caller, time),
            DoorKind::WaitingRoom => {
                let sent = self
                    .sent_away
                    .iter()
                    .filter(|sent| is_same(&sent.socket, sent.device.as_ref(), caller));
                match sent.map(|sent| sent.until).max() {
                    Some(until) if until > time => Err(Refusal::TurnedAway(wait(until - time))),
                    _ => Err(Refusal::WaitingForHost),
                }
            }
        }
    }

    fn try_passcode(&mut self, caller: &Caller, time: u64) -> Result<(), Refusal> {
        let shown = caller.passcode.as_ref().ok_or(Refusal::PasscodeRequired)?;
        let guesser = &mut self.guessers[caller.address];
        if guesser.closed_until > time {
            return Err(Refusal::TooManyGuesses(wait(guesser.closed_until - time)));
        }
        if self.passcode.as_ref() == Some(shown) {
            return Ok(());
        }
        if guesser.wrong.last().is_some_and(|last| time - last >= 600_000) {
            *guesser = Guesser::default();
        }
        guesser.wrong.push(time);
        let recent = guesser.wrong.iter().filter(|at| time - **at < 60_000).count();
        if guesser.waits > 0 || recent >= 5 {
            guesser.closed_until = time + [10_000, 20_000, 40_000, 80_000, 120_000][guesser.waits.min(4) as usize];
            guesser.waits += 1;
        }
        Err(Refusal::WrongPasscode)
    }

    pub(super) fn knock(&mut self, caller: &Caller, shown_name: String, time: u64) -> Result<u64, Refusal> {
        self.waiters
            .retain(|waiter| !(waiter.is(caller) && waiter.is_admitted()));
        if let Some(waiter) = self.waiters.iter_mut().find(|waiter| waiter.is(caller)) {
            waiter.person.name = shown_name;
            waiter.socket = caller.id.to_string();
            waiter.device = caller.device.clone().or(waiter.device.take());
            waiter.stay = Stay::Waits;
            return Ok(waiter.person.id);
        }
        assert!(self.waiters.len() < MAX_WAITING, "so few browsers do not fill a lobby");
        self.knocks += 1;
        self.waiters.push(Waiter {
            person: WaitingPerson {
                id: self.knocks,
                name: shown_name,
                image_url: None,
                knocked_at: time,
            },
            socket: caller.id.to_string(),
            device: caller.device.clone(),
            stay: Stay::Waits,
        });
        Ok(self.knocks)
    }

    pub(super) fn hang_up(&mut self, socket: &str, goodbye: bool, time: u64) {
        let Some(at) = self.waiters.iter().position(|waiter| waiter.socket == socket) else {
            return;
        };
        if goodbye || self.waiters[at].device.is_none() {
            self.waiters.remove(at);
        } else if !self.waiters[at].is_admitted() {
            self.waiters[at].stay = Stay::LostUntil(time + GRACE_MS);
        }
    }

    pub(super) fn expire(&mut self, time: u64) {
        self.waiters
            .retain(|waiter| waiter.until().is_none_or(|until| until > time));
    }
}

impl Model {
    fn free_places(&self, time: u64) -> usize {
        let expected = self.doorstep.waiters.iter();
        let expected = expected.filter(|waiter| waiter.is_admitted() && waiter.until() > Some(time));
        self.doorstep
            .limit()
            .saturating_sub(self.people.len() + expected.count())
    }

    pub(super) fn admit(&mut self, who: Waiting, time: u64) -> Result<(), Refusal> {
        let waiting = self.doorstep.waiting();
        let free = self.free_places(time);
        let admitted: Vec<u64> = match who {
            Waiting::All => waiting.iter().take(free).map(|person| person.id).collect(),
            Waiting::One(id) if !waiting.iter().any(|person| person.id == id) => {
                return Err(Refusal::ParticipantNotFound);
            }
            Waiting::One(_) if free == 0 => return Err(Refusal::RoomFull),
            Waiting::One(id) => vec![id],
        };
        let mut waiters = self.doorstep.waiters.iter_mut();
        for id in admitted {
            let waiter = waiters.find(|waiter| waiter.person.id == id).expect("in their order");
            waiter.stay = Stay::AdmittedUntil(time + ADMISSION_MS);
        }
        Ok(())
    }

    pub(super) fn turn_away(&mut self, who: Waiting, time: u64) -> Result<(), Refusal> {
        let waiting = self.doorstep.waiting();
        let ids: Vec<u64> = match who {
            Waiting::All => waiting.iter().map(|person| person.id).collect(),
            Waiting::One(id) if waiting.iter().any(|person| person.id == id) => vec![id],
            Waiting::One(_) => return Err(Refusal::ParticipantNotFound),
        };
        for id in ids {
            let doorstep = &mut self.doorstep;
            let at = doorstep.waiters.iter().position(|waiter| waiter.person.id == id);
            let waiter = doorstep.waiters.remove(at.expect("somebody who waits"));
            let is_theirs =
                |sent: &Sent| sent.socket == waiter.socket || (sent.device.is_some() && sent.device == waiter.device);
            let known = doorstep.sent_away.iter().position(is_theirs);
            let times = known.map_or(0, |known| doorstep.sent_away.remove(known).times);
            doorstep.sent_away.push(Sent {
                socket: waiter.socket,
                device: waiter.device,
                times: times + 1,
                until: time + (60_000 << times).min(3_600_000),
            });
        }
        Ok(())
    }

    pub(super) fn set_door(&mut self, change: &DoorChange, time: u64) -> Result<(), Refusal> {
        let failed = |text: &str| Err(Refusal::Failed(text.to_owned()));
        let new = change
            .passcode
            .as_ref()
            .map(|passcode| passcode.reveal().trim().to_owned());
        if new.as_ref().is_some_and(|new| new.len() < 4) {
            return failed("Choose a passcode of 4 to 32 characters");
        }
        let kind = change.kind.unwrap_or(self.doorstep.kind);
        let passcode = new.or(self.doorstep.passcode.clone());
        if kind == DoorKind::Passcode && passcode.is_none() {
            return failed("Choose a passcode first");
        }
        match change.max_people.map(|bound| bound as usize) {
            Some(bound) if bound == 0 || bound > MAX_PEERS => {
                return failed("Choose a limit of 1 to 5 people");
            }
            Some(bound) => self.doorstep.limit = Some(bound),
            None => (),
        }
        let opens = kind == DoorKind::Open && self.doorstep.kind != DoorKind::Open;
        (self.doorstep.kind, self.doorstep.passcode) = (kind, passcode);
        if opens { self.admit(Waiting::All, time) } else { Ok(()) }
    }
}

fn wait(ms: u64) -> Wait {
    Wait(std::time::Duration::from_millis(ms))
}
