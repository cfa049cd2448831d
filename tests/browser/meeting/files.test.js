/** Files from hand to hand: chosen, dropped or pasted here, saved there as they were; stopped, refused and tried again. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { Cable } from "../lib/cable.js";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";
import { until } from "../lib/until.js";

const { server, browser } = await house();

const MEGABYTE = 1024 * 1024;
const NAME = "Übung – Plan 🏖️ 2026.bin";

/** @param {Buffer} bytes */
const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

/**
 * @param {Guest} guest
 * @param {string} name of the file
 */
const link = (guest, name) => guest.messages().getByRole("link", { name: `Save ${name}` });

/** @param {Guest} guest */
const onTheirWay = (guest) => guest.page.getByRole("list", { name: "Files on their way" });

/**
 * What a press on a file saves.
 *
 * @param {Guest} guest
 * @param {string} name of the file
 */
async function saved(guest, name) {
  const downloading = guest.page.waitForEvent("download");
  await link(guest, name).click();
  const download = await downloading;
  assert.equal(download.suggestedFilename(), name);
  return readFile(await download.path());
}

/**
 * @param {Guest} guest
 * @param {{ name: string, mimeType: string, buffer: Buffer }[]} files
 */
async function chooses(guest, files) {
  await guest.openPanel("Chat");
  const choosing = guest.page.waitForEvent("filechooser");
  await guest.button("Share files").click();
  await (await choosing).setFiles(files);
}

/**
 * Lets files come to an element as if they were dropped or pasted.
 *
 * @param {import("playwright-core").Locator} target
 * @param {"drop" | "paste"} how
 * @param {string[]} names of files that hold their names
 */
async function receives(target, how, names) {
  await target.evaluate(
    (element, { how, names }) => {
      const transfer = new DataTransfer();
      for (const name of names) transfer.items.add(new File([name], name, { type: "image/png" }));
      const options = { bubbles: true, cancelable: true };
      if (how === "paste") element.dispatchEvent(new ClipboardEvent("paste", { ...options, clipboardData: transfer }));
      else {
        element.dispatchEvent(new DragEvent("dragover", { ...options, dataTransfer: transfer }));
        element.dispatchEvent(new DragEvent("drop", { ...options, dataTransfer: transfer }));
      }
    },
    { how, names },
  );
}

test("a file comes out as it went in, for who is there and who comes later", async () => {
  const anna = await Guest.in(browser, server.linkTo("files"), "Anna");
  const ben = await Guest.in(browser, server.linkTo("files"), "Ben");
  await anna.seesAll("Anna", "Ben");
  const bytes = randomBytes(7 * MEGABYTE + 13);
  await chooses(anna, [{ name: NAME, mimeType: "application/octet-stream", buffer: bytes }]);
  await ben.button("Chat, 1 unread").waitFor();
  assert.equal(await ben.page.getByTestId("spoken").textContent(), `Anna shares the file ${NAME}.`);
  await ben.openPanel("Chat");
  assert.equal(digest(await saved(ben, NAME)), digest(bytes));
  assert.match(await link(ben, NAME).innerText(), /7 MB/);
  assert.equal(await onTheirWay(anna).count(), 0);

  const cem = await Guest.in(browser, server.linkTo("files"), "Cem");
  await cem.openPanel("Chat");
  assert.equal(digest(await saved(cem, NAME)), digest(bytes));
  await anna.photograph("files");
  assert.deepEqual([...anna.errors, ...ben.errors, ...cem.errors], []);
  await Promise.all([anna.close(), ben.close(), cem.close()]);
});

test("what is dropped anywhere is shared, what is pasted after a question, ten at once in their turn", async () => {
  const anna = await Guest.in(browser, server.linkTo("drop"), "Anna");
  const address = anna.page.url();
  const names = Array.from({ length: 10 }, (_, number) => `picture ${number}.png`);
  await receives(anna.tile("Anna"), "drop", names);
  for (const name of names) await link(anna, name).waitFor();
  assert.equal(anna.page.url(), address, "the page is still the meeting");

  const field = anna.page.getByLabel("Message", { exact: true });
  await receives(field, "paste", ["screenshot.png"]);
  await anna.page.getByText("14 B. Share it with everybody?").waitFor();
  await anna.button("Do not share screenshot.png").click();
  assert.equal(await link(anna, "screenshot.png").count(), 0);
  await receives(field, "paste", ["screenshot.png"]);
  await anna.button("Do not share screenshot.png").waitFor();
  await field.focus();
  await anna.page.keyboard.press("Enter");
  assert.equal((await saved(anna, "screenshot.png")).toString(), "screenshot.png");
  assert.deepEqual(anna.errors, []);
  await anna.close();
});

test("a file can be stopped, one that fails says why and goes again", async () => {
  const cable = await Cable.to(server.port);
  try {
    const anna = await Guest.in(browser, `https://localhost:${cable.port}/r/fails`, "Anna");
    const large = { name: "large.bin", mimeType: "", buffer: randomBytes(30 * MEGABYTE) };
    // So slow that there is something to see.
    const network = await anna.page.context().newCDPSession(anna.page);
    await network.send("Network.enable");
    const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: MEGABYTE };
    await network.send("Network.emulateNetworkConditions", slow);
    await chooses(anna, [large]);
    const progress = anna.page.getByRole("progressbar", { name: "How much of large.bin has gone" });
    await until("the file is on its way", async () => Number(await progress.getAttribute("value")) > 0);
    await anna.page.setViewportSize({ width: 390, height: 844 });
    await anna.photograph("files-on-their-way-390");
    assert.equal(await anna.overflows(), false);
    await anna.button("Do not share large.bin").click();
    await progress.waitFor({ state: "detached" });

    await chooses(anna, [large]);
    await progress.waitFor();
    cable.cut();
    await onTheirWay(anna).getByText("Not shared. The connection is lost.").waitFor();
    cable.mend();
    await network.send("Network.emulateNetworkConditions", { ...slow, uploadThroughput: -1 });
    await anna.page.getByText("Reconnecting…").waitFor({ state: "detached" });
    await anna.button("Try large.bin again").click();
    await link(anna, "large.bin").waitFor();
    assert.equal(await link(anna, "large.bin").count(), 1);

    const tooLarge = { name: "huge.bin", mimeType: "", buffer: Buffer.alloc(49 * MEGABYTE) };
    await anna.openPanel("People");
    await anna.button("Room settings").click();
    await anna.page.getByLabel("Files in the chat").selectOption("Up to 10 MB each");
    await anna.photograph("files-room-settings-390");
    await anna.page.keyboard.press("Escape");
    await chooses(anna, [tooLarge]);
    await onTheirWay(anna).getByText("Not shared. Files can have 10 MB at most here.").waitFor();
    await anna.photograph("files-refused-390");
    await anna.button("Dismiss huge.bin").click();
    await anna.openPanel("People");
    await anna.button("Room settings").click();
    await anna.page.getByLabel("Files in the chat").selectOption("None");
    await anna.page.keyboard.press("Escape");
    await anna.openPanel("Chat");
    await anna.button("Share files").waitFor({ state: "detached" });
    await receives(anna.page.getByRole("log"), "drop", ["a.png"]);
    await anna.page.getByText("Hosts do not allow files in this room.").waitFor();
    assert.deepEqual(anna.errors, []);
    await anna.close();
  } finally {
    cable.close();
  }
});
