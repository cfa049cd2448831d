/** A recording started by the button: everybody sees it run, and it leaves one file that plays. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";
import { until } from "../lib/until.js";

/** How long is recorded before the third comes, and after, in ms. */
const EACH_MS = 4_000;
/** Composing gives way to everything else on a busy computer. */
const COMPOSED_MS = 10 * 60_000;

const { server, browser } = await house();

/** @param {Guest} guest */
const mark = (guest) => guest.page.getByRole("timer", { name: "Recorded so far" });

test("a recording is seen by all, also by who comes later, and leaves one file", async () => {
  const anna = await Guest.in(browser, server.linkTo("rec"), "Anna");
  const ben = await Guest.in(browser, server.linkTo("rec"), "Ben");
  await Promise.all([anna.receives(1, 1), ben.receives(1, 1)]);
  assert.equal(await mark(anna).count(), 0);

  await anna.button("Start recording").click();
  await Promise.all([mark(anna).waitFor(), mark(ben).waitFor()]);
  const begun = Date.now();
  await pause(EACH_MS);
  const cem = await Guest.at(browser, "about:blank", "Cem");
  await cem.page.context().addInitScript(keepSocket);
  await cem.page.goto(server.linkTo("rec"));
  await cem.join();
  await mark(cem).waitFor();
  await ben.button("Share your screen").click();
  await cem.watchesShare();
  await ben.photograph("recording");
  await pause(EACH_MS);
  // As frontends do that ask for a name after the join; the page itself gives it with the join.
  const introduction = ["join-room", { roomId: "rec", userName: "Cem Arslan" }];
  await cem.page.evaluate((event) => window.signalling?.send(`42${JSON.stringify(event)}`), introduction);
  await anna.seesAll("Anna", "Ben", "Cem Arslan");

  const ready = anna.page.getByText(/The recording is ready/).waitFor({ timeout: COMPOSED_MS });
  // Whoever started it: another one stops it.
  await ben.button("Stop recording").click();
  const lasted = (Date.now() - begun) / 1_000;
  for (const guest of [anna, ben, cem]) {
    await until(`${guest.name} sees no recording`, async () => (await mark(guest).count()) === 0);
    await guest.button("Start recording").waitFor();
  }

  // Composing gives way to three browsers on one computer: two go, and it may begin.
  await anna.seesAll("Anna", "Ben", "Cem Arslan");
  await Promise.all([ben.close(), cem.close()]);
  await anna.seesAll("Anna");
  await ready;
  const files = (await readdir(server.recordings)).filter((name) => name.endsWith(".mp4"));
  assert.equal(files.length, 1);
  assert.match(files[0] ?? "", /^room_rec_\d+\.mp4$/);

  const file = join(server.recordings, files[0] ?? "");
  const [download] = await Promise.all([anna.page.waitForEvent("download"), anna.button("Download").click()]);
  assert.equal(download.suggestedFilename(), files[0]);
  assert.deepEqual(await readFile(await download.path()), await readFile(file), "what is fetched is the film");
  const { tracks } = JSON.parse(await readFile(join(file.replace(/\.mp4$/, ""), "recording.json"), "utf8"));
  const names = new Set(tracks.map((/** @type {{ peerName: string }} */ track) => track.peerName));
  assert.deepEqual([...names].sort(), ["Anna", "Ben", "Cem Arslan"]);
  const { format, streams } = await probe(file);
  const video = streams.find((stream) => stream.codec_type === "video");
  const audio = streams.find((stream) => stream.codec_type === "audio");
  assert.equal(audio?.codec_name, "aac");
  assert.equal(video?.codec_name, "h264");
  // The clock of the test runs beside the server's, so near is good enough.
  const duration = Number(format.duration);
  assert.ok(duration > EACH_MS / 500 && duration < lasted + 3, `${duration} s recorded in ${lasted} s`);
  const frames = Number(video?.nb_read_frames);
  assert.ok(frames > 28 * duration && frames < 32 * duration, `${frames} pictures in ${duration} s`);
  const player = await browser.newPage();
  await player.goto(pathToFileURL(file).href);
  const film = player.locator("video");
  await film.evaluate((element) => /** @type {HTMLVideoElement} */ (element).play());
  await until("it plays in a browser", () =>
    film.evaluate((element) => {
      const { currentTime, videoWidth } = /** @type {HTMLVideoElement} */ (element);
      return currentTime > 0.5 && videoWidth > 0;
    }),
  );
  await player.close();
  assert.deepEqual([...anna.errors, ...ben.errors, ...cem.errors], []);
});

/** Runs in the page: keeps the socket by which it speaks to the server. */
function keepSocket() {
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (/** @type {Parameters<typeof send>[0]} */ data) {
    if (this.url.includes("/socket.io/")) window.signalling = this;
    send.call(this, data);
  };
}

/**
 * @param {string} file
 * @returns {Promise<{ format: { duration: string }, streams: { codec_type: string, codec_name: string, nb_read_frames?: string }[] }>}
 */
async function probe(file) {
  const words = ["-v", "error", "-count_frames", "-show_format", "-show_streams", "-of", "json", file];
  return JSON.parse((await promisify(execFile)("ffprobe", words)).stdout);
}
