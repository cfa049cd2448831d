/** A state that should pass by itself: when it has lasted too long, one note that stays says what to check. */
import type { Notes } from "./notes.svelte";

/** How long is too long, in ms. */
const PATIENCE_MS = 30_000;

export class Trouble {
  readonly #notes: Notes;
  readonly #sentence: string;
  readonly #leave: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #note: number | null = null;

  constructor(notes: Notes, sentence: string, leave: () => void) {
    this.#notes = notes;
    this.#sentence = sentence;
    this.#leave = leave;
  }

  /** Takes in whether the state lasts. Saying so again changes nothing; its end takes the note away. */
  follow(lasts: boolean): void {
    if (lasts) {
      this.#timer ??= setTimeout(() => {
        this.#note = this.#notes.show(this.#sentence, "warning", { label: "Leave", run: this.#leave });
      }, PATIENCE_MS);
      return;
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#note !== null) this.#notes.dismiss(this.#note);
    this.#timer = this.#note = null;
  }
}
