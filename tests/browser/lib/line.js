/** A line to the server without a browser: Socket.IO, with answers and refusals. */
import { io } from "socket.io-client";

/** How long an answer may take, in ms. */
const ANSWER_MS = 30_000;

export class Line {
  /** The names of all that the server said so far. @type {string[]} */
  heard = [];
  /** What came last with each event. @type {Map<string, any>} */
  last = new Map();
  #socket;

  /**
   * @param {string} origin
   * @param {{ localAddress?: string }} [options] from which of this computer's addresses
   */
  constructor(origin, options = {}) {
    const always = { transports: ["websocket"], rejectUnauthorized: false, forceNew: true, reconnection: false };
    this.#socket = io(origin, { ...options, ...always });
    this.#socket.onAny((event, data) => {
      this.heard.push(event);
      this.last.set(event, data);
    });
  }

  /** Whether the line is there. */
  isConnected() {
    return this.#socket.connected;
  }

  /** Waits for the line. */
  connected() {
    return new Promise((resolve, reject) => {
      this.#socket.once("connect", () => resolve(null));
      this.#socket.once("connect_error", reject);
    });
  }

  /**
   * Asks and returns the acknowledgement.
   *
   * @param {string} event
   * @param {object} payload
   * @returns {Promise<any>} as the protocol has it
   */
  async ask(event, payload) {
    const answer = await this.#socket.timeout(ANSWER_MS).emitWithAck(event, payload);
    if (answer?.error) throw new Error(`${event}: ${answer.error}`);
    return answer;
  }

  /**
   * Asks and does not wait for the answer; where the line is full nothing is asked.
   *
   * @param {string} event
   * @param {unknown} payload
   * @param {() => void} onanswer
   */
  pester(event, payload, onanswer) {
    this.#socket.volatile.emit(event, payload, onanswer);
  }

  close() {
    this.#socket.disconnect();
  }
}
