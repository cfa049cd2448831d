//! Sees to it that pictures begin.
//!
//! mediasoup forwards a picture from a key frame on. It asks the sender for one when somebody wants the picture, and once more a second later; where both are
//! lost on a bad line nobody would see it until something else makes the sender begin anew.

use std::time::Duration;

use mediasoup::consumer::{ConsumerRtpStreamStat, ConsumerType};
use mediasoup::prelude::*;
use tokio::time::sleep;

/// How long it is waited before each look whether the picture began.
const WAITS: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
];

/// Asks again for a picture that somebody wants from now on, until it begins. Sound needs no asking.
pub(super) fn see_to(consumer: &Consumer) {
    if consumer.kind() == MediaKind::Audio {
        return;
    }
    let consumer = consumer.downgrade();
    tokio::spawn(async move {
        for wait in WAITS {
            sleep(wait).await;
            let wanted = consumer.upgrade().filter(|consumer| !consumer.paused());
            let Some(consumer) = wanted else { return };
            if has_begun(&consumer).await {
                return;
            }
            if let Err(error) = consumer.request_key_frame().await {
                tracing::debug!(%error, "a key frame could not be asked for");
                return;
            }
        }
    });
}

async fn has_begun(consumer: &Consumer) -> bool {
    // What has layers says by itself which of them it gets.
    if consumer.r#type() != ConsumerType::Simple {
        return consumer.current_layers().is_some();
    }
    let stats = consumer.get_stats().await.unwrap_or_default();
    let packets = stats.iter().map(|stat| match stat {
        ConsumerRtpStreamStat::Outbound(stat) => stat.packet_count,
        ConsumerRtpStreamStat::Inbound(_) => 0,
    });
    packets.sum::<u64>() > 0
}

#[cfg(test)]
#[path = "beginning_tests.rs"]
mod tests;
