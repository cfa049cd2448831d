/**
 * Without a right to camera and microphone, without a camera, on an insecure page or in a browser that cannot meet: a
 * sentence that says what to do, and joining anyway where that is possible.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { launch } from "../lib/chromium.js";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";

const { server, browser: well } = await house();

/** @param {Guest} guest */
async function joinAsIs(guest) {
  await guest.page.getByLabel("Your name").fill(guest.name);
  await guest.button("Join the meeting").click();
  await guest.entered();
}

test("who allows nothing is told so, and watches and listens", async () => {
  const browser = await launch({ allowed: false });
  try {
    const ben = await Guest.in(well, server.linkTo("denied"), "Ben");
    const anna = await Guest.at(browser, server.linkTo("denied"), "Anna");
    await anna.page.getByText("This page may not use your camera and microphone. Allow it in the browser").waitFor();
    await anna.photograph("denied");
    await joinAsIs(anna);
    await anna.receives(1, 1);
    await anna.watches("Ben");
    await ben.sees("Anna", /microphone off, camera off/);

    // Trying again in the meeting says it again.
    await anna.button("Turn camera on").click();
    await anna.page.getByRole("list", { name: "Notes" }).getByText("This page may not use your camera.").waitFor();

    // Once it is allowed, a press is enough.
    await anna.page.context().grantPermissions(["camera", "microphone"]);
    await anna.button("Turn camera on").click();
    await anna.button("Turn microphone on").click();
    await ben.receives(1, 1);
    await ben.watches("Anna");
    assert.deepEqual([...anna.errors, ...ben.errors], []);
    await ben.close();
  } finally {
    await browser.close();
  }
});

test("who has no camera is told so, and joins with the microphone", async () => {
  const browser = await launch({ devices: "device-count=0" });
  try {
    const ben = await Guest.in(well, server.linkTo("bare"), "Ben");
    const anna = await Guest.at(browser, server.linkTo("bare"), "Anna");
    await anna.page.getByText("No camera was found. Plug one in and try again, or go on without.").waitFor();
    await anna.photograph("no-camera");
    await joinAsIs(anna);
    await anna.receives(1, 1);
    await ben.receives(0, 1);
    await ben.sees("Anna", /^Anna, camera off$/);
    assert.deepEqual([...anna.errors, ...ben.errors], []);
    await ben.close();
  } finally {
    await browser.close();
  }
});

test("an insecure page says where camera and microphone are, and lets one watch and listen", async () => {
  const browser = await launch({ hosts: "MAP confab.test 127.0.0.1" });
  try {
    const ben = await Guest.in(well, server.linkTo("plain"), "Ben");
    // On insecure pages the library goes by this alone, and does not know Chromium's name of itself without a window.
    const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version()} Safari/537.36`;
    const link = `http://confab.test:${server.port}/r/plain`;
    const anna = await Guest.at(browser, link, "Anna", { userAgent });
    await anna.page.getByText("Browsers give camera and microphone to https pages alone.").waitFor();
    await anna.photograph("insecure");
    await joinAsIs(anna);
    await anna.receives(1, 1);
    await anna.watches("Ben");
    assert.deepEqual([...anna.errors, ...ben.errors], []);
    await ben.close();
  } finally {
    await browser.close();
  }
});

test("a browser without WebRTC is told which ones will do", async () => {
  const anna = await Guest.at(well, "about:blank", "Anna");
  await anna.page.context().addInitScript(() => {
    Reflect.deleteProperty(window, "RTCPeerConnection");
  });
  await anna.page.goto(server.linkTo("bare"));
  await anna.page.getByText("This browser cannot hold a meeting").waitFor();
  await anna.page.getByText("Open the link in a current Chrome, Edge, Firefox or Safari.").waitFor();
  assert.deepEqual(anna.errors, []);
  await anna.close();
});

test("a browser that does not understand the page is told which ones will do", async () => {
  const anna = await Guest.at(well, "about:blank", "Anna");
  await anna.page.route("**/assets/meeting-*.js", (route) =>
    route.fulfill({ contentType: "text/javascript", body: "not a script of this browser's time" }),
  );
  await anna.page.goto(server.linkTo("old"));
  const sentence = anna.page.getByText("This page does not start in this browser.");
  await sentence.waitFor();
  await anna.photograph("not-started");
  await anna.close();
});
