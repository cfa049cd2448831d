/** Whether what is sent in the meeting goes out to a streaming server, live. */
import type { RunningBroadcast } from "../../wire/RunningBroadcast";
import type { Notes } from "./notes.svelte";
import type { Signaling } from "./signaling";

export class Broadcast {
  #runs = $state(false);
  /** The server told of a start or stop since the question to join: that is newer than its answer. */
  #told = false;
  /** The note about it that was shown last. */
  #said: number | null = null;
  readonly #notes: Notes;

  constructor(signaling: Signaling, notes: Notes) {
    this.#notes = notes;
    signaling.on("broadcast-started", () => {
      this.#told = true;
      this.#set(true);
    });
    signaling.on("broadcast-stopped", () => {
      this.#told = true;
      this.#set(false);
    });
  }

  /** Whether one runs. */
  get runs(): boolean {
    return this.#runs;
  }

  /** Call before each join. */
  beforeJoin(): void {
    this.#told = false;
  }

  /** What the answer to a join says. */
  joined(running: RunningBroadcast | null): void {
    if (!this.#told) this.#set(running !== null);
  }

  #set(runs: boolean): void {
    if (runs === this.#runs) return;
    this.#runs = runs;
    // What was said before is no longer so.
    if (this.#said !== null) this.#notes.dismiss(this.#said);
    this.#said = this.#notes.show(
      runs ? "This meeting is broadcast live: people outside of it see and hear it." : "The broadcast has ended.",
    );
  }
}
