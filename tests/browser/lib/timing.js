/** Flashes and beeps that happen at once, and when a recording's tracks have them. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { Guest } from "./guest.js";
import { description } from "./recording.js";

const run = promisify(execFile);
/** Half an hour of sound is 170 MB. */
const MOST_BYTES = 1 << 30;
/**
 * How far sound and picture, and two people, may be apart in ms, on a computer that may have other things to do: its browsers date their pictures too early then.
 * How far they are apart where it has not is measured by `cargo xtask bench sync`.
 */
const APART = 200;
/** How often pages flash and beep, in ms. */
const EVERY_MS = 2_000;
/** So small that several of them can be drawn and encoded beside one another: a page that gets no breath keeps no time. */
const WINDOW = { viewport: { width: 700, height: 400 } };

/** Makes the page's camera flash and its microphone beep whenever the computer's clock shows an even second. */
function flashAndBeep() {
  const [every, lasts] = [2_000, 200];
  window.flashes = [];
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
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
 * Somebody in the meeting who flashes and beeps.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {string} link
 * @param {string} name
 */
export async function joinFlashing(browser, link, name) {
  const guest = await Guest.at(browser, "about:blank", name, WINDOW);
  await guest.page.context().addInitScript(flashAndBeep);
  await guest.page.goto(link);
  await guest.join();
  return guest;
}

/**
 * When a track flashes or beeps, in ms since 1970, as its recording places it.
 *
 * @param {string} folder
 * @param {import("./recording.js").Track} track
 * @param {number} startedAt of the recording
 */
async function moments(folder, track, startedAt) {
  const file = join(folder, track.file);
  const inFile = await (track.kind === "audio" ? beeps(file) : flashes(file));
  return inFile.map((ms) => startedAt + track.offsetMs + ms);
}

/**
 * @typedef {object} Lateness of one track
 * @property {string} name whose it is
 * @property {"audio" | "video"} kind
 * @property {number[]} moments in ms since 1970, as the recording places them
 * @property {number[]} late by how much that is later than it was, in ms
 * @property {number} lostPackets
 */

/**
 * How much later than it was each flash and beep of a recording is placed, in ms, in the order of the moments.
 *
 * @param {string} folder
 * @param {Guest[]} senders their pages beep when the computer's clock shows an even second, and know when they flashed
 * @returns {Promise<Lateness[]>}
 */
export async function lateness(folder, senders) {
  const { startedAt, tracks } = await description(folder);
  const found = [];
  for (const track of tracks) {
    const sender = senders.find(({ name }) => name === track.peerName);
    const flashes = (await sender?.page.evaluate(() => window.flashes)) ?? [];
    const placed = await moments(folder, track, startedAt);
    const late = placed.map((moment) => {
      const truth = track.kind === "audio" ? [Math.round(moment / EVERY_MS) * EVERY_MS] : flashes;
      const distances = truth.map((time) => moment - time);
      return distances.reduce((best, each) => (Math.abs(each) < Math.abs(best) ? each : best), Infinity);
    });
    found.push({ name: track.peerName, kind: track.kind, moments: placed, late, lostPackets: track.lostPackets });
  }
  return found;
}

/** The middle one. @param {number[]} values */
export const middle = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/**
 * Everybody's sound and picture are together, and so are people. The middle one of the moments counts: a page that was busy once when it beeped is not the
 * recording's fault.
 *
 * @param {Lateness[]} found
 */
export function assertTogether(found) {
  const told = JSON.stringify(found);
  const each = found.map(({ name, kind, late }) => `${name} ${kind} ${late.map(Math.round).join(" ")}`);
  console.log(`  late in ms: ${each.join("; ")}`);
  for (const one of found) {
    assert.ok(one.late.length >= 3, told);
    for (const other of found) {
      const apart = Math.abs(middle(one.late) - middle(other.late));
      assert.ok(apart <= APART, told);
    }
  }
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
