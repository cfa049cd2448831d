//! Rooms for which a meeting was announced: who announced it hosts, not whoever comes first.

use super::{Identity, Role, Room};

impl Room {
    /// The same for a meeting that somebody of this label announced.
    #[must_use]
    pub fn created_by(self, creator_id: Option<String>) -> Self {
        Self { creator_id, ..self }
    }

    /// Whether somebody who comes into the empty room may host it for that. Where a meeting was announced the label of who
    /// did is told to nobody else, so it does for the first who come.
    pub(super) fn may_host_as_first(&self, identity: &Identity) -> bool {
        self.creator_id.is_none() || self.creator_id == identity.user_id
    }

    /// Whether somebody in the room hosts it.
    pub(super) fn has_host(&self) -> bool {
        self.peers.values().any(|peer| peer.role == Role::Host)
    }
}
