/** The native window: by WebKit's driver where its contents are looked at, by the display where it only has to be there. */
import { execFile, spawn } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { binary, freePort, output } from "./confab.js";
import { nonEmpty } from "./recordings.js";
import { until } from "./until.js";

const run = promisify(execFile);
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/**
 * Starts Confab under WebKit's driver, whose protocol is plain HTTP and JSON; `end()` ends both.
 *
 * The driver waits for a window. Where Confab is started so that it opens none by itself, `opening` is told Confab's
 * process and is to see to one.
 */
export async function drive(place, { env = {}, args = [], opening = undefined } = {}) {
  const port = await freePort();
  const driver = spawn("WebKitWebDriver", [`--port=${port}`], {
    env: { ...place.env, TAURI_WEBVIEW_AUTOMATION: "true", ...env },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const driverEnded = new Promise((resolve) => driver.on("exit", resolve));
  const base = `http://127.0.0.1:${port}`;
  async function send(method, path, body) {
    const response = await fetch(base + path, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  }
  await until("the driver is ready", async () => (await send("GET", "/status")).ready);
  const options = { binary, args: [...place.args, ...args] };
  const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options } };
  const begun = send("POST", "/session", { capabilities });
  if (opening) {
    const [confab] = await until("Confab has been started", () => nonEmpty(childrenOf(driver.pid)));
    await opening(confab);
  }
  const { sessionId } = await begun;
  const session = (method, path, body) => send(method, `/session/${sessionId}${path}`, body);
  const script = (source, ...args) => session("POST", "/execute/sync", { script: source, args });
  const find = async (xpath) => (await session("POST", "/element", { using: "xpath", value: xpath }))[ELEMENT];
  /** A button that can be reached: what is behind an open dialog cannot. */
  const button = (name) => {
    const named = `button[normalize-space()="${name}" or @aria-label="${name}"]`;
    return `//dialog[@open]//${named} | //${named}[not(//dialog[@open])]`;
  };

  return {
    script,
    /** The words in the window. */
    text: () => script("return document.body.innerText"),
    /** Waits until `words` are in the window. */
    shows: (words) =>
      until(`the window shows "${words}"`, async () =>
        (await script("return document.body.innerText")).includes(words),
      ),
    async press(name) {
      const id = await until(`the button "${name}" is there`, () => find(button(name)));
      await session("POST", `/element/${id}/click`, {});
    },
    /** Throws the switch of this name, and waits until that counts. */
    async flip(name) {
      const id = await until(`the switch "${name}" is there`, () =>
        find(`//label[.//span[normalize-space()="${name}"]]`),
      );
      const isOn = () => script(`return arguments[0].querySelector("input").checked`, { [ELEMENT]: id });
      const before = await isOn();
      await session("POST", `/element/${id}/click`, {});
      await until(`the switch "${name}" has changed`, async () => (await isOn()) !== before);
    },
    /** Chooses one of several, of this name. */
    async choose(name) {
      const id = await until(`the choice "${name}" is there`, () =>
        find(`//label[.//input[@type="radio"]][.//span[normalize-space()="${name}"]]`),
      );
      await session("POST", `/element/${id}/click`, {});
    },
    /** Writes into the field of this name, and leaves it. */
    async write(name, text) {
      const id = await until(`the field "${name}" is there`, () =>
        find(
          `//input[@id=//label[normalize-space()="${name}"]/@for] | //label[.//span[normalize-space()="${name}"]]//input`,
        ),
      );
      await session("POST", `/element/${id}/clear`, {});
      await session("POST", `/element/${id}/value`, { text: `${text}\t` });
    },
    /** A button as it is at this moment. */
    async button(name) {
      const id = await find(button(name));
      return { disabled: !(await session("GET", `/element/${id}/enabled`)) };
    },
    async resize(width, height) {
      await session("POST", "/window/rect", { width, height });
      await until("the window has its new size", () => script("return innerWidth === arguments[0]", width));
    },
    /** Leaves a picture of the window in the output folder. */
    async picture(name) {
      mkdirSync(output, { recursive: true });
      const painted = "requestAnimationFrame(() => requestAnimationFrame(() => arguments[0]()))";
      await session("POST", "/execute/async", { script: painted, args: [] });
      writeFileSync(join(output, `${name}.png`), Buffer.from(await session("GET", "/screenshot"), "base64"));
    },
    async end() {
      // Without its window Confab goes on in the tray, where the next start would find it.
      const confab = childrenOf(driver.pid);
      await session("DELETE", "").catch(() => {});
      driver.kill("SIGTERM");
      await driverEnded;
      confab.forEach(kill);
      await until("Confab has ended", () => !confab.some(isRunning));
    },
  };
}

/** The processes that a process started. */
function childrenOf(parent) {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => lineage(pid)?.parent === parent);
}

/** A process's state and parent; null if there is none of this id. */
function lineage(pid) {
  try {
    // The name, in brackets, may hold anything; the state and the parent follow it.
    const [, state, parent] = /\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"));
    return { state, parent: Number(parent) };
  } catch {
    return null;
  }
}

function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/** Whether it runs still; one that ended and that nobody asked about (Z) does not. */
const isRunning = (pid) => (lineage(pid)?.state ?? "Z") !== "Z";

/** The ids of the visible windows with this title. */
export async function windows(title) {
  try {
    return (await run("xdotool", ["search", "--onlyvisible", "--name", `^${title}$`])).stdout
      .split("\n")
      .filter(Boolean);
  } catch {
    return [];
  }
}

/** Waits for a window with this title. */
export const windowThere = (title) => until(`the window "${title}" is there`, async () => (await windows(title))[0]);

/** Waits until no window has this title. */
export const windowGone = (title) =>
  until(`the window "${title}" is gone`, async () => (await windows(title)).length === 0);

/** Closes a window as its frame's cross does. */
export const closeWindow = (title) => pressUntilGone(title, "alt+F4");

/** Presses a key as a person at the keyboard does, who presses again where a window that was just made has missed it. */
export const pressUntilGone = (title, key) =>
  untilGone(title, async (id) => {
    await run("xdotool", ["windowactivate", "--sync", id]);
    await run("xdotool", ["key", key]);
  });

/** Clicks into a window, at shares of its width and height, until that has ended it. */
export const clickUntilGone = (title, across, down) =>
  untilGone(title, async (id) => {
    const { stdout } = await run("xdotool", ["getwindowgeometry", "--shell", id]);
    const size = (name) => Number(new RegExp(`${name}=(\\d+)`).exec(stdout)?.[1]);
    const [x, y] = [Math.round(size("WIDTH") * across), Math.round(size("HEIGHT") * down)];
    await run("xdotool", ["mousemove", "--window", id, String(x), String(y), "click", "1"]);
  });

/** Does something to a window, and again every two seconds for as long as it is there. */
async function untilGone(title, act) {
  await windowThere(title);
  let next = 0;
  await until(`the window "${title}" is gone`, async () => {
    const [id] = await windows(title);
    if (!id) return true;
    if (Date.now() < next) return false;
    next = Date.now() + 2_000;
    await act(id);
    return false;
  });
}

/** Leaves a picture of the whole display in the output folder. */
export async function displayPicture(name) {
  mkdirSync(output, { recursive: true });
  await run("import", ["-window", "root", join(output, `${name}.png`)]);
}
