/**
 * Runs the desktop tests on a display and a session bus of their own, so that nothing of the person who runs them is
 * touched: Xvfb gives the display, dbus-run-session the bus. Where the system lets them, they have two networks of their
 * own, too, so that there is an address to choose. `npm test -- tray` runs one file alone.
 */
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const display = ["xvfb-run", "-a", "-s", "-screen 0 1280x1000x24 -nolisten tcp"];
const bus = ["dbus-run-session", "--"];
const tests = [process.execPath, "--test", "--test-concurrency=1", "--test-reporter=spec"];
const suites = ["window", "composing", "hosting", "rooms", "broadcasting", "knocks", "tray", "leaving", "starting"];
const named = process.argv.slice(2);
const files = (named.length > 0 ? named : suites).map((name) => `${name}.test.js`);

/** Two networks that nobody else is in: each a pair of interfaces, of which one is given an address. */
const setUp = [
  "ip link set lo up",
  ...[1, 2].flatMap((number) => [
    `ip link add lan${number} type veth peer name far${number}`,
    `ip address add 10.99.${number}.1/24 dev lan${number}`,
    `ip link set lan${number} up`,
    `ip link set far${number} up`,
  ]),
].join(" && ");
const networks = (/** @type {string[]} */ then) => [
  "unshare",
  "--net",
  "sh",
  "-c",
  `${setUp} && exec "$@"`,
  "sh",
  ...then,
];
const [probe, ...probed] = networks(["true"]);
const hasNetworks = spawnSync(probe, probed, { stdio: "ignore" }).status === 0;
if (!hasNetworks) console.log("No networks can be made here (as root they can), so no address is chosen.");

const all = [...display, ...bus, ...tests, ...files];
const [command, ...args] = hasNetworks ? networks(all) : all;
const child = spawn(command, args, { cwd: fileURLToPath(new URL(".", import.meta.url)), stdio: "inherit" });
child.on("error", (error) => {
  console.error(
    `The desktop tests cannot start: ${error.message}. They need xvfb, xauth, dbus-daemon and webkit2gtk-driver.`,
  );
  process.exitCode = 1;
});
child.on("exit", (code) => (process.exitCode = code ?? 1));
