//! A room's router and what its seats send and receive through it.

use std::collections::HashMap;
use std::num::NonZeroU16;
use std::sync::Arc;

use mediasoup::prelude::*;
use tracing::{error, info};

use super::beginning;
use super::events::{MediaEvent, Report, follow};
use super::seat_media::{Link, ReceiveSide, SeatMedia, SendSide};
use super::workers::{Load, MediaError, Slot, WorkerPool};
use crate::monitoring::MediaCensus;
use crate::room::Seat;
use crate::wire::{Bound, Candidate, Direction, Produce, Refusal, TransportParams};

/// How often it is looked who speaks, in ms.
const SPEAKER_INTERVAL: u16 = 400;
/// How loud a voice is at least, in dBov.
const SPEAKER_THRESHOLD: i8 = -60;
/// What a receiver is given before its bandwidth is known, in bits per second: a small picture comes at once.
const FIRST_OUTGOING_BITRATE: u64 = 1_000_000;
/// The most simulcast encodings of a stream. Browsers send three; mediasoup's parser of scalability modes panics at 100.
const MAX_ENCODINGS: usize = 8;
/// The most streams that one peer receives.
const MAX_CONSUMERS: usize = 2_000;

/// A consumer just made.
#[derive(Debug)]
pub struct Consumed {
    /// Its id.
    pub id: ConsumerId,
    /// Sound or picture.
    pub kind: MediaKind,
    /// What the client receives.
    pub rtp_parameters: RtpParameters,
    /// Whether the stream is paused at its source.
    pub producer_paused: bool,
}

/// The media of a room. Dropping it closes the router and all on it.
pub struct RoomMedia {
    pub(super) seats: HashMap<Seat, SeatMedia>,
    observer: AudioLevelObserver,
    router: Router,
    slot: Arc<Slot>,
    report: Report,
    _load: Load,
}

impl RoomMedia {
    /// Makes a router on the worker that has the least to do. What media does by itself is reported.
    ///
    /// # Errors
    /// As [`WorkerPool`]'s.
    pub async fn open(pool: &WorkerPool, report: Report) -> Result<Self, MediaError> {
        let (router, slot, load) = pool.router().await?;
        let mut options = AudioLevelObserverOptions::default();
        options.max_entries = NonZeroU16::MIN;
        options.threshold = SPEAKER_THRESHOLD;
        options.interval = SPEAKER_INTERVAL;
        let observer = router.create_audio_level_observer(options).await;
        let observer = observer.map_err(|error| MediaError::Router(error.to_string()))?;
        let [on_volumes, on_silence] = [Arc::clone(&report), Arc::clone(&report)];
        observer
            .on_volumes(move |volumes| {
                let loudest = volumes.first().map(|volume| volume.producer.id());
                on_volumes(MediaEvent::Loudest(loudest));
            })
            .detach();
        observer
            .on_silence(move || on_silence(MediaEvent::Loudest(None)))
            .detach();
        Ok(Self {
            seats: HashMap::new(),
            observer,
            router,
            slot,
            report,
            _load: load,
        })
    }

    /// The router, for members that are no browsers.
    pub fn router(&self) -> &Router {
        &self.router
    }

    /// Makes a seat's transport; one that it had in this direction closes, with all on it.
    ///
    /// # Errors
    /// [`Refusal::Internal`].
    pub async fn create_transport(&mut self, seat: Seat, direction: Direction) -> Result<TransportParams, Refusal> {
        let mut options = WebRtcTransportOptions::new_with_server(self.slot.server());
        options.prefer_udp = true;
        options.initial_available_outgoing_bitrate = FIRST_OUTGOING_BITRATE;
        let transport = self.router.create_webrtc_transport(options).await.map_err(internal)?;
        info!(transport = %transport.id(), ?direction, "Transport created");
        let params = TransportParams {
            id: transport.id(),
            ice_parameters: transport.ice_parameters().clone(),
            ice_candidates: transport.ice_candidates().iter().map(Candidate::from).collect(),
            dtls_parameters: transport.dtls_parameters(),
        };
        let link = Link {
            transport,
            connected: false,
            _load: self.slot.take_on(),
        };
        let media = self.seats.entry(seat).or_default();
        match direction {
            Direction::Send => {
                let replaced = media.send.replace(SendSide {
                    link,
                    producers: HashMap::new(),
                });
                let ended: Vec<ProducerId> = replaced
                    .iter()
                    .flat_map(|side| side.producers.keys().copied())
                    .collect();
                drop(replaced);
                self.forget_consumers_of(&ended);
            }
            Direction::Recv => {
                media.receive = Some(ReceiveSide {
                    link,
                    consumers: HashMap::new(),
                })
            }
        }
        Ok(params)
    }

    /// Connects one of a seat's transports.
    ///
    /// # Errors
    /// [`Refusal::TransportNotFound`], [`Refusal::AlreadyConnected`], [`Refusal::Failed`].
    pub async fn connect(&mut self, seat: Seat, id: TransportId, dtls: DtlsParameters) -> Result<(), Refusal> {
        let link = self
            .seats
            .get_mut(&seat)
            .and_then(|media| media.link(id))
            .ok_or(Refusal::TransportNotFound)?;
        if link.connected {
            return Err(Refusal::AlreadyConnected);
        }
        let remote = WebRtcTransportRemoteParameters { dtls_parameters: dtls };
        let connected = link.transport.connect(remote).await;
        connected.map_err(|error| Refusal::Failed(format!("Cannot connect: {error}")))?;
        link.connected = true;
        info!(transport = %id, "Transport connected");
        Ok(())
    }

    /// Gives one of a seat's transports new ICE credentials.
    ///
    /// # Errors
    /// [`Refusal::TransportNotFound`], [`Refusal::Internal`].
    pub async fn restart_ice(&mut self, seat: Seat, id: TransportId) -> Result<IceParameters, Refusal> {
        let link = self
            .seats
            .get_mut(&seat)
            .and_then(|media| media.link(id))
            .ok_or(Refusal::TransportNotFound)?;
        link.transport.restart_ice().await.map_err(internal)
    }

    /// Takes in a stream from a seat, held from the start if `paused`.
    ///
    /// # Errors
    /// [`Refusal::SendTransportNotFound`], [`Refusal::Limit`], [`Refusal::Failed`] when mediasoup does not take the parameters.
    pub async fn produce(&mut self, seat: Seat, request: Produce, paused: bool) -> Result<ProducerId, Refusal> {
        let side = self.seats.get_mut(&seat).and_then(|media| media.send.as_mut());
        let transport_id = request.transport_id.or(Refusal::SendTransportNotFound)?;
        let side = side.filter(|side| side.link.transport.id() == transport_id);
        let side = side.ok_or(Refusal::SendTransportNotFound)?;
        if request.rtp_parameters.encodings.len() > MAX_ENCODINGS {
            return Err(Bound::Encodings.into());
        }
        let is_voice = request.kind == MediaKind::Audio && !request.is_screen_share();
        let mut rtp_parameters = request.rtp_parameters;
        // mediasoup-client sends an empty CNAME for simulcast; the worker refuses it, and makes one up where there is none.
        rtp_parameters.rtcp.cname = rtp_parameters.rtcp.cname.filter(|cname| !cname.is_empty());
        let mut options = ProducerOptions::new(request.kind, rtp_parameters);
        options.paused = paused;
        let producer = side.link.transport.produce(options).await;
        let producer = producer.map_err(|error| Refusal::Failed(format!("Cannot produce: {error}")))?;
        let id = producer.id();
        if is_voice {
            self.observer
                .add_producer(RtpObserverAddProducerOptions::new(id))
                .await
                .map_err(internal)?;
        }
        side.producers.insert(id, producer);
        info!(producer = %id, kind = ?request.kind, "Producer created");
        Ok(id)
    }

    /// Lets a seat receive a stream, paused at first.
    ///
    /// # Errors
    /// [`Refusal::ReceiveTransportNotFound`], [`Refusal::CannotConsume`], [`Refusal::Limit`], [`Refusal::Internal`].
    pub async fn consume(
        &mut self,
        seat: Seat,
        producer_id: ProducerId,
        rtp_capabilities: RtpCapabilities,
    ) -> Result<Consumed, Refusal> {
        let side = self.receive_side(seat)?;
        if side.consumers.len() >= MAX_CONSUMERS {
            return Err(Bound::StreamsReceived.into());
        }
        if !self.router.can_consume(&producer_id, &rtp_capabilities) {
            return Err(Refusal::CannotConsume);
        }
        let mut options = ConsumerOptions::new(producer_id, rtp_capabilities);
        options.paused = true;
        let report = Arc::clone(&self.report);
        let side = self.receive_side(seat)?;
        let consumer = side.link.transport.consume(options).await.map_err(internal)?;
        follow(&consumer, seat, &report);
        let consumed = Consumed {
            id: consumer.id(),
            kind: consumer.kind(),
            rtp_parameters: consumer.rtp_parameters().clone(),
            producer_paused: consumer.producer_paused(),
        };
        side.consumers.insert(consumed.id, consumer);
        info!(consumer = %consumed.id, producer = %producer_id, "Consumer created");
        Ok(consumed)
    }

    /// Whether a seat could receive at all.
    ///
    /// # Errors
    /// [`Refusal::ReceiveTransportNotFound`].
    pub fn may_consume(&mut self, seat: Seat) -> Result<(), Refusal> {
        self.receive_side(seat).map(|_| ())
    }

    /// One of a seat's consumers.
    ///
    /// # Errors
    /// [`Refusal::ConsumerNotFound`].
    pub fn consumer(&self, seat: Seat, id: ConsumerId) -> Result<&Consumer, Refusal> {
        self.seats
            .get(&seat)
            .and_then(|media| media.consumer(id))
            .ok_or(Refusal::ConsumerNotFound)
    }

    /// Lets one of a seat's consumers flow.
    ///
    /// # Errors
    /// [`Refusal::ConsumerNotFound`], [`Refusal::Internal`].
    pub async fn resume_consumer(&self, seat: Seat, id: ConsumerId) -> Result<(), Refusal> {
        let consumer = self.consumer(seat, id)?;
        consumer.resume().await.map_err(internal)?;
        beginning::see_to(consumer);
        Ok(())
    }

    /// What a seat sends under this id.
    pub fn producer(&self, seat: Seat, id: ProducerId) -> Option<&Producer> {
        self.seats.get(&seat).and_then(|media| media.producer(id))
    }

    /// Pauses one of a seat's streams on the server, or lets it flow.
    pub async fn pause_stream(&self, seat: Seat, id: ProducerId, paused: bool) {
        let Some(producer) = self.producer(seat, id) else {
            return;
        };
        let done = if paused {
            producer.pause().await
        } else {
            producer.resume().await
        };
        if let Err(error) = done {
            error!(producer = %id, paused, %error, "A stream could not be paused or resumed");
        }
    }

    /// What there is of media now.
    pub(crate) fn census(&self) -> MediaCensus {
        let mut census = MediaCensus::default();
        for SeatMedia { send, receive } in self.seats.values() {
            census
                .transports
                .extend(send.iter().map(|side| side.link.transport.clone()));
            census
                .transports
                .extend(receive.iter().map(|side| side.link.transport.clone()));
            census.producers += send.as_ref().map_or(0, |side| side.producers.len());
            census.consumers += receive.as_ref().map_or(0, |side| side.consumers.len());
        }
        census
    }

    /// Ends all that a seat sends and receives.
    pub fn end(&mut self, seat: Seat) {
        let Some(media) = self.seats.remove(&seat) else { return };
        let ended: Vec<ProducerId> = media
            .send
            .iter()
            .flat_map(|side| side.producers.keys().copied())
            .collect();
        drop(media);
        self.forget_consumers_of(&ended);
    }

    /// Ends one stream of a seat.
    pub fn end_stream(&mut self, seat: Seat, id: ProducerId) {
        if let Some(side) = self.seats.get_mut(&seat).and_then(|media| media.send.as_mut()) {
            side.producers.remove(&id);
        }
        self.forget_consumers_of(&[id]);
    }

    /// mediasoup closes the consumers of a producer that ended; their handles go too.
    fn forget_consumers_of(&mut self, ended: &[ProducerId]) {
        for side in self.seats.values_mut().filter_map(|media| media.receive.as_mut()) {
            side.consumers
                .retain(|_, consumer| !ended.contains(&consumer.producer_id()));
        }
    }

    fn receive_side(&mut self, seat: Seat) -> Result<&mut ReceiveSide, Refusal> {
        let side = self.seats.get_mut(&seat).and_then(|media| media.receive.as_mut());
        side.ok_or(Refusal::ReceiveTransportNotFound)
    }
}

/// What the worker refuses although we asked rightly is our fault: logged whole, told as such.
pub(crate) fn internal(error: impl std::fmt::Display) -> Refusal {
    error!(%error, "The media worker refused");
    Refusal::Internal
}
