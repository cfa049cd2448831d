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
/** How long a try to connect may take, in ms. */
const TRY_MS = 6_000;
/** After how long a try is given up, in ms, when the server answers other questions. */
const STALE_MS = 2_000;
/** How often the server is asked whether it answers, while the line is away, in ms. */
const WATCH_MS = 700;

export class Signaling {
  readonly #socket: Socket;
  /** When the last try to connect began, in ms since 1970. */
  #triedAt = 0;
  #watching = false;

  constructor() {
    this.#socket = io({
      autoConnect: false,
      transports: ["polling", "websocket"],
      reconnectionDelay: 300,
      reconnectionDelayMax: 1_000,
      timeout: TRY_MS,
    });
    this.#socket.io.on("reconnect_attempt", () => (this.#triedAt = Date.now()));
    this.#socket.on("disconnect", () => void this.#watch());
    this.#socket.on("connect_error", () => void this.#watch());
  }

  get connected(): boolean {
    return this.#socket.connected;
  }

  /** Connects, or tries again at once where the next try was still to come. */
  connect(): void {
    if (this.#socket.connected || this.#isTrying()) return;
    // A socket that waits for its next try does not listen; one that begins anew does.
    this.#socket.disconnect();
    this.#triedAt = Date.now();
    this.#socket.connect();
  }

  /** Whether a try is under way that may still end well. */
  #isTrying(): boolean {
    return this.#socket.io._readyState !== "closed" && Date.now() - this.#triedAt < STALE_MS;
  }

  /**
   * Asks again and again, while the line is away, whether the server answers, and connects at once when it does: the
   * pauses between the tries have grown by then, and a try that began before is as good as lost.
   */
  async #watch(): Promise<void> {
    if (this.#watching) return;
    this.#watching = true;
    while (this.#socket.active && !this.#socket.connected) {
      if ((await answers()) && this.#socket.active) this.connect();
      await new Promise((resume) => setTimeout(resume, WATCH_MS));
    }
    this.#watching = false;
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

/** Whether the server answers now, or within some seconds. */
async function answers(): Promise<boolean> {
  try {
    return (await fetch("/health", { cache: "no-store", signal: AbortSignal.timeout(TRY_MS) })).ok;
  } catch {
    return false;
  }
}
