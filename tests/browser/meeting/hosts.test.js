/** What a host does to people, as they and the others see and hear it. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";
import { Observer } from "../lib/observer.js";
import { until } from "../lib/until.js";

const { server, browser, guests } = await house();
/** @type {Observer | undefined} */
let host;

afterEach(() => host?.close());

/**
 * A room with a host at a bare line, and Anna and Ben at their pages.
 *
 * @param {string} room
 * @returns {Promise<[Observer, Guest, Guest]>}
 */
async function hosted(room) {
  host = await Observer.in(server, room);
  const anna = await Guest.in(browser, server.linkTo(room), "Anna");
  const ben = await Guest.in(browser, server.linkTo(room), "Ben");
  guests.push(anna, ben);
  await anna.receives(1, 1);
  return [host, anna, ben];
}

/**
 * Waits until no voice goes on arriving.
 *
 * @param {Guest} guest
 */
async function hearsNobody(guest) {
  const energies = async () => (await guest.received()).map((stream) => stream.energy).join();
  await until(`${guest.name} hears nobody`, async () => {
    const before = await energies();
    await new Promise((resume) => setTimeout(resume, 1_500));
    return (await energies()) === before;
  });
}

test("who is muted by a host falls silent, and speaks again by their own doing", async () => {
  const [host, anna, ben] = await hosted("muted");
  await host.acts("toggle-remote-audio", "Ben", { force: "mute" });
  await ben.page.getByText("Observer turned your microphone off.").waitFor();
  await anna.sees("Ben", /microphone off/);
  await hearsNobody(anna);
  await until("Ben's button is out of use", () => ben.button("Turn microphone on").isDisabled());
  // By the key he gets no further than by the button.
  await ben.page.keyboard.press("m");
  await hearsNobody(anna);
  await anna.sees("Ben", /microphone off/);

  await host.acts("toggle-remote-audio", "Ben", { force: "unmute" });
  await ben.page.getByText("Observer lets you turn your microphone on.").waitFor();
  await hearsNobody(anna);
  await ben.button("Turn microphone on").click();
  await anna.receives(1, 1);
});

test("who is removed by a host is told, and gone for the others", async () => {
  const [host, anna, ben] = await hosted("removed");
  await host.acts("remove-participant", "Ben");
  await ben.page.getByText("You were removed from the meeting").waitFor();
  await anna.seesAll("Anna", "Observer");
  await anna.receivesNothing();
});

test("a page is told how its own consumers fare, and of no others", async () => {
  const heard = /** @type {string[]} */ ([]);
  const anna = await Guest.in(browser, server.linkTo("scores"), "Anna");
  const ben = await Guest.at(browser, server.linkTo("scores"), "Ben");
  guests.push(anna, ben);
  ben.page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => heard.push(String(payload))));
  const observer = await Observer.in(server, "scores");
  await ben.join();
  await ben.receives(1, 1);
  await until("Ben hears of scores and layers", async () =>
    ["consumer-score", "consumer-layers-changed"].every((event) => heard.some((frame) => frame.includes(`"${event}"`))),
  );
  assert.ok(!observer.heard("consumer-score") && !observer.heard("consumer-layers-changed"));
  observer.close();
});
