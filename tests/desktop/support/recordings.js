/** What is in a Confab's folder of recordings. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The finished recordings' files. */
export function recordingFiles(place, room = "meeting") {
  if (!existsSync(place.recordings)) return [];
  return readdirSync(place.recordings)
    .filter((name) => name.startsWith(`room_${room}_`) && name.endsWith(".mp4"))
    .map((name) => join(place.recordings, name));
}

/** The list, or false as long as it is empty. */
export const nonEmpty = (list) => list.length > 0 && list;

/** How much is in a folder, in bytes. */
export function bytesBelow(folder) {
  return Number(execFileSync("du", ["-sb", folder]).toString().split("\t")[0]);
}

/** The kinds of streams in a file, sorted; fails where the file cannot be read. */
export function kindsOfStreams(file) {
  const args = ["-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0", file];
  return execFileSync("ffprobe", args).toString().trim().split("\n").sort();
}
