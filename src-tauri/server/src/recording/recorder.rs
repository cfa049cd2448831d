//! The recorder: one more member of the room, which consumes everything over a `DirectTransport` and sends nothing.
//!
//! Its task owns the mediasoup handles (dropping them is the clean-up) and does what takes time; packets and reports go from mediasoup's threads straight to the
//! recording's own thread (see `disk`). The reports are those of the producers: what a consumer gets are mediasoup's own, by the server's clock.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use event_listener_primitives::HandlerId;
use mediasoup::prelude::*;
use mediasoup::producer::{ProducerTraceEventData, ProducerTraceEventType};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::MissedTickBehavior;

use super::disk::{self, DiskReports, Job, TrackNumber};
use super::error::RecordingError;
use super::id::{Place, RecordingId};
use super::library::Shelf;
use super::listening::{carried, consumable, listen};
use super::metadata::Metadata;
use super::people::RecordedPerson;
use super::queue::{Inlet, queue};
use super::rtp::reports::SenderReport;
use super::sidecar::Event;
use super::space::Space;
use super::track::TrackSpec;

/// What is said of a recording whose meeting lost its media.
const MEDIA_GONE: &str = "The part of Confab that carries this meeting's sound and pictures stopped, and the meeting with it: everything up to then \
                          is kept. Start the meeting again, and tell us if it happens more often.";

/// A producer as the room describes it to the recorder.
#[derive(Debug, Clone)]
pub struct RecordedProducer {
    /// The producer to consume.
    pub producer_id: ProducerId,
    /// The producer itself, whose reports tell its sender's time.
    pub source: WeakProducer,
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
    /// Who is in the room now, whenever anything about it changed.
    People(Vec<RecordedPerson>),
    /// Nothing more of somebody is to be kept from now on; or it may be again, and what they send is opened anew.
    LeftOut {
        /// The person.
        seat: u64,
        /// Whether they are left out.
        is_left_out: bool,
    },
    /// Who speaks now; nobody if `None`.
    Speaker(Option<u64>),
    /// Somebody wrote in the chat.
    Message {
        /// The person; `None` if they are gone.
        seat: Option<u64>,
        /// What they are called.
        name: String,
        /// What they wrote.
        text: String,
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
    disk: Inlet<Job>,
    told: mpsc::UnboundedSender<(Duration, Told)>,
    finish: oneshot::Sender<()>,
    finished: oneshot::Receiver<RecordedTracks>,
    failures: watch::Receiver<Option<String>>,
}

/// What is told about the room's media. Everything else needs no work and goes straight to the disk.
#[derive(Debug)]
enum Told {
    Opened(RecordedProducer),
    Closed(ProducerId),
    Paused(ProducerId),
    Resumed(ProducerId),
    /// Whose consumers are to go.
    LeftOut(u64),
    /// The worker died.
    MediaGone,
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
        // Its clock begins with it: at `started_at`, whatever the rest of the start takes.
        let (disk, jobs) = queue();
        let (id, started_at) = (metadata.id, metadata.started_at);
        let transport = router
            .create_direct_transport(DirectTransportOptions::default())
            .await
            .map_err(|error| RecordingError::Media(error.to_string()))?;
        let capabilities = consumable(router).map_err(RecordingError::Media)?;
        let (warning, warnings) = watch::channel(None);
        let (failure, failures) = watch::channel(None);
        let (space, room) = watch::channel(Space::default());
        let (key_frames, asked) = mpsc::unbounded_channel();
        let reports = DiskReports {
            key_frames,
            warning,
            failure,
            space,
        };
        tokio::task::spawn_blocking(move || disk::start(&place.folder, metadata, reports, jobs))
            .await
            .map_err(|error| RecordingError::Media(error.to_string()))??;
        let (told, tellings) = mpsc::unbounded_channel();
        let (finish, ended) = oneshot::channel();
        let (done, finished) = oneshot::channel();
        let gone = told.downgrade();
        let _on_worker_close = router.on_worker_close(move || {
            if let Some(told) = gone.upgrade() {
                let _ = told.send((Duration::ZERO, Told::MediaGone)); // the recorder is on its way out
            }
        });
        let task = Task {
            transport,
            capabilities,
            disk: disk.clone(),
            tracks: HashMap::new(),
            next_number: 1,
            closings: told.downgrade(),
            shelf,
            id,
            warnings,
            failures: failures.clone(),
            space: room,
            _on_worker_close,
        };
        tokio::spawn(task.run(existing, tellings, asked, ended, done));
        Ok(Self {
            id,
            started_at,
            disk,
            told,
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

    /// Tells what happened in the room, now. Never blocks.
    pub fn tell(&self, event: MemberEvent) {
        let at = self.disk.now();
        let told = match event {
            MemberEvent::ProducerOpened(producer) => Told::Opened(producer),
            MemberEvent::ProducerClosed(id) => Told::Closed(id),
            MemberEvent::ProducerPaused(id) => Told::Paused(id),
            MemberEvent::ProducerResumed(id) => Told::Resumed(id),
            MemberEvent::LeftOut { seat, is_left_out } => {
                // What is on its way to the disk by then is of before; what comes after finds no track.
                self.disk.add(at, Job::LeaveOut(seat, is_left_out));
                if !is_left_out {
                    return;
                }
                Told::LeftOut(seat)
            }
            MemberEvent::People(people) => return self.disk.add(at, Job::People(people)),
            MemberEvent::Speaker(seat) => return self.disk.add(at, Job::Note(Event::Speaker { seat })),
            MemberEvent::Message { seat, name, text } => {
                return self.disk.add(at, Job::Note(Event::Message { seat, name, text }));
            }
        };
        let _ = self.told.send((at, told)); // the task lives as long as this handle, unless the runtime is being torn down
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
            ..
        } = self;
        let _ = finish.send(()); // already on its way out
        finished.await.unwrap_or_else(|_| RecordedTracks {
            id,
            duration: Duration::ZERO,
            tracks: 0,
            failure: failures.borrow().clone(),
        })
    }
}

struct Task {
    transport: DirectTransport,
    capabilities: RtpCapabilities,
    disk: Inlet<Job>,
    tracks: HashMap<ProducerId, OpenTrack>,
    next_number: TrackNumber,
    /// Where consumers say that their producer is gone.
    closings: mpsc::WeakUnboundedSender<(Duration, Told)>,
    shelf: Shelf,
    id: RecordingId,
    warnings: watch::Receiver<Option<String>>,
    failures: watch::Receiver<Option<String>>,
    space: watch::Receiver<Space>,
    _on_worker_close: HandlerId,
}

struct OpenTrack {
    number: TrackNumber,
    seat: u64,
    consumer: Consumer,
    /// Ends the reports when dropped.
    _on_report: Option<HandlerId>,
}

impl Task {
    async fn run(
        mut self,
        existing: Vec<RecordedProducer>,
        mut told: mpsc::UnboundedReceiver<(Duration, Told)>,
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
                Some((at, told)) = told.recv() => self.handle(at, told).await,
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
                _ = every_second.tick() => self.shelf.grew(self.id, *self.space.borrow()),
            }
        }
        self.tracks.clear();
        let (completed, metadata) = oneshot::channel();
        self.disk.add_urgently(Job::Finish(completed));
        let Ok(metadata) = metadata.await else {
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
        self.shelf.recorded(metadata, self.space.borrow().bytes);
        let _ = done.send(tracks); // the handle was dropped
    }

    async fn handle(&mut self, at: Duration, told: Told) {
        let number = |id| self.tracks.get(&id).map(|track| track.number);
        match told {
            Told::Opened(producer) => self.open(producer).await,
            Told::Closed(id) => {
                if let Some(track) = self.tracks.remove(&id) {
                    self.disk.add(at, Job::Close(track.number));
                }
            }
            Told::Paused(id) => {
                if let Some(number) = number(id) {
                    self.disk.add(at, Job::Pause(number));
                }
            }
            Told::Resumed(id) => {
                if let Some(number) = number(id) {
                    self.disk.add(at, Job::Resume(number));
                }
            }
            Told::LeftOut(seat) => {
                for (_, track) in self.tracks.extract_if(|_, track| track.seat == seat) {
                    self.disk.add(at, Job::Close(track.number));
                }
            }
            Told::MediaGone => self.disk.add(self.disk.now(), Job::Tell(MEDIA_GONE.to_owned())),
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
        let consumer = listen(&self.transport, &self.capabilities, producer.producer_id).await?;
        let (seat, source) = (producer.seat, producer.source.clone());
        let spec = track_spec(&consumer, producer)?;
        let number = self.next_number;
        self.next_number += 1;
        self.disk.add(self.disk.now(), Job::Open(number, spec));
        let disk = self.disk.clone();
        consumer
            .on_rtp(move |packet| {
                disk.add_if_it_fits(packet.len(), Job::Packet(number, Bytes::copy_from_slice(packet)))
            })
            .detach();
        let (closings, disk, id) = (self.closings.clone(), self.disk.clone(), consumer.producer_id());
        consumer
            .on_producer_close(move || {
                if let Some(told) = closings.upgrade() {
                    let _ = told.send((disk.now(), Told::Closed(id))); // the recorder is on its way out
                }
            })
            .detach();
        let on_report = self.follow_reports(number, &source).await;
        consumer.resume().await.map_err(|error| error.to_string())?; // asks for a key frame, too
        Ok(OpenTrack {
            number,
            seat,
            consumer,
            _on_report: on_report,
        })
    }

    /// Hands on what a producer's sender says of its clock. Without it the track is placed by arrivals.
    async fn follow_reports(&self, number: TrackNumber, source: &WeakProducer) -> Option<HandlerId> {
        let source = source.upgrade()?;
        let disk = self.disk.clone();
        let on_report = source.on_trace(move |event| {
            if let ProducerTraceEventData::Sr { info, .. } = event {
                let report = SenderReport {
                    ssrc: info.ssrc,
                    ntp: SenderReport::seconds(info.ntp_sec, info.ntp_frac),
                    rtp: info.rtp_ts,
                };
                disk.add(disk.now(), Job::Report(number, report));
            }
        });
        // Left on when the recorder goes: another may listen as well, and a report a second costs nothing.
        let enabled = source.enable_trace_event(vec![ProducerTraceEventType::SR]).await;
        if let Err(error) = enabled {
            tracing::warn!(producer = %source.id(), %error, "this producer's reports cannot be followed");
        }
        Some(on_report)
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
    let (codec, payload_type, clock_rate) = carried(consumer)?;
    Ok(TrackSpec {
        seat: producer.seat,
        peer_name: producer.peer_name,
        is_screen_share: producer.is_screen_share,
        codec,
        payload_type,
        clock_rate,
        paused: producer.paused || consumer.producer_paused(),
        cname: consumer.rtp_parameters().rtcp.cname.clone().unwrap_or_default(),
    })
}
