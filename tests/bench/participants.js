/** Memory, and how long joining takes when many do at once. Clients without media, each with two transports. */
import { setTimeout as pause } from "node:timers/promises";
import { Server } from "../browser/lib/server.js";
import { percentile, print } from "./figures.js";
import { join } from "./joining.js";
import { memory } from "./process.js";

const PEOPLE = 50;
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
    const first = [await join(origin, "people"), await join(origin, "people")];
    await pause(SETTLING_MS);
    const before = memory(server.pid);
    const more = [];
    for (let count = 0; count < PEOPLE; count += 1)
      more.push(await join(origin, "people"));
    await pause(SETTLING_MS);
    const after = memory(server.pid);
    const each = (/** @type {"rss" | "pss"} */ kind) =>
      `${((after[kind] - before[kind]) / PEOPLE).toFixed(0)} KB`;
    print(
      "per further participant, two transports",
      `${each("rss")} resident, ${each("pss")} proportional (${PEOPLE} of them)`,
    );
    for (const { line } of [...first, ...more]) line.close();

    /** @type {number[]} */
    const times = [];
    let failed = 0;
    const begun = performance.now();
    for (let round = 0; round < ROUNDS; round += 1) {
      const joins = Array.from({ length: PEOPLE }, (_, index) =>
        join(origin, `busy-${round}-${index % 10}`),
      );
      const joined = await Promise.allSettled(joins);
      for (const result of joined) {
        if (result.status === "rejected") failed += 1;
        else {
          times.push(result.value.tookMs);
          result.value.line.close();
        }
      }
    }
    const seconds = (performance.now() - begun) / 1_000;
    const at = (/** @type {number} */ share) =>
      percentile(times, share).toFixed(0);
    print(
      `whole join (5 calls), ${PEOPLE} at once, p50 / p95 / p99`,
      `${at(0.5)} / ${at(0.95)} / ${at(0.99)} ms`,
    );
    print(
      "connect, join and leave, sustained",
      `${(times.length / seconds).toFixed(0)} a second, ${failed} of ${ROUNDS * PEOPLE} failed`,
    );
  } finally {
    await server.stop();
  }
}

/** @param {number} kilobytes */
const megabytes = (kilobytes) => `${(kilobytes / 1_024).toFixed(1)} MB`;
