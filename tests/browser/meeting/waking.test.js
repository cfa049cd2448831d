/** A server that sleeps, as a laptop does whose lid is closed: the pages are back soon after it wakes. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";
import { until } from "../lib/until.js";

const { server, browser, guests } = await house();

/** How long it sleeps, in ms: the pages notice after 30 s, and their pauses between two tries have grown by then. */
const ASLEEP_MS = 60_000;
/** How soon the pages are to be back, in ms. */
const SOON_MS = 3_000;
/** A computer that is busy with other things may be late now and then; pauses that have grown are nearly always. */
const TRIES = 3;

afterEach(() => process.kill(server.pid, "SIGCONT"));

test("both pages are back within seconds when the server wakes", async () => {
  const anna = await Guest.in(browser, server.linkTo("lid"), "Anna");
  const ben = await Guest.in(browser, server.linkTo("lid"), "Ben");
  guests.push(anna, ben);
  await Promise.all([anna.receives(1, 1), ben.receives(1, 1)]);
  /** @type {number[]} */
  const took = [];
  for (let round = 0; round < TRIES && !took.some((ms) => ms <= SOON_MS); round += 1) {
    process.kill(server.pid, "SIGSTOP");
    await pause(ASLEEP_MS);
    for (const guest of [anna, ben]) await guest.page.getByText("Reconnecting…").first().waitFor();
    process.kill(server.pid, "SIGCONT");
    const woken = Date.now();
    const isBack = async (/** @type {Guest} */ guest) => (await guest.page.getByText("Reconnecting…").count()) === 0;
    await until("both are back", async () => (await isBack(anna)) && (await isBack(ben)));
    took.push(Date.now() - woken);
    await Promise.all([anna.receives(1, 1), ben.receives(1, 1)]);
    await anna.seesAll("Anna", "Ben");
    await ben.seesAll("Anna", "Ben");
  }
  assert.ok(
    took.some((ms) => ms <= SOON_MS),
    `back after ${took.join(", ")} ms`,
  );
});
