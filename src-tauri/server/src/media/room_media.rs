//! A room's router and what its seats send and receive through it.

use std::any::Any;
use std::collections::HashMap;
use std::num::NonZeroU16;
use std::sync::Arc;

use mediasoup::consumer::ConsumerType;
use mediasoup::prelude::*;
use serde_json::{Value, json};
use tracing::{error, info};

use super::beginning;
use super::events::{MediaEvent, Report, follow};
use super::seat_media::{Link, ReceiveSide, SeatMedia, SendSide, Side as _, streams_on};
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
/// The longest that a client may say of its stream, in bytes of JSON.
const MAX_APP_DATA: usize = 1_024;
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
    /// How many layers it comes in.
    pub layers: ConsumerType,
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

    /// Makes a seat's transport. Those that it had in this direction close, with all on them, as soon as the new one is
    /// used, or at once if it replaces them. Returns also the streams that ended by this.
    ///
    /// # Errors
    /// [`Refusal::Internal`].
    pub async fn create_transport(
        &mut self,
        seat: Seat,
        direction: Direction,
        replaces: bool,
    ) -> Result<(TransportParams, Vec<ProducerId>), Refusal> {
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
        let mut ended = Vec::new();
        match direction {
            Direction::Send => {
                let mut closed = if replaces { media.send.take() } else { Vec::new() };
                let producers = HashMap::new();
                closed.extend(media.send.add(SendSide { link, producers }));
                ended = self.close(closed);
            }
            Direction::Recv => {
                if replaces {
                    drop(media.receive.take());
                }
                let consumers = HashMap::new();
                drop(media.receive.add(ReceiveSide { link, consumers }));
            }
        }
        Ok((params, ended))
    }

    /// Lets sides go; returns the streams that end with them.
    fn close(&mut self, sides: Vec<SendSide>) -> Vec<ProducerId> {
        let ended = streams_on(&sides);
        drop(sides);
        self.forget_consumers_of(&ended);
        ended
    }

    /// Takes in that one of a seat's transports is used: those of its direction that were made before it close. Returns
    /// the streams that end with them.
    fn used(&mut self, seat: Seat, id: TransportId) -> Vec<ProducerId> {
        let Some(media) = self.seats.get_mut(&seat) else {
            return Vec::new();
        };
        drop(media.receive.used(id));
        let closed = media.send.used(id);
        self.close(closed)
    }

    /// Connects one of a seat's transports; returns the streams that end with those that it replaces.
    ///
    /// # Errors
    /// [`Refusal::TransportNotFound`], [`Refusal::AlreadyConnected`], [`Refusal::Failed`].
    pub async fn connect(
        &mut self,
        seat: Seat,
        id: TransportId,
        dtls: DtlsParameters,
    ) -> Result<Vec<ProducerId>, Refusal> {
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
        Ok(self.used(seat, id))
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

    /// Takes in a stream from a seat, held from the start if `paused`. Returns also the streams that end with the
    /// transports that its own replaces.
    ///
    /// # Errors
    /// [`Refusal::SendTransportNotFound`], [`Refusal::Limit`], [`Refusal::Failed`] when mediasoup does not take the parameters.
    pub async fn produce(
        &mut self,
        seat: Seat,
        request: Produce,
        paused: bool,
    ) -> Result<(ProducerId, Vec<ProducerId>), Refusal> {
        let transport_id = request.transport_id.or(Refusal::SendTransportNotFound)?;
        let media = self.seats.get_mut(&seat);
        let side = media.and_then(|media| media.send.get_mut(transport_id));
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
        options.app_data = AppData::new(kept_data(request.app_data));
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
        Ok((id, self.used(seat, transport_id)))
    }

    /// Lets a seat receive a stream, paused at first: over the transport that it names, or else over its newest.
    ///
    /// # Errors
    /// [`Refusal::ReceiveTransportNotFound`], [`Refusal::CannotConsume`], [`Refusal::Limit`], [`Refusal::Internal`].
    pub async fn consume(
        &mut self,
        seat: Seat,
        producer_id: ProducerId,
        rtp_capabilities: RtpCapabilities,
        over: Option<TransportId>,
    ) -> Result<Consumed, Refusal> {
        let transport_id = self.receiving_transport(seat, over)?;
        let received = self.seats.get(&seat).into_iter().flat_map(|media| media.receive.iter());
        if received.map(|side| side.consumers.len()).sum::<usize>() >= MAX_CONSUMERS {
            return Err(Bound::StreamsReceived.into());
        }
        if !self.router.can_consume(&producer_id, &rtp_capabilities) {
            return Err(Refusal::CannotConsume);
        }
        let mut options = ConsumerOptions::new(producer_id, rtp_capabilities);
        options.paused = true;
        let report = Arc::clone(&self.report);
        let media = self.seats.get_mut(&seat);
        let side = media.and_then(|media| media.receive.get_mut(transport_id));
        let side = side.ok_or(Refusal::ReceiveTransportNotFound)?;
        let consumer = side.link.transport.consume(options).await.map_err(internal)?;
        follow(&consumer, seat, &report);
        let consumed = Consumed {
            id: consumer.id(),
            kind: consumer.kind(),
            rtp_parameters: consumer.rtp_parameters().clone(),
            layers: consumer.r#type(),
            producer_paused: consumer.producer_paused(),
        };
        side.consumers.insert(consumed.id, consumer);
        info!(consumer = %consumed.id, producer = %producer_id, "Consumer created");
        self.used(seat, transport_id);
        Ok(consumed)
    }

    /// Whether a seat could receive at all.
    ///
    /// # Errors
    /// [`Refusal::ReceiveTransportNotFound`].
    pub fn may_consume(&self, seat: Seat) -> Result<(), Refusal> {
        self.receiving_transport(seat, None).map(drop)
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

    /// What a seat said of a stream that it sends.
    pub fn app_data(&self, seat: Seat, id: ProducerId) -> Value {
        let said = self.producer(seat, id).and_then(|producer| {
            let said: &Arc<dyn Any + Send + Sync> = producer.app_data();
            said.downcast_ref::<Value>().cloned()
        });
        said.unwrap_or_else(|| json!({}))
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
            census.producers += send.iter().map(|side| side.producers.len()).sum::<usize>();
            census.consumers += receive.iter().map(|side| side.consumers.len()).sum::<usize>();
        }
        census
    }

    /// Ends all that a seat sends and receives.
    pub fn end(&mut self, seat: Seat) {
        let Some(mut media) = self.seats.remove(&seat) else {
            return;
        };
        self.close(media.send.take());
    }

    /// Ends one stream of a seat.
    pub fn end_stream(&mut self, seat: Seat, id: ProducerId) {
        for side in self
            .seats
            .get_mut(&seat)
            .into_iter()
            .flat_map(|media| media.send.iter_mut())
        {
            side.producers.remove(&id);
        }
        self.forget_consumers_of(&[id]);
    }

    /// mediasoup closes the consumers of a producer that ended; their handles go too.
    fn forget_consumers_of(&mut self, ended: &[ProducerId]) {
        for side in self.seats.values_mut().flat_map(|media| media.receive.iter_mut()) {
            side.consumers
                .retain(|_, consumer| !ended.contains(&consumer.producer_id()));
        }
    }

    /// The transport over which a seat receives: the one that is named, if it is the seat's, or else the newest.
    fn receiving_transport(&self, seat: Seat, named: Option<TransportId>) -> Result<TransportId, Refusal> {
        let media = self.seats.get(&seat).ok_or(Refusal::ReceiveTransportNotFound)?;
        let named = named.and_then(|id| media.receive.get(id));
        let side = named.or_else(|| media.receive.last());
        side.map(|side| side.link().transport.id())
            .ok_or(Refusal::ReceiveTransportNotFound)
    }
}

/// What is kept of what a client says of its stream: an object, if it is not long, as everybody who receives the stream
/// is told it.
fn kept_data(said: Option<Value>) -> Value {
    let is_kept = |said: &Value| said.is_object() && said.to_string().len() <= MAX_APP_DATA;
    said.filter(is_kept).unwrap_or_else(|| json!({}))
}

/// What the worker refuses although we asked rightly is our fault: logged whole, told as such.
pub(crate) fn internal(error: impl std::fmt::Display) -> Refusal {
    error!(%error, "The media worker refused");
    Refusal::Internal
}
