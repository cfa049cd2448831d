//! The one answer that a request is owed.

use serde::Serialize;
use serde_json::json;
use socketioxide::extract::AckSender;
use tracing::debug;

use crate::wire::Refusal;

/// Answers a request once: with what it asked for, with a refusal, or, when it is dropped unanswered, with the
/// sentence for our own faults. A client that gave no acknowledgement is owed nothing and gets nothing.
pub struct Reply {
    ack: Option<AckSender>,
}

impl Reply {
    pub(super) fn new(ack: AckSender) -> Self {
        Self { ack: Some(ack) }
    }

    /// Gives what was asked for.
    pub fn give(mut self, answer: &impl Serialize) {
        self.send(answer);
    }

    /// Says why not.
    pub fn refuse(mut self, refusal: &Refusal) {
        self.send_refusal(refusal);
    }

    /// Says nothing: nobody owes an answer to what is no request.
    pub(super) fn ignore(mut self) {
        self.ack = None;
    }

    fn send_refusal(&mut self, refusal: &Refusal) {
        self.send(&json!({ "error": refusal.to_string() }));
    }

    fn send(&mut self, answer: &impl Serialize) {
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
