/**
 * A cable for signalling that can be pulled, or squeezed so that nothing gets through to the server for a while: a port
 * that passes everything on to the server's. Media does not run over it.
 */
import { connect, createServer } from "node:net";

export class Cable {
  /** @type {Set<import("node:net").Socket>} */
  #sockets = new Set();
  /** The guests' ends. @type {Set<import("node:net").Socket>} */
  #near = new Set();
  #isCut = false;
  #isHeld = false;
  #listener;

  /** @param {number} to the server's port */
  constructor(to) {
    this.#listener = createServer((near) => {
      if (this.#isCut) {
        near.destroy();
        return;
      }
      const far = connect(to, "127.0.0.1");
      this.#near.add(near);
      near.on("close", () => this.#near.delete(near));
      for (const [socket, other] of /** @type {const} */ ([
        [near, far],
        [far, near],
      ])) {
        this.#sockets.add(socket);
        socket.pipe(other);
        socket.on("error", () => other.destroy());
        socket.on("close", () => {
          other.destroy();
          this.#sockets.delete(socket);
        });
      }
      if (this.#isHeld) near.pause();
    });
  }

  /** @param {number} to the server's port */
  static async to(to) {
    const cable = new Cable(to);
    await new Promise((resolve) => cable.#listener.listen(0, "127.0.0.1", () => resolve(null)));
    return cable;
  }

  get port() {
    return /** @type {import("node:net").AddressInfo} */ (this.#listener.address()).port;
  }

  cut() {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend() {
    this.#isCut = false;
  }

  /** What is said to the server stays on the way until the release; what the server says arrives. */
  hold() {
    this.#isHeld = true;
    for (const near of this.#near) near.pause();
  }

  release() {
    this.#isHeld = false;
    for (const near of this.#near) near.resume();
  }

  close() {
    this.cut();
    this.#listener.close();
  }
}
