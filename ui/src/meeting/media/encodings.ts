/** How sound and pictures are encoded: simulcast for faces, one sharp layer for screens. Pure. */
import type { types } from "mediasoup-client";

/** The codecs in which the server takes a picture in several sizes, each by itself. */
const IN_SIZES = ["video/vp8", "video/h264"];

/**
 * Layers of a camera picture that is `height` pixels high, the smallest first, as receivers choose among them. `codec` is
 * its media type, such as `video/VP8`.
 */
export function cameraEncodings(height: number, codec: string): types.RtpEncodingParameters[] {
  const layer = (scaleResolutionDownBy: number, maxBitrate: number): types.RtpEncodingParameters => ({
    scaleResolutionDownBy,
    maxBitrate,
    scalabilityMode: "L1T2",
  });
  if (!IN_SIZES.includes(codec.toLowerCase())) return [layer(1, height >= 540 ? 1_500_000 : 800_000)];
  return height >= 540
    ? [layer(4, 120_000), layer(2, 400_000), layer(1, 1_500_000)]
    : [layer(2, 200_000), layer(1, 800_000)];
}

/** A shared screen: text must stay readable, so one layer at full size. */
export const screenEncodings: types.RtpEncodingParameters[] = [{ maxBitrate: 2_500_000, maxFramerate: 30 }];

/** The start bitrate that the room's codec names, in kbit/s. */
export const videoOptions: types.ProducerCodecOptions = { videoGoogleStartBitrate: 1000 };

/** Speech: silence costs nothing, a lost packet is mended. */
export const voiceOptions: types.ProducerCodecOptions = { opusStereo: false, opusDtx: true, opusFec: true };

/** A screen's sound: music and films, so stereo and without gaps. */
export const soundOptions: types.ProducerCodecOptions = { opusStereo: true, opusDtx: false, opusFec: true };
