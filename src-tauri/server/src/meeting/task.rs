//! The task that owns a room: its loop, and how effects are performed.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures::FutureExt as _;
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, error, info, info_span};

use super::broadcasting::MeetingBroadcast;
use super::companions::Companions;
use super::created::CreatedMeeting;
use super::files::MeetingFiles;
use super::lists::ListPace;
use super::recording::StopReply;
use super::{Ask, Command, CommandError, Meeting, Meetings, MeetingsSettings, Outcome, RoomView};
use crate::kept::{Kept, KeptRoom};
use crate::media::{MediaEvent, RoomMedia, WorkerPool};
use crate::monitoring::MeetingCensus;
use crate::recording::{Library, Recorder};
use crate::room::{Actor, Audience, Effect, Now, Role, Room, Seat};
use crate::signaling::{Announcement, Client};
use crate::wire::{Refusal, Secret, ServerEvent, SocketId};

/// How long a meeting sleeps at most when nothing is due.
const IDLE: Duration = Duration::from_secs(60);

/// A meeting before its media stands.
pub(super) struct MeetingTask {
    meetings: Arc<Meetings>,
    meeting: Meeting,
    library: Library,
    settings: MeetingsSettings,
}

/// A meeting at work.
pub(super) struct Work {
    pub(super) room: Room,
    pub(super) media: RoomMedia,
    pub(super) library: Library,
    pub(super) recorder: Option<Recorder>,
    pub(super) broadcast: Option<MeetingBroadcast>,
    pub(super) files: MeetingFiles,
    pub(super) clients: HashMap<Seat, Client>,
    pub(super) companions: Companions,
    lists: ListPace,
    /// Those who wait to be let in, by their knocks.
    pub(super) waiting: HashMap<u64, Client>,
    pub(super) kept: Kept,
    /// Who announced the meeting, if somebody did.
    pub(super) creator: Option<CreatedMeeting>,
    created: Now,
    unjoined_grace: Duration,
    was_joined: bool,
    /// Whether the room began anew and nobody came in since.
    has_begun_anew: bool,
    /// Commands to the meeting itself: what became of work that goes on beside it.
    pub(super) later: mpsc::WeakSender<Command>,
    /// Recordings that were stopped and are not on the disk yet.
    pub(super) finishing: TaskTracker,
}

impl MeetingTask {
    pub(super) fn new(meetings: Arc<Meetings>, meeting: Meeting, library: Library, settings: MeetingsSettings) -> Self {
        Self {
            meetings,
            meeting,
            library,
            settings,
        }
    }

    /// Runs the meeting until its room ends.
    pub(super) async fn run(self, pool: Arc<WorkerPool>, commands: mpsc::Receiver<Command>) {
        let span = info_span!("room", id = %self.meeting.room_id());
        self.live(pool, commands).instrument(span).await;
    }

    async fn live(self, pool: Arc<WorkerPool>, mut commands: mpsc::Receiver<Command>) {
        let room_id = self.meeting.room_id().clone();
        match self.open_media(&pool).await {
            Ok(media) => {
                info!("Room opened");
                let mut work = Work {
                    room: self.room(),
                    media,
                    library: self.library,
                    recorder: None,
                    broadcast: None,
                    files: MeetingFiles::new(self.meetings.folder()),
                    clients: HashMap::new(),
                    companions: Companions::default(),
                    lists: ListPace::new(Instant::now()),
                    waiting: HashMap::new(),
                    kept: self.meetings.kept().clone(),
                    creator: self.meetings.created(&room_id, Instant::now()),
                    created: now(),
                    unjoined_grace: self.settings.unjoined_grace,
                    was_joined: false,
                    has_begun_anew: false,
                    later: self.meeting.commands.downgrade(),
                    finishing: TaskTracker::new(),
                };
                // A fault of ours in one room must neither leave its people before a dead room nor reach another.
                let served = AssertUnwindSafe(work.serve(&mut commands, &self.meetings))
                    .catch_unwind()
                    .await;
                self.meetings.kept().set_guesses(&room_id, work.room.guesses().clone());
                // From here on whoever asks for the room gets a new one, and need not wait for the disk.
                self.meetings.forget(&room_id);
                hand_back(commands).await;
                if served.is_err() {
                    error!("The room failed; its people are disconnected and can come back");
                    work.everybody().for_each(Client::disconnect);
                }
                work.close_lobby();
                work.files.end_all();
                let _ = work.stop_broadcast().await; // if there is one
                if let Some(recorder) = work.recorder.take() {
                    let recorded = recorder.finish().await;
                    work.recording_finished(&recorded).await;
                }
                work.finishing.close();
                work.finishing.wait().await;
                drop(work);
                info!("Room ended");
                if let Ok(Some(done)) = served {
                    let _ = done.send(());
                }
            }
            Err(error) => {
                error!(%error, "The room could not be opened");
                self.meetings.forget(&room_id);
                commands.close();
                while let Some(command) = commands.recv().await {
                    if let Command::Ask(ask, _) = command {
                        ask.reply.refuse(&Refusal::Internal);
                    }
                }
            }
        }
    }

    /// The room as it was set up, or one that its guests make up.
    fn room(&self) -> Room {
        let room_id = self.meeting.room_id();
        let kept = self.meetings.kept();
        let link = self.meetings.link_to(room_id);
        let new = |key| Room::new(room_id.clone(), link, self.settings.room, key);
        match kept.room(room_id) {
            Some(KeptRoom {
                name, door, host_key, ..
            }) => {
                let mut room = new(host_key).behind(door, kept.guesses(room_id));
                room.rename(name);
                room
            }
            None => {
                let creator = self.meetings.created(room_id, Instant::now());
                new(Secret::random()).created_by(creator.map(|meeting| meeting.creator_id))
            }
        }
    }

    async fn open_media(&self, pool: &WorkerPool) -> Result<RoomMedia, crate::media::MediaError> {
        // Weak, as the callbacks live as long as the media, which must not keep the meeting's channel open.
        let commands = self.meeting.commands.downgrade();
        let report = move |event: MediaEvent| {
            let Some(commands) = commands.upgrade() else { return };
            // A meeting that is busy hears of the next one soon enough; scores do not even make it busy.
            let is_busy = commands.capacity() < commands.max_capacity() / 2;
            if !is_busy || !matches!(event, MediaEvent::ScoreChanged(..)) {
                let _ = commands.try_send(Command::Media(event));
            }
        };
        let media = RoomMedia::open(pool, Arc::new(report)).await?;
        let commands = self.meeting.commands.downgrade();
        let runtime = tokio::runtime::Handle::current();
        let on_worker_close = move || {
            if let Some(commands) = commands.upgrade() {
                runtime.spawn(async move {
                    let _ = commands.send(Command::MediaLost).await;
                });
            }
        };
        media.router().on_worker_close(on_worker_close).detach();
        Ok(media)
    }
}

impl Work {
    /// Serves commands until the room ends; returns who waits for that, if it was asked to close.
    async fn serve(
        &mut self,
        commands: &mut mpsc::Receiver<Command>,
        meetings: &Meetings,
    ) -> Option<oneshot::Sender<()>> {
        let mut shown = None;
        loop {
            let broadcast = self.broadcast.as_ref().map(|broadcast| broadcast.status().clone());
            let view = RoomView::of(&self.room, self.created.epoch_ms, broadcast);
            if shown.as_ref() != Some(&view) {
                meetings.show(self.room.id(), view.clone());
                shown = Some(view);
            }
            if self.is_over() {
                return None;
            }
            if self.lists.take_due(Instant::now()) {
                let list = self.room.list();
                self.perform(vec![list]).await;
            }
            let deadline = self.next_deadline();
            let command = tokio::select! {
                command = commands.recv() => command,
                () = tokio::time::sleep_until(deadline.into()) => None,
                status = self.broadcast_news() => {
                    self.heard_of_broadcast(status).await;
                    continue;
                }
                () = self.recording_broke() => {
                    // Its own words are in the recording's entry; nobody is to believe that it goes on.
                    self.stop_recording(StopReply::Nobody);
                    continue;
                }
            };
            match command {
                Some(Command::Close { reason, done }) => {
                    let event = (&ServerEvent::ServerShuttingDown { reason }).into();
                    self.everybody().for_each(|client| client.emit(&event));
                    self.waiting.clear();
                    return Some(done);
                }
                Some(Command::MediaLost) => {
                    // Whoever connects anew finds a new room on a worker that lives.
                    self.everybody().for_each(Client::disconnect);
                    return None;
                }
                Some(command) => self.take(command).await,
                None => {
                    let expired = self.room.expire(now());
                    self.perform(expired).await;
                }
            }
            if self.was_joined && !self.has_begun_anew && self.is_awaited_while_empty() {
                self.begin_anew().await;
            }
        }
    }

    fn is_over(&self) -> bool {
        let unjoined_for = self.created.instant.elapsed();
        let is_left = self.room.is_empty() && !self.is_awaited_while_empty();
        is_left && (self.was_joined || unjoined_for >= self.unjoined_grace)
    }

    /// Whether nobody is in but somebody waits. That keeps only a room open to which its hosts have a key.
    fn is_awaited_while_empty(&self) -> bool {
        self.room.is_empty() && self.room.is_awaited() && self.kept.has(self.room.id())
    }

    /// Ends the meeting as far as those are concerned who left; those who wait go on waiting.
    async fn begin_anew(&mut self) {
        self.has_begun_anew = true;
        if self.recorder.is_some() {
            self.stop_recording(StopReply::Nobody);
        }
        let _ = self.stop_broadcast().await; // if there is one
        let ended = self.room.begin_anew();
        self.perform(ended).await;
    }

    /// Those in the room and those who wait before it.
    fn everybody(&self) -> impl Iterator<Item = &Client> {
        self.clients.values().chain(self.waiting.values())
    }

    /// Tells those who wait that the room is over.
    fn close_lobby(&mut self) {
        for effect in self.room.close_lobby() {
            if let Effect::Tell(audience, event) = effect {
                self.tell(audience, &event);
            }
        }
    }

    fn next_deadline(&self) -> Instant {
        let unjoined = self.created.instant + self.unjoined_grace;
        let idle = Instant::now() + IDLE;
        let is_used = self.was_joined || self.is_awaited_while_empty();
        let first = if is_used { idle } else { unjoined };
        let others = self.room.next_expiry().into_iter().chain(self.lists.due());
        others.fold(first, Instant::min)
    }

    async fn take(&mut self, command: Command) {
        match command {
            Command::Ask(ask, outcome) => {
                let done = self.answer(*ask).await;
                let _ = outcome.send(done);
            }
            Command::Act(action, reply) => {
                let done = self.act(Actor::Owner, action).await;
                let _ = reply.send(done.map(drop).map_err(CommandError::Refused));
            }
            Command::Lost { peer, goodbye } => self.lost(&peer, goodbye).await,
            Command::Accompany(client, identity, reply) => {
                // Its socket may be gone by now.
                let _ = reply.send(self.accompany(client, &identity));
            }
            Command::Awaits(peer, reply) => {
                let _ = reply.send(self.room.awaits(&peer));
            }
            Command::Rename(name) => self.room.rename(name),
            Command::SocketOfUser { user_id, reply } => {
                let _ = reply.send(self.room.socket_of_user(&user_id));
            }
            Command::Media(event) => self.heard_of_media(event).await,
            Command::StartRecording(reply) => {
                let _ = reply.send(self.start_recording().await);
            }
            Command::StopRecording(reply) => self.stop_recording(StopReply::Owner(reply)),
            Command::StartBroadcast(target, options, reply) => {
                let _ = reply.send(self.start_broadcast(target, options).await);
            }
            Command::StopBroadcast(reply) => {
                let _ = reply.send(self.stop_broadcast().await);
            }
            Command::RecordingFinished(recorded, reply) => {
                let duration = self.recording_finished(&recorded).await;
                reply.give(duration);
            }
            Command::RecordingReady { id, file } => {
                let room_id = self.room.id().clone();
                let event = ServerEvent::RecordingReady {
                    room_id,
                    recording_id: id.as_millis(),
                    file,
                };
                self.tell(Audience::Hosts, &event);
            }
            Command::Census(reply) => {
                let census = MeetingCensus {
                    peers: self.room.peers().count(),
                    waiting: self.room.waiting_people().len(),
                    files: self.room.files(),
                    media: self.media.census(),
                };
                // Whoever asked may have lost patience.
                let _ = reply.send(census);
            }
            Command::ReceiveFile(id, reply) => {
                // Whoever asked may be gone, and the file with them.
                let _ = reply.send(self.receive_file(id));
            }
            Command::FileCame(id, arrival) => self.file_came(id, arrival).await,
            Command::File(id, reply) => {
                // As above.
                let _ = reply.send(self.file(&id));
            }
            Command::AddressesChanged(urls) => {
                let effects = self.room.moved(urls);
                self.perform(effects).await;
            }
            Command::MediaLost | Command::Close { .. } => (),
        }
    }

    async fn lost(&mut self, peer: &SocketId, goodbye: bool) {
        // A peer that resumed elsewhere has another id by now: its old socket means nothing any more.
        let Some(seat) = self.room.seat_of(peer) else {
            self.companions.lose(peer);
            let effects = self.room.hang_up(peer, goodbye, now());
            return self.perform(effects).await;
        };
        self.clients.remove(&seat);
        let effects = if goodbye {
            self.room.leave(seat)
        } else {
            self.room.lose(seat, now())
        };
        info!(peer = %peer, goodbye, "Peer gone");
        self.perform(effects).await;
    }

    /// Lets a client speak for a seat; the one that did so before is disconnected.
    pub(super) fn seat(&mut self, seat: Seat, client: Client) {
        self.was_joined = true;
        self.has_begun_anew = false;
        let joined = client.socket_id();
        if let Some(previous) = self.clients.insert(seat, client)
            && previous.socket_id() != joined
        {
            previous.disconnect();
        }
    }

    pub(super) async fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            self.tell_members(&effect);
            match effect {
                Effect::Tell(audience, event) => self.tell(audience, &event),
                Effect::EndMedia(seat) => {
                    self.media.end(seat);
                    self.clients.remove(&seat);
                    self.companions.leave(seat);
                }
                Effect::EndWait(id) => {
                    self.waiting.remove(&id);
                }
                Effect::EndStream(seat, producer) => self.media.end_stream(seat, producer),
                Effect::EndFile(id) => self.files.end(&id),
                Effect::LeaveOut(seat, left_out) => self.leave_out(seat, left_out),
                Effect::PauseStream(seat, producer, paused) => self.media.pause_stream(seat, producer, paused).await,
            }
        }
    }

    pub(super) fn tell(&mut self, audience: Audience, event: &ServerEvent) {
        let is_list = matches!(event, ServerEvent::ParticipantListUpdate(_));
        let is_chat = event.is_chat();
        let event: Announcement = event.into();
        if is_list && !self.lists.lets_out(event.bytes() * self.clients.len(), Instant::now()) {
            return;
        }
        let role = |seat| self.room.peer(seat).map(|peer| peer.role);
        let is_meant = |seat| match audience {
            Audience::All => true,
            Audience::Others(speaker) => seat != speaker,
            Audience::One(listener) => seat == listener,
            Audience::Hosts => role(seat) == Some(Role::Host),
            Audience::Moderators => role(seat) > Some(Role::Guest),
            Audience::Waiting(_) => false,
        };
        if let Audience::Waiting(id) = audience
            && let Some(client) = self.waiting.get(&id)
        {
            client.emit(&event);
        }
        for (_, client) in self.clients.iter().filter(|(seat, _)| is_meant(**seat)) {
            client.emit(&event);
        }
        for (_, client) in self.companions.iter().filter(|(seat, _)| is_chat && is_meant(*seat)) {
            client.emit(&event);
        }
    }
}

/// Gives back what came too late, so that it is answered elsewhere. A recording that was stopped before has been.
async fn hand_back(mut commands: mpsc::Receiver<Command>) {
    commands.close();
    while let Some(command) = commands.recv().await {
        match command {
            Command::Ask(ask, outcome) => {
                let _ = outcome.send(Outcome::Gone(ask));
            }
            Command::RecordingFinished(recorded, reply) => reply.give(recorded.duration),
            _ => (),
        }
    }
}

/// The time, for the rules.
pub(super) fn now() -> Now {
    let epoch_ms = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    Now {
        instant: Instant::now(),
        epoch_ms: u64::try_from(epoch_ms).unwrap_or(u64::MAX),
    }
}

impl Ask {
    /// The socket of the asking client.
    pub(super) fn socket_id(&self) -> SocketId {
        self.client.socket_id()
    }
}
