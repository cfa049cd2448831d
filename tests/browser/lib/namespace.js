/**
 * Networks of the test's own: a namespace for the server and one for a guest, joined by two cables, none of which leads
 * anywhere else. Needs root.
 */
import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Why there can be no networks here, or `false`. */
export async function impossible() {
  if (process.getuid?.() !== 0)
    return "NOT TESTED: networks of one's own take root. Run the tests as root to have this one, too.";
  try {
    const name = `confab-try-${process.pid}`;
    await run("ip", ["netns", "add", name]);
    try {
      // Some systems let them be made and not be entered.
      await run("ip", ["netns", "exec", name, "true"]);
    } finally {
      await run("ip", ["netns", "delete", name]);
    }
    return false;
  } catch (error) {
    return `NOT TESTED: this system makes no network namespaces (${error instanceof Error ? error.message.trim() : error}).`;
  }
}

/** The two networks: the server's address and the guest's, by the name that the interface has in both. */
export const NETWORKS = {
  eth0: { server: "192.168.77.1", guest: "192.168.77.2" },
  wlan0: { server: "10.77.0.1", guest: "10.77.0.2" },
};

export class Networks {
  #suffix = `${process.pid}-${Math.floor(Math.random() * 1e6).toString(36)}`;
  /** @type {string | undefined} */
  #folder;

  static async make() {
    const networks = new Networks();
    try {
      await networks.#make();
    } catch (error) {
      await networks.remove();
      throw error;
    }
    return networks;
  }

  async #make() {
    const { server, guest } = this;
    for (const namespace of [server, guest]) {
      await run("ip", ["netns", "add", namespace]);
      await run("ip", ["-n", namespace, "link", "set", "lo", "up"]);
    }
    for (const [name, address] of Object.entries(NETWORKS)) {
      await run("ip", ["-n", server, "link", "add", name, "type", "veth", "peer", "name", name, "netns", guest]);
      for (const [namespace, ip] of /** @type {const} */ ([
        [server, address.server],
        [guest, address.guest],
      ])) {
        await run("ip", ["-n", namespace, "address", "add", `${ip}/24`, "dev", name]);
        // No IPv6 address that comes seconds later: Chromium drops what it loads when an address comes.
        await run("ip", ["-n", namespace, "link", "set", name, "addrgenmode", "none"]);
        await run("ip", ["-n", namespace, "link", "set", name, "up"]);
      }
    }
  }

  /** The namespace that the server runs in. */
  get server() {
    return `confab-server-${this.#suffix}`;
  }

  /** The namespace of those who join. */
  get guest() {
    return `confab-guest-${this.#suffix}`;
  }

  /**
   * Runs `ip` in the server's namespace, as `inServer("link", "set", …)`.
   *
   * @param {string[]} words
   */
  async inServer(...words) {
    await run("ip", ["-n", this.server, ...words]);
  }

  /**
   * Runs `ip` in the guest's namespace.
   *
   * @param {string[]} words
   */
  async inGuest(...words) {
    await run("ip", ["-n", this.guest, ...words]);
  }

  /**
   * Runs a program in the guest's namespace and returns what it prints.
   *
   * @param {string[]} words
   */
  async asGuest(...words) {
    const { stdout } = await run("ip", ["netns", "exec", this.guest, ...words]);
    return stdout;
  }

  /**
   * A program that starts `program` in the guest's namespace.
   *
   * @param {string} program
   */
  async guestProgram(program) {
    this.#folder ??= await mkdtemp(join(tmpdir(), "confab-guest-"));
    const path = join(this.#folder, "program");
    await writeFile(path, `#!/bin/sh\nexec ip netns exec ${this.guest} ${program} "$@"\n`);
    await chmod(path, 0o755);
    return path;
  }

  /**
   * Loses so many packets of media between the two, in each direction, whichever chance picks.
   *
   * @param {number} percent
   */
  async lose(percent) {
    for (const namespace of [this.server, this.guest]) {
      const rules = [
        "add table inet loss",
        "add chain inet loss input { type filter hook input priority 0; }",
        // Where they arrive: who sends is told of a packet that is dropped on its way out.
        `add rule inet loss input meta l4proto udp numgen random mod 100 < ${percent} counter drop`,
      ];
      await run("ip", ["netns", "exec", namespace, "nft", rules.join("; ")]);
    }
  }

  /** How many packets were lost so far. */
  async lost() {
    const counts = [this.server, this.guest].map(async (namespace) => {
      const { stdout } = await run("ip", ["netns", "exec", namespace, "nft", "list", "table", "inet", "loss"]);
      return Number(/counter packets (\d+)/.exec(stdout)?.[1]);
    });
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  async remove() {
    for (const namespace of [this.server, this.guest]) {
      await run("ip", ["netns", "delete", namespace]).catch(() => undefined);
    }
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }
}
