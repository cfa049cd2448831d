/**
 * A hundred clients that ask without an end, as a program of its own: `flooder.js <origin>`. Prints a line when all are
 * connected, and on SIGTERM how many answers they got:
 * what they asked while a line was full never left.
 */
import { constants, setPriority } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { connect } from "./joining.js";

const LINES = 100;
/** How many requests each sends before the next has its turn. */
const AT_ONCE = 20;

// A real flood comes from other computers: this one is not to take the processors from the server.
setPriority(constants.priority.PRIORITY_LOW);

const [origin = ""] = process.argv.slice(2);
const lines = await Promise.all(
  Array.from({ length: LINES }, () => connect(origin)),
);
console.log("flooding");

let answered = 0;
const count = () => {
  answered += 1;
};
process.on("SIGTERM", () => {
  console.log(answered);
  process.exit(0);
});
for (;;) {
  for (const line of lines) {
    for (let turn = 0; turn < AT_ONCE; turn += 1) {
      line.pester("get-chat-history", { roomId: "flood" }, count);
      line.pester("produce", null, count);
    }
  }
  await pause(1);
}
