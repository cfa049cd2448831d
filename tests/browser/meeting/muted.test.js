/** Tracks that the system takes away for a while: off for everybody until it gives them back, and never against the person's wish. */
import { test } from "node:test";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";
import { keepTracks } from "../lib/tracks.js";
import { until } from "../lib/until.js";

const { server, browser, guests } = await house();

/**
 * @param {string} room
 * @param {string} name
 */
async function arrive(room, name) {
  const guest = await Guest.at(browser, "about:blank", name);
  guests.push(guest);
  await guest.page.context().addInitScript(keepTracks);
  await guest.page.goto(server.linkTo(room));
  await guest.join();
  return guest;
}

/**
 * @param {Guest} guest
 * @param {"audio" | "video"} kind
 * @param {boolean} muted
 */
const systemMutes = (guest, kind, muted) =>
  guest.page.evaluate(([kind, muted]) => window.muteTracks(kind, muted), /** @type {const} */ ([kind, muted]));

for (const [device, kind] of /** @type {const} */ ([
  ["microphone", "audio"],
  ["camera", "video"],
])) {
  const on = /^Anna, host$/;
  const off = new RegExp(`^Anna, host, ${device} off$`);

  test(`a ${device} that the system keeps off is shown as off, and as on once it is given back`, async () => {
    const anna = await arrive(`system-${device}`, "Anna");
    const ben = await arrive(`system-${device}`, "Ben");
    await ben.receives(1, 1);
    await systemMutes(anna, kind, true);
    await ben.sees("Anna", off);
    await anna.button(`Turn ${device} off. Your system keeps it off now`).waitFor();
    await ben.receives(kind === "video" ? 0 : 1, kind === "audio" ? 0 : 1);
    await ben.photograph(`system-keeps-${device}-off`);
    await systemMutes(anna, kind, false);
    await ben.sees("Anna", on);
    await anna.button(`Turn ${device} off`).waitFor();
    await ben.receives(1, 1);
  });

  test(`a ${device} that its person turns off meanwhile stays off`, async () => {
    const anna = await arrive(`own-${device}`, "Anna");
    const ben = await arrive(`own-${device}`, "Ben");
    await ben.receives(1, 1);
    await systemMutes(anna, kind, true);
    await ben.sees("Anna", off);
    await anna.button(`Turn ${device} off. Your system keeps it off now`).click();
    await anna.button(`Turn ${device} on`).waitFor();
    await systemMutes(anna, kind, false);
    // What is said after it goes after it.
    await anna.button("Raise your hand").click();
    await ben.sees("Anna", new RegExp(`^Anna, host, ${device} off, hand raised`));
    await anna.button(`Turn ${device} on`).click();
    await ben.sees("Anna", /^Anna, host, hand raised/);
    await ben.receives(1, 1);
  });
}

test("a shared window that the system does not show any more is not shown until it is again", async () => {
  const anna = await arrive("system-screen", "Anna");
  const ben = await arrive("system-screen", "Ben");
  await anna.button("Turn camera off").click();
  await anna.button("Share your screen").click();
  await ben.watchesShare();
  await systemMutes(anna, "video", true);
  await until("the screen is gone", async () => (await ben.page.getByTestId("share").count()) === 0);
  await systemMutes(anna, "video", false);
  await ben.watchesShare();
});
