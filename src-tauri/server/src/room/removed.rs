//! Whom hosts removed, and how they are known again.
//!
//! There are no accounts, so nobody is known for certain. A removed person's browser is known by what it brings: the
//! token that its page keeps, the label, the proof of its place, and its very socket. That holds off a reload and a new
//! tab; it does not hold off somebody who clears the browser's memory or takes another one. An address is not looked
//! at, as everybody behind a router has the same.

use std::collections::VecDeque;

use super::{Audience, Effect, Newcomer, Now, Peer, Role, Room, Seat};
use crate::wire::{Refusal, RemovedPerson, Secret, ServerEvent, SocketId};

/// The most removals kept; the oldest goes first.
const MAX_REMOVALS: usize = 500;

/// The removals of a room.
#[derive(Debug, Default)]
pub(super) struct Removals {
    entries: VecDeque<Removal>,
    last_id: u64,
}

#[derive(Debug)]
struct Removal {
    person: RemovedPerson,
    socket: SocketId,
    label: Option<String>,
    device: Option<Secret>,
    place: Option<Secret>,
}

impl Removal {
    fn is_of(&self, newcomer: &Newcomer) -> bool {
        let same_secret = |kept: &Option<Secret>, shown: &Option<Secret>| {
            kept.as_ref()
                .zip(shown.as_ref())
                .is_some_and(|(kept, shown)| kept.matches(shown))
        };
        self.socket == newcomer.id
            || (self.label.is_some() && self.label == newcomer.identity.user_id)
            || same_secret(&self.device, &newcomer.device)
            || same_secret(&self.place, &newcomer.old_token)
    }
}

impl Removals {
    fn add(&mut self, peer: &Peer, now: Now) {
        self.last_id += 1;
        self.entries.push_back(Removal {
            person: RemovedPerson {
                id: self.last_id,
                name: peer.name(),
                removed_at: now.epoch_ms,
            },
            socket: peer.id.clone(),
            label: peer.identity.user_id.clone(),
            device: peer.device.clone(),
            place: peer.resume_token.clone(),
        });
        if self.entries.len() > MAX_REMOVALS {
            self.entries.pop_front();
        }
    }

    /// Forgets those that fit, and tells whether there were any.
    fn forget(&mut self, fits: impl Fn(&Removal) -> bool) -> bool {
        let before = self.entries.len();
        self.entries.retain(|removal| !fits(removal));
        self.entries.len() < before
    }
}

impl Room {
    /// Whom hosts removed, in the order in which they did.
    #[must_use]
    pub fn removed_people(&self) -> Vec<RemovedPerson> {
        self.removals
            .entries
            .iter()
            .map(|removal| removal.person.clone())
            .collect()
    }

    /// Whether who asks to join is known to have been removed.
    pub(super) fn is_removed(&self, newcomer: &Newcomer) -> bool {
        self.removals.entries.iter().any(|removal| removal.is_of(newcomer))
    }

    /// Takes somebody out of the room, to be known again.
    pub(super) fn remove(&mut self, seat: Seat, now: Now) -> Vec<Effect> {
        let Some(peer) = self.peers.get(&seat) else {
            return Vec::new();
        };
        self.removals.add(peer, now);
        let mut effects = self.leave(seat);
        effects.push(self.removed_people_to(Audience::Moderators));
        effects
    }

    /// Lifts a removal.
    pub(super) fn let_back_in(&mut self, id: u64) -> Result<Vec<Effect>, Refusal> {
        if !self.removals.forget(|removal| removal.person.id == id) {
            return Err(Refusal::ParticipantNotFound);
        }
        Ok(vec![self.removed_people_to(Audience::Moderators)])
    }

    /// Lifts the removals of somebody who comes in with the host's key.
    pub(super) fn pardon(&mut self, newcomer: &Newcomer) -> Vec<Effect> {
        if self.removals.forget(|removal| removal.is_of(newcomer)) {
            vec![self.removed_people_to(Audience::Moderators)]
        } else {
            Vec::new()
        }
    }

    /// What a person is told who may see whom hosts removed.
    pub(super) fn removed_people_for(&self, seat: Seat) -> Option<Effect> {
        let is_meant = self.role(seat) > Role::Guest && !self.removals.entries.is_empty();
        is_meant.then(|| self.removed_people_to(Audience::One(seat)))
    }

    fn removed_people_to(&self, audience: Audience) -> Effect {
        Effect::tell(audience, ServerEvent::RemovedPeople(self.removed_people()))
    }
}
