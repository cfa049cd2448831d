//! Who may do what: guests, co-hosts, hosts, and the owner of the machine above them.
//!
//! Who acts on somebody must stand above them; hosts also act on one another, and only they make and unmake hosts and
//! co-hosts. The owner may do everything that a host may, without being in the room.

use super::{Audience, Effect, Room, Seat};
use crate::wire::{By, Refusal, RoleUpdate, ServerEvent};

/// What a person may do in a room, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Takes part.
    Guest,
    /// Looks after the guests.
    CoHost,
    /// Runs the room.
    Host,
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A person in the room.
    Peer(Seat),
    /// The owner of the machine.
    Owner,
}

impl Room {
    /// The role of the person in a seat; nobody's is a guest's.
    pub(super) fn role(&self, seat: Seat) -> Role {
        self.peers.get(&seat).map_or(Role::Guest, |peer| peer.role)
    }

    /// Who acts, if that is somebody with this role at least.
    pub(super) fn authorise(&self, actor: Actor, least: Role) -> Result<By, Refusal> {
        match actor {
            Actor::Owner => Ok(By::owner()),
            Actor::Peer(seat) => {
                let peer = self.peers.get(&seat).ok_or(Refusal::PeerNotFound)?;
                if peer.role < least {
                    return Err(Refusal::NotAllowed);
                }
                Ok(peer.as_doer())
            }
        }
    }

    /// The seat of somebody named by peer id or, where no peer has that id, by label; if the actor may act on them.
    pub(super) fn target(&self, actor: Actor, name: &str) -> Result<Seat, Refusal> {
        let seat = self.seat_named(name).ok_or(Refusal::ParticipantNotFound)?;
        let is_above = match actor {
            Actor::Owner => true,
            Actor::Peer(own) => self.role(own) == Role::Host || self.role(own) > self.role(seat),
        };
        if is_above { Ok(seat) } else { Err(Refusal::NotAllowed) }
    }

    /// Raises somebody to a role; who stands as high already stays there.
    pub(super) fn grant(&mut self, actor: Actor, name: &str, role: Role) -> Result<Vec<Effect>, Refusal> {
        let by = self.authorise(actor, Role::Host)?;
        let seat = self.target(actor, name)?;
        if self.role(seat) >= role {
            return Ok(Vec::new());
        }
        let told = match role {
            Role::Host => ServerEvent::HostGranted(by.clone()),
            Role::CoHost | Role::Guest => ServerEvent::CohostGranted(by.clone()),
        };
        Ok(self.change_role(seat, role, told, &by))
    }

    /// Makes somebody who has this role a guest; who has another keeps it.
    pub(super) fn revoke(&mut self, actor: Actor, name: &str, role: Role) -> Result<Vec<Effect>, Refusal> {
        let by = self.authorise(actor, Role::Host)?;
        let seat = self.target(actor, name)?;
        if self.role(seat) != role {
            return Ok(Vec::new());
        }
        let hosts = self.peers.values().filter(|peer| peer.role == Role::Host).count();
        if role == Role::Host && hosts == 1 && actor != Actor::Owner {
            return Err(Refusal::OnlyHost);
        }
        let told = match role {
            Role::Host => ServerEvent::HostRevoked(by.clone()),
            Role::CoHost | Role::Guest => ServerEvent::CohostRevoked(by.clone()),
        };
        Ok(self.change_role(seat, Role::Guest, told, &by))
    }

    fn change_role(&mut self, seat: Seat, role: Role, told: ServerEvent, by: &By) -> Vec<Effect> {
        self.and_tell(|room| {
            let Some(peer) = room.peers.get_mut(&seat) else {
                return Vec::new();
            };
            peer.role = role;
            let updated = ServerEvent::ParticipantUpdated {
                participant_id: peer.public_id(),
                updates: RoleUpdate {
                    is_host: role == Role::Host,
                    is_co_host: role == Role::CoHost,
                },
            };
            let mut effects = vec![
                Effect::tell(Audience::One(seat), told),
                Effect::tell(Audience::All, updated),
            ];
            effects.extend(room.removed_people_for(seat));
            effects.extend(room.waiting_people_for(seat));
            effects.extend(room.door_for(seat));
            effects.extend(room.enforce(seat, by));
            effects
        })
    }
}
