//! One stream of the room on its way to its decoder: packets in order, joined to frames, decoded in the size in which they are to be seen.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use confab_media_file::rtp::frames::{Codec, Depacketiser, Frame};
use confab_media_file::rtp::packet::RtpPacket;
use confab_media_file::rtp::reorder::{ReorderBuffer, WAIT};
use mediasoup::prelude::*;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use super::decoder::{Decoder, Fed, Screen, Sink, Wanted};
use super::sound::Voice;
use crate::recording::RecordedProducer;
use crate::recording::compose::ffmpeg::Ffmpeg;
use crate::recording::listening::{SILENT, carried, listen};

/// How many packets may wait: more than a second of a good camera.
const WAITING: usize = 1024;
/// Key frames are not asked for, and decoders not begun, more often than this.
const AGAIN: Duration = Duration::from_secs(1);
/// How long a voice waits for a late packet: what is heard late is worth little.
const VOICE_WAIT: Duration = Duration::from_millis(60);
/// How often gaps are looked at while nothing comes.
const LOOK: Duration = Duration::from_millis(100);

/// What all captures of a broadcast have in common.
#[derive(Clone)]
pub(super) struct Listening {
    pub(super) transport: DirectTransport,
    pub(super) capabilities: RtpCapabilities,
    pub(super) ffmpeg: Ffmpeg,
    /// When the broadcast began.
    pub(super) begun: Instant,
    /// There is something new to be seen.
    pub(super) news: Arc<Notify>,
}

/// A captured stream; dropping it ends it.
pub(super) struct Capture {
    pub(super) seat: u64,
    pub(super) is_share: bool,
    pub(super) sink: Sink,
    wanted: watch::Sender<Option<Wanted>>,
    task: JoinHandle<()>,
    _consumer: Consumer,
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Capture {
    /// Captures what a producer sends. It is decoded once it is wanted.
    pub(super) async fn open(
        listening: &Listening,
        producer: &RecordedProducer,
        on_close: impl FnOnce() + Send + 'static,
    ) -> Result<Self, String> {
        let consumer = listen(&listening.transport, &listening.capabilities, producer.producer_id).await?;
        let (codec, payload_type, _) = carried(&consumer)?;
        let (sink, wait) = match producer.kind {
            MediaKind::Video => (Sink::Screen(Arc::default(), listening.news.clone()), WAIT),
            MediaKind::Audio => (Sink::Voice(Arc::new(Mutex::new(Voice::default()))), VOICE_WAIT),
        };
        let (packets, waiting) = mpsc::channel(WAITING);
        consumer
            .on_rtp(move |packet| {
                // One for which there is no room is lost, as others are on their way here.
                let _ = packets.try_send(Bytes::copy_from_slice(packet));
            })
            .detach();
        consumer.on_producer_close(on_close).detach();
        let (wanted, size) = watch::channel(None);
        let stream = Stream {
            codec,
            payload_type,
            is_share: producer.is_screen_share,
            reorder: ReorderBuffer::waiting(wait),
            depacketiser: Depacketiser::new(codec),
            consumer: consumer.clone(),
            listening: listening.clone(),
            sink: sink.clone(),
            wanted: size,
            decoder: None,
            is_torn: false,
            heard: listening.begun.elapsed(),
            asked: None,
            begun: None,
        };
        let task = tokio::spawn(stream.run(waiting));
        let capture = Self {
            seat: producer.seat,
            is_share: producer.is_screen_share,
            sink,
            wanted,
            task,
            _consumer: consumer.clone(),
        };
        consumer.resume().await.map_err(|error| error.to_string())?; // asks for a key frame, too
        Ok(capture)
    }

    /// Where its picture is, if it is one.
    pub(super) fn screen(&self) -> Option<&Arc<Screen>> {
        match &self.sink {
            Sink::Screen(screen, _) => Some(screen),
            Sink::Voice(_) => None,
        }
    }

    /// Says in which size it is to be seen, or that it is to be heard; or neither.
    pub(super) fn want(&self, wanted: Option<Wanted>) {
        self.wanted
            .send_if_modified(|now| std::mem::replace(now, wanted) != wanted);
    }
}

/// A stream at work.
struct Stream {
    codec: Codec,
    payload_type: u8,
    is_share: bool,
    reorder: ReorderBuffer,
    depacketiser: Depacketiser,
    consumer: Consumer,
    listening: Listening,
    sink: Sink,
    wanted: watch::Receiver<Option<Wanted>>,
    decoder: Option<Decoder>,
    /// A frame was left out: what follows is of no use before a key frame.
    is_torn: bool,
    /// When the last packet was taken.
    heard: Duration,
    /// When a key frame was asked for, and a decoder begun, last.
    asked: Option<Duration>,
    begun: Option<Duration>,
}

impl Stream {
    async fn run(mut self, mut packets: mpsc::Receiver<Bytes>) {
        let mut frames = Vec::new();
        let mut looking = tokio::time::interval(LOOK);
        looking.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                packet = packets.recv() => {
                    let Some(packet) = packet else { return };
                    self.push(&packet);
                    // What came at once is looked at in one go.
                    while let Ok(packet) = packets.try_recv() {
                        self.push(&packet);
                    }
                }
                Ok(()) = self.wanted.changed() => (),
                _ = looking.tick() => (),
            }
            let now = self.listening.begun.elapsed();
            while let Some(ordered) = self.reorder.pop(now) {
                self.heard = now;
                self.depacketiser.push(ordered, &mut frames);
            }
            let wanted = *self.wanted.borrow_and_update();
            if wanted.is_none() {
                self.decoder = None;
                self.sink.clear();
            }
            for frame in frames.drain(..) {
                self.take(&frame, wanted, now);
            }
            if let Some(wanted) = wanted {
                self.ask_for_key_frame(wanted, now).await;
            }
        }
    }

    fn push(&mut self, data: &Bytes) {
        if let Some(packet) = RtpPacket::parse(data).filter(|packet| packet.payload_type == self.payload_type) {
            self.reorder.push(packet, self.listening.begun.elapsed());
        }
    }

    fn take(&mut self, frame: &Frame, wanted: Option<Wanted>, now: Duration) {
        if let Some(size) = frame.size
            && let Sink::Screen(screen, news) = &self.sink
            && screen.set_size(size)
        {
            news.notify_one();
        }
        let Some(wanted) = wanted else { return };
        if frame.is_key && self.needs_decoder(wanted) && self.begun.is_none_or(|begun| now >= begun + AGAIN) {
            self.begun = Some(now);
            let sink = self.sink.clone();
            match Decoder::start(&self.listening.ffmpeg, self.codec, frame, self.is_share, wanted, sink) {
                Ok(decoder) => (self.decoder, self.is_torn) = (Some(decoder), false),
                Err(reason) => tracing::warn!(reason, "a stream cannot be decoded"),
            }
        }
        self.is_torn &= !frame.is_key;
        let Some(decoder) = self.decoder.as_mut().filter(|_| !self.is_torn) else {
            return;
        };
        match decoder.feed(frame.arrival, frame.is_key, &frame.data) {
            Fed::Taken => (),
            Fed::LeftOut => self.is_torn = matches!(self.sink, Sink::Screen(..)),
            Fed::Gone => self.decoder = None,
        }
    }

    /// Whether there is none, or one for another size.
    fn needs_decoder(&self, wanted: Wanted) -> bool {
        self.decoder.as_ref().is_none_or(|decoder| decoder.wanted != wanted)
    }

    async fn ask_for_key_frame(&mut self, wanted: Wanted, now: Duration) {
        let may_rest = self.is_share && self.decoder.is_some();
        let is_silent = !may_rest && now >= self.heard + SILENT;
        let needs = self.depacketiser.needs_key_frame() || self.is_torn || self.needs_decoder(wanted);
        let every = if is_silent { SILENT } else { AGAIN };
        let may = self.asked.is_none_or(|asked| now >= asked + every);
        if !(needs || is_silent) || !may || matches!(self.sink, Sink::Voice(_)) {
            return;
        }
        self.asked = Some(now);
        if let Err(error) = self.consumer.request_key_frame().await {
            tracing::debug!(%error, "a key frame could not be asked for");
        }
    }
}
