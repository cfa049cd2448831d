/** Starts that do not go as planned: a taken port, damaged certificates, no display, a signal. Each says one clear sentence. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { health, home, serving, start } from "./support/confab.js";
import { until } from "./support/until.js";
import { drive } from "./support/window.js";

test("a taken port is one sentence in the window, and trying again works once it is free", async () => {
  const place = await home();
  const other = createServer().listen(place.port, "0.0.0.0");
  await once(other, "listening");
  const window = await drive(place);
  try {
    await window.shows("Confab could not start");
    await window.shows(String(place.port));
    await window.picture("window-port-taken");
    other.close();
    await once(other, "close");
    await window.press("Try again");
    await window.shows("Invite people");
    assert.equal((await health(place)).status, "ok");
  } finally {
    other.close();
    await window.end();
    await place.remove();
  }
});

test("a damaged certificates folder is one sentence in the window, and trying again works once it is mended", async () => {
  const place = await home();
  const authority = join(place.folder, "data", "certificates", "authority.pem");
  mkdirSync(dirname(authority), { recursive: true });
  writeFileSync(authority, "-----BEGIN CERTIFICATE-----\nhalf of on");
  const window = await drive(place);
  try {
    await window.shows("Confab could not start");
    await window.shows(authority);
    await window.shows("put back a copy of the file");
    await window.picture("window-certificates-damaged");
    rmSync(authority);
    await window.press("Try again");
    await window.shows("Invite people");
    assert.equal((await health(place)).status, "ok");
  } finally {
    await window.end();
    await place.remove();
  }
});

test("without a display Confab says so in one line and serves", async () => {
  const place = await home();
  const app = start(place, [], { DISPLAY: "", WAYLAND_DISPLAY: "" });
  try {
    await serving(place);
    const lines = app
      .said()
      .split("\n")
      .filter((line) => line.includes("no display"));
    assert.equal(lines.length, 1);
    await until("the join link is printed", () => new RegExp(`https://.*:${place.port}/r/meeting`).test(app.said()));
    app.signal("SIGTERM");
    assert.deepEqual(await app.ended, { code: 0, signal: null });
  } finally {
    await app.end();
    await place.remove();
  }
});

test("a display that is named and not there counts as none", async () => {
  const place = await home();
  const app = start(place, [], { DISPLAY: ":4711", WAYLAND_DISPLAY: "" });
  try {
    await serving(place);
    assert.match(app.said(), /There is no display/);
  } finally {
    await app.end();
    await place.remove();
  }
});

test("a signal to end is obeyed without a question", async () => {
  const place = await home();
  const app = start(place, ["--tray"]);
  try {
    await serving(place);
    app.signal("SIGTERM");
    assert.deepEqual(await app.ended, { code: 0, signal: null });
  } finally {
    await app.end();
    await place.remove();
  }
});
