/**
 * A server whose media cannot be reached while its pages can, as behind a firewall that lets one port through: the page
 * says so, and goes on by itself once media gets through.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../lib/chromium.js";
import { Guest } from "../lib/guest.js";
import { impossible, Networks, NETWORKS } from "../lib/namespace.js";
import { Server } from "../lib/server.js";
import { until } from "../lib/until.js";

const skip = await impossible();
if (skip) console.error(`\n${skip}\n`);

/** Where media is said to be: the server has it, but guests find no way there. */
const MEDIA = "10.78.0.1";

/** @type {Networks} */
let networks;
/** @type {Server} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  if (skip) return;
  networks = await Networks.make();
  await networks.inServer("address", "add", `${MEDIA}/32`, "dev", "lo");
  await networks.inGuest("route", "add", "blackhole", MEDIA);
  const within = ["ip", "netns", "exec", networks.server];
  server = await Server.start({ within, announced: MEDIA });
  browser = await launch({ program: await networks.guestProgram("/usr/bin/chromium") });
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await networks?.remove();
});

test("media that does not get through is told of, and comes by itself when it does", { skip }, async () => {
  const link = server.linkTo("wall", NETWORKS.eth0.server);
  const anna = await Guest.in(browser, link, "Anna");
  const ben = await Guest.in(browser, link, "Ben");
  const note = (/** @type {Guest} */ guest) =>
    guest.page.getByRole("list", { name: "Notes" }).getByText("Sound and pictures do not get through.");
  await Promise.all([note(anna).waitFor(), note(ben).waitFor()]);
  await anna.photograph("no-media");

  await networks.inGuest("route", "delete", "blackhole", MEDIA);
  await networks.inGuest("route", "add", MEDIA, "via", NETWORKS.eth0.server);
  await Promise.all([anna.receives(1, 1), ben.receives(1, 1)]);
  for (const guest of [anna, ben]) {
    await until(`${guest.name} reads no more of it`, async () => (await note(guest).count()) === 0);
  }
  assert.deepEqual([...anna.errors, ...ben.errors], []);
});
