/** Closing the window, starting twice, and quitting in the middle of a meeting. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { health, home, serving, start } from "./support/confab.js";
import { browser } from "./support/guest.js";
import { bytesBelow, kindsOfStreams, nonEmpty, recordingFiles } from "./support/recordings.js";
import { trayOf } from "./support/tray.js";
import { until } from "./support/until.js";
import { clickUntilGone, closeWindow, displayPicture, pressUntilGone, windowThere, windows } from "./support/window.js";

let place, app, tray, guests, frames;

before(async () => {
  frames = spawn("openbox", [], { stdio: "ignore" });
  place = await home();
  app = start(place);
  await serving(place);
  tray = await trayOf(app.pid);
  guests = await browser();
});
after(async () => {
  await guests?.close();
  await app?.end();
  frames?.kill();
  await place?.remove();
});

test("closing the window leaves Confab in the tray, still serving", async () => {
  await closeWindow("Confab");
  assert.ok(app.isRunning());
  assert.equal((await health(place)).status, "ok");
  assert.ok((await tray.labels()).includes("Open Confab"));
});

test("a second start ends by itself and brings up the first one's window", async () => {
  const second = start(place);
  assert.deepEqual(await second.ended, { code: 0, signal: null });
  await windowThere("Confab");
  assert.equal((await windows("Confab")).length, 1);
  assert.ok(app.isRunning());
});

test("quitting during a meeting with a recording asks first, and goes on when told so", async () => {
  await guests.join(`http://localhost:${place.port}/r/meeting`, "Ada");
  await tray.click("Start recording in meeting");
  await until("it records", async () => (await tray.labels()).includes("Stop recording in meeting"));
  await tray.click("Quit Confab");
  await windowThere("Quit Confab");
  await displayPicture("quit-question");
  await pressUntilGone("Quit Confab", "Escape");
  assert.ok(app.isRunning());
  assert.ok((await tray.labels()).includes("Stop recording in meeting"));
});

test("quitting after all closes the recording first, and the next start makes it one file", async () => {
  await until("the recording grows", () => bytesBelow(place.recordings) > 100_000);
  await tray.click("Quit Confab");
  await clickUntilGone("Quit Confab", 0.25, 0.93); // its left button, "Stop and quit"
  assert.deepEqual(await app.ended, { code: 0, signal: null });
  assert.equal(await health(place), null);

  app = start(place, ["--tray"]);
  const [file] = await until("the file is there", () => nonEmpty(recordingFiles(place)));
  assert.deepEqual(kindsOfStreams(file), ["audio", "video"]);
});
