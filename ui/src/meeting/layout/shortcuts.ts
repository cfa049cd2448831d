/** Keys that do what a button does, wherever they are on the keyboard. Pure. */

/** What can be done with a key. */
export type Shortcut = "microphone" | "camera";

/** The keys by the letter on them, and by their place on a keyboard of the usual kind. */
const SHORTCUTS: readonly { letter: string; code: string; does: Shortcut }[] = [
  { letter: "m", code: "KeyM", does: "microphone" },
  { letter: "v", code: "KeyV", does: "camera" },
];
/** What browsers say in place of a letter while a system's input method, or a dead key, takes it. */
const UNSAID = ["Process", "Unidentified", "Dead"];

/** What this needs to know of a `KeyboardEvent`. */
export type Press = Pick<
  KeyboardEvent,
  "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "repeat" | "isComposing" | "defaultPrevented"
>;

/**
 * What a key does. A Latin letter counts by what it is, as people look for it; where the keyboard writes another script,
 * or the input method keeps the letter to itself, the place of the key counts.
 */
export function shortcutOf(press: Press): Shortcut | null {
  if (press.ctrlKey || press.metaKey || press.altKey || press.repeat || press.isComposing) return null;
  if (press.defaultPrevented) return null;
  const key = press.key.normalize("NFKC").toLowerCase();
  const isOfAnotherScript = /^(?!\p{Script=Latin})[\p{L}\p{M}]/u.test(key) || UNSAID.includes(press.key);
  const found = SHORTCUTS.find(({ letter, code }) => (isOfAnotherScript ? press.code === code : key === letter));
  return found?.does ?? null;
}
