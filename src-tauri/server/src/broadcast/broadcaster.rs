//! The broadcaster: one more member of the room, which hears and sees everything and sends it on to a server of RTMP.
//!
//! Its task owns all there is to a broadcast; dropping a thing ends it. The line to the server is begun anew when it ends, while everything else goes on.

use std::collections::HashSet;
use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use event_listener_primitives::HandlerId;
use mediasoup::prelude::*;
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, sleep_until};
use ts_rs::TS;

use super::capture::{Capture, Listening};
use super::course::{BroadcastState, BroadcastStatus, Course, End};
use super::feed;
use super::line::{Line, News};
use super::stage::Cast;
use super::studio::{Captures, FRAME_RATE, Studio};
use super::target::Target;
use crate::recording::compose::ffmpeg::Ffmpeg;
use crate::recording::error::OLDEST_FFMPEG;
use crate::recording::listening::consumable;
use crate::recording::{ExportFormat, MemberEvent, PictureSize, RecordedProducer, RecordingError};

/// The time between two moments.
const MOMENT: Duration = Duration::from_nanos(1_000_000_000 / FRAME_RATE);
/// More moments than this are not made up for: the computer slept.
const MOST_LATE: u64 = FRAME_RATE;
/// Over how many moments it is counted how many pictures were left out: five seconds.
const COUNTED: u64 = 5 * FRAME_RATE;

const TOO_SLOW: &str = "Pictures are left out, because this computer or the line to the server is too slow: choose a smaller picture, or \
                        close other programs.";

/// How a broadcast is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BroadcastOptions {
    /// The size of the picture.
    pub size: PictureSize,
}

/// A running broadcast. Dropping it cuts it off.
#[derive(Debug)]
pub struct Broadcaster {
    told: mpsc::UnboundedSender<Told>,
    status: watch::Receiver<BroadcastStatus>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
enum Told {
    Event(MemberEvent),
    /// The worker died.
    MediaGone,
}

impl Broadcaster {
    /// Attaches a broadcaster to the room's router. Whether the server takes it shows in [`status`](Self::status).
    ///
    /// # Errors
    /// [`RecordingError::Media`], if it cannot join the room's media.
    pub async fn start(
        router: &Router,
        target: Target,
        options: BroadcastOptions,
        existing: Vec<RecordedProducer>,
    ) -> Result<Self, RecordingError> {
        let transport = router
            .create_direct_transport(DirectTransportOptions::default())
            .await
            .map_err(|error| RecordingError::Media(error.to_string()))?;
        let capabilities = consumable(router).map_err(RecordingError::Media)?;
        let (told, tellings) = mpsc::unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let course = Course::new(target.server());
        let (status, shown) = watch::channel(BroadcastStatus {
            state: course.state().clone(),
            address: target.shown(),
            warning: None,
        });
        let gone = told.downgrade();
        let on_worker_close = router.on_worker_close(move || {
            if let Some(told) = gone.upgrade() {
                let _ = told.send(Told::MediaGone); // it is on its way out
            }
        });
        let start = Start {
            transport,
            capabilities,
            target,
            options,
            course,
            status,
            closings: told.downgrade(),
            on_worker_close,
        };
        let task = tokio::spawn(start.run(existing, tellings, stopped));
        Ok(Self {
            told,
            status: shown,
            stop,
            task,
        })
    }

    /// Tells what happened in the room, now. Never blocks.
    pub fn tell(&self, event: MemberEvent) {
        let _ = self.told.send(Told::Event(event)); // it failed, and nobody listens
    }

    /// How it goes. After [`BroadcastState::Failed`] there is no more to it.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<BroadcastStatus> {
        self.status.clone()
    }

    /// Ends it, with a goodbye to the server. Returns when that is done.
    pub async fn finish(mut self) {
        let Self { stop, task, .. } = &mut self;
        let _ = std::mem::replace(stop, oneshot::channel().0).send(()); // it ended by itself
        let _ = task.await; // a panic in there ended it as well
    }
}

impl Drop for Broadcaster {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A broadcast before it is known whether ffmpeg is there.
struct Start {
    transport: DirectTransport,
    capabilities: RtpCapabilities,
    target: Target,
    options: BroadcastOptions,
    course: Course,
    status: watch::Sender<BroadcastStatus>,
    /// Where consumers say that their producer is gone.
    closings: mpsc::WeakUnboundedSender<Told>,
    on_worker_close: HandlerId,
}

impl Start {
    async fn run(
        mut self,
        existing: Vec<RecordedProducer>,
        told: mpsc::UnboundedReceiver<Told>,
        stopped: oneshot::Receiver<()>,
    ) {
        let never_held = watch::channel(false).1;
        let ffmpeg = match Ffmpeg::find(ExportFormat::Mp4, never_held).await {
            Ok(ffmpeg) => ffmpeg,
            Err(error) => {
                tracing::warn!(?error, "There is no ffmpeg to broadcast with");
                self.course.ended(&end_of(error), Duration::ZERO, epoch_ms());
                self.status
                    .send_modify(|status| status.state = self.course.state().clone());
                return;
            }
        };
        let news = Arc::new(Notify::new());
        let begun = Instant::now();
        let mut task = Task {
            listening: Listening {
                transport: self.transport,
                capabilities: self.capabilities,
                ffmpeg,
                begun,
                news,
            },
            studio: Studio::new(self.options.size),
            cast: Cast::default(),
            captures: Captures::default(),
            paused: HashSet::new(),
            target: self.target,
            options: self.options,
            course: self.course,
            status: self.status,
            closings: self.closings,
            line: None,
            retry: None,
            moments: 0,
            line_began: 0,
            count: Count::default(),
            _on_worker_close: self.on_worker_close,
        };
        for producer in existing {
            task.open(&producer).await;
        }
        task.run(told, stopped).await;
    }
}

/// Why ffmpeg cannot be used.
fn end_of(error: RecordingError) -> End {
    match error {
        RecordingError::FfmpegMissing => End::NoFfmpeg,
        RecordingError::FfmpegOld { found } => {
            End::Limited(format!("version {found} is too old, {OLDEST_FFMPEG} or newer will do"))
        }
        RecordingError::FfmpegLimited { reason, .. } => End::Limited(reason),
        error => End::Failed(error.to_string()),
    }
}

/// A broadcast at work.
struct Task {
    listening: Listening,
    studio: Studio,
    cast: Cast,
    captures: Captures,
    paused: HashSet<ProducerId>,
    target: Target,
    options: BroadcastOptions,
    course: Course,
    status: watch::Sender<BroadcastStatus>,
    closings: mpsc::WeakUnboundedSender<Told>,
    line: Option<Line>,
    /// When the next line is to be begun.
    retry: Option<Instant>,
    /// How many moments have passed, and had when the line began.
    moments: u64,
    line_began: u64,
    count: Count,
    _on_worker_close: HandlerId,
}

/// How many pictures were left out of late.
#[derive(Debug, Default)]
struct Count {
    moments: u64,
    left_out: u64,
}

impl Task {
    async fn run(mut self, mut told: mpsc::UnboundedReceiver<Told>, mut stopped: oneshot::Receiver<()>) {
        let mut ticking = tokio::time::interval(MOMENT);
        ticking.set_missed_tick_behavior(MissedTickBehavior::Skip);
        self.open_line();
        self.arrange();
        let news = self.listening.news.clone();
        loop {
            let retry = self.retry;
            tokio::select! {
                biased;
                told = told.recv() => match told {
                    Some(Told::Event(event)) => self.take(event).await,
                    Some(Told::MediaGone) => {
                        self.course.lost_media();
                        self.show();
                    }
                    None => break,
                },
                _ = &mut stopped => break,
                news = of_line(&mut self.line) => self.heard(news),
                () = until(retry) => self.open_line(),
                () = news.notified() => self.arrange(),
                _ = ticking.tick() => self.tick().await,
            }
            if matches!(self.course.state(), BroadcastState::Failed { .. }) {
                break;
            }
        }
        self.captures.clear();
        if let Some(line) = self.line.take() {
            line.close().await;
        }
    }

    async fn take(&mut self, event: MemberEvent) {
        match event {
            MemberEvent::ProducerOpened(producer) => self.open(&producer).await,
            MemberEvent::ProducerClosed(id) => {
                self.captures.shift_remove(&id);
                self.paused.remove(&id);
            }
            MemberEvent::ProducerPaused(id) => {
                self.paused.insert(id);
            }
            MemberEvent::ProducerResumed(id) => {
                self.paused.remove(&id);
            }
            MemberEvent::LeftOut {
                seat,
                is_left_out: true,
            } => self.captures.retain(|_, capture| capture.seat != seat),
            MemberEvent::LeftOut { .. } => return, // what they send is opened anew
            MemberEvent::People(people) => self.cast.meet(&people),
            MemberEvent::Speaker(seat) => self.cast.hear(seat),
            MemberEvent::Message { .. } => return,
        }
        self.arrange();
    }

    async fn open(&mut self, producer: &RecordedProducer) {
        let id = producer.producer_id;
        if self.captures.contains_key(&id) {
            return;
        }
        let closings = self.closings.clone();
        let on_close = move || {
            if let Some(told) = closings.upgrade() {
                let _ = told.send(Told::Event(MemberEvent::ProducerClosed(id))); // it is on its way out
            }
        };
        // One source that cannot be had is no reason to lose the others.
        match Capture::open(&self.listening, producer, on_close).await {
            Ok(capture) => {
                self.captures.insert(id, capture);
                if producer.paused {
                    self.paused.insert(id);
                }
            }
            Err(reason) => tracing::warn!(producer = %id, reason, "this producer is not broadcast"),
        }
    }

    fn arrange(&mut self) {
        let paused = &self.paused;
        self.studio
            .arrange(&self.cast, &self.captures, &|id| paused.contains(id));
    }

    fn open_line(&mut self) {
        self.retry = None;
        self.line_began = self.moments;
        let header = feed::header(self.studio.canvas(), FRAME_RATE);
        let Listening { ffmpeg, .. } = &self.listening;
        self.line = Some(Line::open(ffmpeg, &self.target, self.options.size, FRAME_RATE, header));
    }

    fn heard(&mut self, news: News) {
        let now = self.listening.begun.elapsed();
        match news {
            News::Flows => {
                tracing::info!("The broadcast is live");
                self.course.flows(now, epoch_ms());
            }
            News::Ended(end) => {
                self.line = None;
                let wait = self.course.ended(&end, now, epoch_ms());
                tracing::warn!(?end, ?wait, "The broadcast was interrupted");
                self.retry = wait.map(|wait| Instant::now() + wait);
            }
        }
        self.show();
    }

    /// Makes the moments that are due. Of several only the last has a picture.
    async fn tick(&mut self) {
        self.studio.draw().await;
        let elapsed = self.listening.begun.elapsed().as_nanos();
        let due = u64::try_from(elapsed / MOMENT.as_nanos()).unwrap_or(u64::MAX);
        if due - self.moments.min(due) > MOST_LATE {
            self.moments = due - 1;
        }
        while self.moments < due {
            self.moments += 1;
            let sound = Studio::sound(&self.captures);
            let Some(line) = &self.line else { continue };
            let at_ms = (self.moments - self.line_began) * 1000 / FRAME_RATE;
            let picture = (self.moments == due && line.takes_picture()).then(|| self.studio.picture(&self.captures));
            let is_sent = line.send(feed::moment(at_ms, picture.as_ref(), &sound));
            self.count(picture.is_some() && is_sent);
        }
    }

    /// Takes in whether a moment had its picture; says so where too many have none.
    fn count(&mut self, has_picture: bool) {
        self.count.moments += 1;
        self.count.left_out += u64::from(!has_picture);
        if self.count.moments == COUNTED {
            // Before it is live, nothing is known of how fast it could be.
            let is_live = matches!(self.course.state(), BroadcastState::Live { .. });
            let is_slow = is_live && self.count.left_out > COUNTED / 5;
            self.count = Count::default();
            self.status.send_if_modified(|status| {
                let warning = is_slow.then(|| TOO_SLOW.to_owned());
                let is_new = status.warning != warning;
                status.warning = warning;
                is_new
            });
        }
    }

    fn show(&self) {
        self.status.send_modify(|status| {
            status.state = self.course.state().clone();
            status.warning = None; // it was about what is over
        });
    }
}

/// What becomes of the line, if there is one.
async fn of_line(line: &mut Option<Line>) -> News {
    match line {
        Some(line) => line.news().await,
        None => pending().await,
    }
}

async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time.into()).await,
        None => pending().await,
    }
}

fn epoch_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
