/** What should pass by itself: when it has lasted too long, one note that stays says what to check. */
import type { Notes } from "./notes.svelte";

/** How long is too long, in ms. */
const PATIENCE_MS = 30_000;

const NO_LINE =
  "The meeting does not answer. Check that this device is still on the host's network and that Confab is running there. If it is, load the page again: the browser may want to ask once more whether to trust it.";
const NO_MEDIA =
  "Sound and pictures do not get through. Tell the host: a firewall may close Confab's media ports, or the network keeps its devices apart. This page goes on trying.";

interface Action {
  label: string;
  run: () => void;
}
type Actions = [Action] | [Action, Action];

/** A line that stays away, or media that does not get through. */
export class Troubles {
  readonly #line: Trouble;
  readonly #media: Trouble;

  constructor(notes: Notes, leave: () => void, reload: () => void) {
    const leaves = { label: "Leave", run: leave };
    // A page cannot tell a server that is gone from one whose certificate is another now, which only the browser's own
    // question mends.
    this.#line = new Trouble(notes, NO_LINE, { label: "Load again", run: reload }, leaves);
    this.#media = new Trouble(notes, NO_MEDIA, leaves);
  }

  /** Takes in how things are. Without a line nothing is said of media: what helps the one helps the other. */
  follow(now: { hasLine: boolean; hasMediaPath: boolean }): void {
    this.#line.follow(!now.hasLine);
    this.#media.follow(now.hasLine && !now.hasMediaPath);
  }
}

class Trouble {
  readonly #notes: Notes;
  readonly #sentence: string;
  readonly #actions: Actions;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #note: number | null = null;

  constructor(notes: Notes, sentence: string, ...actions: Actions) {
    this.#notes = notes;
    this.#sentence = sentence;
    this.#actions = actions;
  }

  /** Takes in whether it lasts. Saying so again changes nothing; its end takes the note away. */
  follow(lasts: boolean): void {
    if (lasts) {
      this.#timer ??= setTimeout(() => {
        this.#note = this.#notes.show(this.#sentence, "warning", ...this.#actions);
      }, PATIENCE_MS);
      return;
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#note !== null) this.#notes.dismiss(this.#note);
    this.#timer = this.#note = null;
  }
}
