/**
 * The benchmarks: `cargo xtask bench`, or those that are named. They print figures and judge nothing.
 */
import { availableParallelism, cpus, loadavg } from "node:os";
import { PROGRAM } from "../browser/lib/server.js";
import { composing } from "./composing.js";
import { cameras, firstPicture } from "./meeting.js";
import { flood } from "./flood.js";
import { networkChange } from "./network.js";
import { participants } from "./participants.js";
import { startup } from "./startup.js";
import { sync } from "./sync.js";

const ALL = {
  startup,
  participants,
  picture: firstPicture,
  cameras,
  network: networkChange,
  flood,
  composing,
  sync,
};

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in ALL));
if (unknown) {
  console.error(
    `There is no benchmark '${unknown}'; there are ${Object.keys(ALL).join(", ")}.`,
  );
  process.exit(1);
}
const build = PROGRAM.includes("release")
  ? "optimised build"
  : "build for development: an optimised one is quicker";
const load = () => loadavg()[0]?.toFixed(1);
console.log(
  `Confab's server, ${build}, on ${availableParallelism()} cores (${cpus()[0]?.model.trim()})`,
);
for (const [name, run] of Object.entries(ALL)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`${name}, at a load of ${load()}:`);
  await run();
}
