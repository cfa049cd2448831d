/**
 * How far sound, pictures and people are apart in a long recording: half an hour for real, without loss and with networks that lose 2 and 10 % of all media in
 * each direction, all at once. Minutes in CONFAB_SYNC_MINUTES make it another length. It takes a computer that has nothing else
 * to do: a browser that gets no breath dates its pictures too early from then on, by up to a quarter of a second (what WebRTC's `TimestampAligner` took off
 * once to keep a date from lying in the future, it takes off for good).
 */
import { setTimeout as pause } from "node:timers/promises";
import { launch } from "../browser/lib/chromium.js";
import { impossible, Networks, NETWORKS } from "../browser/lib/namespace.js";
import { folderOf } from "../browser/lib/recording.js";
import { Server } from "../browser/lib/server.js";
import { joinFlashing, lateness, middle } from "../browser/lib/timing.js";
import { print } from "./figures.js";

const MINUTES = Number(process.env["CONFAB_SYNC_MINUTES"] ?? 30);
/** In percent. */
const LOSSES = [0, 2, 10];
/** So many flashes and beeps are the start, and the end. */
const FEW = 15;

export async function sync() {
  const reason = await impossible();
  if (reason) return print("not measured", reason);
  const told = await Promise.all(LOSSES.map(meeting));
  for (const [name, figure] of told.flat()) print(name, figure);
}

/**
 * Records two people whose network loses that much, and returns the figures under their names.
 *
 * @param {number} loss
 * @returns {Promise<[string, string][]>}
 */
async function meeting(loss) {
  const networks = await Networks.make();
  const within = ["ip", "netns", "exec", networks.server];
  const server = await Server.start({ within, announced: null });
  const program = await networks.guestProgram("/usr/bin/chromium");
  const browser = await launch({ program });
  try {
    if (loss > 0) await networks.lose(loss);
    const link = server.linkTo("sync", NETWORKS.eth0.server);
    const people = [];
    for (const name of ["Anna", "Ben"])
      people.push(await joinFlashing(browser, link, name));
    const [anna] = people;
    await anna?.button("Start recording").click();
    const folder = await folderOf(server);
    await pause(MINUTES * 60_000);
    await anna?.button("Stop recording").click();
    await anna?.button("Start recording").waitFor();
    const found = await lateness(folder, people);
    return [
      ...figures(
        `${loss} % loss, the start`,
        found.map((one) => ({ ...one, late: one.late.slice(0, FEW) })),
      ),
      ...figures(
        `${loss} % loss, after ${MINUTES} minutes`,
        found.map((one) => ({ ...one, late: one.late.slice(-FEW) })),
      ),
      ...found.map(
        ({ name, kind, late, lostPackets }) =>
          /** @type {[string, string]} */ ([
            `${loss} % loss, ${name}'s ${kind}`,
            `${late.length} moments, ${lostPackets} packets never came`,
          ]),
      ),
    ];
  } finally {
    await browser.close();
    await server.stop();
    await networks.remove();
  }
}

/**
 * How far apart the middles are: picture and sound of each, and the two sounds.
 *
 * @param {string} when
 * @param {import("../browser/lib/timing.js").Lateness[]} found
 * @returns {[string, string][]}
 */
function figures(when, found) {
  const late = (
    /** @type {string} */ name,
    /** @type {"audio" | "video"} */ kind,
  ) =>
    middle(
      found.find((one) => one.name === name && one.kind === kind)?.late ?? [],
    );
  const apart = ["Anna", "Ben"].map((name) => {
    const ms = Math.round(late(name, "video") - late(name, "audio"));
    return `${name}'s picture is ${Math.abs(ms)} ms ${ms < 0 ? "earlier" : "later"} than the sound`;
  });
  const voices = `the voices are ${Math.abs(late("Anna", "audio") - late("Ben", "audio")).toFixed(0)} ms apart`;
  return [[when, [...apart, voices].join(", ")]];
}
