/** Browsers that send pictures in other codecs than the usual one, and in several sizes at once: all of it is recorded, and recorded whole. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { sizes } from "../lib/decoded.js";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";
import { stopped } from "../lib/recording.js";
import { encoded, knowOnly, sendable } from "../lib/sending.js";
import { until } from "../lib/until.js";

/** How long is recorded, in ms. */
const RECORDED_MS = 5_000;

/** The smallest camera that browsers send in two sizes, in pixels. */
const SMALL = { width: 640, height: 480 };

const { server, browser } = await house();

/**
 * Runs in the page before all else: the camera gives pictures of this size.
 *
 * @param {{ width: number, height: number }} size
 */
function takeSmall(size) {
  const open = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = function (/** @type {MediaStreamConstraints | undefined} */ constraints) {
    if (typeof constraints?.video === "object") Object.assign(constraints.video, size);
    return open.call(this, constraints);
  };
}

/**
 * Somebody whose browser knows one codec alone and who shares the screen, as one picture.
 *
 * @param {string} codec
 */
async function sharer(codec) {
  const guest = await Guest.at(browser, "about:blank", codec);
  await guest.page.context().addInitScript(knowOnly, `video/${codec}`);
  await guest.page.goto(server.linkTo("codecs"));
  await guest.button("Turn camera off").click();
  await guest.button("Turn camera on").waitFor();
  await guest.page.getByLabel("Your name").fill(codec);
  await guest.button("Join the meeting").click();
  await guest.entered();
  await guest.button("Share your screen").click();
  await guest.page.getByText("The others see your screen.").waitFor();
  return guest;
}

test("screens in VP9, H.264 and AV1 are recorded whole", async () => {
  const dora = await Guest.in(browser, server.linkTo("codecs"), "Dora");
  const known = await sendable(dora);
  const codecs = ["VP9", "H264", "AV1"].filter((codec) => known.includes(codec));
  assert.ok(codecs.includes("VP9") && codecs.includes("AV1"), `${known}`);
  const sharers = [];
  for (const codec of codecs) sharers.push(await sharer(codec));
  for (const guest of sharers)
    await until(`${guest.name} sends`, async () => (await encoded(guest)).some(({ frames }) => frames > 5));
  await dora.button("Start recording").click();
  await pause(RECORDED_MS);
  for (const guest of sharers) {
    const before = Math.max(...(await encoded(guest)).map(({ frames }) => frames));
    await until(`${guest.name} goes on`, async () => (await encoded(guest)).some(({ frames }) => frames > before + 20));
  }
  const { folder, pictures } = await stopped(server, dora);
  await Promise.all(sharers.map((guest) => guest.close()));
  const found = Object.fromEntries(pictures.map(({ peerName, codec }) => [peerName, codec]));
  const expected = codecs.map((codec) => [codec, codec.toLowerCase()]);
  assert.deepEqual(found, Object.fromEntries([...expected, ["Dora", "vp8"]]));
  for (const track of pictures) {
    const frames = await sizes(join(folder, track.file));
    assert.equal(frames.length, track.frames, `every frame of ${track.file} decodes`);
    assert.ok(frames.length > 10, `${frames.length} frames of ${track.peerName}`);
  }
  assert.deepEqual(dora.errors, []);
  await dora.close();
});

test("of a camera that is sent in several sizes the largest is recorded", async () => {
  const dora = await Guest.at(browser, "about:blank", "Dora");
  await dora.page.context().addInitScript(takeSmall, SMALL);
  await dora.page.goto(server.linkTo("sizes"));
  await dora.join();
  const flowing = async () => {
    const before = await encoded(dora);
    await pause(1_000);
    return (await encoded(dora)).filter(({ frames }, index) => frames > (before[index]?.frames ?? 0));
  };
  // The browser sends the larger when it has found out that the way is wide enough.
  const isAll = async () => {
    const widths = (await flowing()).map(({ width }) => width);
    return widths.length === 2 && widths.includes(SMALL.width / 2) && widths.includes(SMALL.width);
  };
  await until("both sizes are sent", isAll);
  await dora.button("Start recording").click();
  await until("both go on", isAll);
  await pause(2_000);
  const { folder, pictures } = await stopped(server, dora);
  const all = await sizes(join(folder, pictures[0]?.file ?? ""));
  const largest = all.filter((size) => size === `${SMALL.width},${SMALL.height}`);
  assert.ok(largest.length > 10 && largest.length > 0.8 * all.length, `${largest.length} of ${all.length} pictures`);
  assert.deepEqual(dora.errors, []);
});
