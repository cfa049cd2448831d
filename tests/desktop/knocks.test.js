/** Who knocks while the window is closed: the desktop's notification, its buttons, and the tray's line. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { home, serving, start } from "./support/confab.js";
import { browser } from "./support/guest.js";
import { notificationServer } from "./support/notifications.js";
import { trayOf } from "./support/tray.js";
import { until } from "./support/until.js";
import { windowThere, windows } from "./support/window.js";

let place, app, tray, guests, desktop, link, host;

before(async () => {
  desktop = await notificationServer();
  place = await home();
  app = start(place, ["--tray"]);
  await serving(place);
  tray = await trayOf(app.pid);
  guests = await browser();
  link = `http://localhost:${place.port}/r/meeting`;
  // Who comes first hosts, and makes a waiting room.
  host = await guests.join(link, "Anna");
  await host.page.getByRole("button", { name: "People" }).click();
  await host.page.getByRole("button", { name: "Room settings" }).click();
  await host.page.getByRole("radio", { name: "Waiting room" }).click();
  await until("the door is closed", () => host.page.getByRole("radio", { name: "Waiting room" }).isChecked());
  await host.page.keyboard.press("Escape");
});
after(async () => {
  await guests?.close();
  await app?.end();
  desktop?.close();
  await place?.remove();
});

const says = (words) => until(`the tray says "${words}"`, async () => (await tray.labels())[0] === words);

test("who knocks is let in by the notification's button", async () => {
  const cleo = await guests.knock(link, "Cleo");
  const shown = await desktop.shows("Cleo asks to come in");
  assert.equal(shown.body, "Room meeting");
  assert.equal(shown.buttons["let-in"], "Let in");
  assert.equal(shown.buttons["turn-away"], "Turn away");
  await says("Confab: 1 person is here, 1 person waits to be let in");
  desktop.press(shown, "let-in");
  await cleo.entered();
  await until("the notification is taken away", () => shown.isClosed);
  await says("Confab: 2 people are here");
  await cleo.leave();
});

test("a crowd is told of in few notifications, and let in by one press", async () => {
  const before = desktop.all.length;
  const crowd = [];
  for (const name of ["Dora", "Eve", "Fay"]) crowd.push(await guests.knock(link, name));
  const shown = await desktop.shows("Dora and 2 others ask to come in");
  assert.equal(shown.buttons["let-in"], "Let all in");
  assert.ok(desktop.all.length - before <= 3, "no more than one each");
  desktop.press(shown, "let-in");
  await Promise.all(crowd.map((guest) => guest.entered()));
  await Promise.all(crowd.map((guest) => guest.leave()));
});

test("who is turned away by the notification's button is told", async () => {
  const gus = await guests.knock(link, "Gus");
  desktop.press(await desktop.shows("Gus asks to come in"), "turn-away");
  await gus.page.getByText("did not let you in").waitFor();
  await gus.leave();
});

test("a press beside the buttons opens the window, which shows who waits", async () => {
  assert.deepEqual(await windows("Confab"), []);
  const ida = await guests.knock(link, "Ida");
  desktop.press(await desktop.shows("Ida asks to come in"), "default");
  await windowThere("Confab");
  await ida.leave();
});
