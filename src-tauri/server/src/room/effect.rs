//! What follows from a change of a room.

use mediasoup::prelude::ProducerId;

use super::Seat;
use crate::wire::{FileId, ServerEvent};

/// Whom an event is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everybody in the room.
    All,
    /// Everybody but one.
    Others(Seat),
    /// One alone.
    One(Seat),
    /// The hosts.
    Hosts,
    /// The hosts and co-hosts.
    Moderators,
    /// Somebody who waits to be let in.
    Waiting(u64),
}

/// One thing to be done by whoever owns the room.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Tell somebody something.
    Tell(Audience, Box<ServerEvent>),
    /// End what a seat sends and receives: its peer is gone.
    EndMedia(Seat),
    /// Forget whom to tell of a knock: it is over.
    EndWait(u64),
    /// End one stream.
    EndStream(Seat, ProducerId),
    /// Pause one stream, or let it flow again.
    PauseStream(Seat, ProducerId, bool),
    /// Keep what a person sends and says out of recordings from now on, or take it in again.
    LeaveOut(Seat, bool),
    /// End one file, whether it is there or still on its way.
    EndFile(FileId),
}

impl Effect {
    pub(super) fn tell(audience: Audience, event: ServerEvent) -> Self {
        Self::Tell(audience, Box::new(event))
    }
}
