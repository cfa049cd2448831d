/**
 * A hundred clients that ask without an end, as a program of its own: `flooder.js <origin> <addresses>`, over so many
 * addresses of this computer. Who is hung up on comes back. Prints a line when all have been connected, and on SIGTERM
 * what became of it.
 */
import { constants, setPriority } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { Line } from "../browser/lib/line.js";

const LINES = 100;
/** A hundred requests a second of each line are more than a person's network carries for long. */
const TURN_MS = 20;
const A_TURN = 2;
/** How soon a client comes back: no sooner than a reload. */
const RETURN_MS = 500;
/** How long a client tries. */
const CONNECTING_MS = 15_000;

// A real flood comes from other computers: this one is not to take the processors from the server.
setPriority(constants.priority.PRIORITY_LOW);

const [origin = "", addresses = "1"] = process.argv.slice(2);
const count = { asked: 0, answered: 0, connected: 0, "turned away": 0 };

await Promise.all(Array.from({ length: LINES }, (_, number) => flood(number)));
console.log("flooding");
process.on("SIGTERM", () => {
  const words = Object.entries(count).map(
    ([what, times]) => `${times} ${what}`,
  );
  console.log(words.join(", "));
  process.exit(0);
});

/**
 * Begins to flood, and goes on by itself.
 *
 * @param {number} number
 */
async function flood(number) {
  const localAddress = `127.0.1.${1 + (number % Number(addresses))}`;
  const line = new Line(origin, { localAddress });
  try {
    // On a busy computer the server may have given up on it meanwhile.
    await Promise.race([line.connected(), late()]);
  } catch {
    line.close();
    count["turned away"] += 1;
    setTimeout(() => flood(number), RETURN_MS);
    return;
  }
  count.connected += 1;
  void pester(line).then(() => setTimeout(() => flood(number), RETURN_MS));
}

async function late() {
  await pause(CONNECTING_MS);
  throw new Error("Not connected in time.");
}

/** @param {Line} line */
async function pester(line) {
  const answer = () => (count.answered += 1);
  while (line.isConnected()) {
    for (let turn = 0; turn < A_TURN; turn += 2) {
      line.pester("get-chat-history", { roomId: "flood" }, answer);
      line.pester("produce", null, answer);
      count.asked += 2;
    }
    await pause(TURN_MS);
  }
}
