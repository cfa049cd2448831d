//! What peers send, and what they say of their microphones and cameras.

use mediasoup::prelude::{MediaKind, ProducerId};

use super::{Audience, Effect, Peer, Room, Seat, Stream};
use crate::wire::{Bound, PeerId, ProducerSummary, Refusal, ServerEvent};

impl Room {
    /// How one more stream of a peer would begin: paused where a host keeps its kind off.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] where the room allows it to hosts alone, [`Refusal::Limit`] when the peer sends too many,
    /// [`Refusal::AudioHeld`] and [`Refusal::VideoHeld`] where it would begin paused and the client does not know that.
    pub fn may_produce(&self, seat: Seat, kind: MediaKind, is_screen_share: bool) -> Result<Stream, Refusal> {
        let peer = self.peers.get(&seat).ok_or(Refusal::PeerNotFound)?;
        if is_screen_share {
            self.allows(seat, self.policy.screen_share_enabled)?;
        } else if kind == MediaKind::Video {
            self.allows(seat, self.policy.cameras_enabled)?;
        }
        if peer.streams.len() >= self.settings.max_streams {
            return Err(Bound::StreamsSent.into());
        }
        let paused = self.must_pause(peer, kind, is_screen_share);
        if paused {
            self.may_begin_paused(peer, kind, is_screen_share)?;
        }
        Ok(Stream {
            kind,
            is_screen_share,
            paused,
            by_host: paused,
        })
    }

    /// Takes in a new stream. Whoever sends a new microphone or camera turned it on: what a host had paused of that kind
    /// flows again as well.
    pub fn produced(&mut self, seat: Seat, producer_id: ProducerId, stream: Stream) -> Vec<Effect> {
        self.and_tell(|room| {
            let Some(peer) = room.peers.get_mut(&seat) else {
                return vec![Effect::EndStream(seat, producer_id)];
            };
            peer.streams.insert(producer_id, stream);
            let peer_id = peer.public_id();
            let opened = ServerEvent::NewProducer {
                producer_id,
                peer_id: peer_id.clone(),
                user_id: peer.identity.user_id.clone(),
                kind: stream.kind,
                is_screen_share: stream.is_screen_share,
            };
            let paused = ServerEvent::ProducerPaused { producer_id, peer_id };
            let events = std::iter::once(opened).chain(stream.paused.then_some(paused));
            let mut effects: Vec<Effect> = events
                .map(|event| Effect::tell(Audience::Others(seat), event))
                .collect();
            if !stream.is_screen_share {
                effects.extend(room.release(seat, stream.kind));
            }
            effects
        })
    }

    /// Ends one of a peer's streams, by the peer's wish.
    ///
    /// # Errors
    /// [`Refusal::ProducerNotFound`] when it is not the peer's.
    pub fn close_stream(&mut self, seat: Seat, producer_id: ProducerId) -> Result<Vec<Effect>, Refusal> {
        self.owned_stream(seat, producer_id)?;
        Ok(self.and_tell(|room| room.end_stream(seat, producer_id)))
    }

    /// Ends streams of a peer: their transport is replaced by another one.
    pub fn close_streams(&mut self, seat: Seat, ids: Vec<ProducerId>) -> Vec<Effect> {
        self.and_tell(|room| ids.into_iter().flat_map(|id| room.end_stream(seat, id)).collect())
    }

    pub(super) fn end_stream(&mut self, seat: Seat, producer_id: ProducerId) -> Vec<Effect> {
        let Some(peer) = self.peers.get_mut(&seat) else {
            return Vec::new();
        };
        let Some(stream) = peer.streams.shift_remove(&producer_id) else {
            return Vec::new();
        };
        vec![
            Effect::EndStream(seat, producer_id),
            Effect::tell(Audience::Others(seat), closed(peer, producer_id, stream)),
        ]
    }

    /// One of a peer's own streams.
    ///
    /// # Errors
    /// [`Refusal::ProducerNotFound`] when it is not the peer's.
    pub fn owned_stream(&self, seat: Seat, producer_id: ProducerId) -> Result<Stream, Refusal> {
        let stream = self.peers.get(&seat).and_then(|peer| peer.streams.get(&producer_id));
        stream.copied().ok_or(Refusal::ProducerNotFound)
    }

    /// Pauses one of a peer's streams or lets it flow, by the peer's wish. A paused microphone or camera counts as muted
    /// or off in the list, so that frontends that know only the list see it.
    ///
    /// # Errors
    /// [`Refusal::ProducerNotFound`] when it is not the peer's; [`Refusal::AudioHeld`] and [`Refusal::VideoHeld`] when
    /// it is to flow and a host keeps it off.
    pub fn pause_stream(&mut self, seat: Seat, producer_id: ProducerId, paused: bool) -> Result<Vec<Effect>, Refusal> {
        let stream = self.owned_stream(seat, producer_id)?;
        let Stream {
            kind, is_screen_share, ..
        } = stream;
        let is_screen = is_screen_share && kind == MediaKind::Video;
        if !paused && !is_screen {
            self.may_turn_on(seat, kind)?;
        }
        Ok(self.and_tell(|room| {
            let mut effects = room.set_paused(seat, producer_id, paused, false);
            if !is_screen_share {
                effects.extend(room.say_device(seat, kind, paused));
            }
            effects
        }))
    }

    /// Takes in what a peer says of its microphone and camera; what is left out stays. One that is turned on flows again
    /// where a host had paused it.
    ///
    /// # Errors
    /// [`Refusal::AudioHeld`] and [`Refusal::VideoHeld`] when a host keeps off what is to be on.
    pub fn update_state(
        &mut self,
        seat: Seat,
        audio_muted: Option<bool>,
        video_paused: Option<bool>,
    ) -> Result<Vec<Effect>, Refusal> {
        let said = [(MediaKind::Audio, audio_muted), (MediaKind::Video, video_paused)];
        let said: Vec<(MediaKind, bool)> = said.into_iter().filter_map(|(kind, off)| Some((kind, off?))).collect();
        for (kind, _) in said.iter().filter(|(_, off)| !off) {
            self.may_turn_on(seat, *kind)?;
        }
        Ok(self.and_tell(|room| {
            said.into_iter()
                .flat_map(|(kind, off)| room.say_device(seat, kind, off))
                .collect()
        }))
    }

    fn say_device(&mut self, seat: Seat, kind: MediaKind, off: bool) -> Vec<Effect> {
        if let Some(peer) = self.peers.get_mut(&seat) {
            match kind {
                MediaKind::Audio => peer.is_audio_muted = off,
                MediaKind::Video => peer.is_video_paused = off,
            }
        }
        if off { Vec::new() } else { self.release(seat, kind) }
    }

    /// Pauses a stream or lets it flow, by its sender's or a host's doing.
    pub(super) fn set_paused(
        &mut self,
        seat: Seat,
        producer_id: ProducerId,
        paused: bool,
        by_host: bool,
    ) -> Vec<Effect> {
        let Some(peer) = self.peers.get_mut(&seat) else {
            return Vec::new();
        };
        let Some(stream) = peer.streams.get_mut(&producer_id) else {
            return Vec::new();
        };
        stream.by_host = by_host;
        if stream.paused == paused {
            return Vec::new();
        }
        stream.paused = paused;
        let peer_id = peer.public_id();
        let event = if paused {
            ServerEvent::ProducerPaused { producer_id, peer_id }
        } else {
            ServerEvent::ProducerResumed { producer_id, peer_id }
        };
        vec![
            Effect::PauseStream(seat, producer_id, paused),
            Effect::tell(Audience::Others(seat), event),
        ]
    }

    /// Whose stream this is.
    #[must_use]
    pub fn sender_of(&self, producer_id: ProducerId) -> Option<(Seat, PeerId)> {
        let owner = self
            .peers
            .iter()
            .find(|(_, peer)| peer.streams.contains_key(&producer_id));
        owner.map(|(seat, peer)| (*seat, peer.public_id()))
    }

    pub(super) fn streams_of_others(&self, seat: Seat) -> impl Iterator<Item = ProducerSummary> {
        let others = self.peers.iter().filter(move |(other, _)| **other != seat);
        others.flat_map(|(_, peer)| peer.summaries())
    }
}

/// What others are told of a stream that ended.
pub(super) fn closed(peer: &Peer, producer_id: ProducerId, stream: Stream) -> ServerEvent {
    ServerEvent::ProducerClosed {
        producer_id,
        peer_id: peer.public_id(),
        user_id: peer.identity.user_id.clone(),
        kind: stream.kind,
        is_screen_share: stream.is_screen_share,
    }
}
