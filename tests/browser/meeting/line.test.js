/** The line to the server: lost and found again, loaded again, and without WebSocket. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Cable } from "../lib/cable.js";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";
import { Observer } from "../lib/observer.js";
import { Server } from "../lib/server.js";
import { until } from "../lib/until.js";

const { server, browser, guests } = await house();
/** @type {(() => void)[]} */
const closing = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

test("a line that is away for ten seconds comes back by itself, and nobody sees anybody leave", async () => {
  const cable = await Cable.to(server.port);
  closing.push(() => cable.close());
  const anna = await Guest.in(browser, `https://localhost:${cable.port}/r/cut`, "Anna");
  const ben = await Guest.in(browser, server.linkTo("cut"), "Ben");
  guests.push(anna, ben);
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
  guests.push(anna, ben);
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

test("a page that comes back late asks first", async () => {
  const anna = await Guest.in(browser, server.linkTo("late-tab"), "Anna");
  guests.push(anna);
  await anna.page.context().addInitScript(() => {
    const seat = JSON.parse(sessionStorage.getItem("confab.seat") ?? "null");
    if (seat) sessionStorage.setItem("confab.seat", JSON.stringify({ ...seat, at: seat.at - 120_000 }));
  });
  await anna.page.reload();
  await anna.button("Join the meeting").waitFor();
});

test("what was recorded meanwhile is known when the line is back", async () => {
  const cable = await Cable.to(server.port);
  closing.push(() => cable.close());
  const anna = await Guest.in(browser, `https://localhost:${cable.port}/r/meanwhile`, "Anna");
  const ben = await Guest.in(browser, server.linkTo("meanwhile"), "Ben");
  guests.push(anna, ben);
  const mark = anna.page.getByRole("timer", { name: "Recorded so far" });
  for (const [press, marks] of /** @type {const} */ ([
    ["Start recording", 1],
    ["Stop recording", 0],
  ])) {
    cable.cut();
    await anna.page.getByText("Reconnecting…").waitFor();
    await ben.button(press).click();
    await ben.button(press === "Start recording" ? "Stop recording" : "Start recording").waitFor();
    cable.mend();
    await until("Anna is back", async () => (await anna.page.getByText("Reconnecting…").count()) === 0);
    await until(`the sign is ${marks ? "there" : "gone"}`, async () => (await mark.count()) === marks);
  }
});

test("an answer that comes too late loses nothing", async () => {
  const cable = await Cable.to(server.port);
  closing.push(() => cable.close());
  const anna = await Guest.in(browser, `https://localhost:${cable.port}/r/slow`, "Anna");
  const ben = await Guest.in(browser, server.linkTo("slow"), "Ben");
  guests.push(anna, ben);
  await Promise.all([anna.receives(1, 1), ben.receives(1, 1)]);
  // Anna's page hears of Cem, asks for his streams, and waits longer than it waits for any answer.
  cable.hold();
  const cem = await Guest.in(browser, server.linkTo("slow"), "Cem");
  guests.push(cem);
  await anna.seesAll("Anna", "Ben", "Cem");
  await pause(12_000);
  cable.release();
  await anna.watches("Cem");
  await Promise.all([anna.receives(2, 2), ben.receives(2, 2), cem.receives(2, 2)]);
});

test("a line that stays away is told of with what to check, and one may leave", async () => {
  const cable = await Cable.to(server.port);
  closing.push(() => cable.close());
  const anna = await Guest.in(browser, `https://localhost:${cable.port}/r/away`, "Anna");
  guests.push(anna);
  const note = anna.page.getByRole("list", { name: "Notes" }).getByText("The meeting does not answer.");
  cable.cut();
  await note.waitFor();
  await anna.photograph("line-away");
  // A certificate that is another now looks the same to a page; loading it again lets the browser ask.
  await anna.button("Load again").waitFor();
  cable.mend();
  await until("the note is gone", async () => (await note.count()) === 0);
  cable.cut();
  await note.waitFor();
  await anna.button("Leave").click();
  await anna.page.getByText("You left the meeting").waitFor();
  cable.mend();
  // It stays at that, whatever the page was about to do.
  await pause(3_000);
  await anna.button("Join again").waitFor();
});

test("where Confab has ended, joining again says so and leaves the page as it is", async () => {
  const brief = await Server.start();
  const anna = await Guest.in(browser, brief.linkTo("brief"), "Anna");
  guests.push(anna);
  await brief.stop();
  await anna.page.getByText("The meeting has ended").waitFor();
  await anna.button("Join again").click();
  await anna.page.getByText("The meeting cannot be reached.").waitFor();
  await anna.button("Load the page again").waitFor();
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
  guests.push(anna, ben);
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
