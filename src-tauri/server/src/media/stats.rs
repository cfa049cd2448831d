//! How a seat's transports and their streams fare.

use futures::future::try_join_all;
use mediasoup::consumer::ConsumerRtpStreamStat;
use mediasoup::prelude::*;

use super::room_media::{RoomMedia, internal};
use super::seat_media::{ReceiveSide, SendSide};
use crate::room::Seat;
use crate::wire::{Refusal, StatsAck, StreamStats};

impl RoomMedia {
    /// How one of a seat's transports fares.
    ///
    /// # Errors
    /// [`Refusal::TransportNotFound`], [`Refusal::Internal`].
    pub async fn stats(&self, seat: Seat, id: TransportId) -> Result<StatsAck, Refusal> {
        let media = self.seats.get(&seat).ok_or(Refusal::TransportNotFound)?;
        let (link, streams) = match (media.send.get(id), media.receive.get(id)) {
            (Some(side), _) => (&side.link, side.stats().await?),
            (None, Some(side)) => (&side.link, side.stats().await?),
            (None, None) => return Err(Refusal::TransportNotFound),
        };
        let stats = link.transport.get_stats().await.map_err(internal)?;
        let transport = stats.first().ok_or(Refusal::Internal)?.into();
        Ok(StatsAck { transport, streams })
    }
}

impl SendSide {
    async fn stats(&self) -> Result<Vec<StreamStats>, Refusal> {
        let asked = self.producers.values().map(async |producer| {
            let stats = producer.get_stats().await.map_err(internal)?;
            let layers = stats.iter().map(|stat| StreamStats::sent(producer.id(), stat));
            Ok::<Vec<_>, Refusal>(layers.collect())
        });
        Ok(try_join_all(asked).await?.concat())
    }
}

impl ReceiveSide {
    async fn stats(&self) -> Result<Vec<StreamStats>, Refusal> {
        let asked = self.consumers.values().map(async |consumer| {
            let stats = consumer.get_stats().await.map_err(internal)?;
            let received = stats.iter().filter_map(|stat| match stat {
                ConsumerRtpStreamStat::Outbound(stat) => {
                    Some(StreamStats::received(consumer.producer_id(), consumer.id(), stat))
                }
                ConsumerRtpStreamStat::Inbound(_) => None,
            });
            Ok::<Vec<_>, Refusal>(received.collect())
        });
        Ok(try_join_all(asked).await?.concat())
    }
}
