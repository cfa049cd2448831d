/** How long from starting the program until somebody has joined. */
import { Server } from "../browser/lib/server.js";
import { connect, join } from "./joining.js";
import { print, spread } from "./figures.js";

const TIMES = 7;

export async function startup() {
  /** @type {number[]} */
  const times = [];
  for (let round = 0; round < TIMES; round += 1) {
    const begun = performance.now();
    const server = await Server.start();
    try {
      const line = await connect(`https://127.0.0.1:${server.port}`);
      await join(line, "first");
      times.push(performance.now() - begun);
      line.close();
    } finally {
      await server.stop();
    }
  }
  print("start of the program to the first whole join", spread(times));
}
