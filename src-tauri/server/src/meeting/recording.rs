//! Recording a meeting: whoever asks, a guest or the owner of the machine, it is the same recording.
//!
//! The recorder is a member of the room: it hears of streams by the same events as everybody else.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc::error::SendError;
use tokio::sync::oneshot;
use tracing::{Instrument as _, error, info};

use super::Command;
use super::requests::json_of;
use super::task::Work;
use crate::recording::{
    MemberEvent, RecordedPerson, RecordedProducer, RecordedTracks, Recorder, RecordingError, RecordingId,
};
use crate::room::{Effect, Peer, Seat, Stream};
use crate::signaling::Reply;
use crate::wire::{RecordingLinkAck, Refusal, RunningRecording, ServerEvent, StartRecordingAck, StopRecordingAck};

/// Why the owner's command was not done, as a sentence for a person.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There is nothing to record.
    #[error("Nobody is in this room yet: start the recording when somebody is.")]
    NobodyThere,
    /// A recording runs.
    #[error("This room is being recorded already.")]
    AlreadyRecording,
    /// None runs.
    #[error("This room is not being recorded.")]
    NotRecording,
    /// There is nobody whose meeting could be broadcast.
    #[error("Nobody is in this room yet: start the broadcast when somebody is.")]
    NobodyToBroadcast,
    /// A broadcast runs.
    #[error("This room is being broadcast already.")]
    AlreadyBroadcast,
    /// None runs.
    #[error("This room is not being broadcast.")]
    NotBroadcast,
    /// There is nowhere to broadcast to.
    #[error("No address is kept for this room: enter the address and the stream key of your streaming service.")]
    NoTarget,
    /// The room is not there.
    #[error("This room is not open any more.")]
    NoRoom,
    /// The room's rules say no.
    #[error("{0}.")]
    Refused(Refusal),
    /// The recorder cannot work.
    #[error(transparent)]
    Recording(#[from] RecordingError),
}

/// Who waits for a recording to stop.
#[derive(Debug)]
pub(super) enum StopReply {
    /// The owner of the machine.
    Owner(oneshot::Sender<Result<Duration, CommandError>>),
    /// Somebody in the room.
    Peer(Reply),
    /// It stopped by itself.
    Nobody,
}

impl StopReply {
    /// The recording ran this long.
    pub(super) fn give(self, duration: Duration) {
        match self {
            Self::Owner(reply) => {
                // The window may be closed by now.
                let _ = reply.send(Ok(duration));
            }
            Self::Peer(reply) => reply.give(&StopRecordingAck {
                success: true,
                duration: milliseconds(duration),
            }),
            Self::Nobody => (),
        }
    }

    fn refuse(self, error: CommandError) {
        match self {
            Self::Owner(reply) => {
                // As above.
                let _ = reply.send(Err(error));
            }
            Self::Peer(reply) => reply.refuse(&error.into()),
            Self::Nobody => (),
        }
    }
}

impl From<CommandError> for Refusal {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::AlreadyRecording => Self::AlreadyRecording,
            CommandError::NotRecording => Self::NoActiveRecording,
            CommandError::Refused(refusal) => refusal,
            error @ (CommandError::NobodyThere
            | CommandError::NobodyToBroadcast
            | CommandError::AlreadyBroadcast
            | CommandError::NotBroadcast
            | CommandError::NoTarget
            | CommandError::NoRoom) => Self::Failed(error.to_string()),
            CommandError::Recording(error) => Self::Failed(error.for_guests()),
        }
    }
}

impl Work {
    pub(super) async fn start_recording(&mut self) -> Result<RecordingId, CommandError> {
        if self.room.recording().is_some() {
            return Err(CommandError::AlreadyRecording);
        }
        if self.room.is_empty() {
            return Err(CommandError::NobodyThere);
        }
        let started = self
            .library
            .start(self.media.router(), self.room.id().as_str(), self.streams())
            .await;
        let recorder = started.inspect_err(|error| error!(?error, "The recording could not start"))?;
        let id = recorder.id();
        info!(recording = %id, "Recording started");
        let running = RunningRecording {
            recording_id: id.as_millis(),
            started_at: recorder.started_at(),
        };
        recorder.tell(MemberEvent::People(self.people()));
        if let Some(speaker) = self.recorded_speaker() {
            recorder.tell(MemberEvent::Speaker(Some(speaker)));
        }
        self.recorder = Some(recorder);
        let effects = self.room.recording_started(running);
        self.perform(effects).await;
        Ok(id)
    }

    /// Stops the recording. It counts as running until its tracks are safe on the disk; the meeting does not wait for
    /// that, as a disk can be slow.
    pub(super) fn stop_recording(&mut self, reply: StopReply) {
        let Some(recorder) = self.recorder.take() else {
            return reply.refuse(CommandError::NotRecording);
        };
        let later = self.later.clone();
        let finishing = async move {
            let recorded = recorder.finish().await;
            let duration = recorded.duration;
            match later.upgrade() {
                Some(commands) => {
                    let finished = Command::RecordingFinished(recorded, reply);
                    // A meeting that ended meanwhile has nobody to tell but who asked.
                    if let Err(SendError(Command::RecordingFinished(_, reply))) = commands.send(finished).await {
                        reply.give(duration);
                    }
                }
                None => reply.give(duration),
            }
        };
        self.finishing.spawn(finishing.in_current_span());
    }

    /// Takes in that the recording's tracks are on the disk; returns how long it ran.
    pub(super) async fn recording_finished(&mut self, recorded: &RecordedTracks) -> Duration {
        info!(recording = %recorded.id, tracks = recorded.tracks, "Recording stopped");
        if let Some(failure) = &recorded.failure {
            error!(recording = %recorded.id, %failure, "The recording is not whole");
        }
        let effects = self.room.recording_stopped(milliseconds(recorded.duration));
        self.perform(effects).await;
        recorded.duration
    }

    pub(super) async fn answer_start_recording(&mut self) -> Result<Value, Refusal> {
        let id = self.start_recording().await?;
        json_of(&StartRecordingAck {
            success: true,
            recording_id: id.as_millis(),
        })
    }

    pub(super) fn recording_link(&self, recording_id: u64) -> Result<Value, Refusal> {
        let id = RecordingId::from_millis(recording_id);
        let secret = self
            .library
            .ticket(id, self.room.id().as_str())
            .map_err(|error| Refusal::Failed(error.to_string()))?;
        json_of(&RecordingLinkAck {
            path: format!("/recordings/{}", secret.reveal()),
        })
    }

    /// Resolves when a recording runs and can no longer be written; never otherwise.
    pub(super) fn recording_broke(&self) -> impl Future<Output = ()> + use<> {
        let failures = self.recorder.as_ref().map(Recorder::failures);
        async move {
            match failures {
                // An error means that whoever wrote it is gone, which is no better.
                Some(mut failures) => drop(failures.wait_for(Option::is_some).await),
                None => std::future::pending().await,
            }
        }
    }

    /// Has the recorder and the broadcaster, as far as they are there, leave somebody out from now on, or take them in again.
    pub(super) fn leave_out(&self, seat: Seat, is_left_out: bool) {
        let Some(peer) = self.room.peer(seat) else { return };
        let number = seat.number();
        self.tell_each(&MemberEvent::LeftOut {
            seat: number,
            is_left_out,
        });
        for stream in self.streams_of(seat, peer) {
            self.tell_each(&MemberEvent::ProducerOpened(stream));
        }
        if self.room.speaker() == Some(seat) {
            self.tell_each(&MemberEvent::Speaker(self.recorded_speaker()));
        }
    }

    fn tell_each(&self, event: &MemberEvent) {
        if let Some(recorder) = &self.recorder {
            recorder.tell(event.clone());
        }
        if let Some(broadcaster) = self.broadcaster() {
            broadcaster.tell(event.clone());
        }
    }

    /// Tells the recorder and the broadcaster, as far as they are there, what everybody is told of those whom they do not
    /// leave out.
    pub(super) fn tell_members(&self, effect: &Effect) {
        if self.recorder.is_none() && self.broadcaster().is_none() {
            return;
        }
        let Effect::Tell(_, event) = effect else { return };
        let tell = |event: MemberEvent| self.tell_each(&event);
        match &**event {
            ServerEvent::NewProducer { producer_id, .. } => {
                let owner = self
                    .room
                    .sender_of(*producer_id)
                    .and_then(|(seat, _)| Some((seat, self.room.peer(seat)?)));
                if let Some((seat, peer)) = owner {
                    let opened = self
                        .streams_of(seat, peer)
                        .find(|stream| stream.producer_id == *producer_id);
                    opened
                        .into_iter()
                        .for_each(|stream| tell(MemberEvent::ProducerOpened(stream)));
                }
            }
            ServerEvent::ProducerClosed { producer_id, .. } => tell(MemberEvent::ProducerClosed(*producer_id)),
            ServerEvent::ProducerPaused { producer_id, .. } => tell(MemberEvent::ProducerPaused(*producer_id)),
            ServerEvent::ProducerResumed { producer_id, .. } => {
                tell(MemberEvent::ProducerResumed(*producer_id));
            }
            ServerEvent::ParticipantListUpdate(_) => tell(MemberEvent::People(self.people())),
            ServerEvent::ActiveSpeaker { .. } => {
                tell(MemberEvent::Speaker(self.recorded_speaker()));
            }
            ServerEvent::ReceiveMessage(entry) => {
                let seat = self.room.seat_of(&entry.socket_id);
                if seat.is_none_or(|seat| self.room.is_recorded(seat)) {
                    tell(MemberEvent::Message {
                        seat: seat.map(Seat::number),
                        name: entry.message.sender.name.clone(),
                        text: entry.message.text.clone(),
                    });
                }
            }
            _ => (),
        }
    }

    /// Who speaks, unless that is somebody who is left out.
    pub(super) fn recorded_speaker(&self) -> Option<u64> {
        let speaker = self.room.speaker();
        speaker.filter(|seat| self.room.is_recorded(*seat)).map(Seat::number)
    }

    /// Everybody who is not left out, as the others see them.
    pub(super) fn people(&self) -> Vec<RecordedPerson> {
        let person = |(seat, peer): (Seat, &Peer)| {
            let look = self.room.look(peer);
            RecordedPerson {
                seat: seat.number(),
                name: peer.name(),
                is_away: peer.is_reconnecting(),
                is_audio_muted: look.is_audio_muted,
                is_video_paused: look.is_video_paused,
                is_screen_sharing: look.is_screen_sharing,
            }
        };
        self.room.recorded_peers().map(person).collect()
    }

    /// What a recording takes of all, as far as media has it.
    pub(super) fn streams(&self) -> Vec<RecordedProducer> {
        let of_peer = |(seat, peer)| self.streams_of(seat, peer);
        self.room.recorded_peers().flat_map(of_peer).collect()
    }

    /// What a recording takes of somebody, as far as media has it.
    fn streams_of(&self, seat: Seat, peer: &Peer) -> impl Iterator<Item = RecordedProducer> {
        let recorded = move |(producer_id, stream): (&_, &Stream)| {
            Some(RecordedProducer {
                producer_id: *producer_id,
                source: self.media.producer(seat, *producer_id)?.downgrade(),
                seat: seat.number(),
                peer_name: peer.name(),
                kind: stream.kind,
                is_screen_share: stream.is_screen_share,
                paused: stream.paused,
            })
        };
        let streams = (!peer.is_left_out).then_some(&peer.streams);
        streams.into_iter().flatten().filter_map(recorded)
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
