//! What the server counts about itself, for whoever watches over it: `GET /metrics` in Prometheus' text format.
//!
//! What happens (answers, refusals) is counted when it happens; what is there (rooms, streams, bytes) is asked for when
//! somebody looks. Each server has a recorder of its own, so that two in one process do not count for each other.

mod census;
mod threads;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use metrics::{Counter, Key, KeyName, Label, Level, Metadata, Recorder as _, Unit};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use tokio_util::sync::CancellationToken;

use self::census::Flow;
pub(crate) use self::census::{MediaCensus, MeetingCensus};
use crate::media::WorkerPool;
use crate::meeting::Meetings;

const METADATA: Metadata<'static> = Metadata::new("confab", Level::INFO, None);

/// How long an answer took: bounds of the histogram's buckets, in seconds.
const LATENCY_BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// How often what was measured since is put into its buckets; until then each measurement is kept.
const UPKEEP: Duration = Duration::from_secs(10);

/// What is counted when somebody looks: its name, its unit if it has one, what it says.
const GAUGES: [(&str, Option<Unit>, &str); 9] = [
    ("confab_rooms", None, "Rooms that there are."),
    ("confab_peers", None, "People in all rooms."),
    ("confab_waiting", None, "People who wait to be let in."),
    ("confab_transports", None, "WebRTC transports."),
    ("confab_producers", None, "Streams that are sent to the server."),
    ("confab_consumers", None, "Streams that the server sends on to people."),
    ("confab_files", None, "Files that people can have in all rooms."),
    (
        "confab_file_bytes",
        Some(Unit::Bytes),
        "What these files take on the disk.",
    ),
    ("confab_workers", None, "Media workers that are alive."),
];
/// What only rises.
const COUNTERS: [(&str, Option<Unit>, &str); 8] = [
    (
        RECEIVED,
        Some(Unit::Bytes),
        "Media received, as far as it was looked at: what a transport carried after the last look and before it closed is missing.",
    ),
    (SENT, Some(Unit::Bytes), "Media sent, counted as what was received is."),
    (
        FILES_RECEIVED,
        Some(Unit::Bytes),
        "Bytes of files received from people.",
    ),
    (FILES_SENT, Some(Unit::Bytes), "Bytes of files sent to people."),
    (
        PORT_RECEIVED,
        Some(Unit::Bytes),
        "Received over the port of pages and signalling, as it came over the network.",
    ),
    (
        PORT_SENT,
        Some(Unit::Bytes),
        "Sent over the port of pages and signalling.",
    ),
    (
        REFUSALS,
        None,
        "Requests and connections that were refused, by event and reason.",
    ),
    (HANGUPS, None, "Clients that were disconnected, by reason."),
];
const RECEIVED: &str = "confab_received_bytes_total";
const SENT: &str = "confab_sent_bytes_total";
const FILES_RECEIVED: &str = "confab_files_received_bytes_total";
const FILES_SENT: &str = "confab_files_sent_bytes_total";
const PORT_RECEIVED: &str = "confab_port_received_bytes_total";
const PORT_SENT: &str = "confab_port_sent_bytes_total";
const REFUSALS: &str = "confab_refusals_total";
const HANGUPS: &str = "confab_hangups_total";
const WORKER_CPU: &str = "confab_worker_cpu_seconds";
const WORKER_HOLDS: &str = "confab_worker_objects";
const RECORDINGS: &str = "confab_recordings";
const BROADCASTS: &str = "confab_broadcasts";
const LATENCY: &str = "confab_request_seconds";

/// Counts bytes that come and go over the port.
#[derive(Clone)]
pub(crate) struct Traffic {
    pub(crate) received: Counter,
    pub(crate) sent: Counter,
}

/// The figures of one server.
#[derive(Debug)]
pub struct Monitor {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    process: metrics_process::Collector,
    flow: Mutex<Flow>,
}

impl Monitor {
    /// Nothing counted yet.
    #[must_use]
    pub fn new() -> Arc<Self> {
        let builder = PrometheusBuilder::new();
        // Refused only for an empty list of buckets.
        let builder = builder
            .set_buckets(&LATENCY_BUCKETS)
            .unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = builder.build_recorder();
        for (name, unit, words) in GAUGES {
            recorder.describe_gauge(KeyName::from_const_str(name), unit, words.into());
        }
        let words = "Processor time so far of each media worker's thread (Linux).";
        recorder.describe_gauge(KeyName::from_const_str(WORKER_CPU), Some(Unit::Seconds), words.into());
        // A worker is a thread: no system tells what memory is whose.
        let words = "Routers, transports, streams and observers that each media worker holds. What they take is in \
                     process_resident_memory_bytes, which all workers share.";
        recorder.describe_gauge(KeyName::from_const_str(WORKER_HOLDS), None, words.into());
        let words = "Recordings in the folder for recordings, by where they stand.";
        recorder.describe_gauge(KeyName::from_const_str(RECORDINGS), None, words.into());
        let words = "Broadcasts of rooms, by where they stand.";
        recorder.describe_gauge(KeyName::from_const_str(BROADCASTS), None, words.into());
        for (name, unit, words) in COUNTERS {
            recorder.describe_counter(KeyName::from_const_str(name), unit, words.into());
        }
        let words = "From a request's arrival at its room's door to its answer, by event.";
        recorder.describe_histogram(KeyName::from_const_str(LATENCY), Some(Unit::Seconds), words.into());
        let process = metrics_process::Collector::default();
        metrics::with_local_recorder(&recorder, || process.describe());
        Arc::new(Self {
            handle: recorder.handle(),
            recorder,
            process,
            flow: Mutex::default(),
        })
    }

    /// Takes in that a request was answered or refused, this long after it came.
    pub(crate) fn answered(&self, event: &'static str, after: Duration) {
        let key = Key::from_parts(LATENCY, vec![Label::from_static_parts("event", event)]);
        self.recorder
            .register_histogram(&key, &METADATA)
            .record(after.as_secs_f64());
    }

    /// Takes in that a request was refused.
    pub(crate) fn refused(&self, event: &'static str, reason: &'static str) {
        let labels = vec![
            Label::from_static_parts("event", event),
            Label::from_static_parts("reason", reason),
        ];
        self.counter(REFUSALS, labels).increment(1);
    }

    /// Takes in that a client was disconnected.
    pub(crate) fn hung_up(&self, reason: &'static str) {
        let labels = vec![Label::from_static_parts("reason", reason)];
        self.counter(HANGUPS, labels).increment(1);
    }

    /// Takes in that so many bytes of a file came.
    pub(crate) fn file_received(&self, bytes: u64) {
        self.counter(FILES_RECEIVED, Vec::new()).increment(bytes);
    }

    /// Takes in that so many bytes of a file went out.
    pub(crate) fn file_sent(&self, bytes: u64) {
        self.counter(FILES_SENT, Vec::new()).increment(bytes);
    }

    /// What is counted of bytes that come and go over the port.
    pub(crate) fn traffic(&self) -> Traffic {
        Traffic {
            received: self.counter(PORT_RECEIVED, Vec::new()),
            sent: self.counter(PORT_SENT, Vec::new()),
        }
    }

    /// Sorts what was measured into its buckets now and then, until `shutdown`, so that figures that nobody asks for
    /// take no memory.
    pub(crate) async fn keep_up(self: Arc<Self>, shutdown: CancellationToken) {
        let mut ticks = tokio::time::interval(UPKEEP);
        while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
            self.handle.run_upkeep();
        }
    }

    /// All figures as they are now, in [Prometheus' text format](https://prometheus.io/docs/instrumenting/exposition_formats/).
    pub async fn text(&self, meetings: &Meetings, pool: &WorkerPool) -> String {
        let census = census::take(meetings).await;
        let values = [
            meetings.len(),
            census.peers,
            census.waiting,
            census.media.transports.len(),
            census.media.producers,
            census.media.consumers,
            census.files.0,
            usize::try_from(census.files.1).unwrap_or(usize::MAX),
            pool.len(),
        ];
        for ((name, ..), value) in GAUGES.iter().zip(values) {
            let gauge = self.recorder.register_gauge(&Key::from_static_name(name), &METADATA);
            // Counts far below 2^53, which f64 has exactly.
            gauge.set(value as f64);
        }
        let carried = census::carried(census.media.transports).await;
        let (received, sent) = self.flow.lock().unwrap_or_else(PoisonError::into_inner).take(carried);
        self.counter(RECEIVED, Vec::new()).increment(received);
        self.counter(SENT, Vec::new()).increment(sent);
        for (number, seconds) in threads::worker_cpu_seconds().into_iter().enumerate() {
            self.gauge_of_worker(WORKER_CPU, number, seconds);
        }
        for (number, held) in census::held(pool).await.into_iter().enumerate() {
            self.gauge_of_worker(WORKER_HOLDS, number, held as f64);
        }
        let recordings = census::recordings(meetings)
            .into_iter()
            .map(|counted| (RECORDINGS, counted));
        let broadcasts = census::broadcasts(meetings)
            .into_iter()
            .map(|counted| (BROADCASTS, counted));
        for (name, (state, count)) in recordings.chain(broadcasts) {
            let key = Key::from_parts(name, vec![Label::from_static_parts("state", state)]);
            self.recorder.register_gauge(&key, &METADATA).set(count as f64);
        }
        metrics::with_local_recorder(&self.recorder, || self.process.collect());
        self.handle.render()
    }

    fn gauge_of_worker(&self, name: &'static str, number: usize, value: f64) {
        let label = Label::new("worker", (number + 1).to_string());
        let key = Key::from_parts(name, vec![label]);
        self.recorder.register_gauge(&key, &METADATA).set(value);
    }

    fn counter(&self, name: &'static str, labels: Vec<Label>) -> Counter {
        self.recorder
            .register_counter(&Key::from_parts(name, labels), &METADATA)
    }
}
