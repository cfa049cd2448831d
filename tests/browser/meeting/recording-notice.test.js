/** Everybody is told that a recording runs, in words to be seen and in words to be heard, also who comes later. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";
import { DEADLINE_MS } from "../lib/until.js";

const { server, browser } = await house();

/**
 * What a page said aloud of a recording.
 *
 * @typedef {object} Heard
 * @property {number} seconds how long it spoke audibly
 * @property {boolean} audible it went to the loudspeaker, not muted
 */

/**
 * Listens to what the page says of a recording from now on, to the end, by the sound that it plays.
 *
 * @param {Guest} guest
 * @returns {Promise<Heard>}
 */
function listen(guest) {
  const heard = guest.page.evaluate(
    (deadline) =>
      new Promise((resolve, reject) => {
        setTimeout(() => reject(new Error("nothing was said")), deadline);
        const measure = (/** @type {HTMLAudioElement & { captureStream(): MediaStream }} */ element) => {
          const context = new AudioContext();
          const analyser = new AnalyserNode(context, { fftSize: 2048 });
          const sound = element.captureStream();
          const connect = () => context.createMediaStreamSource(sound).connect(analyser);
          if (sound.getAudioTracks().length > 0) connect();
          else sound.addEventListener("addtrack", connect, { once: true });
          const samples = new Float32Array(analyser.fftSize);
          let loud = 0;
          const every = 20;
          const timer = setInterval(() => {
            analyser.getFloatTimeDomainData(samples);
            const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
            if (power > 1e-4) loud += 1;
          }, every);
          element.addEventListener("ended", () => {
            clearInterval(timer);
            resolve({ seconds: (loud * every) / 1_000, audible: !element.muted && element.volume > 0.5 });
          });
        };
        const find = () => document.querySelector("audio[data-testid=recording-notice]");
        const observer = new MutationObserver(() => {
          const element = find();
          if (!element) return;
          observer.disconnect();
          measure(/** @type {any} */ (element));
        });
        if (find()) reject(new Error("it is said already"));
        observer.observe(document, { childList: true, subtree: true });
      }),
    DEADLINE_MS,
  );
  return /** @type {Promise<Heard>} */ (heard);
}

/**
 * @param {Guest} guest
 * @param {Promise<Heard>} saying
 */
async function isTold(guest, saying) {
  // One is shown for a while, the other as long as it runs.
  await guest.page.getByRole("list", { name: "Notes" }).getByText("This meeting is being recorded.").waitFor();
  const mark = guest.page.getByRole("timer", { name: "Recorded so far" });
  await mark.waitFor();
  const { seconds, audible } = await saying;
  assert.ok(audible && seconds > 0.8, `${guest.name} heard ${seconds} s`);
  await mark.waitFor();
}

test("those present and who comes later see and hear that it is recorded", async () => {
  const anna = await Guest.in(browser, server.linkTo("told"), "Anna");
  const ben = await Guest.in(browser, server.linkTo("told"), "Ben");
  await anna.seesAll("Anna", "Ben");
  const heard = [listen(anna), listen(ben)];
  await anna.button("Start recording").click();
  await Promise.all([isTold(anna, heard[0] ?? Promise.reject()), isTold(ben, heard[1] ?? Promise.reject())]);

  const cem = await Guest.at(browser, server.linkTo("told"), "Cem");
  await cem.button("Turn camera off").waitFor();
  const late = listen(cem);
  await cem.join();
  await isTold(cem, late);

  // The next one is told anew.
  await anna.button("Stop recording").click();
  const notice = (/** @type {Guest} */ guest) => guest.page.getByTestId("recording-notice");
  for (const guest of [anna, ben, cem]) await notice(guest).waitFor({ state: "detached" });
  const again = listen(cem);
  await anna.button("Start recording").click();
  await isTold(cem, again);
  await anna.button("Stop recording").click();
  assert.deepEqual([...anna.errors, ...ben.errors, ...cem.errors], []);
});
