/** What recordings keep: everybody's sound and picture in their time, and what there was when the server was killed. */
import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch } from "../lib/chromium.js";
import { Guest } from "../lib/guest.js";
import { complaints, description, folderOf, length, recorded } from "../lib/recording.js";
import { Server } from "../lib/server.js";
import { assertTogether, joinFlashing, lateness } from "../lib/timing.js";
import { until } from "../lib/until.js";

/** What a killed server may lose, in ms. */
const LOST = 2_000;

/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test("sound and picture of one person, and two people, stay together", async () => {
  const server = await Server.start();
  const [anna, ben] = await Promise.all(
    ["Anna", "Ben"].map((name) => joinFlashing(browser, server.linkTo("time"), name)),
  );
  assert.ok(anna && ben);
  await Promise.all([anna.receives(1, 1), ben.receives(1, 1)]);
  await anna.button("Start recording").click();
  const folder = await folderOf(server);
  await recorded(folder, 4, 12_000);
  await anna.button("Stop recording").click();
  await anna.button("Start recording").waitFor();

  const found = await lateness(folder, [anna, ben]);
  assert.equal(found.length, 4);
  assertTogether(found);
  await Promise.all([anna.close(), ben.close()]);
  await server.stop();
});

test("a screen that is shared, and shared again, is kept each time", async () => {
  const server = await Server.start();
  const anna = await Guest.in(browser, server.linkTo("again"), "Anna");
  await anna.button("Start recording").click();
  const folder = await folderOf(server);
  const screens = async () =>
    (await description(folder)).tracks.filter(({ kind, isScreenShare }) => kind === "video" && isScreenShare);
  for (const time of [1, 2]) {
    await anna.button("Share your screen").click();
    await until(`the screen is recorded for the time ${time}`, async () => {
      const newest = (await screens())[time - 1];
      return newest && (await length(join(folder, newest.file))) >= 2_000;
    });
    await anna
      .button(/^Stop sharing/)
      .first()
      .click();
    await anna.button("Share your screen").waitFor();
  }
  await anna.button("Stop recording").click();
  await anna.button("Start recording").waitFor();

  const [first, second, ...more] = (await screens()).sort((one, other) => one.offsetMs - other.offsetMs);
  assert.ok(first && second && more.length === 0);
  assert.ok(second.offsetMs >= (first.endMs ?? Infinity), JSON.stringify([first, second]));
  for (const { file, frames, width } of [first, second]) {
    assert.equal(await complaints(join(folder, file)), "", file);
    assert.ok(frames > 20 && width === 1280, `${frames} frames of ${width}`);
  }
  await anna.close();
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
    assert.equal(await complaints(file), "", track.file);
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
