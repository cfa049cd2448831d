/** Confab's page beside people with other frontends: some known by a label of their own, some by their socket alone. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { io } from "socket.io-client";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";
import { until } from "../lib/until.js";

const { server, browser, guests } = await house();

/** @type {import("socket.io-client").Socket[]} */
const sockets = [];
afterEach(() => sockets.splice(0).forEach((socket) => socket.close()));

/**
 * Somebody with another frontend, who keeps the list of people.
 *
 * @param {string} roomId
 * @param {object} join
 */
async function stranger(roomId, join) {
  const socket = io(`https://localhost:${server.port}`, { forceNew: true, rejectUnauthorized: false });
  sockets.push(socket);
  /** @type {{ id: string, name: string, userId: string | null, isAudioHeld: boolean }[]} */
  let people = [];
  socket.on("participant-list-update", (list) => (people = list));
  await new Promise((connected) => socket.once("connect", () => connected(undefined)));
  await socket.emitWithAck("get-rtp-capabilities", { roomId });
  const answer = await socket.emitWithAck("join-mediasoup-room", { roomId, rtpCapabilities: {}, ...join });
  assert.equal(answer.success, true, JSON.stringify(answer));
  return { socket, peerId: answer.peerId, people: () => people };
}

test("the page sees each of three once, with and without a label, and acts on the right one", async () => {
  const anna = await Guest.in(browser, server.linkTo("mixed"), "Anna");
  guests.push(anna);
  const ben = await stranger("mixed", { userName: "Ben", userId: "u-ben" });
  const cleo = await stranger("mixed", { userName: "Cleo" });
  assert.deepEqual([ben.peerId, cleo.peerId], ["u-ben", cleo.socket.id]);
  await anna.seesAll("Anna", "Ben", "Cleo");

  await until("all are told of one id each", async () => ben.people().length === 3);
  const [own, ...others] = ben.people();
  assert.ok(own?.userId !== null && own?.id === own?.userId, "the page brings a label");
  assert.deepEqual(
    others.map(({ id, name }) => [id, name]),
    [
      ["u-ben", "Ben"],
      [cleo.socket.id, "Cleo"],
    ],
  );

  await ben.socket.emitWithAck("update-my-state", { roomId: "mixed", isAudioMuted: true });
  await anna.sees("Ben", /microphone off/);
  await ben.socket.emitWithAck("send-message", {
    roomId: "mixed",
    message: { id: "m1", text: "hello", sender: "Ben" },
  });
  await anna.button("Chat, 1 unread").waitFor();
  await anna.says("good morning");
  const messages = anna.messages();
  await messages.nth(1).waitFor();
  assert.equal(await messages.nth(0).getByRole("strong").textContent(), "Ben");
  assert.equal(await messages.nth(1).getByRole("strong").textContent(), "You");

  // A person who is known by another id from now on stays the same person.
  await cleo.socket.emitWithAck("set-user-id", "u-cleo");
  await until("the new id is told", async () => ben.people().some(({ id }) => id === "u-cleo"));
  await anna.seesAll("Anna", "Ben", "Cleo");
  ben.socket.close();
  await anna.seesAll("Anna", "Cleo");
});

test("a page that is loaded again is the same person to all", async () => {
  const ben = await stranger("again", { userName: "Ben" });
  const anna = await Guest.in(browser, server.linkTo("again"), "Anna");
  guests.push(anna);
  await anna.seesAll("Anna", "Ben");
  await until("Anna is in the list", async () => ben.people().length === 2);
  const before = ben.people().map(({ id }) => id);
  await anna.page.reload();
  await anna.entered();
  await anna.seesAll("Anna", "Ben");
  await until(
    "she is there again",
    async () =>
      ben
        .people()
        .map(({ id }) => id)
        .join() === before.join(),
  );
});
