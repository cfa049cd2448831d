/** A shared screen: large on the other side, small faces beside it, and gone when it stops. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";
import { until } from "../lib/until.js";

const { server, browser } = await house();

test("a shared screen is decoded, shown large and named, until it stops", async () => {
  const anna = await Guest.in(browser, server.linkTo("screen"), "Anna");
  const ben = await Guest.in(browser, server.linkTo("screen"), "Ben");
  await ben.receives(1, 1);

  await anna.button("Share your screen").click();
  await anna.page.getByText("The others see your screen.").waitFor();
  await ben.page.getByRole("figure", { name: "Anna shares a screen" }).waitFor();
  await ben.watchesShare();
  // The made-up screen has a sound, too.
  await ben.receives(2, 2);
  await until("the screen arrives sharper than a camera", async () =>
    (await ben.received()).some((stream) => stream.kind === "video" && stream.width > 640),
  );
  await ben.sees("Anna", /sharing a screen/);
  const [share, face] = await Promise.all([
    ben.page.getByTestId("share").boundingBox(),
    ben.tile("Anna").boundingBox(),
  ]);
  assert.ok(share && face && share.width > 2 * face.width, "the screen is the large picture");
  await ben.photograph("screen-share");
  await anna.photograph("sharing");

  // Who comes now sees it, too.
  const cem = await Guest.in(browser, server.linkTo("screen"), "Cem");
  await cem.watchesShare();
  await cem.receives(3, 3);
  await cem.close();
  await ben.seesAll("Anna", "Ben");

  await anna.button("Stop sharing your screen").click();
  await until("the screen is gone", async () => (await ben.page.getByTestId("share").count()) === 0);
  await ben.receives(1, 1);
  await until("the screen's stream is gone", async () => (await ben.received()).length === 2);
  await ben.sees("Anna", /^Anna, host$/);
  assert.equal(await anna.page.getByText("The others see your screen.").count(), 0);

  // Once more, ended by leaving.
  await anna.button("Share your screen").click();
  await ben.watchesShare();
  await anna.button("Leave the meeting").click();
  await until("the screen left with Anna", async () => (await ben.page.getByTestId("share").count()) === 0);
  await ben.receivesNothing();
  assert.deepEqual([...anna.errors, ...ben.errors], []);
});

test("the others do not hear themselves in a shared screen's sound", async () => {
  const known = ["restrictOwnAudio", "suppressLocalAudioPlayback"];
  for (const [room, knows] of /** @type {const} */ ([
    ["own", known],
    ["without-own", ["suppressLocalAudioPlayback"]],
    ["neither", []],
  ])) {
    const anna = await Guest.at(browser, "about:blank", "Anna");
    await anna.page.context().addInitScript(([known, knows]) => {
      window.askedForScreens = [];
      const open = MediaDevices.prototype.getDisplayMedia;
      MediaDevices.prototype.getDisplayMedia = function (/** @type {DisplayMediaStreamOptions | undefined} */ options) {
        window.askedForScreens.push(JSON.parse(JSON.stringify(options)));
        return open.call(this, options);
      };
      const supported = MediaDevices.prototype.getSupportedConstraints;
      MediaDevices.prototype.getSupportedConstraints = function () {
        const all = Object.entries(supported.call(this)).filter(([name]) => !known.includes(name));
        return { ...Object.fromEntries(all), ...Object.fromEntries(knows.map((name) => [name, true])) };
      };
    }, /** @type {const} */ ([known, knows]));
    await anna.page.goto(server.linkTo(`echo-${room}`));
    await anna.join();
    await anna.button("Share your screen").click();
    await anna.page.getByText("The others see your screen.").waitFor();
    const [{ audio, systemAudio }] = await anna.page.evaluate(() => window.askedForScreens);
    if (room === "own") assert.deepEqual([audio, systemAudio], [{ restrictOwnAudio: true }, "include"]);
    else assert.equal(systemAudio, "exclude", room);
    if (room === "neither") assert.equal(audio.echoCancellation, true);
    assert.deepEqual(anna.errors, []);
    await anna.close();
  }
});
