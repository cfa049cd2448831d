/**
 * What a meeting notices of a hundred clients beside it that ask without an end. Pictures are counted against those that
 * were sent, and the way to the media worker and back is timed by the browsers: what the browsers themselves can do on a
 * busy computer is then no part of the figures.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { launch } from "../browser/lib/chromium.js";
import { Guest } from "../browser/lib/guest.js";
import { Server } from "../browser/lib/server.js";
import { percentile, print } from "./figures.js";
import { connect, join } from "./joining.js";
import { askForCamera } from "./meeting.js";
import { cpuSeconds } from "./process.js";

const FLOODER = fileURLToPath(new URL("flooder.js", import.meta.url));
const JOINS = 50;
const WATCHED_MS = 15_000;
/** Small: two browsers and the server share this computer. */
const CAMERA = { width: 320, height: 180 };
/** The floods: how many addresses the hundred come from. */
const FLOODS = [
  { name: "beside a flood from a hundred devices", addresses: 100 },
  { name: "beside a flood from one device", addresses: 1 },
];

export async function flood() {
  // With the limits that people get.
  const [server, browser] = await Promise.all([
    Server.start({ limits: [] }),
    launch(),
  ]);
  try {
    const origin = `https://127.0.0.1:${server.port}`;
    const people = [];
    for (const name of ["Anna", "Ben"]) {
      const guest = await Guest.at(browser, "about:blank", name);
      await guest.page.context().addInitScript(askForCamera, CAMERA);
      await guest.page.goto(server.linkTo("beside"));
      await guest.join();
      people.push(guest);
    }
    for (const guest of people) await guest.receives(1, 1);
    // Somebody stays where others join, so that no joining makes a room.
    await join(await connect(origin), "joined");
    await disturbance("alone", server, origin, people);
    for (const { name, addresses } of FLOODS) {
      const words = [FLOODER, origin, String(addresses)];
      const flooder = spawn(process.execPath, words, {
        stdio: ["ignore", "pipe", "inherit"],
      });
      flooder.stdout.setEncoding("utf8");
      await Promise.race([
        once(flooder.stdout, "data"),
        once(flooder, "exit").then(() => {
          throw new Error("The flood ended before it began.");
        }),
      ]);
      await disturbance(name, server, origin, people);
      const told = once(flooder.stdout, "data");
      flooder.kill("SIGTERM");
      print("  the flood", String(await told).trim());
      await once(flooder, "exit");
    }
    await disturbance("alone again", server, origin, people);
  } finally {
    await browser.close();
    await server.stop();
  }
}

/**
 * How long joining takes, what of the media arrives, and what the server has to do, for some seconds.
 *
 * @param {string} name
 * @param {Server} server
 * @param {string} origin
 * @param {Guest[]} people
 */
async function disturbance(name, server, origin, people) {
  const before = await sum(people);
  const [cpu, begun] = [cpuSeconds(server.pid), performance.now()];
  /** @type {number[]} */
  const times = [];
  for (let count = 0; count < JOINS; count += 1) {
    const line = await connect(origin);
    times.push(await join(line, "joined"));
    line.close();
    await pause(WATCHED_MS / JOINS / 2);
  }
  await pause(Math.max(0, WATCHED_MS - (performance.now() - begun)));
  const after = await sum(people);
  const seconds = (performance.now() - begun) / 1_000;
  const of = (/** @type {keyof Media} */ figure) =>
    after[figure] - before[figure];
  const at = (/** @type {number} */ share) =>
    percentile(times, share).toFixed(1);
  const busy = (100 * (cpuSeconds(server.pid) - cpu)) / seconds;
  print(
    name,
    `whole join p50 / p95 ${at(0.5)} / ${at(0.95)} ms; server at ${busy.toFixed(0)} % of a core`,
  );
  const rate = (/** @type {keyof Media} */ figure) =>
    (of(figure) / seconds).toFixed(1);
  const lost = (100 * of("lost")) / (of("packets") + of("lost"));
  const way = (1_000 * of("roundTrip")) / of("roundTrips");
  print(
    "  pictures a second made / sent / arrived",
    `${rate("made")} / ${rate("sent")} / ${rate("arrived")}; ${lost.toFixed(2)} % of packets lost, ${way.toFixed(1)} ms to the worker and back`,
  );
}

/**
 * @typedef {object} Media all that two people sent and received so far
 * @property {number} made pictures of the cameras
 * @property {number} sent pictures
 * @property {number} arrived pictures
 * @property {number} packets received
 * @property {number} lost packets
 * @property {number} roundTrip seconds that questions to the worker took, in all
 * @property {number} roundTrips questions to the worker
 */

/**
 * @param {Guest[]} people
 * @returns {Promise<Media>}
 */
async function sum(people) {
  const media = {
    made: 0,
    sent: 0,
    arrived: 0,
    packets: 0,
    lost: 0,
    roundTrip: 0,
    roundTrips: 0,
  };
  for (const guest of people) {
    const stats = await guest.page.evaluate(() => window.mediaStats());
    const of = (/** @type {string} */ type) =>
      stats.filter((stat) => stat.type === type);
    // A picture is sent in as many sizes as there is room for.
    const sizes = of("outbound-rtp").map((stat) => stat.framesSent ?? 0);
    media.sent += Math.max(...sizes);
    for (const stat of of("media-source")) media.made += stat.frames ?? 0;
    for (const stat of of("inbound-rtp")) {
      media.arrived += stat.framesDecoded ?? 0;
      media.packets += stat.packetsReceived;
      media.lost += stat.packetsLost;
    }
    for (const stat of of("candidate-pair")) {
      media.roundTrip += stat.totalRoundTripTime ?? 0;
      media.roundTrips += stat.responsesReceived ?? 0;
    }
  }
  return media;
}
