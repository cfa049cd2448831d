//! A meeting is a room at work: one task that owns the room's rules, its media and its clients.
//!
//! Commands reach it over a bounded channel and are done one after the other, media work included, so that everybody
//! in the room sees one order of things and nothing is locked.

mod actions;
mod announcing;
mod broadcasting;
mod companions;
mod created;
mod directory;
mod files;
mod lists;
mod media;
mod recording;
mod requests;
mod task;
mod view;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

pub use announcing::{Announced, Announcement};
pub use companions::Accompanied;
pub(crate) use created::COOKIE;
pub use created::{Browser, CreatedMeeting};
pub use directory::{Meetings, MeetingsSettings};
pub use files::{Download, Upload};
pub use recording::CommandError;
pub(crate) use requests::{message_error, message_of};
pub use view::{PersonView, RoomView};

use self::files::Arrival;
use self::recording::StopReply;
use crate::broadcast::{BroadcastOptions, Target};
use crate::media::MediaEvent;
use crate::monitoring::MeetingCensus;
use crate::recording::{RecordedTracks, RecordingId};
use crate::room::{Action, Identity};
use crate::signaling::{Client, Reply};
use crate::wire::{FileId, Request, RoomId, SocketId};

/// How many commands may wait for a meeting; more make their senders wait.
const MAX_WAITING: usize = 256;

/// A request on its way to the meeting.
#[derive(Debug)]
pub struct Ask {
    /// Who asks.
    pub client: Client,
    /// Where the client is.
    pub address: IpAddr,
    /// What the client told of itself before.
    pub identity: Identity,
    /// Whether its socket said `join-room` for the room that it asks about, without being in.
    pub is_remembered: bool,
    /// What it asks.
    pub request: Request,
    /// Where the answer goes.
    pub reply: Reply,
}

/// What became of a request, as far as its socket's session must know.
#[derive(Debug)]
pub enum Outcome {
    /// It was answered.
    Answered,
    /// It was answered, and the client is in the room now.
    Joined,
    /// It was answered, and the client waits to be let in.
    Waits,
    /// It was answered, and the client is out of the room now.
    Left,
    /// The meeting ended before it got to the request, which is still to be answered.
    Gone(Box<Ask>),
}

#[derive(Debug)]
enum Command {
    Ask(Box<Ask>, oneshot::Sender<Outcome>),
    Lost {
        peer: SocketId,
        goodbye: bool,
    },
    Accompany(Client, Identity, oneshot::Sender<Accompanied>),
    Awaits(SocketId, oneshot::Sender<bool>),
    SocketOfUser {
        user_id: String,
        reply: oneshot::Sender<Option<SocketId>>,
    },
    Media(MediaEvent),
    Act(Action, oneshot::Sender<Result<(), CommandError>>),
    MediaLost,
    StartRecording(oneshot::Sender<Result<RecordingId, CommandError>>),
    StopRecording(oneshot::Sender<Result<Duration, CommandError>>),
    StartBroadcast(Target, BroadcastOptions, oneshot::Sender<Result<(), CommandError>>),
    StopBroadcast(oneshot::Sender<Result<(), CommandError>>),
    RecordingFinished(RecordedTracks, StopReply),
    RecordingReady {
        id: RecordingId,
        file: String,
    },
    Rename(Option<String>),
    ReceiveFile(FileId, oneshot::Sender<Option<Upload>>),
    FileCame(FileId, Option<Arrival>),
    File(FileId, oneshot::Sender<Option<Download>>),
    AddressesChanged(Vec<String>),
    Census(oneshot::Sender<MeetingCensus>),
    Close {
        reason: String,
        done: oneshot::Sender<()>,
    },
}

/// A handle of a meeting; the meeting itself ends by its room's rules, however many handles there are.
#[derive(Debug, Clone)]
pub struct Meeting {
    room_id: Arc<RoomId>,
    commands: mpsc::Sender<Command>,
}

impl Meeting {
    /// The room.
    #[must_use]
    pub fn room_id(&self) -> &RoomId {
        &self.room_id
    }

    /// Asks for something and waits until it is answered.
    pub async fn ask(&self, ask: Ask) -> Outcome {
        let (done, outcome) = oneshot::channel();
        match self.commands.send(Command::Ask(Box::new(ask), done)).await {
            Ok(()) => outcome.await.unwrap_or(Outcome::Answered),
            Err(mpsc::error::SendError(Command::Ask(ask, _))) => Outcome::Gone(ask),
            Err(_) => Outcome::Answered,
        }
    }

    /// Says that a socket is gone, with or without a goodbye.
    pub async fn lost(&self, peer: SocketId, goodbye: bool) {
        self.send(Command::Lost { peer, goodbye }).await;
    }

    /// Whether the client at this socket waits to be let in, or was admitted and did not come yet.
    pub async fn awaits(&self, peer: SocketId) -> bool {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Awaits(peer, reply)).await;
        answer.await.unwrap_or_default()
    }

    /// Looks for the person of a socket that said `join-room`, known like this.
    pub async fn accompany(&self, client: Client, identity: Identity) -> Accompanied {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Accompany(client, identity, reply)).await;
        answer.await.unwrap_or(Accompanied::Not)
    }

    /// The socket of the person who brought this label.
    pub async fn socket_of_user(&self, user_id: String) -> Option<SocketId> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::SocketOfUser { user_id, reply }).await;
        answer.await.ok().flatten()
    }

    /// Does what a host may do, as the owner of the machine.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn act(&self, action: Action) -> Result<(), CommandError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Act(action, reply)).await;
        answer.await.unwrap_or(Err(CommandError::NoRoom))
    }

    /// Starts a recording, as the owner of the machine.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn start_recording(&self) -> Result<RecordingId, CommandError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::StartRecording(reply)).await;
        answer.await.unwrap_or(Err(CommandError::NobodyThere))
    }

    /// Stops the recording, as the owner of the machine; returns how long it ran.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn stop_recording(&self) -> Result<Duration, CommandError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::StopRecording(reply)).await;
        answer.await.unwrap_or(Err(CommandError::NotRecording))
    }

    /// Starts a broadcast, as the owner of the machine.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn start_broadcast(&self, target: Target, options: BroadcastOptions) -> Result<(), CommandError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::StartBroadcast(target, options, reply)).await;
        answer.await.unwrap_or(Err(CommandError::NobodyToBroadcast))
    }

    /// Stops the broadcast, or forgets one that ended by itself, as the owner of the machine.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn stop_broadcast(&self) -> Result<(), CommandError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::StopBroadcast(reply)).await;
        answer.await.unwrap_or(Err(CommandError::NotBroadcast))
    }

    /// Tells the hosts that a recording is one file now.
    pub async fn recording_ready(&self, id: RecordingId, file: String) {
        self.send(Command::RecordingReady { id, file }).await;
    }

    /// Gives the room another name for people to see, or none.
    pub async fn rename(&self, name: Option<String>) {
        self.send(Command::Rename(name)).await;
    }

    /// Tells everybody that the server has other addresses now.
    pub async fn addresses_changed(&self, urls: Vec<String>) {
        self.send(Command::AddressesChanged(urls)).await;
    }

    /// What there is in the meeting now; none if it ended.
    pub(crate) async fn census(&self) -> Option<MeetingCensus> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Census(reply)).await;
        answer.await.ok()
    }

    /// Ends the meeting with a goodbye, and returns when that is done.
    pub async fn close(&self, reason: String) {
        let (done, closed) = oneshot::channel();
        self.send(Command::Close { reason, done }).await;
        let _ = closed.await;
    }

    /// A meeting that ended has nothing left to be told.
    async fn send(&self, command: Command) {
        let _ = self.commands.send(command).await;
    }
}
