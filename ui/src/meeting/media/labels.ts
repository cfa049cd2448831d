/** What the buttons of camera and microphone are called. Pure. */
import type { Capture } from "./capture.svelte";

/** What a press does. Where the system keeps the device off, a press takes back the person's own wish. */
export function captureLabel({ kind, muted, wanted }: Pick<Capture, "kind" | "muted" | "wanted">): string {
  if (!wanted) return `Turn ${kind} on`;
  return muted ? `Turn ${kind} off. Your system keeps it off now` : `Turn ${kind} off`;
}
