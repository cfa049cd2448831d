/** A guest: a real browser with a camera and a microphone that are not real, on the meeting page. */
import { chromium } from "playwright-core";

const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
];

/** Starts a browser; its guests are closed with it. */
export async function browser() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const started = await chromium.launch({ executablePath, args });
  return {
    close: () => started.close(),
    /** Opens the link as a guest would, through the certificate warning, and asks to come in under `name`. */
    async knock(link, name) {
      const context = await started.newContext({ ignoreHTTPSErrors: true });
      const page = await context.newPage();
      await page.goto(link);
      await page.getByLabel("Your name").fill(name);
      await page.getByRole("button", { name: "Join the meeting" }).click();
      const entered = () => page.getByRole("button", { name: "Leave the meeting" }).waitFor();
      return {
        page,
        entered,
        mute: () => page.getByRole("button", { name: "Turn microphone off" }).click(),
        leave: () => context.close(),
      };
    },
    /** The same, where the door is open. */
    async join(link, name) {
      const guest = await this.knock(link, name);
      await guest.entered();
      return guest;
    },
  };
}
