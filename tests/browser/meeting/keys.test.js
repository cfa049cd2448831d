/** Keys that do what a button does, on keyboards of all scripts. */
import { test } from "node:test";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";

const { server, browser, guests } = await house();

test("microphone and camera are toggled by key on keyboards of other scripts, and not while somebody writes", async () => {
  const anna = await Guest.in(browser, server.linkTo("keys"), "Anna");
  guests.push(anna);
  const press = (/** @type {string} */ key, /** @type {string} */ code) =>
    anna.page.evaluate(([key, code]) => {
      const target = document.activeElement ?? document.body;
      target.dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }));
    }, /** @type {const} */ ([key, code]));
  for (const [m, v] of /** @type {const} */ ([
    ["m", "v"],
    ["ь", "м"],
    ["μ", "ω"],
    ["צ", "ה"],
    ["ة", "ر"],
    ["स", "न"],
    ["ㅡ", "ㅍ"],
    ["Process", "Process"],
  ])) {
    await press(m, "KeyM");
    await anna.button("Turn microphone on").waitFor();
    await press(m, "KeyM");
    await anna.button("Turn microphone off").waitFor();
    await press(v, "KeyV");
    await anna.button("Turn camera on").waitFor();
    await press(v, "KeyV");
    await anna.button("Turn camera off").waitFor();
  }
  await anna.openPanel("Chat");
  await anna.page.getByLabel("Message", { exact: true }).focus();
  await press("ь", "KeyM");
  await anna.button("Turn microphone off").waitFor();
});
