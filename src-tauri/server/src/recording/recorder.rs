//! The recorder: one more member of the room, which consumes everything over a `DirectTransport` and sends nothing.
//!
//! Its task owns the mediasoup handles (dropping them is the clean-up) and does what takes time; packets go from mediasoup's threads straight to the
//! recording's own thread (see `disk`).

use std::collections::HashMap;
use std::time::Duration;

use mediasoup::prelude::*;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::MissedTickBehavior;

use super::disk::{self, DiskHandle, DiskReports, TrackNumber};
use super::error::RecordingError;
use super::id::{Place, RecordingId};
use super::library::Shelf;
use super::metadata::Metadata;
use super::rtp::frames::Codec;
use super::track::TrackSpec;

/// A producer as the room describes it to the recorder.
#[derive(Debug, Clone)]
pub struct RecordedProducer {
    /// The producer to consume.
    pub producer_id: ProducerId,
    /// The person who sends it, the same over reconnects.
    pub seat: u64,
    /// What that person is called now.
    pub peer_name: String,
    /// Sound or picture.
    pub kind: MediaKind,
    /// A shared screen, or its sound.
    pub is_screen_share: bool,
    /// The sender paused it.
    pub paused: bool,
}

/// What happened in the room, as far as it concerns a recording.
#[derive(Debug, Clone)]
pub enum MemberEvent {
    /// Somebody sends something new.
    ProducerOpened(RecordedProducer),
    /// It ended.
    ProducerClosed(ProducerId),
    /// Its sender paused it (muted, camera off).
    ProducerPaused(ProducerId),
    /// It goes on.
    ProducerResumed(ProducerId),
    /// A person is called differently from now on.
    PeerNamed {
        /// The person.
        seat: u64,
        /// The new name.
        name: String,
    },
}

/// What a finished recording holds.
#[derive(Debug, Clone)]
pub struct RecordedTracks {
    /// The recording.
    pub id: RecordingId,
    /// How long it ran.
    pub duration: Duration,
    /// How many track files there are.
    pub tracks: usize,
    /// What went wrong meanwhile, as a sentence.
    pub failure: Option<String>,
}

/// A running recording. Dropping it finishes it as [`finish`](Self::finish) does, only without waiting.
#[derive(Debug)]
pub struct Recorder {
    id: RecordingId,
    started_at: u64,
    events: mpsc::UnboundedSender<MemberEvent>,
    finish: oneshot::Sender<()>,
    finished: oneshot::Receiver<RecordedTracks>,
    failures: watch::Receiver<Option<String>>,
}

impl Recorder {
    /// Attaches a recorder to the room's router.
    pub(super) async fn start(
        router: &Router,
        place: Place,
        metadata: Metadata,
        existing: Vec<RecordedProducer>,
        shelf: Shelf,
    ) -> Result<Self, RecordingError> {
        let (id, started_at) = (metadata.id, metadata.started_at);
        let transport = router
            .create_direct_transport(DirectTransportOptions::default())
            .await
            .map_err(|error| RecordingError::Media(error.to_string()))?;
        let capabilities = consumable(router)?;
        let (warning, warnings) = watch::channel(None);
        let (failure, failures) = watch::channel(None);
        let (key_frames, asked) = mpsc::unbounded_channel();
        let reports = DiskReports {
            key_frames,
            warning,
            failure,
        };
        let disk = tokio::task::spawn_blocking(move || disk::start(place.folder, metadata, reports))
            .await
            .map_err(|error| RecordingError::Media(error.to_string()))??;
        let (events, told) = mpsc::unbounded_channel();
        let (closed, closings) = mpsc::unbounded_channel();
        let (finish, ended) = oneshot::channel();
        let (done, finished) = oneshot::channel();
        let task = Task {
            transport,
            capabilities,
            disk,
            tracks: HashMap::new(),
            next_number: 1,
            closed,
            shelf,
            id,
            warnings,
            failures: failures.clone(),
        };
        tokio::spawn(task.run(existing, told, closings, asked, ended, done));
        Ok(Self {
            id,
            started_at,
            events,
            finish,
            finished,
            failures,
        })
    }

    /// The recording's id.
    pub fn id(&self) -> RecordingId {
        self.id
    }

    /// When it started, in milliseconds since the epoch.
    pub fn started_at(&self) -> u64 {
        self.started_at
    }

    /// Tells what happened in the room. Never blocks.
    pub fn tell(&self, event: MemberEvent) {
        let _ = self.events.send(event); // the task lives as long as this handle, unless the runtime is being torn down
    }

    /// Why nothing more is written, as a sentence for a person, once that is so: the recorder is of no more use then, but
    /// to be finished. The meeting goes on.
    pub fn failures(&self) -> watch::Receiver<Option<String>> {
        self.failures.clone()
    }

    /// Completes the files and hands them over for composing. Returns when the tracks are safe on the disk, not when they are composed.
    pub async fn finish(self) -> RecordedTracks {
        let Self {
            id,
            finish,
            finished,
            failures,
            events,
            ..
        } = self;
        drop(events);
        let _ = finish.send(()); // already on its way out
        finished.await.unwrap_or_else(|_| RecordedTracks {
            id,
            duration: Duration::ZERO,
            tracks: 0,
            failure: failures.borrow().clone(),
        })
    }
}

/// What the router can forward, as the capabilities of a consumer.
fn consumable(router: &Router) -> Result<RtpCapabilities, RecordingError> {
    serde_json::to_value(router.rtp_capabilities())
        .and_then(serde_json::from_value)
        .map_err(|error| RecordingError::Media(error.to_string()))
}

struct Task {
    transport: DirectTransport,
    capabilities: RtpCapabilities,
    disk: DiskHandle,
    tracks: HashMap<ProducerId, OpenTrack>,
    next_number: TrackNumber,
    closed: mpsc::UnboundedSender<ProducerId>,
    shelf: Shelf,
    id: RecordingId,
    warnings: watch::Receiver<Option<String>>,
    failures: watch::Receiver<Option<String>>,
}

struct OpenTrack {
    number: TrackNumber,
    consumer: Consumer,
}

impl Task {
    async fn run(
        mut self,
        existing: Vec<RecordedProducer>,
        mut told: mpsc::UnboundedReceiver<MemberEvent>,
        mut closings: mpsc::UnboundedReceiver<ProducerId>,
        mut asked: mpsc::UnboundedReceiver<TrackNumber>,
        mut ended: oneshot::Receiver<()>,
        done: oneshot::Sender<RecordedTracks>,
    ) {
        for producer in existing {
            self.open(producer).await;
        }
        let mut every_second = tokio::time::interval(Duration::from_secs(1));
        every_second.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut warnings, mut failures) = (self.warnings.clone(), self.failures.clone());
        loop {
            tokio::select! {
                // What was told before the end counts, so it is looked at first.
                biased;
                Some(event) = told.recv() => self.handle(event).await,
                Some(producer) = closings.recv() => self.close(producer),
                _ = &mut ended => break,
                Some(number) = asked.recv() => self.ask_for_key_frame(number).await,
                Ok(()) = warnings.changed() => {
                    let sentence = warnings.borrow_and_update().clone();
                    self.shelf.told_while_running(self.id, sentence);
                }
                Ok(()) = failures.changed() => {
                    let sentence = failures.borrow_and_update().clone();
                    self.shelf.failed_while_running(self.id, sentence);
                }
                _ = every_second.tick() => self.shelf.grew(self.id, self.disk.written()),
            }
        }
        self.tracks.clear();
        let Some(metadata) = self.disk.finish().await else {
            self.shelf.lost(self.id);
            return;
        };
        // It may have come with the last write, or with the end that follows it at once.
        if let Some(sentence) = self.failures.borrow().clone() {
            self.shelf.failed_while_running(self.id, Some(sentence));
        }
        let tracks = RecordedTracks {
            id: self.id,
            duration: Duration::from_millis(metadata.duration_ms.unwrap_or(0)),
            tracks: metadata.tracks.len(),
            failure: metadata.message.clone(),
        };
        self.shelf.recorded(metadata, self.disk.written());
        let _ = done.send(tracks); // the handle was dropped
    }

    async fn handle(&mut self, event: MemberEvent) {
        match event {
            MemberEvent::ProducerOpened(producer) => self.open(producer).await,
            MemberEvent::ProducerClosed(id) => self.close(id),
            MemberEvent::ProducerPaused(id) => {
                if let Some(track) = self.tracks.get(&id) {
                    self.disk.pause(track.number);
                }
            }
            MemberEvent::ProducerResumed(id) => {
                if let Some(track) = self.tracks.get(&id) {
                    self.disk.resume(track.number);
                }
            }
            MemberEvent::PeerNamed { seat, name } => self.disk.rename(seat, name),
        }
    }

    async fn open(&mut self, producer: RecordedProducer) {
        let id = producer.producer_id;
        if self.tracks.contains_key(&id) {
            return;
        }
        // One source that cannot be recorded is no reason to lose the others.
        match self.consume(producer).await {
            Ok(track) => {
                self.tracks.insert(id, track);
            }
            Err(reason) => tracing::warn!(producer = %id, reason, "this producer is not recorded"),
        }
    }

    async fn consume(&mut self, producer: RecordedProducer) -> Result<OpenTrack, String> {
        let mut options = ConsumerOptions::new(producer.producer_id, self.capabilities.clone());
        options.paused = true;
        options.enable_rtx = Some(false); // nothing is lost between the router and this process
        let consumer = self
            .transport
            .consume(options)
            .await
            .map_err(|error| error.to_string())?;
        let spec = track_spec(&consumer, producer)?;
        let number = self.next_number;
        self.next_number += 1;
        self.disk.open(number, spec);
        let disk = self.disk.clone();
        consumer.on_rtp(move |packet| disk.packet(number, packet)).detach();
        let (closed, id) = (self.closed.clone(), consumer.producer_id());
        consumer
            .on_producer_close(move || {
                let _ = closed.send(id); // the recorder is on its way out
            })
            .detach();
        consumer.resume().await.map_err(|error| error.to_string())?; // asks for a key frame, too
        Ok(OpenTrack { number, consumer })
    }

    fn close(&mut self, id: ProducerId) {
        if let Some(track) = self.tracks.remove(&id) {
            self.disk.close(track.number);
        }
    }

    async fn ask_for_key_frame(&self, number: TrackNumber) {
        if let Some(track) = self.tracks.values().find(|track| track.number == number)
            && let Err(error) = track.consumer.request_key_frame().await
        {
            tracing::debug!(%error, "a key frame could not be asked for");
        }
    }
}

/// What the consumer will deliver.
fn track_spec(consumer: &Consumer, producer: RecordedProducer) -> Result<TrackSpec, String> {
    let parameters = consumer.rtp_parameters();
    let codec = parameters.codecs.first().ok_or("it has no codec")?;
    let (codec, payload_type, clock_rate) = match codec {
        RtpCodecParameters::Audio {
            mime_type: MimeTypeAudio::Opus,
            payload_type,
            clock_rate,
            channels,
            ..
        } => (
            Codec::Opus {
                channels: channels.get(),
            },
            *payload_type,
            clock_rate.get(),
        ),
        RtpCodecParameters::Video {
            mime_type: MimeTypeVideo::Vp8,
            payload_type,
            clock_rate,
            ..
        } => (Codec::Vp8, *payload_type, clock_rate.get()),
        other => return Err(format!("recordings cannot hold {:?}", other.mime_type())),
    };
    Ok(TrackSpec {
        seat: producer.seat,
        peer_name: producer.peer_name,
        is_screen_share: producer.is_screen_share,
        codec,
        payload_type,
        clock_rate,
        paused: producer.paused || consumer.producer_paused(),
    })
}
