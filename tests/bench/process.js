/** What Linux says of a process: memory and the time that it had of the processors. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const TICKS = Number(
  execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }),
);

/**
 * Resident memory, and the share of it that is the process's own (PSS), in KB.
 *
 * @param {number} pid
 */
export function memory(pid) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const kilobytes = (/** @type {string} */ name) =>
    Number(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(rollup)?.[1]);
  return { rss: kilobytes("Rss"), pss: kilobytes("Pss") };
}

/**
 * Processor time so far of a process and of its children that have ended, in seconds.
 *
 * @param {number} pid
 */
export function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name in brackets may hold anything; the fields after it begin with the third.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = [11, 12, 13, 14].map((field) => Number(fields[field]));
  return ticks.reduce((sum, value) => sum + value, 0) / TICKS;
}
