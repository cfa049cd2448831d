/** What a meeting notices of a hundred clients beside it that ask without an end: joins and pictures, without and with them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { launch } from "../browser/lib/chromium.js";
import { Guest } from "../browser/lib/guest.js";
import { Server } from "../browser/lib/server.js";
import { percentile, print } from "./figures.js";
import { connect, join } from "./joining.js";

const FLOODER = fileURLToPath(new URL("flooder.js", import.meta.url));
const JOINS = 50;
const WATCHED_MS = 15_000;

export async function flood() {
  const [server, browser] = await Promise.all([Server.start(), launch()]);
  try {
    const origin = `https://127.0.0.1:${server.port}`;
    const [anna, ben] = [
      await Guest.in(browser, server.linkTo("beside"), "Anna"),
      await Guest.in(browser, server.linkTo("beside"), "Ben"),
    ];
    await anna.receives(1, 1);
    await ben.receives(1, 1);
    print("without a flood", await disturbance(origin, ben));

    const flooder = spawn(process.execPath, [FLOODER, origin], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    flooder.stdout.setEncoding("utf8");
    await Promise.race([
      once(flooder.stdout, "data"),
      once(flooder, "exit").then(() => {
        throw new Error("The flood ended before it began.");
      }),
    ]);
    print("with a hundred flooding sockets", await disturbance(origin, ben));
    const answered = once(flooder.stdout, "data");
    flooder.kill("SIGTERM");
    print(
      "  requests of the flood that were answered",
      String(await answered).trim(),
    );
    await once(flooder, "exit");
  } finally {
    await browser.close();
    await server.stop();
  }
}

/**
 * How long joining takes and how many pictures arrive in a second.
 *
 * @param {string} origin
 * @param {Guest} guest
 */
async function disturbance(origin, guest) {
  const [before, begun] = [await frames(guest), performance.now()];
  /** @type {number[]} */
  const times = [];
  for (let count = 0; count < JOINS; count += 1) {
    const line = await connect(origin);
    times.push(await join(line, "joined"));
    line.close();
    await pause(WATCHED_MS / JOINS / 2);
  }
  await pause(Math.max(0, WATCHED_MS - (performance.now() - begun)));
  const after = await frames(guest);
  const rate = ((after - before) / (performance.now() - begun)) * 1_000;
  const at = (/** @type {number} */ share) =>
    percentile(times, share).toFixed(1);
  return `whole join p50 / p95 ${at(0.5)} / ${at(0.95)} ms, ${rate.toFixed(1)} pictures a second`;
}

/** @param {Guest} guest */
async function frames(guest) {
  const received = await guest.received();
  return received
    .filter((stream) => stream.kind === "video")
    .reduce((sum, stream) => sum + stream.frames, 0);
}
