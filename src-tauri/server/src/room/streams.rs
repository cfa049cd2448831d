//! What peers send, and what they say of their microphones and cameras.

use mediasoup::prelude::{MediaKind, ProducerId};

use super::{Audience, Effect, Room, Seat, Stream};
use crate::wire::{PeerId, ProducerSummary, Refusal, ServerEvent};

/// The most streams that one peer sends: a camera, a microphone, a screen with its sound, and some to spare.
const MAX_STREAMS: usize = 12;

impl Room {
    /// Whether a peer may send one more stream.
    ///
    /// # Errors
    /// [`Refusal::Limit`] when it sends too many.
    pub fn may_produce(&self, seat: Seat) -> Result<(), Refusal> {
        match self.peers.get(&seat) {
            Some(peer) if peer.streams.len() >= MAX_STREAMS => {
                Err(Refusal::Limit("Too many streams from one participant; close one first"))
            }
            Some(_) => Ok(()),
            None => Err(Refusal::PeerNotFound),
        }
    }

    /// Takes in a new stream.
    pub fn produced(&mut self, seat: Seat, producer_id: ProducerId, stream: Stream) -> Vec<Effect> {
        let Some(peer) = self.peers.get_mut(&seat) else {
            return vec![Effect::EndStream(seat, producer_id)];
        };
        peer.streams.insert(producer_id, stream);
        let Stream {
            kind, is_screen_share, ..
        } = stream;
        let event = ServerEvent::NewProducer {
            producer_id,
            peer_id: peer.id.clone(),
            kind,
            is_screen_share,
        };
        let mut effects = vec![Effect::tell(Audience::Others(seat), event)];
        if is_screen_share {
            effects.push(self.list());
        }
        effects
    }

    /// Ends one of a peer's streams, by the peer's wish.
    ///
    /// # Errors
    /// [`Refusal::ProducerNotFound`] when it is not the peer's.
    pub fn close_stream(&mut self, seat: Seat, producer_id: ProducerId) -> Result<Vec<Effect>, Refusal> {
        let peer = self.peers.get_mut(&seat).ok_or(Refusal::PeerNotFound)?;
        let stream = peer
            .streams
            .shift_remove(&producer_id)
            .ok_or(Refusal::ProducerNotFound)?;
        let event = ServerEvent::ProducerClosed {
            producer_id,
            peer_id: peer.id.clone(),
        };
        let mut effects = vec![
            Effect::EndStream(seat, producer_id),
            Effect::tell(Audience::Others(seat), event),
        ];
        if stream.is_screen_share {
            effects.push(self.list());
        }
        Ok(effects)
    }

    /// Ends all of a peer's streams: their transport is replaced by a new one.
    pub fn close_all_streams(&mut self, seat: Seat) -> Vec<Effect> {
        let Some(peer) = self.peers.get(&seat) else {
            return Vec::new();
        };
        let ids: Vec<ProducerId> = peer.streams.keys().copied().collect();
        ids.into_iter()
            .flat_map(|id| self.close_stream(seat, id).unwrap_or_default())
            .collect()
    }

    /// Whether a stream is this peer's to hold, resume or close.
    ///
    /// # Errors
    /// [`Refusal::ProducerNotFound`] when it is not.
    pub fn owns_stream(&self, seat: Seat, producer_id: ProducerId) -> Result<(), Refusal> {
        let owned = self
            .peers
            .get(&seat)
            .is_some_and(|peer| peer.streams.contains_key(&producer_id));
        if owned { Ok(()) } else { Err(Refusal::ProducerNotFound) }
    }

    /// Takes in that one of a peer's streams is held or flows again. A held microphone or camera counts as muted
    /// or off in the list, so that frontends that know only the list see it.
    pub fn held(&mut self, seat: Seat, producer_id: ProducerId, paused: bool) -> Vec<Effect> {
        let Some(peer) = self.peers.get_mut(&seat) else {
            return Vec::new();
        };
        let Some(stream) = peer.streams.get_mut(&producer_id) else {
            return Vec::new();
        };
        if stream.paused == paused {
            return Vec::new();
        }
        stream.paused = paused;
        let (kind, is_screen_share, peer_id) = (stream.kind, stream.is_screen_share, peer.id.clone());
        let event = if paused {
            ServerEvent::ProducerPaused { producer_id, peer_id }
        } else {
            ServerEvent::ProducerResumed { producer_id, peer_id }
        };
        let mut effects = vec![Effect::tell(Audience::Others(seat), event)];
        if !is_screen_share {
            let (audio, video) = match kind {
                MediaKind::Audio => (Some(paused), None),
                MediaKind::Video => (None, Some(paused)),
            };
            effects.extend(self.update_state(seat, audio, video));
        }
        effects
    }

    /// Takes in what a peer says of its microphone and camera; what is left out stays.
    pub fn update_state(&mut self, seat: Seat, audio_muted: Option<bool>, video_paused: Option<bool>) -> Vec<Effect> {
        let Some(peer) = self.peers.get_mut(&seat) else {
            return Vec::new();
        };
        let is_audio_muted = audio_muted.filter(|muted| *muted != peer.is_audio_muted);
        let is_video_paused = video_paused.filter(|paused| *paused != peer.is_video_paused);
        if is_audio_muted.is_none() && is_video_paused.is_none() {
            return Vec::new();
        }
        peer.is_audio_muted = is_audio_muted.unwrap_or(peer.is_audio_muted);
        peer.is_video_paused = is_video_paused.unwrap_or(peer.is_video_paused);
        let event = ServerEvent::ParticipantStateChanged {
            user_id: peer.identity.user_id.clone(),
            peer_id: peer.id.clone(),
            is_audio_muted,
            is_video_paused,
        };
        vec![Effect::tell(Audience::All, event), self.list()]
    }

    /// Whose stream this is.
    #[must_use]
    pub fn sender_of(&self, producer_id: ProducerId) -> Option<(Seat, PeerId)> {
        let owner = self
            .peers
            .iter()
            .find(|(_, peer)| peer.streams.contains_key(&producer_id));
        owner.map(|(seat, peer)| (*seat, peer.id.clone()))
    }

    pub(super) fn streams_of_others(&self, seat: Seat) -> impl Iterator<Item = ProducerSummary> {
        let others = self.peers.iter().filter(move |(other, _)| **other != seat);
        others.flat_map(|(_, peer)| peer.summaries())
    }
}
