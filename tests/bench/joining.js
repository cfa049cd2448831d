/** A client without a browser that joins by the guide's five calls. */
import { Line } from "../browser/lib/line.js";

/** Any fingerprint is taken: nobody shakes hands in these benchmarks. */
const FINGERPRINT = {
  algorithm: "sha-256",
  value: Array.from({ length: 32 }, () => "AB").join(":"),
};

/** @param {string} origin */
export async function connect(origin) {
  const line = new Line(origin);
  await line.connected();
  return line;
}

/**
 * Joins: capabilities, join, both transports and the connecting of the first. Returns how long that took, in ms.
 *
 * @param {Line} line
 * @param {string} roomId
 */
export async function join(line, roomId) {
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
  return performance.now() - begun;
}
