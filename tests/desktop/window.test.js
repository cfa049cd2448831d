/** What the native window shows: the way in for guests, who is there, what they send, and its looks. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { home, noteTaker } from "./support/confab.js";
import { browser } from "./support/guest.js";
import { bytesBelow, kindsOfStreams, recordingFiles } from "./support/recordings.js";
import { until } from "./support/until.js";
import { drive } from "./support/window.js";

let place, window, guests, desk;

before(async () => {
  place = await home();
  desk = noteTaker(place);
  window = await drive(place, { env: desk.env });
  guests = await browser();
});
after(async () => {
  await guests?.close();
  await window?.end();
  await place?.remove();
});

const joinLink = () => window.script(`return document.querySelector('[data-testid="join-link"]').innerText.trim()`);
const person = (name) =>
  window.script(
    `return [...document.querySelectorAll('[data-testid="person"]')]
      .filter((row) => row.innerText.includes(arguments[0]))
      .map((row) => [...row.querySelectorAll(".marks li")].map((mark) => mark.title).join(", "))[0] ?? null`,
    name,
  );

test("the window shows the join link and its QR code, and says that nobody is here", async () => {
  await window.shows("Invite people");
  const link = await joinLink();
  assert.match(link, new RegExp(`^https://[^/]+:${place.port}/r/meeting$`));
  const code = await window.script(
    `const image = document.querySelector('img[alt^="QR code"]'); return { width: image.naturalWidth, src: image.src }`,
  );
  assert.ok(code.width > 0, "the QR code is drawn");
  assert.match(decodeURIComponent(code.src), /<svg/);
  await window.shows("Nobody is here yet");
  await window.shows("Nothing is recorded yet");
  await window.picture("window-empty");
});

test("the QR code fills the window when it is pressed, and closing it brings the window back", async () => {
  await window.press("Show the QR code large");
  await window.shows("Scan to join meeting");
  await window.picture("window-qr");
  await window.press("Close");
  await until("the large code is gone", async () => !(await window.text()).includes("Scan to join"));
});

test("a guest who joins appears with what they send, and is gone when they leave", async () => {
  const guest = await guests.join(await joinLink(), "Ada Lovelace");
  await until("Ada sends both", async () => (await person("Ada")) === "Microphone on, Camera on");
  await window.shows("1 person in the meeting");
  await guest.mute();
  await until("Ada is muted", async () => (await person("Ada")) === "Muted, Camera on");
  await window.picture("window-guest");
  await guest.leave();
  await window.shows("Nobody is here yet");
});

test("a recording is made with the window's buttons, and its row says when it is one file", async () => {
  const guest = await guests.join(await joinLink(), "Grace Hopper");
  await until("Grace sends both", async () => (await person("Grace")) === "Microphone on, Camera on");
  const row = () =>
    window.script(
      `const [row] = document.querySelectorAll('[data-testid="recording"]');
       return row ? { state: row.dataset.state, words: row.innerText } : null`,
    );
  await window.press("Start recording in meeting");
  await until("the row says that it runs", async () => (await row())?.state === "recording");
  // Something to look at: until the track files hold a second or so of camera.
  await until("the recording grows", () => bytesBelow(place.recordings) > 100_000);
  await window.press("Stop recording in meeting");
  await until("the row says that it is ready", async () => (await row())?.state === "ready");
  assert.match((await row()).words, /meeting[^]*Play/);
  assert.equal((await window.button("Start recording in meeting")).disabled, false);
  assert.equal((await window.button("Open folder")).disabled, false);
  assert.equal((await window.button("Open the folder of this recording")).disabled, false);
  const [file] = recordingFiles(place);
  assert.deepEqual(kindsOfStreams(file), ["audio", "video"]);
  await window.picture("window-recording");
  // Whoever looks at the still goes on seeing it, whatever else happens in the room.
  const still = `document.querySelector('[data-testid="recording"] img')`;
  await until("there is a still", () => window.script(`return Boolean(window.still = ${still})`));
  await guest.mute();
  await until("Grace is muted", async () => (await person("Grace")) === "Muted, Camera on");
  assert.ok(await window.script("return window.still.isConnected"), "the still stays");
  await guest.leave();
  await window.shows("Nobody is here yet");
});

test("a recording goes to the bin after a question", async () => {
  await window.press("More about meeting");
  await window.press("Delete this recording");
  await window.shows("Delete this recording?");
  await window.press("Cancel");
  await window.press("Delete this recording");
  await window.picture("window-delete-recording");
  await window.press("Move to the bin");
  await window.shows("Nothing is recorded yet");
  assert.deepEqual(recordingFiles(place), []);
});

test("who joins from this computer is a host, by a key that leaves the address bar", async () => {
  const first = await guests.join(await joinLink(), "Ada Lovelace");
  await until("Ada is there", () => person("Ada"));
  await window.press("Join here as host");
  const link = await until("a browser is opened", () => /#host=.+/.test(desk.opened()) && desk.opened());
  assert.match(link, new RegExp(`^http://localhost:${place.port}/r/meeting#host=`));
  const owner = await guests.join(link, "Owner");
  await owner.page.getByLabel("Owner, you, host").first().waitFor();
  assert.equal(owner.page.url(), link.split("#")[0]);
  // Who comes by the guests' link after the first is none.
  const second = await guests.join(await joinLink(), "Grace Hopper");
  await second.page
    .getByLabel(/^Grace Hopper, you(?!, host)/)
    .first()
    .waitFor();
  await Promise.all([first, owner, second].map((guest) => guest.leave()));
  await window.shows("Nobody is here yet");
});

test("the join link is copied", async () => {
  await window.press("Copy join link");
  await window.shows("Link copied");
});

test("the host chooses another address, and the link and the code follow", async (context) => {
  const before = await joinLink();
  const others = await window.script(
    `return [...document.querySelectorAll("select option")].map((option) => option.value).filter(Boolean)`,
  );
  const other = others.find((ip) => !before.includes(`//${ip}:`));
  if (!other) return context.skip("this computer has one address alone, and no network could be made for the tests");
  const code = () => window.script(`return document.querySelector('img[alt^="QR code"]').src`);
  const codeBefore = await code();
  const choose = (value) =>
    window.script(
      `const list = document.querySelector("select"); list.value = arguments[0];
       list.dispatchEvent(new Event("change", { bubbles: true }))`,
      value,
    );
  await choose(other);
  await until("the link has the other address", async () => (await joinLink()).includes(`//${other}:`));
  await until("the code is another", async () => (await code()) !== codeBefore);
  await choose("");
  await until("the link has the best address again", async () => (await joinLink()) === before);
  await until("and so has the code", async () => (await code()) === codeBefore);
});

test("the window can be narrow, and everything can be reached by the keyboard and has a name", async () => {
  await window.resize(380, 900);
  await until("nothing is cut off", () =>
    window.script("return document.documentElement.scrollWidth <= document.documentElement.clientWidth"),
  );
  await window.picture("window-narrow");
  const nameless = await window.script(
    `return [...document.querySelectorAll("button, select, a, input, img")]
      .filter((one) => !(one.ariaLabel || one.getAttribute("alt") !== null || one.innerText.trim() || one.labels?.length))
      .map((one) => one.outerHTML)`,
  );
  assert.deepEqual(nameless, []);
  const unreachable = await window.script(
    `return [...document.querySelectorAll("button, select, a")].filter((one) => one.tabIndex < 0).length`,
  );
  assert.equal(unreachable, 0);
});

test("the window is dark where the desktop is", async () => {
  await window.end();
  window = await drive(place, { env: { GTK_THEME: "Adwaita:dark" } });
  await window.shows("Invite people");
  const [red] = (await window.script("return getComputedStyle(document.documentElement).backgroundColor")).match(
    /\d+/g,
  );
  assert.ok(Number(red) < 64, "the background is dark");
  await window.picture("window-dark");
});
