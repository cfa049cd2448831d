import { HUNG } from './client.mjs';

/**
 * Returns when something holds, which is asked again and again; fails when the test counts as hung.
 *
 * @param {string} what
 * @param {() => Promise<boolean>} holds
 */
export async function until(what, holds) {
  const hung = Date.now() + HUNG;
  while (!(await holds())) {
    if (Date.now() > hung) {
      throw new Error(`never came: ${what}`);
    }
    await new Promise((resume) => setTimeout(resume, 50));
  }
}
