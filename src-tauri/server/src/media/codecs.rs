//! What the routers take in and hand on.

use std::num::{NonZeroU8, NonZeroU32};

use mediasoup::prelude::*;

/// The codecs of the guide: Opus 48 kHz stereo and VP8.
pub(super) fn media_codecs() -> Vec<RtpCodecCapability> {
    const OPUS_CLOCK: NonZeroU32 = NonZeroU32::new(48_000).expect("not zero");
    const VIDEO_CLOCK: NonZeroU32 = NonZeroU32::new(90_000).expect("not zero");
    const STEREO: NonZeroU8 = NonZeroU8::new(2).expect("not zero");
    vec![
        RtpCodecCapability::Audio {
            mime_type: MimeTypeAudio::Opus,
            preferred_payload_type: None,
            clock_rate: OPUS_CLOCK,
            channels: STEREO,
            parameters: RtpCodecParametersParameters::default(),
            rtcp_feedback: vec![],
        },
        RtpCodecCapability::Video {
            mime_type: MimeTypeVideo::Vp8,
            preferred_payload_type: None,
            clock_rate: VIDEO_CLOCK,
            parameters: RtpCodecParametersParameters::from([("x-google-start-bitrate", 1000_u32.into())]),
            rtcp_feedback: vec![],
        },
    ]
}
