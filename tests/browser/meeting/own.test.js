/** The person's own devices: the other camera, a camera that is lost, and nothing left open after leaving. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { launch } from "../lib/chromium.js";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";
import { keepTracks } from "../lib/tracks.js";
import { until } from "../lib/until.js";
import { writeVoice } from "../lib/voice.js";

// Of the cameras that Chromium makes up, the second shows depths, of which no video is made.
const { server, browser, guests } = await house({ devices: "device-count=3" });

/**
 * @param {string} room
 * @param {string} name
 */
async function guestIn(room, name) {
  const guest = await Guest.at(browser, "about:blank", name);
  await guest.page.context().addInitScript(keepTracks);
  await guest.page.goto(server.linkTo(room));
  await guest.join();
  guests.push(guest);
  return guest;
}

/** @param {Guest} guest */
const live = (guest) => guest.page.evaluate(() => window.liveTracks());

test("the level meter moves with the voice", async () => {
  const anna = await Guest.at(browser, server.linkTo("meter"), "Anna");
  guests.push(anna);
  const meter = anna.page.getByRole("meter", { name: "Microphone level" });
  await until("the meter shows the beep", async () => Number(await meter.getAttribute("aria-valuenow")) > 0);
});

test("whoever speaks is marked", async () => {
  const folder = await mkdtemp(join(tmpdir(), "confab-voice-"));
  const voice = join(folder, "voice.wav");
  await writeVoice(voice);
  const speaking = await launch({ voice });
  try {
    const anna = await Guest.in(speaking, server.linkTo("speaks"), "Anna");
    const ben = await guestIn("speaks", "Ben");
    await ben.button("Turn microphone off").click();
    for (const guest of [ben, anna]) {
      await until(`${guest.name} sees Anna speak`, async () => {
        return (await guest.tile("Anna").getAttribute("data-speaking")) === "true";
      });
    }
    assert.equal(await ben.tile("Ben").getAttribute("data-speaking"), "false");
    assert.deepEqual(anna.errors, []);
  } finally {
    await speaking.close();
    await rm(folder, { recursive: true });
  }
});

test("another camera is taken in the middle of the meeting", async () => {
  const anna = await guestIn("cameras", "Anna");
  const ben = await guestIn("cameras", "Ben");
  await ben.receives(1, 1);
  await anna.button("Devices").click();
  const list = anna.page.getByRole("dialog", { name: "Devices" }).getByLabel("Camera");
  const before = await list.inputValue();
  const choices = await list
    .getByRole("option")
    .evaluateAll((options) => options.map((option) => option.getAttribute("value") ?? ""));
  const other = choices.at(-1) ?? "";
  assert.notEqual(other, before);
  await list.selectOption(other);
  await until("the other camera is open, and it alone", async () => {
    const cameras = (await live(anna)).filter((track) => track.kind === "video");
    return cameras.length === 1 && cameras[0]?.deviceId === other;
  });
  assert.equal(await list.inputValue(), other);
  await anna.page.keyboard.press("Escape");
  await ben.receives(1, 1);
  await ben.watches("Anna");
});

test("a camera that is lost in the meeting is told of, and comes back at a press", async () => {
  const anna = await guestIn("lost", "Anna");
  const ben = await guestIn("lost", "Ben");
  await ben.receives(1, 1);
  await anna.page.evaluate(() => window.loseTracks("video"));
  await anna.page.getByRole("list", { name: "Notes" }).getByText("Your camera stopped. Plug it in again").waitFor();
  await ben.sees("Anna", /camera off/);
  await anna.button("Turn camera on").click();
  await ben.watches("Anna");
});

test("the devices can be chosen by who allowed them only in the meeting", async () => {
  const shy = await launch({ allowed: false });
  try {
    const anna = await Guest.at(shy, server.linkTo("shy"), "Anna");
    await anna.page.getByText("This page may not use your camera and microphone.").waitFor();
    await anna.page.getByLabel("Your name").fill("Anna");
    await anna.button("Join the meeting").click();
    await anna.entered();
    await anna.page.context().grantPermissions(["camera", "microphone"]);
    await anna.button("Turn camera on").click();
    await anna.button("Turn camera off").waitFor();
    await anna.button("Devices").click();
    const list = anna.page.getByRole("dialog", { name: "Devices" }).getByLabel("Camera");
    assert.ok((await list.getByRole("option").count()) > 0);
    assert.deepEqual(anna.errors, []);
  } finally {
    await shy.close();
  }
});

test("who has left is neither seen nor heard, whatever happens to the page", async () => {
  const anna = await guestIn("dark", "Anna");
  assert.equal((await live(anna)).length, 2);
  // The screen's picker is still open while Anna leaves.
  await anna.page.evaluate(() => {
    const share = navigator.mediaDevices.getDisplayMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getDisplayMedia = async (options) => {
      await new Promise((resolve) => addEventListener("picked", resolve, { once: true }));
      return share(options);
    };
  });
  await anna.button("Share your screen").click();
  await anna.button("Leave the meeting").click();
  await anna.page.getByText("You left the meeting").waitFor();
  assert.deepEqual(await live(anna), []);

  const opened = await anna.page.evaluate(() => window.openedTracks());
  await anna.page.evaluate(() => {
    document.dispatchEvent(new Event("visibilitychange"));
    dispatchEvent(new Event("picked"));
  });
  await until("the screen was picked", async () => (await anna.page.evaluate(() => window.openedTracks())) > opened);
  // What the page may have asked for before is answered before this.
  await anna.page.evaluate(async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
    for (const track of stream.getTracks()) track.stop();
  });
  assert.deepEqual(await live(anna), []);
});
