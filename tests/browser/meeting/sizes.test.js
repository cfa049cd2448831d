/** Pictures that change their size and their camera while a recording runs, in every codec: they are kept whole, and the film shows them all. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { colours, sizes } from "../lib/decoded.js";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";
import { stopped } from "../lib/recording.js";
import { encoded, knowOnly, paintCamera } from "../lib/sending.js";
import { until } from "../lib/until.js";

/** What the cameras show one after the other: turned as a phone is, and then another camera. Small, as browsers send such in one size alone. */
const [LYING, STANDING, OTHER] = [
  { width: 320, height: 240, colour: "red" },
  { width: 240, height: 320, colour: "lime" },
  { width: 352, height: 198, colour: "blue" },
];
const CODECS = ["VP8", "VP9", "H264", "AV1"];
/** How many pictures of each are recorded, at least. */
const EACH = 25;
/** Composing gives way to everything else on a busy computer. */
const COMPOSED_MS = 10 * 60_000;

const { server, browser, guests } = await house();

/**
 * Somebody whose browser knows one codec alone.
 *
 * @param {string} codec
 */
async function painter(codec) {
  const guest = await Guest.at(browser, "about:blank", codec);
  guests.push(guest);
  await guest.page.context().addInitScript(knowOnly, `video/${codec}`);
  await guest.page.context().addInitScript(paintCamera, LYING);
  await guest.page.goto(server.linkTo("sizes"));
  await guest.join();
  return guest;
}

/**
 * Waits until somebody has sent some more pictures of this shape.
 *
 * @param {Guest} guest
 * @param {{ width: number, height: number }} shape
 */
async function sends(guest, { width, height }) {
  // A browser that is short of breath sends the same shape smaller.
  const isIt = (/** @type {{ width: number, height: number }} */ sent) =>
    Math.abs(sent.width / sent.height / (width / height) - 1) < 0.05;
  const first = await until(`${guest.name} sends ${width} × ${height}`, async () => (await encoded(guest)).find(isIt));
  await until(`${guest.name} goes on`, async () =>
    (await encoded(guest)).some((sent) => isIt(sent) && sent.frames >= first.frames + EACH),
  );
}

test("pictures that change their size, and cameras that are changed, stay whole in VP8, VP9, H.264 and AV1", async () => {
  const all = [];
  for (const codec of CODECS) all.push(await painter(codec));
  const [first] = all;
  assert.ok(first);
  for (const guest of all) await sends(guest, LYING);
  await first.button("Start recording").click();
  for (const guest of all) await sends(guest, LYING);
  for (const guest of all) await guest.page.evaluate((next) => (window.painting = next), STANDING);
  for (const guest of all) await sends(guest, STANDING);
  for (const guest of all) {
    await guest.button("Turn camera off").click();
    await guest.page.evaluate((next) => (window.painting = next), OTHER);
    await guest.button("Turn camera on").click();
  }
  for (const guest of all) await sends(guest, OTHER);
  const ready = first.page.getByText(/The recording is ready/).waitFor({ timeout: COMPOSED_MS });
  const { folder, pictures } = await stopped(server, first);
  for (const guest of guests.splice(0)) {
    assert.deepEqual(guest.errors, []);
    if (guest === first) guests.push(guest);
    else await guest.close();
  }

  assert.deepEqual(pictures.map(({ codec }) => codec).sort(), CODECS.map((codec) => codec.toLowerCase()).sort());
  for (const { file, frames, codec } of pictures) {
    const path = join(folder, file);
    const [found, shown] = await Promise.all([sizes(path), colours(path, 1)]);
    assert.deepEqual([found.length, shown.length], [frames, frames], `every frame in ${codec} decodes`);
    const names = shown.map(([name]) => name ?? "");
    const turns = names.filter((name, index) => name !== names[index - 1]);
    assert.deepEqual(
      turns,
      [LYING, STANDING, OTHER].map(({ colour }) => colour),
      codec,
    );
    for (const { colour, width, height } of [LYING, STANDING, OTHER]) {
      const count = names.filter((name) => name === colour).length;
      assert.ok(count >= EACH / 2, `${count} pictures of ${width} × ${height} in ${codec}`);
    }
    assert.ok(new Set(found).size >= 3, `${[...new Set(found)].join(" ")} in ${codec}`);
  }

  await ready;
  const film = (await readdir(server.recordings)).find((name) => name.endsWith(".mp4")) ?? "";
  const shown = (await colours(join(server.recordings, film), 2)).map((tiles) => tiles.join(" "));
  for (const { colour } of [LYING, STANDING, OTHER]) {
    const count = shown.filter((tiles) => tiles === CODECS.map(() => colour).join(" ")).length;
    assert.ok(count >= 15, `${count} pictures of the film are ${colour}: ${[...new Set(shown)].join("; ")}`);
  }
});
