/** What a file of tests has: a server and a browser from its first test to its last, and the guests of each test. */
import assert from "node:assert/strict";
import { after, afterEach } from "node:test";
import { launch } from "./chromium.js";
import { Server } from "./server.js";

/** @typedef {import("./guest.js").Guest} Guest */

/**
 * Begins a server and a browser, which end after the last test. The guests that a test adds are sent home after it, and
 * no page of theirs may have failed.
 *
 * @param {import("./chromium.js").ChromiumOptions} [options] of the browser
 */
export async function house(options) {
  const server = await Server.start();
  /** @type {import("playwright-core").Browser | undefined} */
  let begun;
  /** @type {Guest[]} */
  const guests = [];
  afterEach(async () => {
    const errors = guests.flatMap((guest) => guest.errors);
    await Promise.all(guests.splice(0).map((guest) => guest.close()));
    assert.deepEqual(errors, [], "no page may fail");
  });
  after(async () => {
    await begun?.close();
    assert.equal(await server.stop(), 0);
  });
  const browser = (begun = await launch(options));
  return { server, browser, guests };
}
