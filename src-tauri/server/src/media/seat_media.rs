//! What one seat in a room sends and receives.
//!
//! Each side holds its transport and the streams on it, so that dropping the side closes them all.

use std::collections::HashMap;

use mediasoup::prelude::*;

use super::workers::Load;

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

/// Both sides of a seat.
#[derive(Debug, Default)]
pub(super) struct SeatMedia {
    pub(super) send: Option<SendSide>,
    pub(super) receive: Option<ReceiveSide>,
}

impl SeatMedia {
    pub(super) fn link(&mut self, id: TransportId) -> Option<&mut Link> {
        let send = self.send.as_mut().map(|side| &mut side.link);
        let receive = self.receive.as_mut().map(|side| &mut side.link);
        send.into_iter().chain(receive).find(|link| link.transport.id() == id)
    }

    pub(super) fn consumer(&self, id: ConsumerId) -> Option<&Consumer> {
        self.receive.as_ref()?.consumers.get(&id)
    }

    pub(super) fn producer(&self, id: ProducerId) -> Option<&Producer> {
        self.send.as_ref()?.producers.get(&id)
    }
}
