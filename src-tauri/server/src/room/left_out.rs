//! Being left out of recordings: each person's own wish, about which nobody else decides.

use super::{Effect, Peer, Room, Seat};

impl Room {
    /// Takes in that a person wants to be left out of recordings, or to be in them again.
    pub fn leave_out(&mut self, seat: Seat, left_out: bool) -> Vec<Effect> {
        self.and_tell(|room| room.set_left_out(seat, left_out))
    }

    pub(super) fn set_left_out(&mut self, seat: Seat, left_out: bool) -> Vec<Effect> {
        match self.peers.get_mut(&seat) {
            Some(peer) if peer.is_left_out != left_out => {
                peer.is_left_out = left_out;
                vec![Effect::LeaveOut(seat, left_out)]
            }
            _ => Vec::new(),
        }
    }

    /// The peers of whom a recording may hold something, in the order in which they joined.
    pub fn recorded_peers(&self) -> impl Iterator<Item = (Seat, &Peer)> {
        self.peers().filter(|(_, peer)| !peer.is_left_out)
    }

    /// Whether a recording may hold something of who sits here.
    #[must_use]
    pub fn is_recorded(&self, seat: Seat) -> bool {
        self.peer(seat).is_some_and(|peer| !peer.is_left_out)
    }
}
