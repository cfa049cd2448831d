/** The line to the server: lost and found again, loaded again, and without WebSocket. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Cable } from "../lib/cable.js";
import { launch } from "../lib/chromium.js";
import { Guest } from "../lib/guest.js";
import { Observer } from "../lib/observer.js";
import { Server } from "../lib/server.js";
import { until } from "../lib/until.js";

/** @type {Server} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;
/** @type {Guest[]} */
let guests = [];
/** @type {(() => void)[]} */
let closing = [];

before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(async () => {
  const errors = guests.flatMap((guest) => guest.errors);
  await Promise.all(guests.map((guest) => guest.close()));
  for (const close of closing) close();
  [guests, closing] = [[], []];
  assert.deepEqual(errors, [], "no page may fail");
});

test("a line that is away for ten seconds comes back by itself, and nobody sees anybody leave", async () => {
  const cable = await Cable.to(server.port);
  closing.push(() => cable.close());
  const anna = await Guest.in(browser, `https://localhost:${cable.port}/r/cut`, "Anna");
  const ben = await Guest.in(browser, server.linkTo("cut"), "Ben");
  guests = [anna, ben];
  await Promise.all([anna.receives(1, 1), ben.receives(1, 1)]);
  const observer = await Observer.in(server, "cut");
  closing.push(() => observer.close());
  const tracks = (await anna.received()).map((stream) => stream.track).sort();

  cable.cut();
  await anna.page.getByText("Reconnecting…").waitFor();
  await ben.sees("Anna", /reconnecting/);
  await Promise.all([anna.receives(1, 1), ben.receives(1, 1)]);
  await ben.photograph("reconnecting");
  await pause(10_000);
  // The media never stopped.
  await Promise.all([anna.receives(1, 1), ben.receives(1, 1)]);
  // What happens meanwhile is known afterwards.
  await ben.button("Turn camera off").click();
  cable.mend();

  await until("Anna is back", async () => (await anna.page.getByText("Reconnecting…").count()) === 0);
  await ben.sees("Anna", /^Anna, host$/);
  await anna.sees("Ben", /camera off/);
  await ben.button("Turn camera on").click();
  await Promise.all([anna.receives(1, 1), ben.receives(1, 1)]);
  await Promise.all([anna.watches("Ben"), ben.watches("Anna")]);
  assert.deepEqual(
    (await anna.received()).map((stream) => stream.track).sort(),
    tracks,
    "the streams are the same ones",
  );
  await anna.says("Here again");
  await ben.openPanel("Chat");
  await ben.messages().nth(0).waitFor();
  assert.ok(observer.heard("peer-resumed"));
  assert.ok(!observer.heard("participant-left"), "nobody may have left");
});

test("a page that is loaded again takes its place again without a question", async () => {
  const anna = await Guest.in(browser, server.linkTo("reload"), "Anna");
  const ben = await Guest.in(browser, server.linkTo("reload"), "Ben");
  guests = [anna, ben];
  await Promise.all([anna.receives(1, 1), ben.receives(1, 1)]);
  const observer = await Observer.in(server, "reload");
  closing.push(() => observer.close());
  await anna.button("Turn microphone off").click();
  await ben.sees("Anna", /microphone off/);

  await anna.page.reload();
  await anna.entered();
  await anna.seesAll("Anna", "Ben", "Observer");
  await anna.receives(1, 1);
  await anna.watches("Ben");
  await ben.watches("Anna");
  await ben.sees("Anna", /^Anna, host, microphone off$/);
  await anna.button("Turn microphone on").click();
  await ben.receives(1, 1);
  assert.ok(!observer.heard("participant-left"), "nobody may have left");
});

test("polling alone is enough", async () => {
  const context = { ignoreHTTPSErrors: true };
  const anna = await Guest.at(browser, "about:blank", "Anna", context);
  await anna.page.context().addInitScript(() => {
    // As Safari on iOS does with a certificate that was only clicked through.
    window.WebSocket = /** @type {any} */ (
      class extends EventTarget {
        constructor() {
          super();
          setTimeout(() => {
            const failed = /** @type {any} */ (this);
            failed.onerror?.(new Event("error"));
            failed.onclose?.(new CloseEvent("close", { code: 1006 }));
          }, 50);
        }
        send() {}
        close() {}
      }
    );
  });
  let polls = 0;
  anna.page.on("request", (request) => {
    if (request.url().includes("transport=polling")) polls += 1;
  });
  await anna.page.goto(server.linkTo("polling"));
  await anna.join();
  const ben = await Guest.in(browser, server.linkTo("polling"), "Ben");
  guests = [anna, ben];
  await Promise.all([anna.receives(1, 1), ben.receives(1, 1)]);
  await anna.watches("Ben");
  await ben.says("Can you read this?");
  await anna.openPanel("Chat");
  await anna.messages().nth(0).waitFor();
  await anna.says("Yes");
  await ben.messages().nth(1).waitFor();
  const before = polls;
  await until("it goes on polling", () => polls > before);
});
