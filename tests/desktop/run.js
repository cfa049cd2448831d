/**
 * Runs the desktop tests on a display and a session bus of their own, so that nothing of the person who runs them is
 * touched: Xvfb gives the display, dbus-run-session the bus.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const display = ["xvfb-run", "-a", "-s", "-screen 0 1280x1000x24 -nolisten tcp"];
const bus = ["dbus-run-session", "--"];
const tests = [process.execPath, "--test", "--test-concurrency=1", "--test-reporter=spec"];
const files = ["window", "tray", "leaving", "starting"].map((name) => `${name}.test.js`);

const [command, ...args] = [...display, ...bus, ...tests, ...files];
const child = spawn(command, args, { cwd: fileURLToPath(new URL(".", import.meta.url)), stdio: "inherit" });
child.on("error", (error) => {
  console.error(
    `The desktop tests cannot start: ${error.message}. They need xvfb, xauth, dbus-daemon and webkit2gtk-driver.`,
  );
  process.exitCode = 1;
});
child.on("exit", (code) => (process.exitCode = code ?? 1));
