/**
 * Guests on another device than the server's: what plain http does in a browser, and a network that is gone for ten
 * seconds, signalling and media at once.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { launch } from "../lib/chromium.js";
import { Guest } from "../lib/guest.js";
import { impossible, Networks, NETWORKS } from "../lib/namespace.js";
import { Server } from "../lib/server.js";
import { until } from "../lib/until.js";

const skip = await impossible();
if (skip) console.error(`\n${skip}\n`);

/** @type {Networks} */
let networks;
/** @type {Server} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  if (skip) return;
  networks = await Networks.make();
  server = await Server.start({ within: ["ip", "netns", "exec", networks.server], announced: null });
  browser = await launch({ program: await networks.guestProgram("/usr/bin/chromium") });
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await networks?.remove();
});

test("a browser that opens the address by plain http ends up in the meeting by https", { skip }, async () => {
  const { hostname, port } = new URL(server.link);
  const anna = await Guest.at(browser, `http://${hostname}:${port}/r/plain`, "Anna");
  assert.equal(anna.page.url(), `https://${hostname}:${port}/r/plain`);
  await anna.join();
  const ben = await Guest.in(browser, `https://${hostname}:${port}/r/plain`, "Ben");
  await Promise.all([anna.receives(1, 1), ben.receives(1, 1)]);
  await Promise.all([anna.close(), ben.close()]);
});

test("a meeting outlives a network that is gone for ten seconds", { skip }, async () => {
  const anna = await Guest.in(browser, server.linkTo("cut", NETWORKS.eth0.server), "Anna");
  const ben = await Guest.in(browser, server.linkTo("cut", NETWORKS.wlan0.server), "Ben");
  await Promise.all([anna.receives(1, 1), ben.receives(1, 1)]);
  // Media may go by either network, so both are cut.
  for (const name of Object.keys(NETWORKS)) await networks.inServer("link", "set", name, "down");
  await pause(10_000);
  for (const name of Object.keys(NETWORKS)) await networks.inServer("link", "set", name, "up");
  for (const guest of [anna, ben]) {
    await until("the line is back", async () => (await guest.page.getByText("Reconnecting…").count()) === 0);
    await guest.seesAll("Anna", "Ben");
  }
  await Promise.all([anna.receives(1, 1), ben.receives(1, 1)]);
  await Promise.all([anna.watches("Ben"), ben.watches("Anna")]);
  await anna.says("Still here");
  await ben.openPanel("Chat");
  await ben.messages().nth(0).waitFor();
  assert.deepEqual([...anna.errors, ...ben.errors], []);
});
