/** Who asks to be left out of recordings is neither seen nor heard in them, nor named; the others see that it is so. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";
import { until } from "../lib/until.js";

/** How long each stretch of the recording is at least, in ms. */
const EACH_MS = 3_000;
/** Composing gives way to everything else on a busy computer. */
const COMPOSED_MS = 10 * 60_000;

/** @typedef {{ seat: number, peerName: string, kind: string, offsetMs: number, endMs: number }} Track */

const { server, browser } = await house();

/** @param {Guest} guest */
const wish = (guest) => guest.page.getByRole("switch", { name: "Leave me out of recordings" });

/**
 * Switches it in the meeting, where the recording is shown.
 *
 * @param {Guest} guest
 * @param {boolean} leftOut
 */
async function ask(guest, leftOut) {
  await guest.button(leftOut ? "Leave me out" : "You are left out").click();
  assert.equal(await wish(guest).isChecked(), !leftOut);
  await wish(guest).click();
  await until("the switch follows the server", async () => (await wish(guest).isChecked()) === leftOut);
  await guest.photograph(`left-out-asking-${leftOut}`);
  await guest.page.keyboard.press("Escape");
}

test("who is left out is nowhere in the recording, and who asks in the middle only up to then", async () => {
  const anna = await Guest.in(browser, server.linkTo("out"), "Anna");
  const ben = await Guest.at(browser, server.linkTo("out"), "Benedikta");
  assert.equal(await wish(ben).isChecked(), false);
  await wish(ben).click();
  assert.equal(await wish(ben).isChecked(), true);
  await ben.photograph("left-out-mirror");
  await ben.page.reload();
  await ben.button("Turn camera off").waitFor();
  assert.equal(await wish(ben).isChecked(), true, "the browser remembers");
  await ben.join();
  const cem = await Guest.in(browser, server.linkTo("out"), "Cem", { viewport: { width: 390, height: 780 } });
  await Promise.all([anna.receives(2, 2), ben.receives(2, 2), cem.receives(2, 2)]);
  await anna.sees("Benedikta", /not recorded/);
  assert.doesNotMatch((await anna.tile("Cem").getAttribute("aria-label")) ?? "", /not recorded/);

  await anna.button("Start recording").click();
  await ben.page.getByText("This meeting is being recorded, without you.").waitFor();
  await cem.page.getByText("This meeting is being recorded.", { exact: true }).waitFor();
  await cem.photograph("left-out-narrow");
  await ben.says("what only those present read");
  await ben.button("Share your screen").click();
  await anna.watchesShare();
  await pause(EACH_MS);
  await ask(cem, true);
  await anna.sees("Cem", /not recorded/);
  await anna.openPanel("People");
  const listed = anna.page.getByTestId("person").filter({ hasText: "Not recorded" });
  await until("two are marked", async () => (await listed.count()) === 2);
  await anna.photograph("left-out-people");

  await ben.page.reload();
  await ben.entered();
  await anna.seesAll("Anna", "Benedikta", "Cem");
  await anna.sees("Benedikta", /not recorded/);
  await pause(EACH_MS);
  await ask(cem, false);
  await until(
    "Cem is in again",
    async () => !/not recorded/.test((await anna.tile("Cem").getAttribute("aria-label")) ?? ""),
  );
  await pause(EACH_MS);

  const ready = anna.page.getByText(/The recording is ready/).waitFor({ timeout: COMPOSED_MS });
  await anna.button("Stop recording").click();
  await anna.button("Start recording").waitFor();
  await Promise.all([ben.close(), cem.close()]);
  await ready;
  const [film = ""] = (await readdir(server.recordings)).filter((name) => name.endsWith(".mp4"));
  const folder = join(server.recordings, film.replace(/\.mp4$/, ""));
  for (const name of await readdir(folder)) {
    const written = await readFile(join(folder, name));
    for (const trace of ["Benedikta", "what only those"]) assert.ok(!written.includes(trace), `${trace} in ${name}`);
  }
  /** @type {{ tracks: Track[] }} */
  const { tracks } = JSON.parse(await readFile(join(folder, "recording.json"), "utf8"));
  const of = (/** @type {string} */ name) => tracks.filter((track) => track.peerName === name);
  assert.equal(of("Anna").length, 2);
  assert.equal(of("Cem").length, 4, "a camera and a voice, before and after");
  assert.equal(tracks.length, 6, "no camera, voice or screen of anybody else");
  for (const kind of ["audio", "video"]) {
    const theirs = of("Cem").filter((track) => track.kind === kind);
    const [first, second] = theirs.sort((a, b) => a.offsetMs - b.offsetMs);
    assert.ok(first && second && second.offsetMs - first.endMs > EACH_MS / 2, JSON.stringify(theirs));
  }
  const events = (await readFile(join(folder, "events.jsonl"), "utf8")).trim().split("\n");
  const seats = new Set(events.map((line) => JSON.parse(line).seat).filter((seat) => typeof seat === "number"));
  assert.deepEqual([...seats].sort(), [...new Set(tracks.map(({ seat }) => seat))].sort());
  const words = ["-v", "error", "-show_chapters", "-show_format", "-of", "json", join(server.recordings, film)];
  assert.doesNotMatch((await promisify(execFile)("ffprobe", words)).stdout, /Benedikta/);
  assert.deepEqual([...anna.errors, ...ben.errors, ...cem.errors], []);
});
