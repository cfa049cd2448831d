//! Who may come in: whom the room's door lets through, and who says how it stands.

use std::ops::RangeInclusive;

use super::{Audience, Effect, Newcomer, Now, Role, Room, Seat};
use crate::wire::{By, DoorKind, Refusal, RoomDoor, Secret, ServerEvent, Wait};

/// How long a passcode is, in characters.
const PASSCODE: RangeInclusive<usize> = 4..=32;

/// A room's door.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Door {
    /// What somebody new must do to come in.
    pub kind: DoorKind,
    /// The passcode, kept while the door is another one.
    pub passcode: Option<Secret>,
    /// How many people the room takes at most; if none, as many as the server lets it.
    pub max_people: Option<u32>,
}

/// A change of a room's door; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DoorChange {
    /// What somebody new must do to come in.
    pub kind: Option<DoorKind>,
    /// The passcode; blanks around it do not count.
    pub passcode: Option<Secret>,
    /// How many people the room takes at most.
    pub max_people: Option<u32>,
}

impl Door {
    /// The door after a change, on a server that lets a room take so many people at most.
    ///
    /// # Errors
    /// [`Refusal::Failed`] for a passcode that is too short, too long or missing, and for a bound that is out of bounds.
    pub fn changed(&self, change: DoorChange, most_people: usize) -> Result<Self, Refusal> {
        let failed = |sentence: String| Err(Refusal::Failed(sentence));
        let passcode = match change.passcode {
            None => self.passcode.clone(),
            Some(new) => {
                let new = new.reveal().trim();
                if !PASSCODE.contains(&new.chars().count()) || new.chars().any(char::is_control) {
                    let (least, most) = (PASSCODE.start(), PASSCODE.end());
                    return failed(format!("Choose a passcode of {least} to {most} characters"));
                }
                Some(Secret::from(new))
            }
        };
        let kind = change.kind.unwrap_or(self.kind);
        if kind == DoorKind::Passcode && passcode.is_none() {
            return failed("Choose a passcode first".to_owned());
        }
        if let Some(wanted) = change.max_people
            && !(1..=most_people).contains(&(wanted as usize))
        {
            return failed(format!("Choose a limit of 1 to {most_people} people"));
        }
        // As many as the server takes is no bound of the room's own.
        let is_own = |bound: &u32| (*bound as usize) < most_people;
        Ok(Self {
            kind,
            passcode,
            max_people: change.max_people.or(self.max_people).filter(is_own),
        })
    }

    /// How many people the room takes.
    #[must_use]
    pub fn limit(&self, most_people: usize) -> usize {
        self.max_people
            .map_or(most_people, |bound| most_people.min(bound as usize))
    }

    /// The door as hosts see it.
    #[must_use]
    pub fn shown(&self, most_people: usize) -> RoomDoor {
        RoomDoor {
            door: self.kind,
            passcode: self.passcode.clone(),
            max_people: u32::try_from(self.limit(most_people)).unwrap_or(u32::MAX),
        }
    }

    fn opens_to(&self, shown: &str) -> bool {
        self.passcode
            .as_ref()
            .is_some_and(|passcode| passcode.matches(&Secret::from(shown)))
    }
}

impl Room {
    /// The room's door.
    #[must_use]
    pub fn door(&self) -> &Door {
        &self.door
    }

    /// How many people the room takes.
    pub(super) fn limit(&self) -> usize {
        self.door.limit(self.settings.max_peers)
    }

    /// Whether the door lets somebody through who has neither a place nor the host's key.
    pub(super) fn pass_door(&mut self, newcomer: &Newcomer, now: Now) -> Result<(), Refusal> {
        if self.is_removed(newcomer) {
            return Err(Refusal::Removed);
        }
        let is_admitted = self.lobby.has_admitted(newcomer, now);
        if self.policy.locked && !is_admitted {
            return Err(Refusal::RoomLocked);
        }
        if self.peers.len() >= self.limit() {
            return Err(Refusal::RoomFull);
        }
        match self.door.kind {
            _ if is_admitted => Ok(()),
            DoorKind::Open => Ok(()),
            DoorKind::Passcode => self.try_passcode(newcomer, now),
            DoorKind::WaitingRoom => match self.lobby.pause_of(newcomer, now) {
                Some(pause) => Err(Refusal::TurnedAway(Wait(pause))),
                None => Err(Refusal::WaitingForHost),
            },
        }
    }

    fn try_passcode(&mut self, newcomer: &Newcomer, now: Now) -> Result<(), Refusal> {
        let shown = newcomer.passcode.as_ref().map_or("", |shown| shown.reveal().trim());
        if shown.is_empty() {
            return Err(Refusal::PasscodeRequired);
        }
        let may_guess = self.guesses.may_guess(newcomer.address, now.instant);
        may_guess.map_err(|wait| Refusal::TooManyGuesses(Wait(wait)))?;
        if self.door.opens_to(shown) {
            return Ok(());
        }
        self.guesses.was_wrong(newcomer.address, now.instant);
        Err(Refusal::WrongPasscode)
    }

    pub(super) fn set_door(&mut self, change: DoorChange, by: &By, now: Now) -> Result<Vec<Effect>, Refusal> {
        let door = self.door.changed(change, self.settings.max_peers)?;
        if door == self.door {
            return Ok(Vec::new());
        }
        let opens = door.kind == DoorKind::Open && self.door.kind != DoorKind::Open;
        self.door = door;
        self.door_by = by.clone();
        let mut effects = vec![Effect::tell(Audience::Hosts, self.door_event())];
        if opens {
            effects.extend(self.admit_all(by, now));
        }
        Ok(effects)
    }

    /// What a host is told of the door.
    pub(super) fn door_for(&self, seat: Seat) -> Option<Effect> {
        let is_meant = self.role(seat) == Role::Host;
        is_meant.then(|| Effect::tell(Audience::One(seat), self.door_event()))
    }

    fn door_event(&self) -> ServerEvent {
        ServerEvent::RoomDoor {
            door: self.door.shown(self.settings.max_peers),
            by: self.door_by.clone(),
        }
    }
}
