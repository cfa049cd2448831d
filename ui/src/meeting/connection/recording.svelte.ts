/** Whether a recording runs, and the button that starts and stops it. */
import type { RunningRecording } from "../../wire/RunningRecording";
import type { Signaling } from "./signaling";

export class Recording {
  /** A start or stop is under way. */
  busy = $state(false);
  /** When the running recording began, in ms since the epoch by the server's clock. */
  #began = $state<number | null>(null);
  /** How far the server's clock is ahead of this device's, in ms. */
  #clockAhead = $state(0);
  /** The server told of a start or stop since the question to join: that is newer than its answer. */
  #told = false;
  readonly #signaling: Signaling;
  readonly #roomId: string;
  readonly #announce: (sentence: string) => void;

  constructor(signaling: Signaling, roomId: string, announce: (sentence: string) => void) {
    this.#signaling = signaling;
    this.#roomId = roomId;
    this.#announce = announce;
    signaling.on("recording-started", ({ startedAt }) => {
      this.#told = true;
      this.#set(startedAt);
    });
    signaling.on("recording-stopped", () => {
      this.#told = true;
      this.#set(null);
    });
  }

  /** When the running recording began, in ms since the epoch by this device's clock; `null` if none runs. */
  get startedAt(): number | null {
    return this.#began === null ? null : this.#began - this.#clockAhead;
  }

  /** Starts or stops. Throws as `Signaling.request` does. */
  async toggle(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await this.#signaling.request(this.#began === null ? "start-recording" : "stop-recording", {
        roomId: this.#roomId,
      });
    } finally {
      this.busy = false;
    }
  }

  /** Call before each join. */
  beforeJoin(): void {
    this.#told = false;
  }

  /** What the answer to a join says, and the server's clock in ms since the epoch. */
  joined(running: RunningRecording | null, serverTime: number): void {
    this.#clockAhead = serverTime - Date.now();
    if (!this.#told) this.#set(running?.startedAt ?? null);
  }

  #set(began: number | null): void {
    if (began !== null && this.#began === null) this.#announce("This meeting is being recorded.");
    if (began === null && this.#began !== null) this.#announce("The recording has stopped.");
    this.#began = began;
  }
}
