//! What only those may change who run the room, and that nobody else did: said without the model.

use std::collections::BTreeMap;

use super::super::super::{Door, Holds, Role, Room, Seat};
use crate::wire::RoomPolicy;

/// Who did something, as far as it gives rights.
#[derive(Debug, Clone, Copy)]
pub(super) enum Standing {
    /// Nobody who could change what others may.
    Nobody,
    /// Who came first, or with the host's key: that makes them a host, and lets them back in.
    Key(Seat),
    Peer(Seat, Role),
    Owner,
}

/// What only those may change who run the room.
#[derive(Debug, PartialEq)]
pub(super) struct Authority {
    policy: RoomPolicy,
    door: Door,
    removed: Vec<u64>,
    people: BTreeMap<Seat, (Role, Holds)>,
}

impl Authority {
    pub(super) fn of(room: &Room) -> Self {
        Self {
            policy: room.policy(),
            door: room.door().clone(),
            removed: room.removed_people().iter().map(|person| person.id).collect(),
            people: room
                .peers()
                .map(|(seat, peer)| (seat, (peer.role, peer.holds.clone())))
                .collect(),
        }
    }

    pub(super) fn is_kept_unless_allowed(&self, after: &Self, standing: Standing) {
        let least = match standing {
            Standing::Owner => return,
            Standing::Peer(_, role) => role,
            Standing::Nobody | Standing::Key(_) => Role::Guest,
        };
        assert!(
            least == Role::Host || self.door == after.door,
            "the door was changed by {standing:?}"
        );
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
