//! What media does by itself, and whom it tells.

use std::sync::Arc;

use mediasoup::prelude::*;

use crate::room::Seat;

/// What media does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaEvent {
    /// Whose microphone is loudest, or that all are silent.
    Loudest(Option<ProducerId>),
    /// A seat's consumer gets other layers now.
    LayersChanged(Seat, ConsumerId),
    /// A seat's consumer gets its stream better or worse.
    ScoreChanged(Seat, ConsumerId),
}

/// Is told what media does by itself, on the worker's thread: it must return at once, and must not keep the media alive.
pub type Report = Arc<dyn Fn(MediaEvent) + Send + Sync>;

/// Reports what a consumer does by itself.
pub(super) fn follow(consumer: &Consumer, seat: Seat, report: &Report) {
    let id = consumer.id();
    let [on_score, on_layers] = [Arc::clone(report), Arc::clone(report)];
    consumer
        .on_score(move |_| on_score(MediaEvent::ScoreChanged(seat, id)))
        .detach();
    consumer
        .on_layers_change(move |_| on_layers(MediaEvent::LayersChanged(seat, id)))
        .detach();
}
