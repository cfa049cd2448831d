//! Sockets that some frontends open for the chat alone, beside the one that joins the room: each speaks as its person.
//!
//! There are no accounts, so that a socket belongs to a person is a guess: it comes from the same address, its browser
//! calls itself the same, and it names the label or the name of exactly one person who joined from there. Whoever sits
//! behind the same router, with the same browser, could name somebody else's. So nobody is taken for a person whose
//! client needs no second socket: one that shows what its browser knows itself by (Confab's own page), or that wrote
//! by itself.

use std::collections::{HashMap, HashSet};

use super::task::Work;
use crate::room::{Identity, Peer, Seat};
use crate::signaling::Client;
use crate::wire::{Request, ServerEvent, SocketId};

/// The most sockets that one person has for the chat alone.
const MAX_OF_PERSON: usize = 4;

/// What became of a socket that looks for its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accompanied {
    /// It joined the room by itself.
    Joined,
    /// It speaks as somebody in the room.
    Found,
    /// Nobody in the room is its person.
    Not,
}

/// The sockets of a meeting that are there for the chat alone.
#[derive(Debug, Default)]
pub(super) struct Companions {
    by_socket: HashMap<SocketId, (Seat, Client)>,
    /// Who writes by the socket that joined.
    writes_itself: HashSet<Seat>,
}

impl Companions {
    /// Whose the socket is, if it asks for what belongs to the chat.
    pub(super) fn seat(&self, socket: &SocketId, request: &Request) -> Option<Seat> {
        let (seat, _) = self.by_socket.get(socket)?;
        is_chat(request).then_some(*seat)
    }

    /// The sockets that hear the chat as well, with whose they are.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Seat, &Client)> {
        self.by_socket.values().map(|(seat, client)| (*seat, client))
    }

    /// Takes in that a person wrote by the socket that joined.
    pub(super) fn heard(&mut self, seat: Seat, request: &Request) {
        if matches!(
            request,
            Request::SendMessage(_) | Request::TypingStart(_) | Request::MessageReact(_) | Request::PinMessage(_)
        ) {
            self.writes_itself.insert(seat);
        }
    }

    /// Lets a socket go that is lost.
    pub(super) fn lose(&mut self, socket: &SocketId) {
        self.by_socket.remove(socket);
    }

    /// Lets go of somebody who left.
    pub(super) fn leave(&mut self, seat: Seat) {
        self.by_socket.retain(|_, (own, _)| *own != seat);
        self.writes_itself.remove(&seat);
    }

    fn of(&self, seat: Seat) -> usize {
        self.by_socket.values().filter(|(own, _)| *own == seat).count()
    }
}

/// Whether this is what a socket of the chat alone may ask for.
fn is_chat(request: &Request) -> bool {
    matches!(
        request,
        Request::SendMessage(_)
            | Request::GetChatHistory(_)
            | Request::RequestChatHistory(_)
            | Request::JoinChat(_)
            | Request::TypingStart(_)
            | Request::TypingStop(_)
            | Request::MessageReact(_)
            | Request::PinMessage(_)
            | Request::SendReaction(_)
            | Request::VideoReaction(_)
            | Request::LeaveRoom(_)
    )
}

impl Work {
    /// Looks for the person of a socket that said `join-room`. Once there is one it is told what was said so far.
    pub(super) fn accompany(&mut self, client: Client, identity: &Identity) -> Accompanied {
        let socket = client.socket_id();
        let history = ServerEvent::ChatHistory(self.room.chat().history());
        if self.room.seat_of(&socket).is_some() {
            client.tell(&history);
            return Accompanied::Joined;
        }
        if self.companions.by_socket.contains_key(&socket) {
            return Accompanied::Found;
        }
        let Some(seat) = self.person_of(&client, identity) else {
            return Accompanied::Not;
        };
        client.tell(&history);
        self.companions.by_socket.insert(socket, (seat, client));
        Accompanied::Found
    }

    fn person_of(&self, client: &Client, identity: &Identity) -> Option<Seat> {
        let is_there = |(seat, peer): &(Seat, &Peer)| {
            let own = self.clients.get(seat);
            own.is_some_and(|own| own.may_share_browser_with(client))
                && peer.device.is_none()
                && !self.companions.writes_itself.contains(seat)
        };
        let label = identity.user_id.as_ref();
        let has_label = |peer: &Peer| label.is_some() && peer.identity.user_id.as_ref() == label;
        let has_name = |peer: &Peer| identity.name.is_some() && peer.identity.name == identity.name;
        let at_browser = || self.room.peers().filter(is_there);
        let by_label = at_browser().find(|(_, peer)| has_label(peer)).map(|(seat, _)| seat);
        let seat = by_label.or_else(|| {
            let mut named = at_browser().filter(|(_, peer)| has_name(peer));
            let first = named.next().map(|(seat, _)| seat);
            first.filter(|_| named.next().is_none())
        })?;
        (self.companions.of(seat) < MAX_OF_PERSON).then_some(seat)
    }
}
