/** A Confab of its own for a test: its folders, its port, its process. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./until.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Where the programs are: `cargo xtask test` says it, otherwise where cargo puts them. */
const programs = process.env.CONFAB_PROGRAMS ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug");

/** The program under test. */
export const binary = process.env.CONFAB_BINARY ?? join(programs, "confab");

/** Where the tests leave their pictures; ignored by git. */
export const output = join(root, "tests", "output", "desktop");

/** A port that nobody listens on at this moment. */
export async function freePort() {
  const probe = createServer().listen(0, "0.0.0.0");
  await once(probe, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (probe.address());
  probe.close();
  await once(probe, "close");
  return port;
}

/** The folders and settings of one Confab; `remove()` when the test is over. */
export async function home() {
  const folder = mkdtempSync(join(tmpdir(), "confab-desktop-"));
  const port = await freePort();
  return {
    folder,
    port,
    recordings: join(folder, "recordings"),
    args: ["--port", String(port), "--data", join(folder, "data"), "--recordings", join(folder, "recordings")],
    env: { ...process.env, HOME: folder, XDG_RUNTIME_DIR: folder, GDK_BACKEND: "x11", RUST_LOG: "info" },
    /** Programs that the window started may write a last word while they end. */
    remove: () =>
      until("the folder is gone", () => {
        rmSync(folder, { recursive: true, force: true });
        return true;
      }),
  };
}

/**
 * A desktop whose browser writes down the links that it is given: the environment for the program, and the last link.
 */
export function noteTaker(place) {
  const [programs, note] = [join(place.folder, "bin"), join(place.folder, "opened")];
  mkdirSync(programs);
  writeFileSync(join(programs, "xdg-open"), `#!/bin/sh\nprintf %s "$1" > "${note}"\n`, { mode: 0o755 });
  return {
    env: { PATH: `${programs}:${process.env.PATH}` },
    opened: () => (existsSync(note) ? readFileSync(note, "utf8") : ""),
  };
}

/** Starts the program; what it writes is in `said()`. */
export function start(place, extra = [], env = {}) {
  const child = spawn(binary, [...place.args, ...extra], { env: { ...place.env, ...env }, cwd: place.folder });
  let words = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => (words += text));
  }
  const ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve({ code, signal })));
  return {
    pid: child.pid,
    said: () => words,
    ended,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    signal: (name) => child.kill(name),
    async end() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** What `/health` answers, or null while nothing listens. */
export async function health(place) {
  try {
    return await (await fetch(`http://127.0.0.1:${place.port}/health`)).json();
  } catch {
    return null;
  }
}

/** Waits until the server accepts joins. */
export const serving = (place) => until("the server answers", async () => (await health(place))?.status === "ok");
