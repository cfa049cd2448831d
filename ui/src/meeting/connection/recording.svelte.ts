/** Whether a recording runs, and the button that starts and stops it. */
import type { Signaling } from "./signaling";

export class Recording {
  /** When the running recording began, in ms since the epoch by this device's clock. */
  startedAt = $state<number | null>(null);
  /** A start or stop is under way. */
  busy = $state(false);
  /** How far the server's clock is ahead of this device's, in ms. */
  clockAhead = 0;
  #told = false;
  readonly #signaling: Signaling;
  readonly #roomId: string;

  constructor(signaling: Signaling, roomId: string, announce: (sentence: string) => void) {
    this.#signaling = signaling;
    this.#roomId = roomId;
    signaling.on("recording-started", ({ startedAt }) => {
      this.#told = true;
      const first = this.startedAt === null;
      this.startedAt = Math.min(Date.now(), startedAt - this.clockAhead);
      if (first) announce("This meeting is being recorded.");
    });
    signaling.on("recording-stopped", () => {
      this.startedAt = null;
      announce("The recording has stopped.");
    });
  }

  /** Starts or stops. Throws as `Signaling.request` does. */
  async toggle(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await this.#signaling.request(this.startedAt === null ? "start-recording" : "stop-recording", {
        roomId: this.#roomId,
      });
    } finally {
      this.busy = false;
    }
  }

  /** Call before each join: the server says right after its answer if a recording runs, and else none does. */
  beforeJoin(): void {
    this.#told = false;
  }

  /** Call after each join. */
  afterJoin(): void {
    setTimeout(() => {
      if (!this.#told) this.startedAt = null;
    }, 1_000);
  }
}
