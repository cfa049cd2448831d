/**
 * The door as who wants to come in finds it: the passcode that it asks for, and how long to wait before the next try.
 * A passcode that was right stays with the tab.
 */
import { keepPasscode, keptPasscode } from "./keys";
import { explainNoEntry, pauseOf } from "./refusals";

export class Door {
  /** The room asks for a passcode. */
  asks = $state(false);
  /** What is shown as the passcode, and is sent with the next try. */
  passcode = $state("");
  /** Why the passcode that was shown does not do, for its field. */
  problem = $state<string | null>(null);
  /** When the next try makes sense, in ms since the epoch; 0 for at once. */
  pausedUntil = $state(0);
  readonly #roomId: string;

  constructor(roomId: string) {
    this.#roomId = roomId;
    this.passcode = keptPasscode(roomId);
  }

  /** What became of a try: the sentence for the person, unless the passcode's field says it. */
  refused(refusal: string): string | null {
    const pause = pauseOf(refusal);
    this.pausedUntil = pause > 0 ? Date.now() + pause : 0;
    if (!/passcode/i.test(refusal)) {
      this.asksNothing();
      return explainNoEntry(refusal);
    }
    const isFirst = refusal === "Passcode required";
    this.asks = true;
    this.problem = isFirst ? null : explainNoEntry(refusal);
    keepPasscode(this.#roomId, "");
    return null;
  }

  /** The door does not ask for a passcode now; what was typed is sent all the same, in case it does again. */
  asksNothing(): void {
    this.asks = false;
    this.problem = null;
  }

  /** The passcode was right, or none was needed. */
  passed(): void {
    this.problem = null;
    keepPasscode(this.#roomId, this.passcode);
  }
}
