/**
 * A person with the meeting page open: finds what they would find, by role and name, and asks the page's connections
 * what really arrives.
 */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { keepConnections } from "./received.js";
import { DEADLINE_MS, until } from "./until.js";

/** @typedef {import("./received.js").Received} Received */

const PICTURES = fileURLToPath(new URL("../../output/", import.meta.url));

export class Guest {
  /** What the page reported as errors. @type {string[]} */
  errors = [];

  /**
   * @param {import("playwright-core").Page} page
   * @param {string} name
   */
  constructor(page, name) {
    this.page = page;
    this.name = name;
    page.on("pageerror", (error) => this.errors.push(error.message));
  }

  /**
   * Opens the page in a session of its own.
   *
   * @param {import("playwright-core").Browser} browser
   * @param {string} link
   * @param {string} name
   * @param {import("playwright-core").BrowserContextOptions} [options]
   */
  static async at(browser, link, name, options = {}) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
    context.setDefaultTimeout(DEADLINE_MS);
    await context.addInitScript(keepConnections);
    const guest = new Guest(await context.newPage(), name);
    await guest.page.goto(link);
    return guest;
  }

  /**
   * Opens the page and joins.
   *
   * @param {import("playwright-core").Browser} browser
   * @param {string} link
   * @param {string} name
   * @param {import("playwright-core").BrowserContextOptions} [options]
   */
  static async in(browser, link, name, options = {}) {
    const guest = await Guest.at(browser, link, name, options);
    await guest.join();
    return guest;
  }

  /** Joins from in front of the mirror, once camera and microphone have answered. */
  async join() {
    await this.button("Turn camera off").waitFor();
    await this.page.getByLabel("Your name").fill(this.name);
    await this.button("Join the meeting").click();
    await this.entered();
  }

  /** Waits until the meeting is on the screen. */
  async entered() {
    await this.page.getByRole("toolbar", { name: "Controls" }).waitFor();
  }

  /** @param {string | RegExp} name */
  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  /**
   * Somebody's place on the stage.
   *
   * @param {string} name
   */
  tile(name) {
    return this.page.getByTestId("tile").and(this.page.getByLabel(new RegExp(`^${name}(,|$)`)));
  }

  /**
   * Waits until somebody's place is described so, as a screen reader says it.
   *
   * @param {string} name
   * @param {RegExp} words
   */
  async sees(name, words) {
    await until(`${this.name} sees ${name} as ${words}`, async () =>
      words.test((await this.tile(name).getAttribute("aria-label", { timeout: 1_000 })) ?? ""),
    );
  }

  /** Who is in the meeting, as the page shows it. */
  names() {
    return this.page.getByTestId("tile").evaluateAll((tiles) => {
      const words = tiles.map((tile) => tile.getAttribute("aria-label") ?? "");
      return words.map((label) => label.split(",")[0] ?? "").sort();
    });
  }

  /** @param {string[]} names */
  async seesAll(...names) {
    const wanted = [...names].sort().join();
    await until(`${this.name} sees ${wanted}`, async () => (await this.names()).join() === wanted);
  }

  /** The streams that arrive. @returns {Promise<Received[]>} */
  received() {
    return this.page.evaluate(() => window.receivedMedia());
  }

  /**
   * Waits until this many pictures are decoded and this many voices are heard, each going on after the question.
   *
   * @param {number} pictures
   * @param {number} voices
   * @returns {Promise<Received[]>}
   */
  async receives(pictures, voices) {
    let before = new Map((await this.received()).map((stream) => [stream.track, stream]));
    return until(`${this.name} receives ${pictures} pictures and ${voices} voices`, async () => {
      const now = await this.received();
      const goesOn = now.filter(({ track, frames, energy }) => {
        const then = before.get(track);
        return frames > (then?.frames ?? 0) || energy > (then?.energy ?? 0);
      });
      const count = (/** @type {string} */ kind) => goesOn.filter((stream) => stream.kind === kind).length;
      if (count("video") === pictures && count("audio") === voices) return goesOn;
      // What fades out may have had its last moments only now.
      if (count("video") > pictures || count("audio") > voices) {
        before = new Map(now.map((stream) => [stream.track, stream]));
      }
      throw new Error(JSON.stringify(now));
    });
  }

  /** Waits until nothing arrives, and no place is held for it. */
  async receivesNothing() {
    await until(`${this.name} receives nothing`, async () => {
      const streams = await this.received();
      if (streams.length > 0) throw new Error(JSON.stringify(streams));
      return true;
    });
  }

  /**
   * Waits until somebody's picture moves on this screen.
   *
   * @param {string} name
   */
  async watches(name) {
    await this.#moves(this.tile(name).locator("video"), `${name}'s picture`);
  }

  /** Waits until the shared screen moves on this screen; returns its width in pixels. */
  async watchesShare() {
    return this.#moves(this.page.getByTestId("share").locator("video"), "the shared screen");
  }

  /**
   * @param {import("playwright-core").Locator} video
   * @param {string} what
   */
  async #moves(video, what) {
    const look = () =>
      video.evaluate(
        (element) => {
          const shown = /** @type {HTMLVideoElement} */ (element);
          return { frames: shown.getVideoPlaybackQuality().totalVideoFrames, width: shown.videoWidth };
        },
        undefined,
        { timeout: 1_000 },
      );
    const before = await until(`${what} is shown to ${this.name}`, look);
    return until(`${what} moves for ${this.name}`, async () => {
      const { frames, width } = await look();
      // Another element in the same place counts from nothing again.
      if (frames < before.frames) before.frames = frames;
      return frames > before.frames && width > 0 && width;
    });
  }

  /** @param {string} text */
  async says(text) {
    await this.openPanel("Chat");
    await this.page.getByLabel("Message", { exact: true }).fill(text);
    await this.button("Send").click();
  }

  /** What was said, in the open chat. */
  messages() {
    return this.page.getByRole("log").getByRole("article");
  }

  /** @param {"Chat" | "People"} panel */
  async openPanel(panel) {
    const button = this.button(new RegExp(`^${panel}(, \\d+ (unread|waiting))?$`));
    if ((await button.getAttribute("aria-expanded")) !== "true") await button.click();
  }

  /** Whether the page is wider than its window. */
  overflows() {
    return this.page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth > clientWidth;
    });
  }

  /** @param {string} name of the file */
  async photograph(name) {
    await mkdir(PICTURES, { recursive: true });
    await this.page.screenshot({ path: `${PICTURES}${name}.png` });
  }

  close() {
    return this.page.context().close();
  }
}
