//! Recording a meeting: whoever asks, a guest or the owner of the machine, it is the same recording.
//!
//! The recorder is a member of the room: it hears of streams by the same events as everybody else.

use std::time::Duration;

use serde_json::Value;
use tracing::{error, info};

use super::requests::json_of;
use super::task::Work;
use crate::recording::{MemberEvent, RecordedProducer, Recorder, RecordingError, RecordingId};
use crate::room::{Effect, Peer, Seat, Stream};
use crate::wire::{Refusal, RunningRecording, ServerEvent, StartRecordingAck, StopRecordingAck};

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
    /// The recorder cannot work.
    #[error(transparent)]
    Recording(#[from] RecordingError),
}

impl From<CommandError> for Refusal {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::AlreadyRecording => Self::AlreadyRecording,
            CommandError::NotRecording => Self::NoActiveRecording,
            CommandError::NobodyThere => Self::Failed(error.to_string()),
            CommandError::Recording(error) => Self::Failed(error.for_guests()),
        }
    }
}

impl Work {
    pub(super) async fn start_recording(&mut self) -> Result<RecordingId, CommandError> {
        if self.recorder.is_some() {
            return Err(CommandError::AlreadyRecording);
        }
        if self.room.is_empty() {
            return Err(CommandError::NobodyThere);
        }
        let existing = self
            .room
            .peers()
            .flat_map(|(seat, peer)| streams_of(seat, peer))
            .collect();
        let started = self
            .library
            .start(self.media.router(), self.room.id().as_str(), existing)
            .await;
        let recorder = started.inspect_err(|error| error!(%error, "The recording could not start"))?;
        let id = recorder.id();
        info!(recording = %id, "Recording started");
        let running = RunningRecording {
            recording_id: id.as_millis(),
            started_at: recorder.started_at(),
        };
        self.recorder = Some(recorder);
        let effects = self.room.recording_started(running);
        self.perform(effects);
        Ok(id)
    }

    /// Stops the recording and returns how long it ran, once its tracks are safe on the disk.
    pub(super) async fn stop_recording(&mut self) -> Result<Duration, CommandError> {
        let recorder = self.recorder.take().ok_or(CommandError::NotRecording)?;
        let recorded = recorder.finish().await;
        info!(recording = %recorded.id, tracks = recorded.tracks, "Recording stopped");
        if let Some(failure) = &recorded.failure {
            error!(recording = %recorded.id, %failure, "The recording is not whole");
        }
        let effects = self.room.recording_stopped(milliseconds(recorded.duration));
        self.perform(effects);
        Ok(recorded.duration)
    }

    pub(super) async fn answer_start_recording(&mut self) -> Result<Value, Refusal> {
        let id = self.start_recording().await?;
        json_of(&StartRecordingAck {
            success: true,
            recording_id: id.as_millis(),
        })
    }

    pub(super) async fn answer_stop_recording(&mut self) -> Result<Value, Refusal> {
        let duration = self.stop_recording().await?;
        json_of(&StopRecordingAck {
            success: true,
            duration: milliseconds(duration),
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

    /// Tells the recorder, if there is one, what somebody is called now.
    pub(super) fn name_to_recorder(&self, seat: Seat) {
        if let (Some(recorder), Some(peer)) = (&self.recorder, self.room.peer(seat)) {
            let (seat, name) = (seat.number(), peer.name());
            recorder.tell(MemberEvent::PeerNamed { seat, name });
        }
    }

    /// Tells the recorder, if there is one, what everybody is told.
    pub(super) fn tell_recorder(&self, effect: &Effect) {
        let (Some(recorder), Effect::Tell(_, event)) = (&self.recorder, effect) else {
            return;
        };
        match **event {
            ServerEvent::NewProducer { producer_id, .. } => {
                let owner = self
                    .room
                    .sender_of(producer_id)
                    .and_then(|(seat, _)| Some((seat, self.room.peer(seat)?)));
                if let Some((seat, peer)) = owner {
                    let opened = streams_of(seat, peer).find(|stream| stream.producer_id == producer_id);
                    opened
                        .into_iter()
                        .for_each(|stream| recorder.tell(MemberEvent::ProducerOpened(stream)));
                }
            }
            ServerEvent::ProducerClosed { producer_id, .. } => recorder.tell(MemberEvent::ProducerClosed(producer_id)),
            ServerEvent::ProducerPaused { producer_id, .. } => recorder.tell(MemberEvent::ProducerPaused(producer_id)),
            ServerEvent::ProducerResumed { producer_id, .. } => {
                recorder.tell(MemberEvent::ProducerResumed(producer_id));
            }
            _ => (),
        }
    }
}

fn streams_of(seat: Seat, peer: &Peer) -> impl Iterator<Item = RecordedProducer> {
    let recorded = move |(producer_id, stream): (&_, &Stream)| RecordedProducer {
        producer_id: *producer_id,
        seat: seat.number(),
        peer_name: peer.name(),
        kind: stream.kind,
        is_screen_share: stream.is_screen_share,
        paused: stream.paused,
    };
    peer.streams.iter().map(recorded)
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
