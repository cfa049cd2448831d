/**
 * The line to the server: Socket.IO with typed requests that are answered, refused or interrupted, and typed events.
 * It starts with polling and upgrades, because Safari on iOS refuses `wss` on a certificate that was only clicked
 * through; where the upgrade fails, polling carries on alone.
 */
import { io, type Socket } from "socket.io-client";
import type { ServerSays, Requests } from "./messages";

/** The server said no; `message` is its word from the protocol. */
export class Refused extends Error {}

/** The line broke before the answer came; whoever asked may ask again once the line is back. */
export class Interrupted extends Error {}

/** The line is up, but the answer did not come in time; whether the server did what it was asked is unknown. */
export class Late extends Interrupted {}

/** How long an answer may take, in ms. */
const ANSWER_MS = 10_000;

export class Signaling {
  readonly #socket: Socket;

  constructor() {
    this.#socket = io({
      autoConnect: false,
      transports: ["polling", "websocket"],
      reconnectionDelay: 300,
      reconnectionDelayMax: 2_000,
      timeout: 6_000,
    });
  }

  get connected(): boolean {
    return this.#socket.connected;
  }

  /** Connects, or tries again at once where the next try was still to come. */
  connect(): void {
    if (!this.#socket.connected) this.#socket.connect();
  }

  /** Ends the line for good. */
  close(): void {
    this.#socket.disconnect();
  }

  onLine(handlers: { up: () => void; down: () => void; failing: () => void }): void {
    this.#socket.on("connect", handlers.up);
    this.#socket.on("disconnect", (reason) => {
      handlers.down();
      // After this reason the library does not reconnect by itself.
      if (reason === "io server disconnect") this.#socket.connect();
    });
    this.#socket.on("connect_error", handlers.failing);
  }

  on<E extends keyof ServerSays>(event: E, handler: (data: ServerSays[E]) => void): void {
    const name: string = event;
    this.#socket.on(name, (data: ServerSays[E]) => handler(data));
  }

  /** Asks and waits for the answer. Throws {@link Refused}, {@link Interrupted} or {@link Late}. */
  async request<E extends keyof Requests>(event: E, payload: Requests[E][0]): Promise<Requests[E][1]> {
    if (!this.#socket.connected) throw new Interrupted(event);
    let answer: unknown;
    try {
      answer = await this.#socket.timeout(ANSWER_MS).emitWithAck(event, payload);
    } catch {
      throw this.#socket.connected ? new Late(event) : new Interrupted(event);
    }
    if (typeof answer === "object" && answer !== null && "error" in answer) throw new Refused(String(answer.error));
    return answer as Requests[E][1];
  }

  /** Says something that needs no answer; lost where the line is down. */
  say<E extends keyof Requests>(event: E, payload: Requests[E][0]): void {
    if (this.#socket.connected) this.#socket.emit(event, payload);
  }
}
