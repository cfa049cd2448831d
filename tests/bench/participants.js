/** Memory, and how long joining takes when many do at once. Clients without media, each with two transports. */
import { setTimeout as pause } from "node:timers/promises";
import { Server } from "../browser/lib/server.js";
import { percentile, print } from "./figures.js";
import { connect, join } from "./joining.js";
import { memory } from "./process.js";

const PEOPLE = 50;
/** Over so many rooms those who join at once are spread. */
const ROOMS = 10;
const ROUNDS = 20;
/** Memory is looked at when nothing happens any more. */
const SETTLING_MS = 3_000;

export async function participants() {
  const server = await Server.start();
  try {
    const origin = `https://127.0.0.1:${server.port}`;
    await pause(SETTLING_MS);
    const idle = memory(server.pid);
    print(
      "memory idle",
      `${megabytes(idle.rss)} resident, ${megabytes(idle.pss)} proportional`,
    );

    // The first ones also warm up what is made once.
    const lines = [
      await joined(origin, "people"),
      await joined(origin, "people"),
    ];
    await pause(SETTLING_MS);
    const before = memory(server.pid);
    for (let count = 0; count < PEOPLE; count += 1)
      lines.push(await joined(origin, "people"));
    await pause(SETTLING_MS);
    const after = memory(server.pid);
    const each = (/** @type {"rss" | "pss"} */ kind) =>
      `${((after[kind] - before[kind]) / PEOPLE).toFixed(0)} KB`;
    print(
      `per further participant, two transports (${PEOPLE} more)`,
      `${each("rss")} resident, ${each("pss")} proportional`,
    );
    for (const line of lines) line.close();

    /** @type {number[]} */
    const times = [];
    let failed = 0;
    const begun = performance.now();
    for (let round = 0; round < ROUNDS; round += 1) {
      // All have their line before the first asks, so that nobody's TLS is in another's time.
      const people = await Promise.all(
        Array.from({ length: PEOPLE }, () => connect(origin)),
      );
      const joins = people.map((line, index) =>
        join(line, `busy-${round}-${index % ROOMS}`),
      );
      for (const result of await Promise.allSettled(joins)) {
        if (result.status === "fulfilled") times.push(result.value);
        else failed += 1;
      }
      for (const line of people) line.close();
    }
    const seconds = (performance.now() - begun) / 1_000;
    const at = (/** @type {number} */ share) =>
      percentile(times, share).toFixed(0);
    print(
      `whole join (5 calls), ${PEOPLE} at once, p50 / p95 / p99`,
      `${at(0.5)} / ${at(0.95)} / ${at(0.99)} ms`,
    );
    const rate = (times.length / seconds).toFixed(0);
    print(
      "connect (by HTTPS), join and leave, sustained",
      `${rate} a second, ${failed} of ${ROUNDS * PEOPLE} failed`,
    );
  } finally {
    await server.stop();
  }
}

/**
 * @param {string} origin
 * @param {string} roomId
 */
async function joined(origin, roomId) {
  const line = await connect(origin);
  await join(line, roomId);
  return line;
}

/** @param {number} kilobytes */
const megabytes = (kilobytes) => `${(kilobytes / 1_024).toFixed(1)} MB`;
