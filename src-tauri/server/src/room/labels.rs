//! The labels that clients bring, by which people are told of: each is one person's as long as they are in the room.
//!
//! A label proves nothing, so it is never taken from somebody who is there. Who asks for one that another has gets it
//! when it becomes free: a person whose line broke is back before their old place is given up.

use super::{Audience, Effect, Identity, Peer, Presence, Room, Seat};
use crate::wire::{PeerId, Secret, ServerEvent, SocketId};

/// Who asks for a label: the seat, if they have one already, the socket, and what the browser knows itself by.
pub(super) struct Claimant<'a> {
    pub(super) own: Option<Seat>,
    pub(super) socket: &'a SocketId,
    pub(super) device: Option<&'a Secret>,
}

impl Room {
    /// The seat of the person whom everybody knows by this id.
    #[must_use]
    pub fn seat_of_peer(&self, id: &PeerId) -> Option<Seat> {
        self.peers()
            .find(|(_, peer)| peer.public_id() == *id)
            .map(|(seat, _)| seat)
    }

    /// The seat of somebody named by their socket or by the id that everybody knows, which are never two people's.
    pub(super) fn seat_named(&self, name: &str) -> Option<Seat> {
        let is_meant = |peer: &Peer| peer.id.as_str() == name || peer.identity.user_id.as_deref() == Some(name);
        self.peers().find(|(_, peer)| is_meant(peer)).map(|(seat, _)| seat)
    }

    /// The socket of the person who brought this label; none where that would be what it was asked with.
    #[must_use]
    pub fn socket_of_user(&self, user_id: &str) -> Option<SocketId> {
        let mut peers = self.peers.values();
        let peer = peers.find(|peer| peer.identity.user_id.as_deref() == Some(user_id))?;
        (peer.id.as_str() != user_id).then(|| peer.id.clone())
    }

    /// Makes way for a person: the label that they may have of the one they ask for, and what others are told who had
    /// taken it, or the id of their socket, for a label.
    pub(super) fn claim_label(&mut self, claimant: &Claimant, label: Option<&str>) -> (Option<String>, Vec<Effect>) {
        let others = |room: &Self, fits: &dyn Fn(&Peer) -> bool| -> Vec<Seat> {
            let others = room.peers().filter(|(seat, _)| Some(*seat) != claimant.own);
            others.filter(|(_, peer)| fits(peer)).map(|(seat, _)| seat).collect()
        };
        let bears = |peer: &Peer, label: &str| peer.identity.user_id.as_deref() == Some(label);
        // Whoever took a socket's id for a label was not this person.
        let mut losers = others(self, &|peer| bears(peer, claimant.socket.as_str()));
        let Some(label) = label else {
            return (None, self.take_labels(losers));
        };
        let is_own_ghost = |peer: &Peer| {
            let devices = peer.device.as_ref().zip(claimant.device);
            peer.presence != Presence::Here && devices.is_some_and(|(one, other)| one.matches(other))
        };
        let is_taken = |peer: &Peer| peer.id.as_str() == label || (bears(peer, label) && !is_own_ghost(peer));
        if !others(self, &is_taken).is_empty() {
            return (None, self.take_labels(losers));
        }
        losers.extend(others(self, &|peer| bears(peer, label)));
        (Some(label.to_owned()), self.take_labels(losers))
    }

    fn take_labels(&mut self, losers: Vec<Seat>) -> Vec<Effect> {
        losers.into_iter().filter_map(|seat| self.relabel(seat, None)).collect()
    }

    /// Gives a label that became free to whoever asked for it last, if somebody did.
    pub(super) fn pass_on_label(&mut self, label: Option<&str>) -> Vec<Effect> {
        let wanted = |peer: &Peer| label.is_some() && peer.wanted_label.as_deref() == label;
        let Some(seat) = self
            .peers()
            .filter(|(_, peer)| wanted(peer))
            .map(|(seat, _)| seat)
            .last()
        else {
            return Vec::new();
        };
        let is_taken = label.is_some_and(|label| self.seat_named(label).is_some());
        if is_taken {
            return Vec::new();
        }
        self.relabel(seat, label.map(str::to_owned)).into_iter().collect()
    }

    /// Takes in how a person is known now; everybody is told of another id.
    pub(super) fn set_identity(&mut self, seat: Seat, identity: Identity) -> Option<Effect> {
        let peer = self.peers.get_mut(&seat)?;
        let before = peer.public_id();
        peer.identity = identity;
        renamed(before, peer.public_id())
    }

    fn relabel(&mut self, seat: Seat, label: Option<String>) -> Option<Effect> {
        let peer = self.peers.get_mut(&seat)?;
        peer.wanted_label = None;
        let identity = Identity {
            user_id: label,
            ..peer.identity.clone()
        };
        self.set_identity(seat, identity)
    }
}

/// That somebody is known by another id from now on.
fn renamed(old_peer_id: PeerId, peer_id: PeerId) -> Option<Effect> {
    let is_other = old_peer_id != peer_id;
    is_other.then(|| Effect::tell(Audience::All, ServerEvent::PeerResumed { old_peer_id, peer_id }))
}
