/**
 * Chromium with a camera and a microphone that are made up: a green picture with a clock, and a beep every second.
 */
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const CAMERA = "--use-fake-device-for-media-stream";
const ALLOWED = "--use-fake-ui-for-media-stream";

/**
 * @typedef {object} ChromiumOptions
 * @property {boolean} [allowed] whether pages may use camera and microphone; otherwise nobody is there to say yes
 * @property {string} [devices] the made-up devices, as `device-count=0`; one camera if not said
 * @property {string} [voice] a WAV file to hear instead of the beep
 * @property {string} [hosts] names for addresses, as `MAP confab.test 127.0.0.1`
 * @property {string} [program] another way to start it
 */

/** @param {ChromiumOptions} [options] */
export function launch({ allowed = true, devices, voice, hosts, program = "/usr/bin/chromium" } = {}) {
  const camera = devices ? `${CAMERA}=${devices}` : CAMERA;
  const args = [...FLAGS, camera, ...(allowed ? [ALLOWED] : [])];
  if (voice) args.push(`--use-file-for-fake-audio-capture=${voice}`);
  if (hosts) args.push(`--host-resolver-rules=${hosts}`);
  return chromium.launch({ executablePath: program, args });
}
