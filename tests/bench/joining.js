/** A client without a browser that joins by the guide's five calls. */
import { Line } from "../browser/lib/line.js";

/** @typedef {{ line: Line, tookMs: number }} Joined */

/** Any fingerprint is taken: nobody shakes hands in these benchmarks. */
const FINGERPRINT = {
  algorithm: "sha-256",
  value: Array.from({ length: 32 }, () => "AB").join(":"),
};

/**
 * Connects, then joins: capabilities, join, both transports and the connecting of the first. The time is of the five
 * calls alone.
 *
 * @param {string} origin
 * @param {string} roomId
 * @returns {Promise<Joined>}
 */
export async function join(origin, roomId) {
  const line = new Line(origin);
  await line.connected();
  const begun = performance.now();
  const { rtpCapabilities } = await line.ask("get-rtp-capabilities", {
    roomId,
  });
  await line.ask("join-mediasoup-room", { roomId, rtpCapabilities });
  const { params } = await line.ask("create-webrtc-transport", {
    roomId,
    direction: "send",
  });
  await line.ask("create-webrtc-transport", { roomId, direction: "recv" });
  const dtlsParameters = { role: "client", fingerprints: [FINGERPRINT] };
  await line.ask("connect-transport", {
    roomId,
    transportId: params.id,
    dtlsParameters,
  });
  return { line, tookMs: performance.now() - begun };
}
