/**
 * Asks a server one thing and prints the answer as JSON: a program of its own, because it runs in another network.
 * `ask.js get <url>` or `ask.js candidates <origin> <room>`.
 */
import http from "node:http";
import https from "node:https";
import { Line } from "../lib/line.js";

const [what, where = "", room = ""] = process.argv.slice(2);
const answer = what === "get" ? await get(new URL(where)) : await candidates(where, room);
console.log(JSON.stringify(answer));
process.exit(0);

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {string | undefined} location
 * @property {string} body
 * @property {string} names the certificate's names, empty over plain HTTP
 */

/**
 * @param {URL} url
 * @returns {Promise<Answer>}
 */
function get(url) {
  return new Promise((resolve, reject) => {
    const options = { rejectUnauthorized: false, agent: false, timeout: 5_000 };
    const request = (url.protocol === "https:" ? https : http).get(url, options, async (response) => {
      const socket = /** @type {import("node:tls").TLSSocket} */ (response.socket);
      const names = url.protocol === "https:" ? (socket.getPeerCertificate().subjectaltname ?? "") : "";
      let body = "";
      for await (const piece of response.setEncoding("utf8")) body += piece;
      resolve({ status: response.statusCode ?? 0, location: response.headers.location, body, names });
    });
    request.on("timeout", () => request.destroy(new Error("no answer")));
    request.on("error", reject);
  });
}

/**
 * Joins and makes a transport in each of some rooms, so that every worker answers.
 *
 * @param {string} origin
 * @param {string} room
 * @returns {Promise<{ ip: string, address: string, port: number, protocol: string }[][]>}
 */
async function candidates(origin, room) {
  const all = [];
  for (let number = 0; number < 6; number += 1) {
    const roomId = `${room}-${number}`;
    const line = new Line(origin);
    await line.connected();
    const { rtpCapabilities } = await line.ask("get-rtp-capabilities", { roomId });
    await line.ask("join-mediasoup-room", { roomId, rtpCapabilities });
    const { params } = await line.ask("create-webrtc-transport", { roomId, direction: "recv" });
    all.push(params.iceCandidates);
  }
  return all;
}
