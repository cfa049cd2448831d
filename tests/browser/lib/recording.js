/** What a server's folder of recordings says, while they run and afterwards. */
import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { until } from "./until.js";

/**
 * @typedef {object} Track as recording.json has it
 * @property {number} number
 * @property {string} file
 * @property {number} seat
 * @property {string} peerName
 * @property {"audio" | "video"} kind
 * @property {boolean} isScreenShare
 * @property {string} codec
 * @property {number} offsetMs
 * @property {number | null} endMs
 * @property {number} frames
 * @property {number} lostPackets
 * @property {number | null} width
 * @property {{ fromMs: number, toMs: number | null }[]} pauses
 */

/**
 * What a recording's folder says of it.
 *
 * @param {string} folder
 * @returns {Promise<{ startedAt: number, status: string, message: string | null, tracks: Track[] }>}
 */
export async function description(folder) {
  return JSON.parse(await readFile(join(folder, "recording.json"), "utf8"));
}

/**
 * The folder of the only recording, once it is there.
 *
 * @param {import("./server.js").Server} server
 */
export async function folderOf(server) {
  const names = await until("the recording's folder", async () => {
    const found = await readdir(server.recordings);
    return found.length > 0 && found;
  });
  return join(server.recordings, names[0] ?? "");
}

/** How long a file is, in ms. @param {string} file */
export async function length(file) {
  const words = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", file];
  return Number((await promisify(execFile)("ffprobe", words)).stdout) * 1_000;
}

/** What a decoder says against a file. @param {string} file */
export async function complaints(file) {
  // Not by ffmpeg, which counts by a rate that it guesses, and complains where two pictures come closer than that.
  const words = ["-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", file];
  return (await promisify(execFile)("ffprobe", words)).stderr;
}

/**
 * Waits until so many tracks are at least so long, in ms.
 *
 * @param {string} folder
 * @param {number} count
 * @param {number} ms
 */
export function recorded(folder, count, ms) {
  return until(`${count} tracks of ${ms} ms`, async () => {
    const { tracks } = await description(folder);
    const lengths = await Promise.all(tracks.map((track) => length(join(folder, track.file))));
    if (lengths.filter((each) => each >= ms).length >= count) return true;
    throw new Error(JSON.stringify({ lengths, tracks }));
  });
}

/**
 * Stops the recording; returns the folder of the last one and its pictures.
 *
 * @param {import("./server.js").Server} server
 * @param {import("./guest.js").Guest} guest
 */
export async function stopped(server, guest) {
  await guest.button("Stop recording").click();
  await guest.button("Start recording").waitFor();
  const entries = (await readdir(server.recordings, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const folders = entries.map((entry) => join(server.recordings, entry.name)).sort();
  const folder = folders.at(-1) ?? "";
  const { tracks } = await description(folder);
  return { folder, pictures: tracks.filter((track) => track.kind === "video") };
}
