/** Somebody in the room without a browser: hears what the server says to everybody. */
import { Line } from "./line.js";

export class Observer {
  /** @param {Line} line */
  constructor(line) {
    this.line = line;
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
    return new Observer(line);
  }

  /**
   * Whether the server said this so far.
   *
   * @param {string} event
   */
  heard(event) {
    return this.line.heard.includes(event);
  }

  close() {
    this.line.close();
  }
}
