/**
 * Waiting for something to become true. The deadlines are generous: they end a test that hangs, they measure nothing.
 */
import { setTimeout as pause } from "node:timers/promises";

/** How long anything may take before its test fails, in ms. */
export const DEADLINE_MS = 60_000;

/**
 * Asks again and again until the answer is neither `false`, `null` nor `undefined`, and returns it.
 *
 * @template T
 * @param {string} what what is waited for, for the failure's message
 * @param {() => T | Promise<T>} ask
 * @param {number} [deadline] in ms
 * @returns {Promise<Exclude<T, false | null | undefined>>}
 */
export async function until(what, ask, deadline = DEADLINE_MS) {
  const end = Date.now() + deadline;
  /** @type {unknown} */
  let last;
  do {
    try {
      last = await ask();
    } catch (error) {
      last = error;
    }
    if (last !== false && last !== null && last !== undefined && !(last instanceof Error)) {
      return /** @type {Exclude<T, false | null | undefined>} */ (last);
    }
    await pause(100);
  } while (Date.now() < end);
  const why = last instanceof Error ? ` (${last.message})` : "";
  throw new Error(`Waited in vain: ${what}${why}`);
}
