/** Short sentences to the person: shown for a while, and spoken by screen readers. */

export interface Note {
  id: number;
  text: string;
  tone: "info" | "warning";
  /** What the person may do about it. */
  action?: Action;
  /** And what else. */
  otherwise?: Action;
}

/** A button of a note. */
interface Action {
  label: string;
  run: () => void;
}

/** How long a note stays, in ms. */
const SHOWN_MS = 8_000;
/** How many stand at once; those that can be acted on stay even beyond that. */
const MOST = 3;

export class Notes {
  shown = $state.raw<readonly Note[]>([]);
  /** Said by screen readers alone. */
  spoken = $state("");
  #next = 1;

  /** Shows a sentence once, and returns the note's id. What can be acted on stays until it is dismissed. */
  show(text: string, tone: Note["tone"] = "info", action?: Action, otherwise?: Action): number {
    const same = this.shown.find((note) => note.text === text);
    if (same) return same.id;
    const note: Note = {
      id: this.#next++,
      text,
      tone,
      ...(action ? { action } : {}),
      ...(otherwise ? { otherwise } : {}),
    };
    const tooMany = Math.max(0, this.shown.length + 1 - MOST);
    const gone = this.shown.filter((other) => !other.action).slice(0, tooMany);
    this.shown = [...this.shown.filter((other) => !gone.includes(other)), note];
    if (!action) setTimeout(() => this.dismiss(note.id), SHOWN_MS);
    return note.id;
  }

  dismiss(id: number): void {
    this.shown = this.shown.filter((note) => note.id !== id);
  }

  /** Tells screen readers; who sees has a sign for it already. */
  announce(sentence: string): void {
    if (sentence) this.spoken = sentence;
  }
}
