/** The door of a room: passcodes, knocking and being let in, a full and a locked room, as guests and hosts meet them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";
import { until } from "../lib/until.js";

const { server, browser, guests } = await house();

const PHONE = { viewport: { width: 390, height: 780 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

/**
 * Anna, who came first and hosts, and looks at the people.
 *
 * @param {string} room
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
async function hostOf(room, options = {}) {
  const anna = await Guest.in(browser, server.linkTo(room), "Anna", options);
  guests.push(anna);
  await anna.sees("Anna", /, host/);
  await anna.openPanel("People");
  return anna;
}

/**
 * Somebody in front of the mirror, whose camera has answered and whose name is written.
 *
 * @param {string} room
 * @param {string} name
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
async function outside(room, name, options = {}) {
  const guest = await Guest.at(browser, server.linkTo(room), name, options);
  guests.push(guest);
  await guest.button("Turn camera off").waitFor();
  await guest.page.getByLabel("Your name").fill(name);
  return guest;
}

/**
 * Somebody who asked to come in.
 *
 * @param {string} room
 * @param {string} name
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
async function knocking(room, name, options = {}) {
  const guest = await outside(room, name, options);
  await guest.button("Join the meeting").click();
  await guest.page.getByRole("heading", { name: "Waiting to be let in" }).waitFor();
  return guest;
}

/**
 * Does something in the room's settings, and closes them.
 *
 * @param {Guest} host
 * @param {(settings: import("playwright-core").Locator) => Promise<unknown>} doing
 */
async function sets(host, doing) {
  await host.button("Room settings").click();
  const settings = host.page.getByRole("dialog", { name: "Room settings" });
  await doing(settings);
  await host.page.keyboard.press("Escape");
  await settings.waitFor({ state: "detached" });
}

/**
 * Chooses the kind of door, which counts when the server says so.
 *
 * @param {import("playwright-core").Locator} settings
 * @param {string} kind
 */
async function chooses(settings, kind) {
  const radio = settings.getByRole("radio", { name: kind });
  await radio.click();
  await until(`the door is "${kind}"`, () => radio.isChecked());
}

/**
 * @param {Guest} host
 * @param {string[]} names
 */
async function seesWaiting(host, ...names) {
  const rows = host.page.getByTestId("waiting").getByRole("listitem");
  await until(`${host.name} sees ${names.join()} wait`, async () => {
    const shown = await rows.locator(".name").allTextContents();
    return shown.join() === names.join();
  });
}

test("a passcode is made, told, asked for, refused when wrong, and remembered for this visit", async () => {
  const anna = await hostOf("passcode");
  await sets(anna, async (settings) => {
    await chooses(settings, "Passcode");
    const field = settings.getByLabel("The passcode", { exact: true });
    await until("a passcode is there", async () => /^\d{6}$/.test(await field.inputValue()));
    await field.fill("abc");
    await field.press("Enter");
    await settings.getByText("A passcode has 4 to 32 characters.").waitFor();
    await field.fill(" apple pie ");
    await field.press("Enter");
    await until("it is taken", async () => (await field.inputValue()) === "apple pie");
  });

  const ben = await outside("passcode", "Ben");
  await ben.button("Join the meeting").click();
  const passcode = ben.page.getByLabel("Passcode");
  await ben.page.getByText("This meeting has a passcode.").waitFor();
  await until("the field is ready to be typed in", () =>
    passcode.evaluate((field) => field === document.activeElement),
  );
  await ben.page.keyboard.type("apple tart");
  await ben.page.keyboard.press("Enter");
  await ben.page.getByText("That is not the passcode of this meeting.").waitFor();
  assert.deepEqual(await anna.names(), ["Anna"]);
  await passcode.fill("apple pie");
  await ben.button("Join the meeting").click();
  await ben.entered();
  await anna.seesAll("Anna", "Ben");

  await ben.button("Leave the meeting").click();
  await ben.button("Join again").click();
  await ben.join();
  await anna.seesAll("Anna", "Ben");
  assert.ok(!server.said.includes("apple"), "no passcode is logged");
});

test("who guesses passcodes has to wait", async () => {
  const anna = await hostOf("guessing");
  await sets(anna, (settings) => chooses(settings, "Passcode"));
  const ben = await outside("guessing", "Ben");
  await ben.button("Join the meeting").click();
  const passcode = ben.page.getByLabel("Passcode");
  const often = ben.page.getByText("Too many wrong passcodes from your network.");
  for (let tries = 0; tries < 10 && !(await often.isVisible()); tries += 1) {
    await passcode.fill(`guess ${tries}`);
    await ben.button("Join the meeting").click();
    await until(
      "the page has an answer",
      async () => (await often.isVisible()) || (await ben.button("Join the meeting").isVisible()),
    );
  }
  await often.waitFor();
  assert.equal(await ben.button(/^Try again in \d:\d\d$/).isEnabled(), false);
  await ben.photograph("door-guessing");
});

test("who knocks stays in front of the mirror and is let in from the note", async () => {
  const anna = await hostOf("knock");
  await sets(anna, (settings) => chooses(settings, "Waiting room"));
  await anna.button("Close people").click();
  const cleo = await knocking("knock", "Cleo");
  await cleo.page.getByText("The host has been told that Cleo is here.").waitFor();
  await cleo.button("Turn camera off").waitFor();
  await anna.button("People, 1 waiting").waitFor();
  const note = anna.page.getByRole("list", { name: "Notes" }).getByRole("listitem");
  await note.getByText("Cleo asks to come in.").waitFor();
  assert.deepEqual(await anna.names(), ["Anna"]);
  await note.getByRole("button", { name: "Let in" }).click();
  await cleo.entered();
  await anna.seesAll("Anna", "Cleo");
  await anna.receives(1, 1);
  await note.getByText("Cleo asks to come in.").waitFor({ state: "detached" });
});

test("where the people are listed, who knocks is in the list and said to screen readers, without a note", async () => {
  const anna = await hostOf("listed");
  await sets(anna, (settings) => chooses(settings, "Waiting room"));
  const notes = anna.page.getByRole("list", { name: "Notes" });
  await anna.button("Close people").click();
  await knocking("listed", "Cleo");
  await notes.getByText("Cleo asks to come in.").waitFor();
  await anna.openPanel("People");
  await notes.getByText("Cleo asks to come in.").waitFor({ state: "detached" });
  await knocking("listed", "Dora");
  await seesWaiting(anna, "Cleo", "Dora");
  const words = "Cleo and Dora ask to come in.";
  await until("it is said", async () => (await anna.page.getByTestId("spoken").textContent()) === words);
  assert.equal(await notes.getByText(words).count(), 0);
});

test("a passcode is asked for only as long as the door does", async () => {
  const anna = await hostOf("changed");
  await sets(anna, (settings) => chooses(settings, "Passcode"));
  const ben = await outside("changed", "Ben");
  await ben.button("Join the meeting").click();
  await ben.page.getByText("This meeting has a passcode.").waitFor();
  await sets(anna, (settings) => chooses(settings, "Waiting room"));
  await ben.button("Join the meeting").click();
  await seesWaiting(anna, "Ben");
  await anna.button("Turn Ben away").click();
  await ben.page.getByRole("alert").getByText("did not let you in").waitFor();
  assert.equal(await ben.page.getByLabel("Passcode").count(), 0);
});

test("who is turned away is told, and has to wait before asking again", async () => {
  const anna = await hostOf("away");
  await sets(anna, (settings) => chooses(settings, "Waiting room"));
  const cleo = await knocking("away", "Cleo");
  await seesWaiting(anna, "Cleo");
  await anna.button("Turn Cleo away").click();
  await cleo.page.getByRole("alert").getByText("did not let you in").waitFor();
  await seesWaiting(anna);
  await cleo.button("Join the meeting").click();
  await cleo.button(/^Try again in \d:\d\d$/).waitFor();
  assert.deepEqual(await anna.names(), ["Anna"]);
});

test("several are let in or turned away at once, by a co-host too", async () => {
  const anna = await hostOf("crowd");
  const helper = await Guest.in(browser, server.linkTo("crowd"), "Helper");
  guests.push(helper);
  await anna.button("What to do about Helper").click();
  await anna.button("Make co-host").click();
  await sets(anna, (settings) => chooses(settings, "Waiting room"));
  const [cleo, dora] = [await knocking("crowd", "Cleo"), await knocking("crowd", "Dora")];
  await helper.page.getByText("Cleo and Dora ask to come in.").waitFor();
  await helper.button("Show").click();
  await seesWaiting(helper, "Cleo", "Dora");
  await helper.button("Let all in").click();
  await Promise.all([cleo.entered(), dora.entered()]);
  await helper.button("Room settings").click();
  // Who gets in is for hosts to say.
  await helper.page.getByRole("switch", { name: "Lock the room" }).waitFor();
  assert.equal(await helper.page.getByRole("radio").count(), 0);
  await helper.page.keyboard.press("Escape");

  const [eve, fay] = [await knocking("crowd", "Eve"), await knocking("crowd", "Fay")];
  await seesWaiting(anna, "Eve", "Fay");
  await anna.button("Turn all away").click();
  await Promise.all([eve, fay].map((one) => one.page.getByRole("alert").getByText("did not let you in").waitFor()));
});

test("who stops waiting is gone from the list, and who loads the page anew keeps the place", async () => {
  const anna = await hostOf("patience");
  await sets(anna, (settings) => chooses(settings, "Waiting room"));
  const cleo = await knocking("patience", "Cleo");
  const dora = await knocking("patience", "Dora");
  await seesWaiting(anna, "Cleo", "Dora");
  await cleo.page.reload();
  await cleo.button("Turn camera off").waitFor();
  await cleo.button("Join the meeting").click();
  await cleo.page.getByRole("heading", { name: "Waiting to be let in" }).waitFor();
  await seesWaiting(anna, "Cleo", "Dora");
  await dora.button("Stop waiting").click();
  await dora.button("Join the meeting").waitFor();
  await seesWaiting(anna, "Cleo");
  // An open door lets in who waits.
  await sets(anna, (settings) => chooses(settings, "Open"));
  await cleo.entered();
});

test("a full and a locked room say so", async () => {
  const anna = await hostOf("full");
  await sets(anna, async (settings) => {
    const limit = settings.getByLabel("People at most");
    await limit.fill("1");
    await limit.press("Enter");
  });
  const ben = await outside("full", "Ben");
  await ben.button("Join the meeting").click();
  await ben.page.getByText("This meeting is full.").waitFor();
  await sets(anna, async (settings) => {
    await settings.getByLabel("People at most").fill("5");
    await settings.getByRole("switch", { name: "Lock the room" }).click();
  });
  await anna.page.getByTitle("Nobody new gets in").waitFor();
  await ben.button("Join the meeting").click();
  await ben.page.getByText("The host has locked this meeting.").waitFor();
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`the door fits on a phone and on a desk, ${colorScheme}`, async () => {
    const room = `door-${colorScheme}`;
    const anna = await hostOf(room, { ...PHONE, colorScheme });
    await anna.button("Room settings").click();
    const settings = anna.page.getByRole("dialog", { name: "Room settings" });
    await chooses(settings, "Passcode");
    await settings.getByLabel("The passcode", { exact: true }).waitFor();
    assert.equal(await anna.overflows(), false, "the settings");
    await anna.photograph(`phone-door-settings-${colorScheme}`);
    const ben = await outside(room, "Ben", { ...PHONE, colorScheme });
    await ben.button("Join the meeting").click();
    await ben.page.getByLabel("Passcode").fill("wrong");
    await ben.button("Join the meeting").click();
    await ben.page.getByText("That is not the passcode").waitFor();
    assert.equal(await ben.overflows(), false, "the passcode");
    await ben.photograph(`phone-passcode-${colorScheme}`);
    const desk = await outside(room, "Cleo", { colorScheme });
    await desk.button("Join the meeting").click();
    await desk.page.getByText("This meeting has a passcode.").waitFor();
    await desk.photograph(`passcode-${colorScheme}`);

    await chooses(settings, "Waiting room");
    await anna.page.keyboard.press("Escape");
    await ben.button("Join the meeting").click();
    await seesWaiting(anna, "Ben");
    await desk.button("Join the meeting").click();
    await seesWaiting(anna, "Ben", "Cleo");
    assert.equal(await anna.overflows(), false, "who waits");
    await anna.photograph(`phone-knocks-${colorScheme}`);
    await anna.button("Close people").click();
    await anna.button("People, 2 waiting").waitFor();
    for (const one of [ben, desk]) await one.page.getByRole("heading", { name: "Waiting to be let in" }).waitFor();
    assert.equal(await ben.overflows(), false, "waiting");
    await ben.photograph(`phone-waiting-${colorScheme}`);
    await desk.photograph(`waiting-${colorScheme}`);

    const fay = await knocking(room, "Fay", { ...PHONE, colorScheme });
    await anna.page.getByText("Ben and 2 others ask to come in.").waitFor();
    assert.equal(await anna.overflows(), false, "the note of who waits");
    await anna.photograph(`phone-knock-note-${colorScheme}`);
    await anna.openPanel("People");
    await anna.button("Turn all away").click();
    await fay.button("Join the meeting").click();
    await fay.button(/^Try again in \d:\d\d$/).waitFor();
    assert.equal(await fay.overflows(), false, "turned away");
    await fay.photograph(`phone-turned-away-${colorScheme}`);

    const gus = await outside(room, "Gus", { ...PHONE, colorScheme });
    await sets(anna, (settings) => settings.getByRole("switch", { name: "Lock the room" }).click());
    await gus.button("Join the meeting").click();
    await gus.page.getByText("The host has locked this meeting.").waitFor();
    assert.equal(await gus.overflows(), false, "locked");
    await gus.photograph(`phone-locked-${colorScheme}`);
  });
}
