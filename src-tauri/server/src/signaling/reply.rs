//! The one answer that a request is owed.

use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use serde_json::json;
use socketioxide::extract::AckSender;
use tracing::debug;

use crate::monitoring::Monitor;
use crate::wire::Refusal;

/// Answers a request once: with what it asked for, with a refusal, or, when it is dropped unanswered, with the
/// sentence for our own faults. A client that gave no acknowledgement is owed nothing and gets nothing.
pub struct Reply {
    ack: Option<AckSender>,
    asked: Instant,
    event: Option<&'static str>,
    monitor: Arc<Monitor>,
}

impl Reply {
    /// The answer that is owed to an event from now on; none to one that is no request.
    pub(super) fn new(event: Option<&'static str>, ack: AckSender, monitor: Arc<Monitor>) -> Self {
        Self {
            ack: event.map(|_| ack),
            asked: Instant::now(),
            event,
            monitor,
        }
    }

    /// Gives what was asked for.
    pub fn give(mut self, answer: &impl Serialize) {
        self.send(answer);
    }

    /// Says why not.
    pub fn refuse(mut self, refusal: &Refusal) {
        self.send_refusal(refusal);
    }

    /// Says nothing, to somebody who does not listen.
    pub(super) fn keep_silent(mut self) {
        self.ack = None;
    }

    fn send_refusal(&mut self, refusal: &Refusal) {
        if let Some(event) = self.event {
            self.monitor.refused(event, refusal.kind());
        }
        self.send(&json!({ "error": refusal.to_string() }));
    }

    fn send(&mut self, answer: &impl Serialize) {
        if let Some(event) = self.event {
            self.monitor.answered(event, self.asked.elapsed());
        }
        if let Some(Err(error)) = self.ack.take().map(|ack| ack.send(answer)) {
            debug!(%error, "An acknowledgement did not reach its client");
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if self.ack.is_some() {
            self.send_refusal(&Refusal::Internal);
        }
    }
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Reply")
    }
}
