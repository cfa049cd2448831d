//! What media does by itself, told to those whom it concerns.

use mediasoup::prelude::Consumer;

use super::task::Work;
use crate::media::MediaEvent;
use crate::room::Audience;
use crate::wire::ServerEvent;

impl Work {
    /// Takes in what media did. Only what it was about is reported, and looked up here: that is never out of date.
    pub(super) async fn heard_of_media(&mut self, event: MediaEvent) {
        match event {
            MediaEvent::Loudest(producer) => {
                let seat = producer.and_then(|id| self.room.sender_of(id)).map(|(seat, _)| seat);
                let effects = self.room.heard(seat);
                self.perform(effects).await;
            }
            MediaEvent::LayersChanged(seat, id) => {
                if let Ok(consumer) = self.media.consumer(seat, id) {
                    self.tell(Audience::One(seat), &layers_of(consumer));
                }
            }
            MediaEvent::ScoreChanged(seat, id) => {
                if let Ok(consumer) = self.media.consumer(seat, id) {
                    let score = consumer.score();
                    let event = ServerEvent::ConsumerScore { consumer_id: id, score };
                    self.tell(Audience::One(seat), &event);
                }
            }
        }
    }
}

fn layers_of(consumer: &Consumer) -> ServerEvent {
    let layers = consumer.current_layers();
    ServerEvent::ConsumerLayersChanged {
        consumer_id: consumer.id(),
        spatial_layer: layers.map(|layers| layers.spatial_layer),
        temporal_layer: layers.and_then(|layers| layers.temporal_layer),
    }
}
