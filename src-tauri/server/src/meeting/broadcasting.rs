//! Broadcasting a meeting: the owner of the machine starts and stops it, everybody is told.
//!
//! The broadcaster is a member of the room, as the recorder is. One that ended by itself is remembered until the next one
//! begins or the owner has seen enough of it.

use tokio::sync::watch;
use tracing::{Instrument as _, error, info};

use super::CommandError;
use super::task::{Work, now};
use crate::broadcast::{BroadcastOptions, BroadcastState, BroadcastStatus, Broadcaster, Target};
use crate::recording::MemberEvent;
use crate::wire::RunningBroadcast;

/// A broadcast of the meeting.
pub(super) struct MeetingBroadcast {
    /// None once it ended by itself.
    broadcaster: Option<Broadcaster>,
    news: watch::Receiver<BroadcastStatus>,
    /// As it was seen last.
    status: BroadcastStatus,
}

impl MeetingBroadcast {
    pub(super) fn status(&self) -> &BroadcastStatus {
        &self.status
    }
}

impl Work {
    /// What sends all that happens in the room on, while it runs.
    pub(super) fn broadcaster(&self) -> Option<&Broadcaster> {
        self.broadcast.as_ref()?.broadcaster.as_ref()
    }

    /// Starts a broadcast. Whether the server takes it shows in what is seen of the room.
    pub(super) async fn start_broadcast(
        &mut self,
        target: Target,
        options: BroadcastOptions,
    ) -> Result<(), CommandError> {
        if self.room.broadcast().is_some() {
            return Err(CommandError::AlreadyBroadcast);
        }
        if self.room.is_empty() {
            return Err(CommandError::NobodyToBroadcast);
        }
        let started = Broadcaster::start(self.media.router(), target, options, self.streams()).await;
        let broadcaster = started.inspect_err(|error| error!(?error, "The broadcast could not start"))?;
        info!("Broadcast started");
        broadcaster.tell(MemberEvent::People(self.people()));
        broadcaster.tell(MemberEvent::Speaker(self.recorded_speaker()));
        let news = broadcaster.status();
        let status = news.borrow().clone();
        self.broadcast = Some(MeetingBroadcast {
            broadcaster: Some(broadcaster),
            news,
            status,
        });
        let started_at = now().epoch_ms;
        let effects = self.room.broadcast_started(RunningBroadcast { started_at });
        self.perform(effects).await;
        Ok(())
    }

    /// Stops the broadcast, or forgets one that ended by itself. The goodbye to the server is said beside the meeting.
    pub(super) async fn stop_broadcast(&mut self) -> Result<(), CommandError> {
        let broadcast = self.broadcast.take().ok_or(CommandError::NotBroadcast)?;
        if let Some(broadcaster) = broadcast.broadcaster {
            info!("Broadcast stopped");
            self.finishing.spawn(broadcaster.finish().in_current_span());
        }
        let effects = self.room.broadcast_stopped();
        self.perform(effects).await;
        Ok(())
    }

    /// Resolves with how the broadcast stands, when that is no longer what was seen last; never while there is none.
    pub(super) fn broadcast_news(&self) -> impl Future<Output = BroadcastStatus> + use<> {
        let running = self
            .broadcast
            .as_ref()
            .filter(|broadcast| broadcast.broadcaster.is_some());
        let known = running.map(|broadcast| (broadcast.news.clone(), broadcast.status.clone()));
        async move {
            let Some((mut news, known)) = known else {
                return std::future::pending().await;
            };
            match news.wait_for(|status| *status != known).await {
                Ok(status) => status.clone(),
                // Whoever says how it stands is gone without a word.
                Err(_) => BroadcastStatus {
                    state: BroadcastState::Failed {
                        reason:
                            "The broadcast ended by a fault of Confab: start it again, and tell us if it happens again."
                                .to_owned(),
                    },
                    warning: None,
                    ..known
                },
            }
        }
    }

    /// Takes in how the broadcast stands.
    pub(super) async fn heard_of_broadcast(&mut self, status: BroadcastStatus) {
        let Some(broadcast) = &mut self.broadcast else { return };
        broadcast.status = status;
        if let BroadcastState::Failed { reason } = &broadcast.status.state {
            error!(reason, "The broadcast ended");
            broadcast.broadcaster = None;
            let effects = self.room.broadcast_stopped();
            self.perform(effects).await;
        }
    }
}
