/** Flashes and beeps that happen at once, and when a recording's tracks have them. `flashAndBeep` runs in the page before all else. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
/** Half an hour of sound is 170 MB. */
const MOST_BYTES = 1 << 30;

/** Makes the page's camera flash and its microphone beep whenever the computer's clock shows an even second. */
export function flashAndBeep() {
  const [every, lasts] = [2_000, 200];
  window.flashes = [];
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const picture = /** @type {CanvasCaptureMediaStreamTrack} */ (canvas.captureStream(0).getVideoTracks()[0]);
  let [isBright, count] = [false, 0];
  setInterval(() => {
    const now = Date.now();
    const wasBright = isBright;
    isBright = now % every < lasts;
    // A busy page may be late: what counts is when it really was.
    if (isBright && !wasBright) window.flashes.push(now);
    context.fillStyle = isBright ? "white" : "black";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = "grey";
    context.fillRect((count += 8) % canvas.width, 0, 16, 16);
    picture.requestFrame();
  }, 33);

  const audio = new AudioContext();
  const voice = audio.createMediaStreamDestination();
  const loudness = new GainNode(audio, { gain: 0 });
  const tone = new OscillatorNode(audio, { frequency: 1_000 });
  tone.connect(loudness).connect(voice);
  tone.start();
  let next = 0;
  setInterval(() => {
    // Browsers let a page be heard once somebody clicked in it.
    void audio.resume();
    const now = Date.now();
    const coming = (Math.floor(now / every) + 1) * every;
    if (audio.state !== "running" || coming === next || coming - now > 500) return;
    next = coming;
    const at = audio.currentTime + (coming - now) / 1_000;
    loudness.gain.setValueAtTime(0.8, at);
    loudness.gain.setValueAtTime(0, at + lasts / 1_000);
  }, 50);

  navigator.mediaDevices.getUserMedia = async ({ video = false, audio: sound = false } = {}) => {
    const tracks = [...(video ? [picture] : []), ...(sound ? voice.stream.getAudioTracks() : [])];
    return new MediaStream(tracks.map((track) => track.clone()));
  };
}

/**
 * @typedef {object} Track as recording.json has it
 * @property {number} number
 * @property {string} file
 * @property {number} seat
 * @property {string} peerName
 * @property {"audio" | "video"} kind
 * @property {number} offsetMs
 * @property {number | null} endMs
 * @property {number} frames
 * @property {number} lostPackets
 * @property {number | null} width
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
 * When a track flashes or beeps, in ms since 1970, as its recording places it.
 *
 * @param {string} folder
 * @param {Track} track
 * @param {number} startedAt of the recording
 */
export async function moments(folder, track, startedAt) {
  const file = join(folder, track.file);
  const inFile = await (track.kind === "audio" ? beeps(file) : flashes(file));
  return inFile.map((ms) => startedAt + track.offsetMs + ms);
}

/** @param {string} file */
async function beeps(file) {
  // What is missing is silence; one sample for each ms is enough to hear when it is loud.
  const filter = "aresample=48000:async=1:min_hard_comp=0.01:first_pts=0";
  const words = ["-v", "error", "-i", file, "-af", filter, "-ac", "1", "-f", "s16le", "pipe:1"];
  const { stdout } = await run("ffmpeg", words, { encoding: "buffer", maxBuffer: MOST_BYTES });
  const samples = new Int16Array(stdout.buffer, stdout.byteOffset, Math.floor(stdout.length / 2));
  const begun = [];
  let quietUntil = 0;
  for (let index = 0; index < samples.length; index += 1) {
    if (Math.abs(samples[index] ?? 0) < 4_000) continue;
    if (index >= quietUntil) begun.push(index / 48);
    quietUntil = index + 24_000;
  }
  return begun;
}

/** @param {string} file */
async function flashes(file) {
  const words = ["-v", "error", "-i", file, "-fps_mode", "passthrough", "-vf", "scale=1:1,format=gray"];
  const decoded = run("ffmpeg", [...words, "-f", "rawvideo", "pipe:1"], { encoding: "buffer", maxBuffer: MOST_BYTES });
  const asked = ["-v", "error", "-show_entries", "frame=pts_time", "-of", "csv=p=0", file];
  const [{ stdout: greys }, { stdout: times }] = await Promise.all([
    decoded,
    run("ffprobe", asked, { maxBuffer: MOST_BYTES }),
  ]);
  const ms = times.split("\n").map((line) => Number.parseFloat(line) * 1_000);
  const isBright = (/** @type {number} */ index) => (greys[index] ?? 0) > 128;
  return [...greys.keys()]
    .filter((index) => index > 0 && isBright(index) && !isBright(index - 1))
    .map((index) => ms[index] ?? NaN);
}
