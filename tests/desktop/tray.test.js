/** The tray, clicked over D-Bus as a desktop does it: recording by room, the window, the code, quitting. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { home, serving, start } from "./support/confab.js";
import { browser } from "./support/guest.js";
import { bytesBelow, kindsOfStreams, nonEmpty, recordingFiles } from "./support/recordings.js";
import { trayOf } from "./support/tray.js";
import { until } from "./support/until.js";
import { drive, windowGone, windowThere, windows } from "./support/window.js";

let place, app, tray, guests;

before(async () => {
  place = await home();
  app = start(place, ["--tray"]);
  await serving(place);
  tray = await trayOf(app.pid);
  guests = await browser();
});
after(async () => {
  await guests?.close();
  await app?.end();
  await place?.remove();
});

test("started in the tray, Confab shows no window until it is asked", async () => {
  await until("the menu is whole", async () => (await tray.labels()).includes("Confab: nobody is here yet"));
  assert.deepEqual(await tray.labels(), [
    "Confab: nobody is here yet",
    "Open Confab",
    "Copy join link",
    "Show QR code",
    "Quit Confab",
  ]);
  assert.deepEqual(await windows("Confab"), []);
});

test("a recording is started and stopped from the menu, with another picture meanwhile, and leaves a file that plays", async () => {
  const idle = readFileSync(await tray.picture());
  await guests.join(`http://localhost:${place.port}/r/meeting`, "Grace Hopper");

  await tray.click("Start recording in meeting");
  await until("the menu says so", async () => (await tray.labels()).includes("Confab is recording meeting"));
  const recording = readFileSync(await until("there is a picture", () => tray.picture()));
  assert.notDeepEqual(recording, idle);

  // Something to look at: until the track files hold a second or so of camera.
  await until("the recording grows", () => bytesBelow(place.recordings) > 100_000);
  await tray.click("Stop recording in meeting");
  await until("the menu offers to start again", async () =>
    (await tray.labels()).includes("Start recording in meeting"),
  );
  await until("the picture is the one from before", async () => readFileSync(await tray.picture()).equals(idle));
  const [file] = await until("the file is there", () => nonEmpty(recordingFiles(place)));

  assert.deepEqual(kindsOfStreams(file), ["audio", "video"]);
});

test("the menu opens the window, and one window alone", async () => {
  await tray.click("Open Confab");
  await windowThere("Confab");
  await tray.click("Show QR code");
  assert.equal((await windows("Confab")).length, 1);
});

test("quitting with nobody there asks nothing", async () => {
  await guests.close();
  guests = undefined;
  await until("the guest is gone", async () => (await tray.labels())[0] === "Confab: nobody is here yet");
  await tray.click("Quit Confab");
  assert.deepEqual(await app.ended, { code: 0, signal: null });
  await windowGone("Confab");
});

test("the code is shown large when the tray is asked for it, with no window open and with one", async () => {
  const place = await home();
  /** @type {Awaited<ReturnType<typeof trayOf>>} */
  let tray;
  const window = await drive(place, {
    args: ["--tray"],
    async opening(pid) {
      tray = await trayOf(pid);
      await tray.click("Show QR code");
    },
  });
  try {
    await window.shows("Scan to join meeting");
    await window.press("Close");
    await until("the large code is gone", async () => !(await window.text()).includes("Scan to join"));
    await tray.click("Show QR code");
    await window.shows("Scan to join meeting");
    assert.equal((await windows("Confab")).length, 1);
  } finally {
    await window.end();
    await place.remove();
  }
});
