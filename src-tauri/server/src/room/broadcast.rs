//! That the room is broadcast: everybody is to know, also who comes meanwhile.

use super::{Audience, Effect, Room, Seat};
use crate::wire::{RunningBroadcast, ServerEvent};

impl Room {
    /// The broadcast that runs now.
    #[must_use]
    pub fn broadcast(&self) -> Option<RunningBroadcast> {
        self.broadcast
    }

    /// Takes in that a broadcast of the room began.
    pub fn broadcast_started(&mut self, broadcast: RunningBroadcast) -> Vec<Effect> {
        self.broadcast = Some(broadcast);
        vec![Effect::tell(Audience::All, self.broadcast_event(broadcast))]
    }

    /// Takes in that the broadcast ended.
    pub fn broadcast_stopped(&mut self) -> Vec<Effect> {
        if self.broadcast.take().is_none() {
            return Vec::new();
        }
        let room_id = self.id.clone();
        vec![Effect::tell(Audience::All, ServerEvent::BroadcastStopped { room_id })]
    }

    /// What somebody who comes in is told of it: nothing while there is none.
    pub(super) fn broadcast_for(&self, seat: Seat) -> Option<Effect> {
        let event = self.broadcast_event(self.broadcast?);
        Some(Effect::tell(Audience::One(seat), event))
    }

    fn broadcast_event(&self, broadcast: RunningBroadcast) -> ServerEvent {
        ServerEvent::BroadcastStarted {
            room_id: self.id.clone(),
            started_at: broadcast.started_at,
        }
    }
}
