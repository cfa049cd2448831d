/** How a recording becomes one file, in the window and the tray: what it lacks, how far it is, how long it takes still, and that it can wait or be given up. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { home, noteTaker } from "./support/confab.js";
import { trayOf } from "./support/tray.js";
import { until } from "./support/until.js";
import { drive } from "./support/window.js";

/** How long the recording is, in seconds: long enough that putting it together can be watched. */
const LONG = 90;

let place, window, tray, ffmpeg;

/** A recording of an earlier day that was not put together yet. */
function leaveRecording(recordings) {
  const folder = join(recordings, "room_review_7");
  mkdirSync(folder, { recursive: true });
  const made = ["-v", "error", "-f", "lavfi", "-i", `testsrc2=size=640x360:rate=15:duration=${LONG}`];
  execFileSync("ffmpeg", [
    ...made,
    ..."-c:v libvpx -deadline realtime -cpu-used 8".split(" "),
    join(folder, "track-001.webm"),
  ]);
  const track = {
    file: "track-001.webm",
    seat: 1,
    peerName: "Ada Lovelace",
    kind: "video",
    isScreenShare: false,
    offsetMs: 0,
    endMs: LONG * 1000,
    width: 640,
    height: 360,
    frames: LONG * 15,
    lostPackets: 0,
    pauses: [],
  };
  const recording = {
    version: 1,
    id: "7",
    roomId: "review",
    startedAt: Date.now(),
    durationMs: LONG * 1000,
    status: "recorded",
    message: null,
    failure: null,
    tracks: [track],
  };
  writeFileSync(join(folder, "recording.json"), JSON.stringify(recording));
}

before(async () => {
  place = await home();
  leaveRecording(place.recordings);
  const desk = noteTaker(place);
  // In front of the real one, until it is taken away.
  ffmpeg = join(place.folder, "bin", "ffmpeg");
  writeFileSync(ffmpeg, "#!/bin/sh\nexit 127\n", { mode: 0o755 });
  window = await drive(place, {
    env: desk.env,
    async opening(pid) {
      tray = await trayOf(pid);
    },
  });
});
after(async () => {
  await window?.end();
  await place?.remove();
});

const row = () =>
  window.script(
    `const [row] = document.querySelectorAll('[data-testid="recording"]');
     return row ? { state: row.dataset.state, words: row.innerText, done: row.querySelector("progress")?.value ?? null } : null`,
  );
const inTray = async (/** @type {RegExp} */ words) => (await tray.labels()).find((label) => words.test(label));

test("a missing ffmpeg is told with the way out", async () => {
  await until("the row says so", async () => (await row())?.state === "tracksOnly");
  await window.shows("joining them into one file needs ffmpeg: install the package ffmpeg");
  assert.equal((await window.button("Try again")).disabled, false);
  await window.picture("window-no-ffmpeg");
});

test("once it is there, the window and the tray say how far it is and how long it takes still", async () => {
  rmSync(ffmpeg);
  await window.press("Try again");
  await until("the window says how far it is, and how long it takes", async () =>
    /Being put together, \d+\s%, about \d+ (s|min) left/.test((await row())?.words ?? ""),
  );
  await until("the bar has moved", async () => ((await row())?.done ?? 0) > 0.04);
  await until("the tray says both", () => inTray(/^Putting review together: \d+ %, \d+ (s|min) left$/));
  await window.picture("window-composing");
});

test("it can wait, which both say, and be given up", async () => {
  await window.press("Pause putting together");
  await until("the window says that it waits", async () => /together, \d+\s%, paused/.test((await row())?.words ?? ""));
  await until("the tray says so, too", () => inTray(/^Putting review together: \d+ %, paused$/));
  await window.press("Go on putting together");
  await until("it goes on", async () => !(await row())?.words.includes("paused"));
  await window.press("Do not put review together");
  await until("it is given up", async () => (await row())?.state === "tracksOnly");
  await window.shows("This recording was not put together, as you wished");
  await until("the tray says nothing of it any more", async () => !(await inTray(/^Putting/)));
});
