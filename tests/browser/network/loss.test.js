/** A recording of people whose network loses a tenth of all media on the way there and on the way back. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { launch } from "../lib/chromium.js";
import { impossible, Networks, NETWORKS } from "../lib/namespace.js";
import { complaints, description, folderOf, recorded } from "../lib/recording.js";
import { Server } from "../lib/server.js";
import { assertTogether, joinFlashing, lateness } from "../lib/timing.js";

/** How much is lost, in percent. */
const LOSS = 10;

const skip = await impossible();
if (skip) console.error(`\n${skip}\n`);

test("sound and picture stay together in a recording however much the network loses", { skip }, async () => {
  const networks = await Networks.make();
  const server = await Server.start({ within: ["ip", "netns", "exec", networks.server], announced: null });
  const browser = await launch({ program: await networks.guestProgram("/usr/bin/chromium") });
  try {
    await networks.lose(LOSS);
    const link = server.linkTo("loss", NETWORKS.eth0.server);
    const [anna, ben] = [await joinFlashing(browser, link, "Anna"), await joinFlashing(browser, link, "Ben")];
    await Promise.all([anna.receives(1, 1), ben.receives(1, 1)]);
    await anna.button("Start recording").click();
    const folder = await folderOf(server);
    await recorded(folder, 4, 15_000);
    await anna.button("Stop recording").click();
    await anna.button("Start recording").waitFor();

    assert.ok((await networks.lost()) > 100);
    const { tracks } = await description(folder);
    assert.equal(tracks.length, 4);
    for (const { file } of tracks) assert.equal(await complaints(join(folder, file)), "", file);
    assertTogether(await lateness(folder, [anna, ben]));
  } finally {
    await browser.close();
    await server.stop();
    await networks.remove();
  }
});
