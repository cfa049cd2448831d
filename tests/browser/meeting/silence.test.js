/** Who is silent, muted or without a camera for a while costs nothing meanwhile in a recording, and is afterwards in time as before. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";
import { description, folderOf, recorded } from "../lib/recording.js";
import { joinFlashing, lateness, middle } from "../lib/timing.js";
import { until } from "../lib/until.js";

/** How far off sound and picture may be after the pause against before, in ms: some pictures of a busy page, and nothing like a pause. */
const APART = 200;
/** How long somebody is muted, and for how long they flash and beep before and after, in ms. */
const [MUTED, EACH] = [5_000, 9_000];
/** How long it may take until a page's switch is heard of everywhere, in ms. */
const EDGE = 500;
/** How many packets of a voice there are in a second in which somebody speaks. */
const SPOKEN = 50;

const { server, browser, guests } = await house();

test("who is silent, muted and without a camera for a while is in time as before", async () => {
  const ben = await Guest.in(browser, server.linkTo("silence"), "Ben");
  await ben.button("Turn camera off").click();
  await ben.button("Turn microphone off").click();
  const anna = await joinFlashing(browser, server.linkTo("silence"), "Anna");
  guests.push(ben, anna);
  await ben.receives(1, 1);
  await ben.button("Start recording").click();
  const folder = await folderOf(server);
  const paused = async () => (await description(folder)).tracks.filter((track) => track.pauses.length > 0);
  await recorded(folder, 2, EACH);
  await anna.button("Turn microphone off").click();
  await anna.button("Turn camera off").click();
  await until("both are paused", async () => (await paused()).length === 2);
  await pause(MUTED);
  await anna.button("Turn microphone on").click();
  await anna.button("Turn camera on").click();
  await recorded(folder, 2, 2 * EACH + MUTED);
  await ben.button("Stop recording").click();
  await ben.button("Start recording").waitFor();

  const { startedAt, tracks } = await description(folder);
  const found = await lateness(folder, [anna]);
  assert.deepEqual(found.map(({ kind }) => kind).sort(), ["audio", "video"]);
  /** @type {number[]} */
  const middles = [];
  for (const { kind, moments, late } of found) {
    const track = tracks.find((track) => track.kind === kind);
    assert.ok(track);
    const told = `${kind}: ${JSON.stringify({ track, moments, late })}`;
    assert.equal(track.pauses.length, 1, told);
    const [{ fromMs, toMs } = { fromMs: NaN, toMs: null }] = track.pauses;
    const [from, to] = [startedAt + fromMs, startedAt + Number(toMs)];
    assert.ok(to - from >= MUTED, told);
    // What was on its way when it was turned off still comes, and it is on for a moment before that is told.
    assert.equal(moments.filter((moment) => moment > from + EDGE && moment < to - EDGE).length, 0, told);
    for (const is of [(/** @type {number} */ at) => at <= from, (/** @type {number} */ at) => at >= to]) {
      const some = late.filter((_, index) => is(moments[index] ?? NaN));
      assert.ok(some.length >= 3, told);
      middles.push(middle(some));
    }
    if (kind === "video") continue;
    const open = (Number(track.endMs) - track.offsetMs - (to - from)) / 1_000;
    assert.ok(track.frames < 0.7 * SPOKEN * open, `${track.frames} packets in ${open} s, most of them silent`);
    console.log(`  ${track.frames} packets of a voice in ${open.toFixed(1)} s, a tenth of which beeps`);
  }
  assert.ok(Math.max(...middles) - Math.min(...middles) <= APART, `${middles}`);
  console.log(`  late in ms, before and after the pause: ${found.map(({ kind }) => kind)}: ${middles.map(Math.round)}`);
});
