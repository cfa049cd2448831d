/** A made-up voice: a sound that rises and falls like speech, and pauses for breath; Chromium's beep is too short. */
import { writeFile } from "node:fs/promises";

/** Samples per second. */
const RATE = 48_000;
const SECONDS = 5;
/** How much of that it speaks. */
const SPOKEN_SECONDS = 3;

/**
 * Writes it as a WAV file.
 *
 * @param {string} path
 */
export async function writeVoice(path) {
  const samples = new Int16Array(RATE * SECONDS);
  for (let index = 0; index < RATE * SPOKEN_SECONDS; index += 1) {
    const time = index / RATE;
    const pitch = 180 + 60 * Math.sin(2 * Math.PI * 0.5 * time);
    const loudness = 0.35 + 0.25 * Math.sin(2 * Math.PI * 4 * time);
    let wave = 0;
    for (let overtone = 1; overtone <= 8; overtone += 1)
      wave += Math.sin(2 * Math.PI * pitch * overtone * time) / overtone;
    samples[index] = Math.round(12_000 * loudness * wave);
  }
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // one channel
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(2 * RATE, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(samples.byteLength, 40);
  await writeFile(path, Buffer.concat([header, Buffer.from(samples.buffer)]));
}
