//! What the routers take in and hand on.

use std::num::{NonZeroU8, NonZeroU32};

use mediasoup::prelude::*;
use mediasoup_types::rtp_parameters::RtpCodecParametersParametersValue;

/// Profiles of H.264 as `profile-level-id` names them, each with level 3.1: constrained baseline, main, and constrained high.
const H264_PROFILES: [&str; 3] = ["42e01f", "4d001f", "640c1f"];

/// Opus 48 kHz stereo and VP8, the codecs of the guide, and after them what some clients like better. VP8 comes first, as clients take the first that
/// they can send unless they choose.
#[must_use]
pub fn media_codecs() -> Vec<RtpCodecCapability> {
    const OPUS_CLOCK: NonZeroU32 = NonZeroU32::new(48_000).expect("not zero");
    const STEREO: NonZeroU8 = NonZeroU8::new(2).expect("not zero");
    let mut codecs = vec![
        RtpCodecCapability::Audio {
            mime_type: MimeTypeAudio::Opus,
            preferred_payload_type: None,
            clock_rate: OPUS_CLOCK,
            channels: STEREO,
            parameters: RtpCodecParametersParameters::default(),
            rtcp_feedback: vec![],
        },
        video(MimeTypeVideo::Vp8, &[]),
        video(MimeTypeVideo::Vp9, &[("profile-id", 0_u32.into())]),
    ];
    codecs.extend(H264_PROFILES.map(|profile| {
        let parameters = [
            ("packetization-mode", 1_u32.into()),
            ("profile-level-id", profile.into()),
            ("level-asymmetry-allowed", 1_u32.into()),
        ];
        video(MimeTypeVideo::H264, &parameters)
    }));
    codecs.push(video(MimeTypeVideo::AV1, &[]));
    codecs
}

fn video(mime_type: MimeTypeVideo, own: &[(&'static str, RtpCodecParametersParametersValue)]) -> RtpCodecCapability {
    const CLOCK: NonZeroU32 = NonZeroU32::new(90_000).expect("not zero");
    let mut parameters = RtpCodecParametersParameters::from([("x-google-start-bitrate", 1000_u32.into())]);
    for (name, value) in own {
        parameters.insert(*name, value.clone());
    }
    RtpCodecCapability::Video {
        mime_type,
        preferred_payload_type: None,
        clock_rate: CLOCK,
        parameters,
        rtcp_feedback: vec![],
    }
}
