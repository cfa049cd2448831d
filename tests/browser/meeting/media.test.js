/** Two people meet, see and hear each other, interrupted or not; a third comes late; somebody leaves and comes back. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { launch } from "../lib/chromium.js";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";
import { until } from "../lib/until.js";

const { server, browser: one, guests } = await house();
const other = await launch();
after(() => other.close());

/**
 * @param {string} room
 * @returns {Promise<[Guest, Guest]>}
 */
async function annaAndBen(room) {
  const anna = await Guest.in(one, server.linkTo(room), "Anna");
  const ben = await Guest.in(other, server.linkTo(room, "127.0.0.1"), "Ben");
  guests.push(anna, ben);
  return [anna, ben];
}

test("two browsers see and hear each other over DTLS and SRTP", async () => {
  const [anna, ben] = await annaAndBen("two");
  for (const [guest, friend] of /** @type {const} */ ([
    [anna, ben],
    [ben, anna],
  ])) {
    const streams = await guest.receives(1, 1);
    for (const stream of streams) {
      assert.equal(stream.dtls, "connected");
      assert.match(stream.srtp, /AES/);
      assert.equal(stream.protocol, "udp");
    }
    assert.deepEqual(streams.map((stream) => stream.codec).sort(), ["audio/opus", "video/VP8"]);
    await guest.watches(friend.name);
    await guest.seesAll("Anna", "Ben");
  }
  await anna.openPanel("People");
  const people = anna.page.getByTestId("person");
  await until("both are in the list", async () => (await people.count()) === 2);
  assert.match((await people.nth(0).getAttribute("aria-label")) ?? "", /^Anna, you, host/);
  assert.match((await people.nth(1).getAttribute("aria-label")) ?? "", /^Ben$/);
});

test("a muted microphone and a camera that is off show on the other side, and come back", async () => {
  const [anna, ben] = await annaAndBen("mute");
  await ben.receives(1, 1);
  await anna.button("Turn microphone off").click();
  await ben.sees("Anna", /microphone off/);
  await anna.button("Turn camera off").click();
  await ben.sees("Anna", /camera off/);
  await until("Anna's picture is gone", async () => (await ben.tile("Anna").locator("video").count()) === 0);
  // What is off is not sent either: nothing goes on arriving.
  await until("nothing of Anna's arrives any more", async () => {
    const before = await ben.received();
    await new Promise((resume) => setTimeout(resume, 1_500));
    return (await ben.received()).every((stream) => {
      const then = before.find((other) => other.track === stream.track);
      return then && stream.frames === then.frames && stream.energy === then.energy;
    });
  });
  await anna.button("Turn microphone on").click();
  await anna.button("Turn camera on").click();
  await ben.watches("Anna");
  await ben.receives(1, 1);
  await ben.sees("Anna", /^Anna, host$/);
});

test("a picture goes on as it is while something changes about the people", async () => {
  const [anna, ben] = await annaAndBen("steady");
  await ben.watches("Anna");
  await ben.page.evaluate(() => {
    document.addEventListener("emptied", () => (document.title = "A picture began anew"), { capture: true });
  });
  await anna.button("Turn microphone off").click();
  await ben.sees("Anna", /microphone off/);
  await anna.button("Turn microphone on").click();
  await ben.sees("Anna", /^Anna, host$/);
  assert.notEqual(await ben.page.title(), "A picture began anew");
});

test("a third who joins late sees and hears both", async () => {
  const [anna, ben] = await annaAndBen("late");
  await ben.receives(1, 1);
  const cem = await Guest.in(one, server.linkTo("late"), "Cem");
  guests.push(cem);
  await cem.receives(2, 2);
  await cem.watches("Anna");
  await cem.watches("Ben");
  await Promise.all([anna.receives(2, 2), ben.receives(2, 2)]);
  await anna.seesAll("Anna", "Ben", "Cem");
});

test("who leaves disappears, and may come back", async () => {
  const [anna, ben] = await annaAndBen("again");
  await anna.receives(1, 1);
  await ben.button("Leave the meeting").click();
  await ben.page.getByText("You left the meeting").waitFor();
  await anna.seesAll("Anna");
  await anna.receivesNothing();
  await ben.receivesNothing();

  await ben.button("Join again").click();
  await ben.join();
  await anna.seesAll("Anna", "Ben");
  await Promise.all([anna.receives(1, 1), ben.receives(1, 1)]);
  await anna.watches("Ben");
});

test("a sound that the system stopped goes on by itself or at a touch", async () => {
  const [anna] = await annaAndBen("sound");
  await anna.receives(1, 1);
  const stop = () => {
    for (const element of document.querySelectorAll("audio")) element.pause();
  };
  const plays = () => [...document.querySelectorAll("audio")].every((element) => !element.paused);
  await until("it plays", () => anna.page.evaluate(plays));

  await anna.page.evaluate(stop);
  await anna.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await until("it plays when the page is seen again", () => anna.page.evaluate(plays));
  await anna.page.evaluate(stop);
  await anna.page.mouse.click(640, 300);
  await until("it plays at a touch", () => anna.page.evaluate(plays));

  // A browser that wants a touch first.
  await anna.page.evaluate(() => {
    const play = HTMLMediaElement.prototype.play;
    let isHeld = true;
    addEventListener("pointerdown", () => (isHeld = false), { capture: true, once: true });
    HTMLMediaElement.prototype.play = function () {
      return isHeld ? Promise.reject(new DOMException("a touch first", "NotAllowedError")) : play.call(this);
    };
  });
  await anna.page.evaluate(stop);
  await anna.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  const notice = anna.page.getByText("The browser holds the sound back until you touch the page.");
  await notice.waitFor();
  await anna.page.mouse.click(640, 300);
  await until("it plays at the touch", () => anna.page.evaluate(plays));
  await until("the notice is gone", async () => (await notice.count()) === 0);
});

test("the link to copy is the one for others, wherever the page was opened", async () => {
  const anna = await Guest.in(one, server.linkTo("invite"), "Anna", {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  guests.push(anna);
  await anna.button("Copy link").click();
  await anna.page.getByText("Link copied. Send it to whoever should join.").waitFor();
  const copied = await anna.page.evaluate(() => navigator.clipboard.readText());
  assert.equal(new URL(anna.page.url()).hostname, "localhost");
  assert.equal(copied, new URL("invite", server.link).href);
});
