/** What recordings keep: everybody's sound and picture in their time, and what there was when the server was killed. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { launch } from "../lib/chromium.js";
import { Guest } from "../lib/guest.js";
import { Server } from "../lib/server.js";
import { description, flashAndBeep, moments } from "../lib/timing.js";
import { until } from "../lib/until.js";

/** How far sound and picture of one person may be apart, and how far two people, in ms. */
const [ONE_APART, TWO_APART] = [40, 80];
/** What a killed server may lose, in ms. */
const LOST = 2_000;

/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** @param {Server} server */
async function folderOf(server) {
  const names = await until("the recording's folder", async () => {
    const found = await readdir(server.recordings);
    return found.length > 0 && found;
  });
  return join(server.recordings, names[0] ?? "");
}

/** @param {string} file */
async function length(file) {
  const words = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", file];
  return Number((await promisify(execFile)("ffprobe", words)).stdout) * 1_000;
}

/**
 * Waits until so many tracks are at least so long, in ms.
 *
 * @param {string} folder
 * @param {number} count
 * @param {number} ms
 */
function recorded(folder, count, ms) {
  return until(`${count} tracks of ${ms} ms`, async () => {
    const { tracks } = await description(folder);
    const lengths = await Promise.all(tracks.map((track) => length(join(folder, track.file))));
    return lengths.filter((each) => each >= ms).length >= count;
  });
}

test("sound and picture of one person, and two people, stay together", async () => {
  const server = await Server.start();
  const [anna, ben] = await Promise.all(
    ["Anna", "Ben"].map(async (name) => {
      const guest = await Guest.at(browser, "about:blank", name);
      await guest.page.context().addInitScript(flashAndBeep);
      await guest.page.goto(server.linkTo("time"));
      await guest.join();
      return guest;
    }),
  );
  assert.ok(anna && ben);
  await Promise.all([anna.receives(1, 1), ben.receives(1, 1)]);
  await anna.button("Start recording").click();
  const folder = await folderOf(server);
  await recorded(folder, 4, 12_000);
  await anna.button("Stop recording").click();
  await anna.button("Start recording").waitFor();

  const { startedAt, tracks } = await description(folder);
  assert.equal(tracks.length, 4);
  /** How much later than it was each is placed. @type {{ name: string, kind: string, late: number[] }[]} */
  const found = [];
  for (const track of tracks) {
    const sender = track.peerName === "Anna" ? anna : ben;
    const flashes = await sender.page.evaluate(() => window.flashes);
    const late = (await moments(folder, track, startedAt)).map((moment) => {
      const truth = track.kind === "audio" ? [Math.round(moment / 2_000) * 2_000] : flashes;
      const distances = truth.map((time) => moment - time);
      return distances.reduce((best, each) => (Math.abs(each) < Math.abs(best) ? each : best), Infinity);
    });
    assert.ok(late.length >= 3, `${track.peerName}'s ${track.kind}: ${late.join()}`);
    found.push({ name: track.peerName, kind: track.kind, late });
  }
  const told = JSON.stringify(found);
  // The middle one, the first and the last of each; a page that was busy when it beeped is not the recording's fault.
  const middle = (/** @type {number[]} */ values) =>
    [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
  for (const one of found) {
    for (const other of found) {
      const apart = Math.abs(middle(one.late) - middle(other.late));
      assert.ok(apart <= (one.name === other.name ? ONE_APART : TWO_APART), told);
    }
  }
  console.log(
    `  late in ms: ${found.map(({ name, kind, late }) => `${name} ${kind} ${late.map(Math.round).join(" ")}`).join("; ")}`,
  );
  await Promise.all([anna.close(), ben.close()]);
  await server.stop();
});

test("what a killed server leaves plays up to its last two seconds, and the next start completes it", async () => {
  const home = await mkdtemp(join(tmpdir(), "confab-test-"));
  const server = new Server(home, {});
  await until("the server's join link", () => server.links.at(-1));
  const people = await Promise.all(["Anna", "Ben"].map((name) => Guest.in(browser, server.linkTo("killed"), name)));
  for (const guest of people) await guest.receives(1, 1);
  await people[0]?.button("Start recording").click();
  const folder = await folderOf(server);
  await recorded(folder, 4, 4_000);
  const killed = Date.now();
  process.kill(server.pid, "SIGKILL");
  await server.ended;

  const left = await description(folder);
  assert.equal(left.status, "recording");
  assert.equal(left.tracks.length, 4);
  for (const track of left.tracks) {
    const file = join(folder, track.file);
    const decoded = await promisify(execFile)("ffmpeg", ["-v", "error", "-i", file, "-f", "null", "-"]);
    assert.equal(decoded.stderr, "", track.file);
    const end = left.startedAt + track.offsetMs + (await length(file));
    assert.ok(killed - end <= LOST, `${track.file} ends ${killed - end} ms before the kill`);
  }

  const next = new Server(home, {});
  await until("the next start's join link", () => next.links.at(-1));
  const mended = await until("the mended recording", async () => {
    const found = await description(folder);
    return found.status !== "recording" && found;
  });
  assert.match(mended.message ?? "", /^Confab ended while this recording ran/);
  assert.equal(mended.tracks.length, 4);
  for (const track of mended.tracks) assert.ok((track.endMs ?? 0) > 4_000, JSON.stringify(track));
  for (const guest of people) await guest.close();
  await next.stop();
});
