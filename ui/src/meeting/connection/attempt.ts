/** Asking the server for something at the person's wish: if it fails, they are told why. */
import type { Notes } from "./notes.svelte";
import { explainRefusal } from "./refusals";
import { Refused } from "./signaling";

/** Does it; a failure becomes a note. */
export async function attempt(notes: Notes, ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    const sentence = error instanceof Refused ? explainRefusal(error.message) : "That did not work. Try again.";
    notes.show(sentence, "warning");
  }
}
