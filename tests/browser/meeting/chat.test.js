/** What is written: read by all, by who comes later too; links are links, and markup is text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Cable } from "../lib/cable.js";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";
import { until } from "../lib/until.js";

const { server, browser } = await house();

const MARKUP = `<img src=x onerror="document.title='broken in'"><b>bold</b> &amp;`;

test("chat goes both ways, links are links and markup is text", async () => {
  const anna = await Guest.in(browser, server.linkTo("chat"), "Anna");
  const ben = await Guest.in(browser, server.linkTo("chat"), "Ben");
  await anna.seesAll("Anna", "Ben");

  await anna.says("The plan is at https://example.org/plan?day=1, have a look");
  await ben.button("Chat, 1 unread").waitFor();
  await ben.says(MARKUP);
  await ben.says("javascript:alert(1) and JAVASCRIPT://x");

  for (const [guest, own] of /** @type {const} */ ([
    [anna, 0],
    [ben, 1],
  ])) {
    const messages = guest.messages();
    await messages.nth(2).waitFor();
    assert.equal(await messages.count(), 3);
    assert.equal(await messages.nth(0).getByRole("strong").textContent(), own === 0 ? "You" : "Anna");
    assert.equal(await messages.nth(1).getByRole("strong").textContent(), own === 1 ? "You" : "Ben");

    const link = messages.nth(0).getByRole("link");
    assert.equal(await link.getAttribute("href"), "https://example.org/plan?day=1");
    assert.equal(await link.textContent(), "https://example.org/plan?day=1");
    assert.match((await link.getAttribute("rel")) ?? "", /noopener/);

    assert.equal((await messages.nth(1).locator("p").innerText()).trim(), MARKUP);
    assert.equal(await messages.nth(1).locator("img, b").count(), 0);
    assert.equal(await messages.nth(2).getByRole("link").count(), 0);
    assert.notEqual(await guest.page.title(), "broken in");
  }
  await anna.photograph("chat");

  const cem = await Guest.in(browser, server.linkTo("chat"), "Cem");
  await cem.openPanel("Chat");
  await cem.messages().nth(2).waitFor();
  assert.equal(await cem.messages().count(), 3);
  assert.deepEqual([...anna.errors, ...ben.errors, ...cem.errors], []);
});

test("words that do not go out stay, and what was said meanwhile is counted", async () => {
  const cable = await Cable.to(server.port);
  try {
    const anna = await Guest.in(browser, `https://localhost:${cable.port}/r/draft`, "Anna");
    const ben = await Guest.in(browser, server.linkTo("draft"), "Ben");
    await anna.seesAll("Anna", "Ben");
    const field = anna.page.getByLabel("Message", { exact: true });
    await anna.openPanel("Chat");
    await field.fill("Half a thought");
    await anna.page.keyboard.press("Escape");
    await until("the keyboard is back where it was", () => focusIsOn(anna, "Chat"));
    await anna.openPanel("Chat");
    assert.equal(await field.inputValue(), "Half a thought");

    cable.cut();
    await anna.page.getByText("Reconnecting…").waitFor();
    await anna.button("Send").click();
    await anna.page.getByText("Not sent. The connection is lost.").waitFor();
    assert.equal(await field.inputValue(), "Half a thought");
    await anna.button("Close chat").click();
    await ben.says("Are you there?");
    cable.mend();
    await anna.button("Chat, 1 unread").click();
    assert.equal(await anna.page.getByTestId("spoken").textContent(), "Ben says: Are you there?");
    assert.equal(await field.inputValue(), "Half a thought");
    await anna.button("Send").click();
    await ben.messages().getByText("Half a thought").waitFor();
    assert.equal(await field.inputValue(), "");
    assert.equal(await anna.page.getByText("Not sent.").count(), 0);
    assert.deepEqual([...anna.errors, ...ben.errors], []);
    await Promise.all([anna.close(), ben.close()]);
  } finally {
    cable.close();
  }
});

/**
 * @param {Guest} guest
 * @param {string} name of the button
 */
function focusIsOn(guest, name) {
  return guest.button(name).evaluate((button) => button === document.activeElement);
}
