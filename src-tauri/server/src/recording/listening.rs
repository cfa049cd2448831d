//! How what is sent in a room comes out of mediasoup into this process: what recordings and broadcasts have in common.

use std::time::Duration;

use mediasoup::prelude::*;

use super::rtp::frames::Codec;

/// A picture that is not paused and of which nothing came for this long is asked for a key frame, and that often: mediasoup waits for one before it begins, or
/// goes on with another layer, and both questions that it asks on its own can be lost on a bad line. A shared screen on which nothing happens may rest.
pub(crate) const SILENT: Duration = Duration::from_secs(3);

/// What the router can forward, as the capabilities of a consumer.
pub(crate) fn consumable(router: &Router) -> Result<RtpCapabilities, String> {
    serde_json::to_value(router.rtp_capabilities())
        .and_then(serde_json::from_value)
        .map_err(|error| error.to_string())
}

/// A consumer of all that a producer sends, which is paused at first.
pub(crate) async fn listen(
    transport: &DirectTransport,
    capabilities: &RtpCapabilities,
    producer: ProducerId,
) -> Result<Consumer, String> {
    let mut options = ConsumerOptions::new(producer, capabilities.clone());
    options.paused = true;
    options.enable_rtx = Some(false); // nothing is lost between the router and this process
    options.preferred_layers = None; // the highest
    transport.consume(options).await.map_err(|error| error.to_string())
}

/// The codec of what the consumer will deliver, its payload type, and its clock rate in Hz.
pub(crate) fn carried(consumer: &Consumer) -> Result<(Codec, u8, u32), String> {
    let codec = consumer.rtp_parameters().codecs.first().ok_or("it has no codec")?;
    match codec {
        RtpCodecParameters::Audio {
            mime_type: MimeTypeAudio::Opus,
            payload_type,
            clock_rate,
            channels,
            ..
        } => Ok((
            Codec::Opus {
                channels: channels.get(),
            },
            *payload_type,
            clock_rate.get(),
        )),
        RtpCodecParameters::Video {
            mime_type,
            payload_type,
            clock_rate,
            ..
        } => {
            let codec = match mime_type {
                MimeTypeVideo::Vp8 => Codec::Vp8,
                MimeTypeVideo::Vp9 => Codec::Vp9,
                MimeTypeVideo::H264 => Codec::H264,
                MimeTypeVideo::AV1 => Codec::Av1,
                other => return Err(format!("nothing here takes {other:?}")),
            };
            Ok((codec, *payload_type, clock_rate.get()))
        }
        other => Err(format!("nothing here takes {:?}", other.mime_type())),
    }
}
