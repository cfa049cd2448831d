/** Running a room from the page: what hosts do to people and to the room, hands, reactions, and the host's own link. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";
import { until } from "../lib/until.js";

const { server, browser, guests } = await house();

/**
 * A room in which Anna came first and hosts, and Ben is a guest; both look at the people.
 *
 * @param {string} room
 * @param {import("playwright-core").BrowserContextOptions} [options] of Ben's browser
 */
async function hosted(room, options = {}) {
  const anna = await Guest.in(browser, server.linkTo(room), "Anna");
  guests.push(anna);
  await anna.sees("Anna", /, host/);
  const ben = await Guest.in(browser, server.linkTo(room), "Ben", options);
  guests.push(ben);
  await anna.openPanel("People");
  return { anna, ben };
}

/**
 * Chooses from a person's menu.
 *
 * @param {Guest} host
 * @param {string} name
 * @param {string} choice
 */
async function chooses(host, name, choice) {
  await host.button(`What to do about ${name}`).click();
  await host.page.getByRole("dialog", { name }).getByRole("button", { name: choice }).click();
}

/**
 * Throws a switch in the room's settings.
 *
 * @param {Guest} host
 * @param {string} name
 */
async function switches(host, name) {
  await host.button("Room settings").click();
  const settings = host.page.getByRole("dialog", { name: "Room settings" });
  const box = settings.getByRole("switch", { name });
  const before = await box.isChecked();
  await box.click();
  await until(`"${name}" has changed`, async () => (await box.isChecked()) !== before);
  await host.page.keyboard.press("Escape");
  await settings.waitFor({ state: "detached" });
}

/**
 * Waits until a control cannot be used, or can again; returns the words that say why.
 *
 * @param {Guest} guest
 * @param {string} name
 * @param {boolean} usable
 */
async function can(guest, name, usable) {
  const button = guest.button(name);
  await until(
    `${guest.name} ${usable ? "can" : "cannot"} "${name}"`,
    async () => (await button.isEnabled()) === usable,
  );
  const words = await button.getAttribute("aria-describedby");
  return words && guest.page.locator(`#${words}`).textContent();
}

test("a host mutes a guest, who cannot turn the microphone on until that is lifted", async () => {
  const { anna, ben } = await hosted("mute");
  await anna.receives(1, 1);
  await chooses(anna, "Ben", "Turn their microphone off");
  await ben.page.getByText("Anna turned your microphone off.").waitFor();
  assert.match((await can(ben, "Turn microphone on", false)) ?? "", /A host keeps your microphone off/);
  await ben.page.keyboard.press("m");
  await ben.page.getByText("A host keeps your microphone off. Raise your hand to ask for it.").nth(0).waitFor();
  await anna.sees("Ben", /microphone off by a host/);

  await chooses(anna, "Ben", "Let them turn their microphone on");
  await ben.page.getByText("Anna lets you turn your microphone on.").waitFor();
  await can(ben, "Turn microphone on", true);
  await ben.button("Turn microphone on").click();
  await anna.receives(1, 1);
});

test("who is removed stays outside, in the same browser, until a host lets them back in", async () => {
  const { anna, ben } = await hosted("removal");
  await chooses(anna, "Ben", "Remove from the meeting");
  const question = anna.page.getByRole("dialog", { name: "Remove Ben?" });
  await question.getByRole("button", { name: "Cancel" }).click();
  await anna.seesAll("Anna", "Ben");
  await chooses(anna, "Ben", "Remove from the meeting");
  await question.getByRole("button", { name: "Remove" }).click();
  await ben.page.getByText("You were removed from the meeting").waitFor();
  await ben.page.getByText("Ask the host to let you back in, then join again.").waitFor();
  await anna.seesAll("Anna");

  await ben.page.reload();
  await ben.button("Join the meeting").click();
  await ben.page.getByText("You were removed from this meeting. Ask the host to let you back in.").waitFor();
  await anna.button("Let Ben back in").click();
  await anna.button("Let Ben back in").waitFor({ state: "detached" });
  await ben.button("Join the meeting").click();
  await ben.entered();
  await anna.seesAll("Anna", "Ben");
});

test("a locked room says so to who stands before it", async () => {
  const { anna, ben } = await hosted("locked");
  await switches(anna, "Lock the room");
  await ben.page.getByText("Anna locked the room: nobody new gets in.").waitFor();
  await ben.page.getByText("Locked", { exact: true }).waitFor();
  const cleo = await Guest.at(browser, server.linkTo("locked"), "Cleo");
  guests.push(cleo);
  await cleo.page.getByLabel("Your name").fill("Cleo");
  await cleo.button("Join the meeting").click();
  await cleo.page.getByText("The host has locked this meeting. Ask them to unlock it, then try again.").waitFor();
  await switches(anna, "Lock the room");
  await cleo.button("Join the meeting").click();
  await cleo.entered();
});

test("what guests may not do is told at the control, to those who are there and those who come", async () => {
  const { anna, ben } = await hosted("rules");
  await ben.openPanel("Chat");
  for (const name of ["share screens", "turn cameras on", "write in the chat", "record"]) {
    await switches(anna, `Guests may ${name}`);
  }
  const words = {
    "Share your screen": "Only hosts may share screens in this room.",
    "Turn camera on": "Hosts keep guests’ cameras off in this room.",
    "Start recording": "Only hosts may record this meeting.",
  };
  for (const [name, why] of Object.entries(words)) assert.equal(await can(ben, name, false), why);
  await can(anna, "Share your screen", true);
  await ben.page.getByText("Only hosts may write in the chat now.").nth(0).waitFor();
  assert.equal(await ben.page.getByLabel("Message", { exact: true }).isDisabled(), true);
  await anna.sees("Ben", /camera off by a host/);

  const cleo = await Guest.in(browser, server.linkTo("rules"), "Cleo");
  guests.push(cleo);
  for (const [name, why] of Object.entries(words)) assert.equal(await can(cleo, name, false), why);

  await chooses(anna, "Ben", "Make co-host");
  await ben.page.getByText("Anna made you a co-host.").waitFor();
  for (const name of Object.keys(words)) await can(ben, name, true);
  await ben.openPanel("People");
  await ben.button("What to do about Cleo").waitFor();
  assert.equal(await ben.button("What to do about Anna").count(), 0, "a co-host acts on guests alone");
});

test("hands stand in the order in which they rose, and go down by oneself or a host", async () => {
  const { anna, ben } = await hosted("hands");
  const cleo = await Guest.in(browser, server.linkTo("hands"), "Cleo");
  guests.push(cleo);
  await anna.seesAll("Anna", "Ben", "Cleo");
  await cleo.button("Raise your hand").click();
  await anna.sees("Cleo", /hand raised \(number 1\)/);
  await ben.button("Raise your hand").click();
  await anna.sees("Ben", /hand raised \(number 2\)/);
  const listed = await anna.page
    .getByTestId("person")
    .evaluateAll((people) => people.map((person) => person.ariaLabel));
  assert.deepEqual(
    listed.map((label) => label?.split(",")[0]),
    ["Cleo", "Ben", "Anna"],
  );
  await chooses(anna, "Cleo", "Lower their hand");
  await cleo.button("Raise your hand").waitFor();
  await anna.sees("Ben", /hand raised \(number 1\)/);
  await ben.button("Lower your hand").click();
  await until("no hand is up", async () => !/hand/.test((await anna.tile("Ben").getAttribute("aria-label")) ?? ""));
});

test("a reaction is seen by the others, said to screen readers, and passes", async () => {
  const { anna, ben } = await hosted("reactions", { viewport: { width: 360, height: 740 }, hasTouch: true });
  await ben.button("More").click();
  await ben.button("React with applause").click();
  await anna.tile("Ben").getByTestId("reaction").getByText("👏").waitFor();
  await ben.tile("Ben").getByTestId("reaction").waitFor();
  assert.equal(await anna.page.getByTestId("spoken").textContent(), "Ben reacts with applause.");
  await anna.tile("Ben").getByTestId("reaction").waitFor({ state: "detached" });
});

test("the key of the host's own link goes with the join, and leaves the address bar", async () => {
  /** @type {string[]} */
  const sent = [];
  const anna = await Guest.at(browser, `${server.linkTo("key")}#host=a-key`, "Anna");
  guests.push(anna);
  anna.page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => sent.push(String(payload))));
  anna.page.on("request", (request) => sent.push(request.url(), request.postData() ?? ""));
  await anna.join();
  assert.equal(anna.page.url(), server.linkTo("key"));
  const joins = () => sent.filter((text) => text.includes('"hostKey":"a-key"'));
  await until("the key goes with the join", () => joins().length === 1);
  assert.ok(sent.every((text) => text.includes("join-mediasoup-room") || !text.includes("a-key")));
  // A reload takes the place again, with the key.
  await anna.page.reload();
  await anna.entered();
  await until("the key is remembered", () => joins().length >= 2);
});
