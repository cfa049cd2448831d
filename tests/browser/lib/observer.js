/** Somebody in the room without a browser: hears what the server says to everybody. */
import { Line } from "./line.js";

export class Observer {
  /**
   * @param {Line} line
   * @param {string} roomId
   */
  constructor(line, roomId) {
    this.line = line;
    this.roomId = roomId;
  }

  /**
   * @param {import("./server.js").Server} server
   * @param {string} roomId
   */
  static async in(server, roomId) {
    const line = new Line(`https://127.0.0.1:${server.port}`);
    await line.connected();
    const { rtpCapabilities } = await line.ask("get-rtp-capabilities", { roomId });
    await line.ask("join-mediasoup-room", { roomId, rtpCapabilities, userName: "Observer" });
    return new Observer(line, roomId);
  }

  /**
   * Whether the server said this so far.
   *
   * @param {string} event
   */
  heard(event) {
    return this.line.heard.includes(event);
  }

  /**
   * Does something to somebody, as a host may: the observer who was first in the room is one.
   *
   * @param {string} event
   * @param {string} name
   * @param {object} [more]
   */
  async acts(event, name, more = {}) {
    const people = this.line.last.get("participant-list-update") ?? [];
    const targetUserId = people.find((/** @type {{ name: string }} */ person) => person.name === name)?.id;
    return this.line.ask(event, { roomId: this.roomId, targetUserId, ...more });
  }

  close() {
    this.line.close();
  }
}
