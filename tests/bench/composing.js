/** How much faster than life a recording becomes a film: 2, 4 and 9 people with camera and voice, at 720p and 1080p. */
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { PROGRAM } from "../browser/lib/server.js";
import { until } from "../browser/lib/until.js";
import { print } from "./figures.js";

const run = promisify(execFile);
/** How long the recording is, in seconds. */
const LENGTH = 20;
const PEOPLE = [2, 4, 9];
const SIZES = ["720p", "1080p"];
/** On a busy computer composing gives way to everything else. */
const PATIENCE_MS = 20 * 60_000;

export async function composing() {
  const tracks = await mkdtemp(join(tmpdir(), "confab-bench-"));
  try {
    const camera = join(tracks, "camera.webm");
    const voice = join(tracks, "voice.webm");
    const vp8 = "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 1500k -g 300";
    await record("testsrc2=s=1280x720:r=30", vp8, camera);
    await record("sine=f=220:r=48000", "-c:a libopus -b:a 32k", voice);
    for (const size of SIZES) {
      for (const people of PEOPLE) {
        const seconds = await compose(people, size, { camera, voice });
        print(
          `${people} people at ${size}`,
          `${(LENGTH / seconds).toFixed(1)} times as fast as life`,
        );
      }
    }
  } finally {
    await rm(tracks, { recursive: true, force: true });
  }
}

/**
 * @param {string} source one of ffmpeg's
 * @param {string} encoder
 * @param {string} file
 */
async function record(source, encoder, file) {
  const input = ["-v", "error", "-f", "lavfi", "-i", source];
  await run("ffmpeg", [
    ...input,
    "-t",
    `${LENGTH}`,
    ...encoder.split(" "),
    file,
  ]);
}

/**
 * Lets a server find a recording that an earlier run left; returns how many seconds the film took.
 *
 * @param {number} people
 * @param {string} size
 * @param {{ camera: string, voice: string }} files
 */
async function compose(people, size, { camera, voice }) {
  const folder = await mkdtemp(join(tmpdir(), "confab-bench-"));
  const recordings = join(folder, "recordings");
  await leave(join(recordings, "room_bench_7"), people, size, {
    camera,
    voice,
  });
  const flags = ["--port", "0", "--data", join(folder, "data")];
  const server = spawn(PROGRAM, [...flags, "--recordings", recordings], {
    cwd: folder,
    env: { PATH: process.env["PATH"], ANNOUNCED_IP: "127.0.0.1" },
    stdio: "ignore",
  });
  const ended = new Promise((resolve) => server.on("exit", resolve));
  try {
    const scratch = join(recordings, "room_bench_7", "composing");
    await until("composing begins", () => existsSync(scratch));
    const begun = performance.now();
    const name = `room_bench_7${size === "1080p" ? "" : `-${size}`}.mp4`;
    await until(
      "the film is there",
      () => existsSync(join(recordings, name)),
      PATIENCE_MS,
    );
    return (performance.now() - begun) / 1000;
  } finally {
    server.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * What a run leaves that ended before composing.
 *
 * @param {string} folder
 * @param {number} people
 * @param {string} size
 * @param {{ camera: string, voice: string }} files
 */
async function leave(folder, people, size, { camera, voice }) {
  await mkdir(folder, { recursive: true });
  const names = { camera: "camera.webm", voice: "voice.webm" };
  await run("cp", [camera, voice, folder]);
  const seats = Array.from({ length: people }, (_, index) => index + 1);
  const tracks = seats.flatMap((seat) => [
    track(seat, "video", names.camera),
    track(seat, "audio", names.voice),
  ]);
  const recording = {
    version: 1,
    id: "7",
    roomId: "bench",
    startedAt: 7,
    durationMs: LENGTH * 1000,
    status: "recorded",
    message: null,
    tracks,
    products: { wanted: { format: "mp4", size } },
  };
  await writeFile(join(folder, "recording.json"), JSON.stringify(recording));
}

/**
 * @param {number} seat
 * @param {"video" | "audio"} kind
 * @param {string} file
 */
function track(seat, kind, file) {
  return {
    file,
    seat,
    peerName: `Person ${seat}`,
    kind,
    isScreenShare: false,
    offsetMs: 0,
    endMs: LENGTH * 1000,
    width: null,
    height: null,
    frames: 1,
    lostPackets: 0,
    pauses: [],
  };
}
