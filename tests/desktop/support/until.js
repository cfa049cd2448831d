/** Waiting for something to become so, by asking again; nothing here sleeps for a fixed time. */
import { setTimeout as pause } from "node:timers/promises";

/**
 * Asks until the answer is neither false, null nor undefined, and returns it. A question that throws is asked again.
 * @template T
 * @param {string} what for the sentence when it never becomes so
 * @param {() => T | Promise<T>} question
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, question, seconds = 90) {
  const end = Date.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      last = await question();
      if (last !== false && last != null) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s (last: ${last})`);
    await pause(100);
  }
}
