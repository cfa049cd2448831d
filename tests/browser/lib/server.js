/**
 * The real server as a process of its own: any free port, folders of its own, ended with the test.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./until.js";

/** Where the programs are: `cargo xtask test` says it, otherwise where cargo puts them. */
const PROGRAMS = process.env["CONFAB_PROGRAMS"] ?? fileURLToPath(new URL("../../../target/debug", import.meta.url));
export const PROGRAM = process.env["CONFAB_SERVE"] ?? join(PROGRAMS, "confab-serve");

/** Tests and benchmarks ask for more in a minute than people do, all from this computer. */
const WIDE_LIMITS = [
  ...["--rooms-per-minute", "100000"],
  ...["--address-connections", "100000"],
  ...["--address-requests-per-second", "1000000"],
];

/**
 * @typedef {object} ServerOptions
 * @property {string} [program] another build of it
 * @property {string[]} [within] a command to run it by, such as `ip netns exec …`
 * @property {string | null} [announced] ANNOUNCED_IP; this computer alone by default, none if null
 * @property {string[]} [limits] flags that bound what clients may ask for; wide ones by default
 * @property {string[]} [flags] further flags
 */

export class Server {
  /** The join links as they were printed, the present one last. @type {string[]} */
  links = [];
  /** All that it said. */
  said = "";
  /** How it ended. @type {Promise<number | null>} */
  ended;
  #folder;
  #process;

  /**
   * @param {string} folder
   * @param {ServerOptions} options
   */
  constructor(folder, { program = PROGRAM, within = [], announced = "127.0.0.1", limits = WIDE_LIMITS, flags = [] }) {
    this.#folder = folder;
    const [command = program, ...words] = [...within, program, "--port", "0", "--media-ports", "13000-13099"];
    const folders = ["--data", join(folder, "data"), "--recordings", this.recordings];
    this.#process = spawn(command, [...words, ...folders, ...limits, ...flags], {
      // Its own folder, so that no .env of the checkout speaks.
      cwd: folder,
      env: { PATH: process.env["PATH"], RUST_LOG: process.env["RUST_LOG"] ?? "info", ANNOUNCED_IP: announced ?? "" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process.stdout.setEncoding("utf8").on("data", (/** @type {string} */ text) => this.#heard(text));
    this.#process.stderr.setEncoding("utf8").on("data", (/** @type {string} */ text) => this.#heard(text));
    this.ended = new Promise((resolve) => {
      this.#process.on("exit", resolve);
      this.#process.on("error", (error) => {
        this.said += `\n${program}: ${error.message}`;
        resolve(null);
      });
    });
  }

  /** @param {ServerOptions} [options] */
  static async start(options = {}) {
    const server = new Server(await mkdtemp(join(tmpdir(), "confab-test-")), options);
    let ended = false;
    void server.ended.then(() => (ended = true));
    const ready = await until("the server's join link", () => (ended ? "ended" : server.links.at(-1)));
    if (ready === "ended") throw new Error(`The server did not start:\n${server.said}`);
    return server;
  }

  /** The process's id. */
  get pid() {
    return /** @type {number} */ (this.#process.pid);
  }

  get port() {
    return Number(new URL(this.link).port);
  }

  /** The join link as it is now. */
  get link() {
    return /** @type {string} */ (this.links.at(-1));
  }

  /** The folder of the recordings. */
  get recordings() {
    return join(this.#folder, "recordings");
  }

  /**
   * @param {string} room
   * @param {string} [host]
   */
  linkTo(room, host = "localhost") {
    return `https://${host}:${this.port}/r/${room}`;
  }

  /** Ends it as a person would, waits for the end and removes its folders. Returns its exit code. */
  async stop() {
    this.#process.kill("SIGTERM");
    const end = setTimeout(() => this.#process.kill("SIGKILL"), 30_000);
    const code = await this.ended;
    clearTimeout(end);
    await rm(this.#folder, { recursive: true, force: true });
    return code;
  }

  /** @param {string} text */
  #heard(text) {
    this.said += text;
    const printed = [...this.said.matchAll(/^ +(https:\/\/\S+)$/gm)];
    this.links = printed.map(([, link]) => /** @type {string} */ (link));
  }
}
