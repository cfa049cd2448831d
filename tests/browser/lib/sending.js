/** What a page sends: pictures in one codec alone, of a camera that the test paints. `knowOnly` and `paintCamera` run in the page before all else. */

/** @typedef {import("./guest.js").Guest} Guest */

/**
 * The browser knows no other codec for pictures.
 *
 * @param {string} mimeType
 */
export function knowOnly(mimeType) {
  const createOffer = RTCPeerConnection.prototype.createOffer;
  RTCPeerConnection.prototype.createOffer = function (/** @type {any[]} */ ...options) {
    const codecs = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
    const known = codecs.filter((codec) => codec.mimeType === mimeType || codec.mimeType === "video/rtx");
    for (const transceiver of this.getTransceivers())
      if (transceiver.receiver.track.kind === "video") transceiver.setCodecPreferences(known);
    return /** @type {any} */ (createOffer).apply(this, options);
  };
}

/**
 * @typedef {object} Painting what a painted camera shows now
 * @property {number} width in pixels
 * @property {number} height in pixels
 * @property {string} colour as styles name it
 */

/**
 * The camera shows one colour, and something small that moves in it. What and how large is in `painting`, and follows it.
 *
 * @param {Painting} first
 */
export function paintCamera(first) {
  window.painting = first;
  const canvas = document.createElement("canvas");
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const picture = /** @type {CanvasCaptureMediaStreamTrack} */ (canvas.captureStream(0).getVideoTracks()[0]);
  let count = 0;
  setInterval(() => {
    const { width, height, colour } = window.painting;
    // Setting it clears the canvas, also to the same size.
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    context.fillStyle = colour;
    context.fillRect(0, 0, width, height);
    context.fillStyle = "grey";
    context.fillRect((count += 4) % width, 0, 16, 16);
    picture.requestFrame();
  }, 66);
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async ({ video = false, audio = false } = {}) => {
    const sound = audio ? (await open({ audio })).getTracks() : [];
    return new MediaStream([...(video ? [picture.clone()] : []), ...sound]);
  };
}

/**
 * What a page encodes now: how large the pictures are, and how many there were, of each size in which they are sent.
 *
 * @param {Guest} guest
 * @returns {Promise<{ width: number, height: number, frames: number }[]>}
 */
export async function encoded(guest) {
  const stats = await guest.page.evaluate(() => window.mediaStats());
  const sent = stats.filter((one) => one.type === "outbound-rtp" && one.kind === "video");
  return sent.map(({ frameWidth = 0, frameHeight = 0, framesEncoded = 0 }) => ({
    width: frameWidth,
    height: frameHeight,
    frames: framesEncoded,
  }));
}

/** Which codecs a browser can send pictures in, as `VP9`. @param {Guest} guest */
export async function sendable(guest) {
  const types = await guest.page.evaluate(
    () => RTCRtpSender.getCapabilities("video")?.codecs.map((one) => one.mimeType) ?? [],
  );
  return [...new Set(types.map((type) => type.replace("video/", "")))];
}
