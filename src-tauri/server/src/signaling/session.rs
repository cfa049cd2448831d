//! One socket's requests, one after the other, in the order in which they came.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::ConnectInfo;
use futures::FutureExt as _;
use socketioxide::extract::SocketRef;
use socketioxide::socket::DisconnectReason;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::{Instrument as _, debug, error, info, info_span};

use super::chat::ChatSocket;
use super::intake::{Incoming, Intake};
use super::limits::Pace;
use super::origins::{Origin, Place};
use super::{Bounds, Client, Reply};
use crate::meeting::{Ask, Meeting, Meetings, Outcome, message_error, message_of};
use crate::room::Identity;
use crate::wire::{Bound, Empty, Refusal, Request, RoomId, SocketIdAck};

/// How many rooms one socket may ask about before it joins one.
const MAX_ASKED: usize = 64;

/// Where a socket's handlers put what came, until its session takes it up.
#[derive(Clone)]
struct Inbox(Arc<Mutex<Option<Received>>>);

/// What comes from one socket, and what that is counted by.
struct Received {
    origin: Origin,
    pace: Arc<Pace>,
    _place: Place,
    requests: mpsc::Receiver<Incoming>,
    disconnected: mpsc::Receiver<DisconnectReason>,
}

/// Makes a new socket ready for its client's events. This is done before the client is told that it is connected: a
/// quick one sends its first request in the same moment, and what comes before the handlers is lost.
///
/// # Errors
/// [`Bound::Connections`] when there are too many sockets from its address.
pub(super) fn prepare(socket: &SocketRef, house: &House) -> Result<(), Bound> {
    let address = socket.req_parts().extensions.get::<ConnectInfo<SocketAddr>>();
    let address = address.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip());
    let origin = house.bounds.origins.of(address);
    let place = origin.open_socket().inspect_err(|bound| {
        house.bounds.monitor.refused("connect", bound.kind());
    })?;
    let pace = Arc::new(Pace::new(&house.bounds.limits));
    let monitor = Arc::clone(&house.bounds.monitor);
    let (intake, requests) = Intake::new(Arc::clone(&pace), origin.clone(), monitor);
    socket.on_fallback(intake);
    let (gone, disconnected) = mpsc::channel(1);
    socket.on_disconnect(move |reason: DisconnectReason| {
        // Room for one: a socket disconnects once.
        let _ = gone.try_send(reason);
        std::future::ready(())
    });
    let received = Received {
        origin,
        pace,
        _place: place,
        requests,
        disconnected,
    };
    socket.extensions.insert(Inbox(Arc::new(Mutex::new(Some(received)))));
    Ok(())
}

/// Serves a socket whose client is connected now.
pub(super) fn open(socket: SocketRef, house: Arc<House>) {
    let span = info_span!("socket", id = %socket.id);
    info!(parent: &span, transport = ?socket.transport_type(), "Client connected");
    let inbox: Option<Inbox> = socket.extensions.remove();
    let received = inbox.and_then(|Inbox(received)| received.lock().unwrap_or_else(PoisonError::into_inner).take());
    let Some(received) = received else { return };
    let session = Session {
        client: Client::new(socket, Arc::clone(&house.bounds.monitor)),
        received,
        outside_since: Instant::now(),
        house,
        meeting: None,
        knocked_at: None,
        asked: HashSet::new(),
        identity: Identity::default(),
        chat: ChatSocket::new(),
    };
    tokio::spawn(session.run().instrument(span));
}

/// What all sessions share.
pub(super) struct House {
    pub(super) meetings: Arc<Meetings>,
    pub(super) bounds: Bounds,
}

pub(super) struct Session {
    pub(super) client: Client,
    received: Received,
    pub(super) house: Arc<House>,
    /// Since when this socket is in no room, if it is in none.
    pub(super) outside_since: Instant,
    /// The meeting that this socket joined.
    pub(super) meeting: Option<Meeting>,
    /// The meeting before which this socket waits, or waited, to be let in.
    knocked_at: Option<Meeting>,
    /// The rooms that this socket asked about: it may join one that ended meanwhile.
    asked: HashSet<RoomId>,
    /// What this socket told of itself before it joined.
    pub(super) identity: Identity,
    /// What it wants of the chat of a room that it did not join.
    pub(super) chat: ChatSocket,
}

impl Session {
    async fn run(mut self) {
        // A fault of ours in one request must not leave a place in a room behind that nobody fills.
        let served = AssertUnwindSafe(self.listen()).catch_unwind().await;
        let reason = served.unwrap_or_else(|_| {
            error!("A request failed; its client is disconnected and can come back");
            self.client.disconnect();
            DisconnectReason::ServerNSDisconnect
        });
        info!(%reason, "Client disconnected");
        // Not so where we hung up, on a client that was too slow: that one may come back to its place.
        let goodbye = matches!(
            reason,
            DisconnectReason::ClientNSDisconnect | DisconnectReason::ClosingServer
        );
        let accompanied = self.chat.room().and_then(|room| self.house.meetings.find(room));
        for meeting in [self.meeting, self.knocked_at, accompanied].into_iter().flatten() {
            meeting.lost(self.client.socket_id(), goodbye).await;
        }
    }

    /// Takes requests until the socket is gone; tells why it is.
    async fn listen(&mut self) -> DisconnectReason {
        let mut views = self.house.meetings.views();
        loop {
            let too_long_outside = self.outside_since + self.house.bounds.limits.unjoined;
            tokio::select! {
                // Asking without an end makes nobody's stay longer, and what was said before the line was lost still
                // counts: a last word, a goodbye to the room.
                biased;
                () = tokio::time::sleep_until(too_long_outside), if self.is_outside() => {
                    if !self.is_awaited().await {
                        info!("A client that joined no room is disconnected");
                        self.house.bounds.monitor.hung_up("unjoined");
                        self.client.disconnect();
                    }
                    self.outside_since = Instant::now();
                }
                Some(next) = self.received.requests.recv() => self.take(next).await,
                Ok(()) = views.changed(), if self.chat.is_waiting() => {
                    let are_others = self.chat.sees_others(&views.borrow_and_update());
                    if are_others {
                        self.look_for_person().await;
                    }
                }
                reason = self.received.disconnected.recv() => {
                    return reason.unwrap_or(DisconnectReason::TransportError);
                }
            }
        }
    }

    /// Whether this socket waits to be let in; who was turned away does not any more.
    async fn is_awaited(&mut self) -> bool {
        let is_awaited = match &self.knocked_at {
            Some(meeting) => meeting.awaits(self.client.socket_id()).await,
            None => false,
        };
        if !is_awaited {
            self.knocked_at = None;
        }
        is_awaited
    }

    async fn take(&mut self, incoming: Incoming) {
        let Incoming { event, payload, reply } = incoming;
        match Request::parse(event, payload) {
            None => (),
            Some(Err(refusal)) => {
                // Its words quote what came, which may be a passcode or what somebody says.
                debug!(event, reason = refusal.kind(), "Request refused");
                reply.refuse(&refusal);
            }
            Some(Ok(request)) => self.serve(request, reply).await,
        }
    }

    async fn serve(&mut self, request: Request, reply: Reply) {
        match request {
            Request::SetUserId(user) => {
                self.identity.user_id = Identity::from(&user).user_id;
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
                    Some(meeting) => meeting.socket_of_user(user.user_id).await,
                    None => None,
                };
                reply.give(&SocketIdAck { socket_id });
            }
            request => {
                if let Err(bound) = self.received.pace.count_matter(&request) {
                    let refusal = bound.into();
                    if let Some(message_id) = message_of(&request) {
                        self.client.tell(&message_error(message_id, &refusal));
                    }
                    return reply.refuse(&refusal);
                }
                if let Request::JoinChat(chat) = &request {
                    self.identity = Identity::from(chat).or(std::mem::take(&mut self.identity));
                }
                if let Some(reply) = self.chat_before_join(&request, reply).await {
                    self.forward(request, reply).await;
                }
            }
        }
    }

    /// Hands a request to the room that it names.
    async fn forward(&mut self, request: Request, reply: Reply) {
        let Some(room_id) = request.room_id().cloned() else {
            return;
        };
        let mut ask = self.ask(request, reply);
        ask.is_remembered = self.chat.is_for(&room_id);
        if matches!(ask.request, Request::LeaveRoom(_)) {
            self.chat.forget(&room_id);
        }
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
                Outcome::Waits => return self.waits_before(meeting).await,
                Outcome::Left => {
                    if self
                        .meeting
                        .as_ref()
                        .is_some_and(|left| left.room_id() == meeting.room_id())
                    {
                        self.meeting = None;
                    }
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
            address: self.received.origin.address(),
            identity: self.identity.clone(),
            is_remembered: false,
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
                self.open(room_id)
            }
            // Whoever asked about a room may join it even if its last peer left in between.
            Request::Join(_) if self.asked.contains(room_id) => match self.open(room_id) {
                Err(Refusal::NoSuchRoom) => Err(Refusal::RoomNotFound),
                opened => opened,
            },
            _ => self.house.meetings.find(room_id).ok_or(Refusal::RoomNotFound),
        }
    }

    /// The meeting in a room; one that has to be made counts.
    fn open(&self, room_id: &RoomId) -> Result<Meeting, Refusal> {
        if self.house.meetings.find(room_id).is_none() {
            self.received.origin.count_room()?;
        }
        self.house.meetings.open(room_id)
    }

    /// A socket is in one room at a time: joining another leaves the first.
    async fn moved_to(&mut self, meeting: Meeting) {
        let left = [self.meeting.replace(meeting.clone()), self.knocked_at.take()];
        for previous in left.into_iter().flatten() {
            if previous.room_id() != meeting.room_id() {
                previous.lost(self.client.socket_id(), true).await;
            }
        }
        self.look_for_person().await;
    }

    /// A socket waits before one room at a time; while it does it stays in the room that it is in.
    async fn waits_before(&mut self, meeting: Meeting) {
        if let Some(previous) = self.knocked_at.replace(meeting.clone())
            && previous.room_id() != meeting.room_id()
        {
            previous.lost(self.client.socket_id(), true).await;
        }
    }
}
