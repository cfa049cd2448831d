/** Short sentences to the person: shown for a while, and spoken by screen readers. */

export interface Note {
  id: number;
  text: string;
  tone: "info" | "warning";
  /** What the person may do about it. */
  action?: { label: string; run: () => void };
}

/** How long a note stays, in ms. */
const SHOWN_MS = 8_000;

export class Notes {
  shown = $state.raw<readonly Note[]>([]);
  /** Said by screen readers alone. */
  spoken = $state("");
  #next = 1;

  show(text: string, tone: Note["tone"] = "info", action?: Note["action"]): void {
    if (this.shown.some((note) => note.text === text)) return;
    const note: Note = { id: this.#next++, text, tone, ...(action ? { action } : {}) };
    this.shown = [...this.shown.slice(-2), note];
    // What can be acted on stays until it is dismissed.
    if (!action) setTimeout(() => this.dismiss(note.id), SHOWN_MS);
  }

  dismiss(id: number): void {
    this.shown = this.shown.filter((note) => note.id !== id);
  }

  /** Tells screen readers; who sees has a sign for it already. */
  announce(sentence: string): void {
    if (sentence) this.spoken = sentence;
  }
}
