/** How it looks: nothing runs out of a phone's screen, everything works from the keyboard; pictures for the eye. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";
import { until } from "../lib/until.js";

const { server, browser } = await house();

const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`on a phone nothing runs out of the screen, ${colorScheme}`, async () => {
    const room = `a-rather-long-name-for-a-room.${colorScheme}`;
    const anna = await Guest.in(browser, server.linkTo(room), "Anna", { colorScheme });
    const phone = { ...PHONE, colorScheme };
    const ben = await Guest.at(browser, server.linkTo(room), "Benedikt Wolfgang von Hohenstein", phone);
    await ben.button("Turn camera off").waitFor();
    assert.equal(await ben.overflows(), false, "the mirror");
    const go = await ben.button("Join the meeting").boundingBox();
    assert.ok(go && go.y + go.height <= PHONE.viewport.height, "joining takes no scrolling");
    await ben.photograph(`phone-mirror-${colorScheme}`);
    await ben.join();
    await anna.watches(ben.name);
    await ben.watches("Anna");
    const fits = async (/** @type {string} */ what) => {
      assert.equal(await ben.overflows(), false, what);
      for (const button of await ben.page.getByRole("toolbar").getByRole("button").all()) {
        const box = await button.boundingBox();
        assert.ok(box && box.x >= 0 && box.x + box.width <= PHONE.viewport.width, `${what}: a control is cut off`);
        assert.ok(box.height >= 44, `${what}: a control is too small for a thumb`);
      }
    };
    await fits("two people");
    await ben.photograph(`phone-meeting-${colorScheme}`);
    await anna.photograph(`meeting-${colorScheme}`);

    await anna.button("Start recording").click();
    await anna.button("Share your screen").click();
    await ben.watchesShare();
    await ben.page.getByRole("timer", { name: "Recorded so far" }).waitFor();
    await fits("with a screen and a recording");
    const name = await ben.page.getByRole("heading", { name: room }).boundingBox();
    assert.ok(name && name.width > PHONE.viewport.width / 2, "the room keeps its name beside the mark");
    await ben.photograph(`phone-screen-${colorScheme}`);

    await ben.says(`A word that does not end: ${"x".repeat(200)}`);
    await ben.messages().nth(0).waitFor();
    assert.equal(await ben.overflows(), false, "the chat");
    // The bars above and below stay where they are: a click finds them only if nothing covers them.
    await ben.button("Turn microphone off").click();
    await ben.button("Copy link").click();
    await ben.page.getByRole("list", { name: "Notes" }).getByText("Link copied.").waitFor();
    await ben.page.getByRole("timer", { name: "Recorded so far" }).click();
    await ben.page.getByLabel("Message", { exact: true }).click();
    await fits("with a chat and a note");
    await ben.photograph(`phone-chat-${colorScheme}`);
    await Promise.all([anna.close(), ben.close()]);
    assert.deepEqual([...anna.errors, ...ben.errors], []);
  });

  test(`in front of the mirror, ${colorScheme}`, async () => {
    const anna = await Guest.at(browser, server.linkTo("mirror"), "Anna", { colorScheme });
    await anna.button("Turn camera off").waitFor();
    await until("the mirror shows a picture", () =>
      anna.page
        .getByTestId("mirror")
        .locator("video")
        .evaluate((video) => /** @type {HTMLVideoElement} */ (video).videoWidth > 0),
    );
    await anna.photograph(`mirror-${colorScheme}`);
    await anna.close();
  });
}

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`running a room fits on a phone and on a desk, ${colorScheme}`, async () => {
    const room = `hosting-${colorScheme}`;
    const anna = await Guest.in(browser, server.linkTo(room), "Anna", { colorScheme });
    await anna.sees("Anna", /, host/);
    const phone = await Guest.in(browser, server.linkTo(room), "Benedikt Wolfgang von Hohenstein", {
      ...PHONE,
      colorScheme,
    });
    const cleo = await Guest.in(browser, server.linkTo(room), "Cleo");
    await anna.openPanel("People");
    await anna.button(`What to do about ${phone.name}`).click();
    await anna.photograph(`hosting-menu-${colorScheme}`);
    await anna.page.getByRole("dialog").getByRole("button", { name: "Make host" }).click();
    await anna.button("What to do about Cleo").click();
    await anna.page.getByRole("dialog").getByRole("button", { name: "Remove from the meeting" }).click();
    await anna.photograph(`hosting-remove-${colorScheme}`);
    await anna.page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await anna.seesAll("Anna", phone.name);
    await anna.button("Raise your hand").click();

    await phone.button("More").click();
    await phone.button("Start recording").waitFor();
    assert.equal(await phone.overflows(), false, "more");
    const panel = await phone.page.getByRole("group", { name: "More" }).boundingBox();
    assert.ok(panel && panel.x >= 0 && panel.x + panel.width <= PHONE.viewport.width, "more is cut off");
    await phone.photograph(`phone-more-${colorScheme}`);
    await phone.button("React with a cheer").click();
    await anna.tile(phone.name).getByTestId("reaction").waitFor();
    await phone.button("Raise your hand").click();
    await phone.tile("Anna").waitFor();
    await phone.photograph(`phone-signs-${colorScheme}`);
    await anna.photograph(`hosting-people-${colorScheme}`);
    await phone.openPanel("People");
    await phone.button("Let Cleo back in").waitFor();
    assert.equal(await phone.overflows(), false, "the people");
    await phone.photograph(`phone-people-${colorScheme}`);
    await phone.button("Room settings").click();
    await phone.page.getByRole("switch", { name: "Lock the room" }).click();
    assert.equal(await phone.overflows(), false, "the room's settings");
    await phone.photograph(`phone-settings-${colorScheme}`);
    await phone.page.getByRole("switch", { name: "Guests may share screens" }).click();
    await phone.page.getByRole("switch", { name: "Guests may record" }).click();
    await phone.page.keyboard.press("Escape");
    await phone.button("What you can do").click();
    await phone.button("Stop being a host").click();
    await phone.button("Close people").click();
    await phone.button("More").click();
    await phone.page.getByText("Only hosts may record this meeting.").waitFor();
    assert.equal(await phone.overflows(), false, "what is forbidden");
    await phone.photograph(`phone-forbidden-${colorScheme}`);
    await phone.page.keyboard.press("Escape");
    await anna.button(`What to do about ${phone.name}`).click();
    await anna.page.getByRole("dialog").getByRole("button", { name: "Turn their microphone off" }).click();
    // The words are found by a touch.
    await until("the phone is muted", () => phone.button("Turn microphone on").isDisabled());
    await phone.button("Turn microphone on").tap({ force: true });
    await phone.page.getByRole("tooltip").getByText("A host keeps your microphone off").waitFor();
    assert.equal(await phone.overflows(), false, "why a control is out of use");
    await phone.photograph(`phone-why-${colorScheme}`);
    await Promise.all([anna.close(), phone.close(), cleo.close()]);
    assert.deepEqual([...anna.errors, ...phone.errors, ...cleo.errors], []);
  });
}

test("the whole way works from the keyboard, and the name is remembered", async () => {
  const anna = await Guest.at(browser, server.linkTo("keys"), "Anna");
  await anna.button("Turn camera off").waitFor();
  const keys = anna.page.keyboard;
  await tabTo(anna, "Your name");
  await keys.type("Anna");
  await keys.press("Enter");
  await anna.entered();
  await tabTo(anna, "Turn microphone off");
  await keys.press("Enter");
  await anna.sees("Anna", /microphone off/);
  await keys.press("m");
  await anna.button("Turn microphone off").waitFor();
  await tabTo(anna, "Chat");
  await keys.press("Enter");
  await keys.type("Typed");
  await keys.press("Enter");
  await anna.messages().nth(0).waitFor();
  await tabTo(anna, "Leave the meeting");
  await keys.press("Enter");
  await anna.page.getByText("You left the meeting").waitFor();
  await anna.photograph("left");

  const again = await anna.page.context().newPage();
  await again.goto(server.linkTo("another"));
  assert.equal(await again.getByLabel("Your name").inputValue(), "Anna");
  await anna.close();
});

test("what closes gives the keyboard back, and nothing stays open behind it", async () => {
  const anna = await Guest.in(browser, server.linkTo("focus"), "Anna", { viewport: { width: 360, height: 640 } });
  const ben = await Guest.in(browser, server.linkTo("focus"), "Ben");
  await anna.seesAll("Anna", "Ben");
  const keys = anna.page.keyboard;
  await anna.openPanel("People");
  for (const name of ["What to do about Ben", "Room settings"]) {
    const button = anna.button(name);
    await button.focus();
    await keys.press("Enter");
    await anna.page.getByRole("dialog").waitFor();
    await keys.press("Escape");
    await until(`the keyboard is back at “${name}”`, () => button.evaluate((it) => it === document.activeElement));
  }
  // Text is marked with a press that may end beside the dialog; only one that begins there closes it.
  await anna.button("Room settings").click();
  const settings = anna.page.getByRole("dialog");
  const inside = await settings.getByRole("heading").boundingBox();
  assert.ok(inside);
  await anna.page.mouse.move(inside.x + 20, inside.y + 10);
  await anna.page.mouse.down();
  await anna.page.mouse.move(2, 2);
  await anna.page.mouse.up();
  await settings.waitFor();
  await anna.page.mouse.click(2, 2);
  await settings.waitFor({ state: "detached" });
  await keys.press("Escape");
  await anna.button("More").focus();
  await keys.press("Enter");
  const more = anna.page.getByRole("group", { name: "More" });
  await more.waitFor();
  await tabTo(anna, "Leave the meeting");
  await more.waitFor({ state: "detached" });

  for (let line = 0; line < 30; line += 1) await ben.says(`Line ${line}`);
  await anna.openPanel("Chat");
  await anna.messages().nth(29).waitFor();
  const log = anna.page.getByRole("log");
  await log.focus();
  await keys.press("Home");
  await until("the keyboard scrolls the chat", () => log.evaluate((it) => it.scrollTop === 0));
  assert.deepEqual([...anna.errors, ...ben.errors], []);
  await Promise.all([anna.close(), ben.close()]);
});

/**
 * Presses Tab until the thing of this name has the focus.
 *
 * @param {Guest} guest
 * @param {string} name
 */
async function tabTo(guest, name) {
  for (let presses = 0; presses < 40; presses += 1) {
    await guest.page.keyboard.press("Tab");
    const focused = await guest.page.evaluate(() => {
      const element = document.activeElement;
      const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : null;
      return (element?.getAttribute("aria-label") ?? label ?? "").trim();
    });
    if (focused === name) return;
  }
  assert.fail(`the keyboard does not reach "${name}"`);
}
