/**
 * A cable for signalling that can be pulled: a port that passes everything on to the server's, until it is cut. Media
 * does not run over it.
 */
import { connect, createServer } from "node:net";

export class Cable {
  /** @type {Set<import("node:net").Socket>} */
  #sockets = new Set();
  #isCut = false;
  #listener;

  /** @param {number} to the server's port */
  constructor(to) {
    this.#listener = createServer((near) => {
      if (this.#isCut) {
        near.destroy();
        return;
      }
      const far = connect(to, "127.0.0.1");
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

  close() {
    this.cut();
    this.#listener.close();
  }
}
