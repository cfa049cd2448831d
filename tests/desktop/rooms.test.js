/** Rooms made ahead in the window: their door, their links, who knocks, and that they outlive Confab's end. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { home, noteTaker } from "./support/confab.js";
import { browser } from "./support/guest.js";
import { until } from "./support/until.js";
import { drive } from "./support/window.js";

let place, window, guests, link, desk;

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

const gone = (words) => until(`"${words}" is gone`, async () => !(await window.text()).includes(words));
/** The link in the large code of a room. */
async function linkOf(title) {
  await window.press(`Show the QR code of ${title}`);
  await window.shows(`Scan to join ${title}`);
  const link = await window.script(`return document.querySelector("dialog p").firstChild.textContent.trim()`);
  await window.press("Close");
  return link;
}

test("a room is made ahead with a waiting room, and has its own link and code", async () => {
  await window.press("Make a room");
  const field = () => window.script("return document.activeElement.labels?.[0]?.innerText");
  await until("the name can be typed at once", async () => (await field()) === "Name");
  await window.press("Make the room");
  await window.shows("Give the room a name");
  await window.write("Name", "Biology 10b");
  await window.choose("Waiting room");
  await window.picture("window-make-room");
  await window.press("Make the room");
  await window.press("Settings of Biology 10b");
  await window.press("Close");
  await window.shows("Waiting room");
  link = await linkOf("Biology 10b");
  assert.match(link, new RegExp(`^https://[^/]+:${place.port}/r/[A-Za-z0-9._-]+$`));
  assert.doesNotMatch(link, /\/r\/meeting$/);
});

test("who knocks is let in and turned away from the window", async () => {
  const cleo = await guests.knock(link, "Cleo");
  await cleo.page.getByRole("heading", { name: "Waiting to be let in" }).waitFor();
  const dora = await guests.knock(link, "Dora");
  await window.shows("2 people wait to be let in");
  await window.picture("window-knocks");
  await window.press("Let Cleo in");
  await cleo.entered();
  // Nobody hosts a room with a door by coming first.
  await cleo.page
    .getByLabel(/^Cleo, you(?!, host)/)
    .first()
    .waitFor();
  await window.press("Turn Dora away");
  await dora.page.getByText("did not let you in").waitFor();
  await window.shows("1 person in the meeting");
  await Promise.all([cleo.leave(), dora.leave()]);
});

test("the host passes the door from this computer", async () => {
  await window.press("Settings of Biology 10b");
  await window.press("Join here as host");
  const opened = await until("a browser is opened", () => /#host=.+/.test(desk.opened()) && desk.opened());
  await window.press("Close");
  const owner = await guests.join(opened, "Owner");
  await owner.page.getByLabel("Owner, you, host").first().waitFor();
  await owner.leave();
});

test("a passcode is set, shown to the host, and asked of guests", async () => {
  await window.press("Settings of Biology 10b");
  await window.choose("Passcode");
  await window.write("The passcode", "mitosis");
  await window.press("Copy the passcode");
  await window.shows("The passcode is copied.");
  await window.picture("window-room-settings");
  await window.write("People at most", "30");
  await window.press("Close");
  await window.shows("Passcode mitosis");
  const ben = await guests.knock(link, "Ben");
  await ben.page.getByLabel("Passcode").fill("mitosis");
  await ben.page.getByRole("button", { name: "Join the meeting" }).click();
  await ben.entered();
  await ben.leave();
  await window.picture("window-rooms");
});

test("rooms outlive Confab's end, with their links and doors", async () => {
  await window.end();
  window = await drive(place, { env: { GTK_THEME: "Adwaita:dark" } });
  await window.shows("Passcode mitosis");
  assert.equal(await linkOf("Biology 10b"), link);
  await window.picture("window-rooms-dark");
});

test("a room has another name, and is deleted after a question", async () => {
  await window.press("Settings of Biology 10b");
  await window.write("Name", "Biology 10c");
  await window.shows("Settings of Biology 10c");
  await window.press("Delete this room");
  await window.shows("Its links stop working");
  await window.press("Cancel");
  await window.press("Delete this room");
  await window.press("Delete the room");
  await gone("Biology 10c");
});

test("guests make rooms only where the setting lets them", async () => {
  const madeUp = `http://localhost:${place.port}/r/made-up`;
  await window.flip("Guests may make rooms");
  await until("there is no such room", async () => {
    const answer = await fetch(madeUp);
    return answer.status === 404 && (await answer.text()).includes("Ask the host for the link.");
  });
  await window.flip("Guests may make rooms");
  await until("there may be one", async () => (await fetch(madeUp)).ok);
  const eve = await guests.join(madeUp, "Eve");
  await window.press("Settings of made-up");
  await window.press("Keep this room");
  await window.press("Delete this room");
  await window.press("Cancel");
  await window.press("Close");
  await eve.leave();
  await until("the room is empty and still there", async () =>
    /made-up\s+Nobody is here yet/.test(await window.text()),
  );
});
