/** Somebody in the room without a browser: hears what the server says to everybody. */
import { io } from "socket.io-client";

export class Observer {
  /** @type {string[]} */
  #heard = [];
  #socket;

  /** @param {string} origin */
  constructor(origin) {
    this.#socket = io(origin, { transports: ["websocket"], rejectUnauthorized: false, forceNew: true });
    this.#socket.onAny((event) => this.#heard.push(event));
  }

  /**
   * @param {import("./server.js").Server} server
   * @param {string} room
   */
  static async in(server, room) {
    const observer = new Observer(`https://127.0.0.1:${server.port}`);
    const { rtpCapabilities } = await observer.ask("get-rtp-capabilities", { roomId: room });
    await observer.ask("join-mediasoup-room", { roomId: room, rtpCapabilities, userName: "Observer" });
    return observer;
  }

  /**
   * Asks and returns the acknowledgement.
   *
   * @param {string} event
   * @param {object} payload
   * @returns {Promise<any>} as the protocol has it
   */
  async ask(event, payload) {
    const answer = await this.#socket.timeout(30_000).emitWithAck(event, payload);
    if (answer?.error) throw new Error(`${event}: ${answer.error}`);
    return answer;
  }

  /**
   * Whether the server said this so far.
   *
   * @param {string} event
   */
  heard(event) {
    return this.#heard.includes(event);
  }

  close() {
    this.#socket.disconnect();
  }
}
