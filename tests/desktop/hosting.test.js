/** Running a room from the native window: what the owner of the machine does to people and to the room, and the links. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { home } from "./support/confab.js";
import { browser } from "./support/guest.js";
import { until } from "./support/until.js";
import { drive } from "./support/window.js";

let place, window, guests, ada, grace;

before(async () => {
  place = await home();
  window = await drive(place);
  guests = await browser();
  const link = `http://localhost:${place.port}/r/meeting`;
  ada = await guests.join(link, "Ada Lovelace");
  grace = await guests.join(link, "Grace Hopper");
  await window.shows("2 people in the meeting");
});
after(async () => {
  await guests?.close();
  await window?.end();
  await place?.remove();
});

const chooses = async (name, choice) => {
  await window.press(`What to do about ${name}`);
  await window.press(choice);
};
const marks = (name) =>
  window.script(
    `return [...document.querySelectorAll('[data-testid="person"]')]
      .filter((row) => row.innerText.includes(arguments[0]))
      .map((row) => [...row.querySelectorAll(".marks li")].map((mark) => mark.title).join(", "))[0] ?? null`,
    name,
  );
const gone = (words) => until(`"${words}" is gone`, async () => !(await window.text()).includes(words));

test("the owner turns a microphone off, even a host's, and lets it be turned on again", async () => {
  await until("Ada sends both", async () => (await marks("Ada")) === "Microphone on, Camera on");
  await window.press("What to do about Ada Lovelace");
  await window.picture("window-person");
  await window.press("Turn their microphone off");
  await ada.page.getByText("The host turned your microphone off.").waitFor();
  await until("Ada is muted", async () => (await marks("Ada")) === "Muted by a host, Camera on");
  await chooses("Ada Lovelace", "Let them turn their microphone on");
  await ada.page.getByText("The host lets you turn your microphone on.").waitFor();
  await ada.page.getByRole("button", { name: "Turn microphone on" }).click();
  await until("Ada speaks again", async () => (await marks("Ada")) === "Microphone on, Camera on");
});

test("the owner gives and takes roles", async () => {
  await chooses("Grace Hopper", "Make co-host");
  await grace.page.getByText("The host made you a co-host.").waitFor();
  await window.shows("Co-host");
  await chooses("Grace Hopper", "Make guest again");
  await grace.page.getByText("The host made you a guest again.").waitFor();
  await gone("Co-host");
});

test("a hand is seen and lowered", async () => {
  await grace.page.getByRole("button", { name: "Raise your hand" }).click();
  await window.shows("in the order of raised hands");
  await chooses("Grace Hopper", "Lower their hand");
  await grace.page.getByRole("button", { name: "Raise your hand" }).waitFor();
});

test("what guests may do is set in the window, and holds at their pages", async () => {
  await window.press("Settings of meeting");
  await window.shows("Link for hosts");
  await window.flip("Guests may record");
  await grace.page.getByText("The host lets only hosts record.").waitFor();
  await window.flip("Lock the room");
  await grace.page.getByTitle("Nobody new gets in").waitFor();
  await window.picture("window-settings");
  await window.press("Close");
  await window.shows("Locked");
  await window.picture("window-running");
  await window.press("Settings of meeting");
  await window.flip("Lock the room");
  await window.press("Close");
  await gone("Locked");
});

test("the link for hosts is copied apart from the guests'", async () => {
  await window.press("Settings of meeting");
  await window.press("Copy the link for hosts");
  await window.shows("Link for hosts copied");
  // What makes a host of whoever has it is nowhere to be photographed.
  assert.ok(!(await window.script("return document.documentElement.outerHTML")).includes("#host="));
  await window.press("Close");
});

test("who is removed is gone, and is let back in from the window", async () => {
  await chooses("Grace Hopper", "Remove from the meeting");
  await window.press("Cancel");
  assert.match(await window.text(), /Grace Hopper/);
  await chooses("Grace Hopper", "Remove from the meeting");
  await window.picture("window-remove");
  await window.press("Remove");
  await grace.page.getByText("You were removed from the meeting").waitFor();
  await window.shows("1 person in the meeting");
  await window.picture("window-removed");
  await window.press("Let Grace Hopper back in");
  await gone("Grace Hopper");
  await grace.page.reload();
  await grace.page.getByRole("button", { name: "Join the meeting" }).click();
  await window.shows("2 people in the meeting");
});
