//! What is there at one moment: people, streams, and what each transport has carried so far.

use std::collections::HashMap;
use std::time::Duration;

use futures::future::join_all;
use mediasoup::prelude::*;
use tokio::time::timeout;

use crate::broadcast::BroadcastState;
use crate::media::WorkerPool;
use crate::meeting::Meetings;
use crate::recording::RecordingState;

/// How long a meeting or a worker may take to answer before it is left out.
const PATIENCE: Duration = Duration::from_secs(2);

/// A room's media.
#[derive(Debug, Default)]
pub(crate) struct MediaCensus {
    /// The transports themselves, to be asked what they carried.
    pub(crate) transports: Vec<WebRtcTransport>,
    /// How many streams come in.
    pub(crate) producers: usize,
    /// How many go out.
    pub(crate) consumers: usize,
}

/// A meeting, or all of them together.
#[derive(Debug, Default)]
pub(crate) struct MeetingCensus {
    /// How many people.
    pub(crate) peers: usize,
    /// How many wait to be let in.
    pub(crate) waiting: usize,
    /// How many files are there, and how many bytes they have together.
    pub(crate) files: (usize, u64),
    /// The media.
    pub(crate) media: MediaCensus,
}

/// Asks all meetings and sums up.
pub(super) async fn take(meetings: &Meetings) -> MeetingCensus {
    let all = meetings.all();
    let answers = join_all(all.iter().map(|meeting| timeout(PATIENCE, meeting.census()))).await;
    let mut sum = MeetingCensus::default();
    for one in answers.into_iter().flatten().flatten() {
        sum.peers += one.peers;
        sum.waiting += one.waiting;
        sum.files.0 += one.files.0;
        sum.files.1 += one.files.1;
        sum.media.transports.extend(one.media.transports);
        sum.media.producers += one.media.producers;
        sum.media.consumers += one.media.consumers;
    }
    sum
}

/// How many things each worker holds, by its own word; none of one that does not answer.
pub(super) async fn held(pool: &WorkerPool) -> Vec<usize> {
    let dumps = join_all(pool.workers().map(|worker| timeout(PATIENCE, worker.dump()))).await;
    let held = dumps.into_iter().map(|dump| match dump {
        Ok(Ok(dump)) => dump.channel_message_handlers.channel_request_handlers.len(),
        _ => 0,
    });
    held.collect()
}

/// How many recordings there are in each state.
pub(super) fn recordings(meetings: &Meetings) -> [(&'static str, usize); 6] {
    let states = [
        ("recording", RecordingState::Recording),
        ("waiting", RecordingState::Waiting),
        ("composing", RecordingState::Composing),
        ("ready", RecordingState::Ready),
        ("tracks_only", RecordingState::TracksOnly),
        ("failed", RecordingState::Failed),
    ];
    let recordings = meetings.recordings();
    states.map(|(name, state)| (name, recordings.iter().filter(|one| one.state == state).count()))
}

/// How many broadcasts there are in each state.
pub(super) fn broadcasts(meetings: &Meetings) -> [(&'static str, usize); 4] {
    let mut counted = [("starting", 0), ("live", 0), ("reconnecting", 0), ("failed", 0)];
    let views = meetings.views();
    for broadcast in views.borrow().values().filter_map(|view| view.broadcast.as_ref()) {
        let state = match broadcast.state {
            BroadcastState::Starting => 0,
            BroadcastState::Live { .. } => 1,
            BroadcastState::Reconnecting { .. } => 2,
            BroadcastState::Failed { .. } => 3,
        };
        counted[state].1 += 1;
    }
    counted
}

/// What transports have carried since they were made: bytes received and sent.
pub(super) async fn carried(transports: Vec<WebRtcTransport>) -> HashMap<TransportId, (u64, u64)> {
    let stats = transports
        .iter()
        .map(|transport| timeout(PATIENCE, transport.get_stats()));
    let answers = join_all(stats).await;
    // A transport that closed meanwhile does not answer.
    let stats = answers.into_iter().flatten().flatten().flatten();
    stats
        .map(|stat| (stat.transport_id, (stat.bytes_received, stat.bytes_sent)))
        .collect()
}

/// Makes counters that only rise of what transports that come and go have carried.
#[derive(Debug, Default)]
pub(super) struct Flow {
    last: HashMap<TransportId, (u64, u64)>,
}

impl Flow {
    /// What was received and sent since the last look.
    pub(super) fn take(&mut self, carried: HashMap<TransportId, (u64, u64)>) -> (u64, u64) {
        let mut sum = (0, 0);
        for (id, (received, sent)) in &carried {
            let (before_received, before_sent) = self.last.get(id).copied().unwrap_or_default();
            sum.0 += received.saturating_sub(before_received);
            sum.1 += sent.saturating_sub(before_sent);
        }
        self.last = carried;
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_carried_only_rises_though_transports_go() {
        let id = |last: u8| -> TransportId { format!("00000000-0000-0000-0000-0000000000{last:02}").parse().unwrap() };
        let mut flow = Flow::default();
        assert_eq!(flow.take(HashMap::from([(id(1), (10, 1)), (id(2), (5, 5))])), (15, 6));
        assert_eq!(flow.take(HashMap::from([(id(1), (12, 1))])), (2, 0));
        assert_eq!(flow.take(HashMap::new()), (0, 0));
    }
}
