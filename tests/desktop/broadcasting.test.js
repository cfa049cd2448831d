/** Broadcasts from the window to a real streaming server, and the sign of them on the meeting page. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { home, output } from "./support/confab.js";
import { browser } from "./support/guest.js";
import { station } from "./support/station.js";
import { until } from "./support/until.js";
import { drive } from "./support/window.js";

const KEY = "geheimer-schluessel";

let place, window, guests, anna, server;

before(async () => {
  place = await home();
  server = await station(place.folder);
  window = await drive(place);
  guests = await browser();
});
after(async () => {
  await guests?.close();
  await window?.end();
  await server?.end();
  await place?.remove();
});

const gone = (words) => until(`"${words}" is gone`, async () => !(await window.text()).includes(words));
const settings = () => readFileSync(join(place.folder, "data", "settings.json"), "utf8");

test("what is wrong with the address is said before anything begins", async () => {
  anna = await guests.join(`http://localhost:${place.port}/r/meeting`, "Anna");
  await window.shows("1 person in the meeting");
  await window.press("Broadcast meeting");
  const field = () => window.script("return document.activeElement.labels?.[0]?.innerText");
  await until("the address can be typed at once", async () => (await field()) === "Address");
  await window.press("Start broadcast");
  await window.shows("Enter the address to broadcast to");
  await window.write("Address", "https://live.example.org/app");
  await window.press("Start broadcast");
  await window.shows("The address must begin with rtmp:// or rtmps://");
  await window.write("Address", server.address("closed"));
  await window.press("Start broadcast");
  await window.shows("The stream key is missing");
  await window.picture("window-broadcast-refused");
});

test("a server that refuses the stream is told in a sentence", async () => {
  await window.write("Stream key", KEY);
  await window.picture("window-broadcast");
  await window.press("Start broadcast");
  await window.shows("The broadcast has ended.");
  await window.shows("check the address and the stream key");
  await window.picture("window-broadcast-failed");
  assert.ok(settings().includes(KEY), "it was to be remembered");
  await window.press("Try again");
  await window.shows(`${server.address("closed")}/••••`);
  await window.press("Change");
  await until("it is forgotten", () => !settings().includes(KEY));
});

test("everybody sees that the meeting is live", async () => {
  await window.write("Address", server.address("live"));
  await window.write("Stream key", KEY);
  await window.press("Start broadcast");
  await anna.page.getByText("This meeting is broadcast live").first().waitFor();
  const sign = anna.page.getByTitle("people outside of it can see and hear it");
  await sign.waitFor();
  await window.shows("Live");
  await until("pictures arrive", () => server.bytes() > 20_000);
  for (const [width, name] of [
    [1280, "wide"],
    [390, "narrow"],
  ]) {
    await anna.page.setViewportSize({ width, height: 800 });
    for (const colorScheme of ["light", "dark"]) {
      await anna.page.emulateMedia({ colorScheme });
      await anna.page.screenshot({ path: join(output, `page-live-${name}-${colorScheme}.png`) });
    }
    assert.equal(await sign.isVisible(), true, `${name}: the sign can be seen`);
    assert.ok(await anna.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), `${name}: it fits`);
  }
  await window.picture("window-live");
  await window.resize(420, 800);
  await window.script(`document.querySelector("[data-testid=broadcast]").scrollIntoView({ block: "center" })`);
  await window.picture("window-live-narrow");
  await window.resize(1000, 720);
  assert.ok(
    !(await window.script("return document.documentElement.outerHTML")).includes(KEY),
    "the key is in the page",
  );
});

test("a server that goes away is found again, and the end is told", async () => {
  await server.end();
  await window.shows("Not live.");
  await window.shows("Trying again");
  await window.picture("window-reconnecting");
  await server.restart();
  await gone("Not live.");
  await window.press("End the broadcast of meeting");
  await anna.page.getByText("The broadcast has ended.").first().waitFor();
  await gone("End broadcast");
});

test("in the dark, with what is remembered", async () => {
  await window.end();
  window = await drive(place, { env: { GTK_THEME: "Adwaita:dark" } });
  await window.shows("1 person in the meeting");
  await window.press("Broadcast meeting");
  await window.shows(`${server.address("live")}/••••`);
  await window.picture("window-broadcast-dark");
  await window.press("Start broadcast");
  await window.shows("End broadcast");
  await window.picture("window-live-dark");
});
