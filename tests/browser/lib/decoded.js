/** The pictures of files, decoded; a decoder that complains fails the test. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const MOST_BYTES = 1 << 26;

/**
 * The sizes of all pictures that a file's decoder gives, as `640,480`.
 *
 * @param {string} file
 */
export async function sizes(file) {
  const words = ["-v", "error", "-select_streams", "v:0", "-show_entries", "frame=width,height", "-of", "csv=p=0"];
  const { stdout, stderr } = await run("ffprobe", [...words, file], { maxBuffer: MOST_BYTES });
  assert.equal(stderr, "", file);
  return stdout
    .trim()
    .split("\n")
    .map((line) => line.replace(/,$/, ""));
}

/**
 * The names of the colours that pictures have in the middles of their parts, picture by picture: `red`, `lime`, `blue`, or `other`.
 *
 * @param {string} file
 * @param {number} parts side by side, and as many one above the other
 */
export async function colours(file, parts) {
  // Nine dots each, of which the one in the middle counts.
  const side = 3 * parts;
  // Counted one by one: what is not kept is when each was.
  const filter = `scale=${side}:${side}:flags=area,setpts=N`;
  // And on over changes of the size.
  const input = ["-reinit_filter", "0", "-i", file, "-an"];
  const words = ["-v", "error", ...input, "-fps_mode", "passthrough", "-enc_time_base", "-1", "-vf", filter];
  const { stdout, stderr } = await run("ffmpeg", [...words, "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"], {
    encoding: "buffer",
    maxBuffer: MOST_BYTES,
  });
  assert.equal(stderr.toString(), "", file);
  const places = Array.from({ length: parts }, (_, index) => 3 * index + 1);
  return Array.from({ length: stdout.length / (3 * side * side) }, (_, picture) =>
    places.flatMap((y) =>
      places.map((x) => {
        const at = 3 * (side * (side * picture + y) + x);
        return nameOf([...stdout.subarray(at, at + 3)]);
      }),
    ),
  );
}

/** @param {number[]} parts red, green and blue */
function nameOf(parts) {
  const strong = parts.map((part) => part > 150);
  const weak = parts.map((part) => part < 90);
  const index = strong.findIndex((is, which) => is && weak.every((isWeak, other) => isWeak || other === which));
  return ["red", "lime", "blue"][index] ?? "other";
}
