/** Real browsers: how soon the first picture is there, and what two cameras cost the server. */
import { setTimeout as pause } from "node:timers/promises";
import { launch } from "../browser/lib/chromium.js";
import { Guest } from "../browser/lib/guest.js";
import { Server } from "../browser/lib/server.js";
import { until } from "../browser/lib/until.js";
import { print, spread } from "./figures.js";
import { cpuSeconds } from "./process.js";

const TIMES = 7;
const WATCHED_MS = 60_000;
/** Composing gives way to all else on the computer. */
const COMPOSED_MS = 10 * 60_000;
/** 640×480, as the figures of other servers have it. */
const CAMERA = { width: 640, height: 480 };

export async function firstPicture() {
  const [server, browser] = await Promise.all([Server.start(), launch()]);
  try {
    const sender = await Guest.in(browser, server.linkTo("first"), "Sender");
    /** @type {number[]} */
    const fromLoad = [];
    /** @type {number[]} */
    const fromJoin = [];
    for (let round = 0; round < TIMES; round += 1) {
      const guest = await Guest.at(browser, "about:blank", "Guest");
      await guest.page.context().addInitScript(watchFirstPicture);
      await guest.page.goto(server.linkTo("first"));
      await guest.join();
      await guest.watches("Sender");
      // A reload joins by itself, so nobody's hand is in the time.
      await guest.page.reload();
      await until("the first picture", () =>
        guest.page.evaluate(() => window.firstPicture.picture > 0),
      );
      const { picture, joining } = await guest.page.evaluate(
        () => window.firstPicture,
      );
      fromLoad.push(picture);
      fromJoin.push(picture - joining);
      await guest.close();
    }
    print("page load to first remote picture", spread(fromLoad));
    print("  of that, from connecting to the server", spread(fromJoin));
    await sender.close();
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** Runs in the page: notes, in ms since the page began to load, the first request to join and the first picture shown. */
function watchFirstPicture() {
  window.firstPicture = { picture: 0, joining: 0 };
  const watched = new WeakSet();
  const look = () => {
    const requests = performance
      .getEntriesByType("resource")
      .filter((entry) => entry.name.includes("/socket.io/"));
    window.firstPicture.joining ||= requests[0]?.startTime ?? 0;
    for (const video of document.querySelectorAll("video")) {
      const tile =
        video.closest("[data-testid=tile]")?.getAttribute("aria-label") ??
        "you";
      if (watched.has(video) || /\byou\b/.test(tile)) continue;
      watched.add(video);
      video.requestVideoFrameCallback(
        (now) => (window.firstPicture.picture ||= now),
      );
    }
    if (window.firstPicture.picture === 0) setTimeout(look, 2);
  };
  look();
}

export async function cameras() {
  const [server, browser] = await Promise.all([Server.start(), launch()]);
  try {
    const people = [];
    for (const name of ["Anna", "Ben"]) {
      const guest = await Guest.at(browser, "about:blank", name);
      await guest.page.context().addInitScript(askForCamera, CAMERA);
      await guest.page.goto(server.linkTo("cameras"));
      await guest.join();
      people.push(guest);
    }
    for (const guest of people) await guest.receives(1, 1);
    const sizes = (await people[0]?.received())
      ?.filter((stream) => stream.kind === "video")
      .map((stream) => stream.width);
    const alone = await spent(server);
    print(
      `CPU with two ${CAMERA.width}×${CAMERA.height} senders (arriving ${sizes} wide)`,
      perMinute(alone),
    );
    await people[0]?.button("Start recording").click();
    await people[0]?.button("Stop recording").waitFor();
    const recording = await spent(server);
    print("the same while it is recorded", perMinute(recording));
    // The browsers would take the processors that composing is to have.
    await people[1]?.close();
    await people[0]?.button("Turn camera off").click();
    const before = cpuSeconds(server.pid);
    await people[0]?.button("Stop recording").click();
    await people[0]?.page
      .getByText(/The recording is ready/)
      .waitFor({ timeout: COMPOSED_MS });
    // ffmpeg has ended by now and counts as a child.
    print(
      "composing that minute afterwards",
      `${(cpuSeconds(server.pid) - before).toFixed(1)} s, ffmpeg's included`,
    );
  } finally {
    await browser.close();
    await server.stop();
  }
}

/**
 * Runs in the page: asks for a camera of this size, whatever the page asks for.
 *
 * @param {{ width: number, height: number }} size
 */
export function askForCamera({ width, height }) {
  const devices = navigator.mediaDevices;
  const original = devices.getUserMedia.bind(devices);
  devices.getUserMedia = (constraints = {}) =>
    original(
      constraints.video
        ? { ...constraints, video: { width, height } }
        : constraints,
    );
}

/** @param {Server} server */
async function spent(server) {
  const [before, begun] = [cpuSeconds(server.pid), performance.now()];
  await pause(WATCHED_MS);
  return (
    ((cpuSeconds(server.pid) - before) / (performance.now() - begun)) * 60_000
  );
}

/** @param {number} seconds */
const perMinute = (seconds) => `${seconds.toFixed(2)} s per 60 s`;
