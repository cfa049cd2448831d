//! One socket's requests, one after the other, in the order in which they came.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::ConnectInfo;
use serde_json::Value;
use socketioxide::extract::{AckSender, Event, SocketRef, TryData};
use socketioxide::socket::DisconnectReason;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::{Instrument as _, debug, info, info_span};

use super::limits::{Limits, NewRooms, Pace};
use super::{Client, Reply};
use crate::meeting::{Ask, Meeting, Meetings, Outcome};
use crate::monitoring::Monitor;
use crate::room::Identity;
use crate::wire::{Empty, Refusal, Request, RoomId, SocketIdAck};

/// How many requests of one socket may wait; a page in a large room asks for many streams at once.
const MAX_WAITING: usize = 1_024;
/// How many rooms one socket may ask about before it joins one.
const MAX_ASKED: usize = 64;

struct Incoming {
    event: String,
    payload: Value,
    reply: Reply,
}

/// Where a socket's handlers put what came, until its session takes it up.
#[derive(Clone)]
struct Inbox(Arc<Mutex<Option<Received>>>);

struct Received {
    requests: mpsc::Receiver<Incoming>,
    disconnected: mpsc::Receiver<DisconnectReason>,
}

/// Makes a new socket ready for its client's events. This is done before the client is told that it is connected: a
/// quick one sends its first request in the same moment, and what comes before the handlers is lost.
///
/// The handlers only queue: Socket.IO runs handlers side by side, even those of one socket.
pub(super) fn prepare(socket: &SocketRef, monitor: &Arc<Monitor>) {
    let (sender, requests) = mpsc::channel(MAX_WAITING);
    let (gone, disconnected) = mpsc::channel(1);
    let monitor = Arc::clone(monitor);
    socket.on_fallback(
        move |Event(event): Event, TryData(payload): TryData<Value>, ack: AckSender| {
            let reply = Reply::new(ack, Arc::clone(&monitor));
            // An event without a payload fails to decode; to its parser it is one with nothing in it.
            let payload = payload.unwrap_or_default();
            if let Err(mpsc::error::TrySendError::Full(incoming)) = sender.try_send(Incoming { event, payload, reply })
            {
                incoming.reply.refuse(&Refusal::Limit(
                    "Too many requests at once; wait for some answers first",
                ));
            }
            std::future::ready(())
        },
    );
    socket.on_disconnect(move |reason: DisconnectReason| {
        // Room for one: a socket disconnects once.
        let _ = gone.try_send(reason);
        std::future::ready(())
    });
    let received = Received { requests, disconnected };
    socket.extensions.insert(Inbox(Arc::new(Mutex::new(Some(received)))));
}

/// Serves a socket whose client is connected now.
pub(super) fn open(socket: SocketRef, house: Arc<House>) {
    let span = info_span!("socket", id = %socket.id);
    info!(parent: &span, transport = ?socket.transport_type(), "Client connected");
    let inbox: Option<Inbox> = socket.extensions.remove();
    let received = inbox.and_then(|Inbox(received)| received.lock().unwrap_or_else(PoisonError::into_inner).take());
    let Some(received) = received else { return };
    let address = socket.req_parts().extensions.get::<ConnectInfo<SocketAddr>>();
    let session = Session {
        address: address.map(|ConnectInfo(address)| address.ip()),
        client: Client::new(socket),
        pace: Pace::new(&house.limits),
        outside_since: Instant::now(),
        house,
        meeting: None,
        asked: HashSet::new(),
        identity: Identity::default(),
    };
    tokio::spawn(session.run(received).instrument(span));
}

/// What all sessions share.
pub(super) struct House {
    pub(super) meetings: Arc<Meetings>,
    pub(super) limits: Limits,
    pub(super) new_rooms: NewRooms,
}

struct Session {
    client: Client,
    address: Option<IpAddr>,
    pace: Pace,
    house: Arc<House>,
    /// Since when this socket is in no room, if it is in none.
    outside_since: Instant,
    /// The meeting that this socket joined.
    meeting: Option<Meeting>,
    /// The rooms that this socket asked about: it may join one that ended meanwhile.
    asked: HashSet<RoomId>,
    /// What this socket told of itself before it joined.
    identity: Identity,
}

impl Session {
    async fn run(mut self, mut received: Received) {
        let reason = loop {
            let too_long_outside = self.outside_since + self.house.limits.unjoined;
            tokio::select! {
                // Asking without an end makes nobody's stay longer, and what was said before the line was lost still
                // counts: a last word, a goodbye to the room.
                biased;
                () = tokio::time::sleep_until(too_long_outside), if self.meeting.is_none() => {
                    info!("A client that joined no room is disconnected");
                    self.client.disconnect();
                    self.outside_since = Instant::now();
                }
                Some(next) = received.requests.recv() => self.take(next).await,
                reason = received.disconnected.recv() => break reason.unwrap_or(DisconnectReason::TransportError),
            }
        };
        info!(%reason, "Client disconnected");
        if let Some(meeting) = self.meeting {
            // Not so where we hung up, on a client that was too slow: that one may come back to its place.
            let goodbye = matches!(
                reason,
                DisconnectReason::ClientNSDisconnect | DisconnectReason::ClosingServer
            );
            meeting.lost(self.client.peer_id(), goodbye).await;
        }
    }

    async fn take(&mut self, incoming: Incoming) {
        let Incoming {
            event,
            payload,
            mut reply,
        } = incoming;
        if let Some(known) = Request::EVENTS.iter().find(|known| **known == event) {
            reply.is_to(known);
        }
        if let Err(refusal) = self.pace.count() {
            return reply.refuse(&refusal);
        }
        match Request::parse(&event, payload) {
            None => {
                debug!(event = %event.chars().take(64).collect::<String>(), "Unknown event ignored");
                reply.ignore();
            }
            Some(Err(refusal)) => {
                debug!(event, %refusal, "Request refused");
                reply.refuse(&refusal);
            }
            Some(Ok(request)) => self.serve(request, reply).await,
        }
    }

    async fn serve(&mut self, request: Request, reply: Reply) {
        match request {
            Request::SetUserId(user) => {
                self.identity.user_id = user.identity().user_id;
                match self.meeting.clone() {
                    Some(meeting) => {
                        let ask = self.ask(Request::SetUserId(user), reply);
                        if let Outcome::Gone(unanswered) = meeting.ask(ask).await {
                            unanswered.reply.give(&Empty {});
                        }
                    }
                    None => reply.give(&Empty {}),
                }
            }
            Request::GetSocketIdForUser(user) => {
                let socket_id = match &self.meeting {
                    Some(meeting) => meeting.peer_of_user(user.user_id).await,
                    None => None,
                };
                reply.give(&SocketIdAck { socket_id });
            }
            request => {
                if let Err(refusal) = self.pace.count_words(&request) {
                    return reply.refuse(&refusal);
                }
                if let Request::JoinChat(chat) = &request {
                    self.identity = chat.identity().or(std::mem::take(&mut self.identity));
                }
                self.forward(request, reply).await;
            }
        }
    }

    /// Hands a request to the room that it names.
    async fn forward(&mut self, request: Request, reply: Reply) {
        let Some(room_id) = request.room_id().cloned() else {
            return;
        };
        let mut ask = self.ask(request, reply);
        loop {
            let meeting = match self.find(&room_id, &ask.request) {
                Ok(meeting) => meeting,
                Err(refusal) => {
                    debug!(event = ask.request.event(), %refusal, "Request refused");
                    return ask.reply.refuse(&refusal);
                }
            };
            match meeting.ask(ask).await {
                // The room ended while the request was on its way: look again, which opens it anew or refuses.
                Outcome::Gone(unanswered) => ask = *unanswered,
                Outcome::Joined => return self.moved_to(meeting).await,
                Outcome::Left => {
                    self.meeting = None;
                    self.outside_since = Instant::now();
                    return;
                }
                Outcome::Answered => return,
            }
        }
    }

    fn ask(&self, request: Request, reply: Reply) -> Ask {
        Ask {
            client: self.client.clone(),
            identity: self.identity.clone(),
            request,
            reply,
        }
    }

    fn find(&mut self, room_id: &RoomId, request: &Request) -> Result<Meeting, Refusal> {
        match request {
            Request::GetRtpCapabilities(_) => {
                if self.asked.len() < MAX_ASKED {
                    self.asked.insert(room_id.clone());
                }
                if let (None, Some(address)) = (self.house.meetings.find(room_id), self.address) {
                    self.house.new_rooms.count(address)?;
                }
                self.house.meetings.open(room_id)
            }
            // Whoever asked about a room may join it even if its last peer left in between.
            Request::Join(_) if self.asked.contains(room_id) => self.house.meetings.open(room_id),
            _ => self.house.meetings.find(room_id).ok_or(Refusal::RoomNotFound),
        }
    }

    /// A socket is in one room at a time: joining another leaves the first.
    async fn moved_to(&mut self, meeting: Meeting) {
        let previous = self.meeting.replace(meeting);
        if let (Some(previous), Some(present)) = (previous, &self.meeting)
            && previous.room_id() != present.room_id()
        {
            previous.lost(self.client.peer_id(), true).await;
        }
    }
}
