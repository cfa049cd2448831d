//! What one seat in a room sends and receives.
//!
//! Each side holds its transport and the streams on it, so that dropping the side closes them all. A seat usually has one
//! side of each direction. A page that makes transports anew, or is mounted several times over, has more for a while: the
//! earlier live until a later one is used, as nobody knows which of them the page will go on with.

use std::collections::HashMap;

use mediasoup::prelude::*;

use super::workers::Load;

/// The most transports of one direction that are neither connected nor carry anything; the oldest closes.
pub(super) const MAX_UNUSED: usize = 8;

/// A transport, whether the client connected it, and its share of the worker's load.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) transport: WebRtcTransport,
    pub(super) connected: bool,
    pub(super) _load: Load,
}

/// The transport on which a peer sends, and its streams.
#[derive(Debug)]
pub(super) struct SendSide {
    pub(super) link: Link,
    pub(super) producers: HashMap<ProducerId, Producer>,
}

/// The transport on which a peer receives, and what it receives.
#[derive(Debug)]
pub(super) struct ReceiveSide {
    pub(super) link: Link,
    pub(super) consumers: HashMap<ConsumerId, Consumer>,
}

/// A transport of one direction with what runs over it.
pub(super) trait Side {
    fn link(&self) -> &Link;
    fn link_mut(&mut self) -> &mut Link;
    /// Whether the client connected it, or something is to run over it.
    fn is_used(&self) -> bool;
}

impl Side for SendSide {
    fn link(&self) -> &Link {
        &self.link
    }

    fn link_mut(&mut self) -> &mut Link {
        &mut self.link
    }

    fn is_used(&self) -> bool {
        self.link.connected || !self.producers.is_empty()
    }
}

impl Side for ReceiveSide {
    fn link(&self) -> &Link {
        &self.link
    }

    fn link_mut(&mut self) -> &mut Link {
        &mut self.link
    }

    fn is_used(&self) -> bool {
        self.link.connected || !self.consumers.is_empty()
    }
}

/// All sides of one direction, in the order in which they were made.
#[derive(Debug)]
pub(super) struct Sides<S>(Vec<S>);

impl<S> Default for Sides<S> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<S: Side> Sides<S> {
    pub(super) fn iter(&self) -> impl Iterator<Item = &S> {
        self.0.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut S> {
        self.0.iter_mut()
    }

    pub(super) fn get(&self, id: TransportId) -> Option<&S> {
        self.0.iter().find(|side| side.link().transport.id() == id)
    }

    pub(super) fn get_mut(&mut self, id: TransportId) -> Option<&mut S> {
        self.0.iter_mut().find(|side| side.link().transport.id() == id)
    }

    /// The one that was made last.
    pub(super) fn last(&self) -> Option<&S> {
        self.0.last()
    }

    /// Adds one; returns those that close for it.
    pub(super) fn add(&mut self, side: S) -> Vec<S> {
        self.0.push(side);
        let unused = self.0.iter().filter(|side| !side.is_used()).count();
        let mut excess = unused.saturating_sub(MAX_UNUSED);
        let is_over = |side: &mut S| {
            let goes = excess > 0 && !side.is_used();
            excess -= usize::from(goes);
            goes
        };
        self.0.extract_if(.., is_over).collect()
    }

    /// Takes in that one is used: those that were made before it close, and are returned.
    pub(super) fn used(&mut self, id: TransportId) -> Vec<S> {
        let at = self.0.iter().position(|side| side.link().transport.id() == id);
        at.map_or_else(Vec::new, |at| self.0.drain(..at).collect())
    }

    /// Takes all of them.
    pub(super) fn take(&mut self) -> Vec<S> {
        std::mem::take(&mut self.0)
    }
}

/// Both directions of a seat.
#[derive(Debug, Default)]
pub(super) struct SeatMedia {
    pub(super) send: Sides<SendSide>,
    pub(super) receive: Sides<ReceiveSide>,
}

impl SeatMedia {
    pub(super) fn link(&mut self, id: TransportId) -> Option<&mut Link> {
        let send = self.send.get_mut(id).map(Side::link_mut);
        send.or_else(|| self.receive.get_mut(id).map(Side::link_mut))
    }

    pub(super) fn consumer(&self, id: ConsumerId) -> Option<&Consumer> {
        self.receive.iter().find_map(|side| side.consumers.get(&id))
    }

    pub(super) fn producer(&self, id: ProducerId) -> Option<&Producer> {
        self.send.iter().find_map(|side| side.producers.get(&id))
    }
}

/// What is sent over sides that close.
pub(super) fn streams_on(sides: &[SendSide]) -> Vec<ProducerId> {
    sides.iter().flat_map(|side| side.producers.keys().copied()).collect()
}
