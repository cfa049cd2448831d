import { beforeEach, describe, expect, it, vi } from "vitest";
import { Capture } from "./capture.svelte";
import { captureLabel } from "./labels";

/** A track as browsers give them, as far as it matters here. */
class Track extends EventTarget {
  enabled = true;
  readyState = "live";
  constructor(
    readonly kind: "audio" | "video",
    public muted = false,
  ) {
    super();
  }
  stop(): void {
    this.readyState = "ended";
  }
  says(event: "mute" | "unmute" | "ended"): void {
    this.muted = event === "mute";
    this.dispatchEvent(new Event(event));
  }
}

const asTrack = (track: Track) => track as unknown as MediaStreamTrack;

describe.each([
  ["camera", "video"],
  ["microphone", "audio"],
] as const)("a %s that the system keeps off", (device, kind) => {
  let capture: Capture;
  let track: Track;
  const changed = vi.fn();

  beforeEach(() => {
    changed.mockClear();
    capture = new Capture(device, "");
    track = new Track(kind);
    capture.accept(asTrack(track));
    capture.onchange = changed;
  });

  it("is off until the system gives it back", () => {
    track.says("mute");
    expect(capture.live).toBe(false);
    expect(changed).toHaveBeenCalledTimes(1);
    expect(captureLabel(capture)).toMatch(/^Turn \w+ off\. Your system/);
    track.says("unmute");
    expect(capture.live).toBe(true);
    expect(changed).toHaveBeenCalledTimes(2);
    expect(captureLabel(capture)).toBe(`Turn ${device} off`);
  });

  it("stays off when the person turns it off meanwhile", async () => {
    track.says("mute");
    await capture.turn(!capture.wanted);
    track.says("unmute");
    expect(capture.on).toBe(false);
    expect(capture.live).toBe(false);
    expect(captureLabel(capture)).toBe(`Turn ${device} on`);
  });

  it("stays off when the person had turned it off before", async () => {
    await capture.turn(false);
    track.says("mute");
    track.says("unmute");
    expect(capture.live).toBe(false);
  });

  it("may be so from the beginning", () => {
    const late = new Track(kind, true);
    capture.accept(asTrack(late));
    expect(capture.live).toBe(false);
    late.says("unmute");
    expect(capture.live).toBe(true);
  });

  it("says nothing of the track that came in its place", () => {
    const next = new Track(kind);
    capture.accept(asTrack(next));
    changed.mockClear();
    track.says("mute");
    expect(capture.live).toBe(true);
    expect(changed).not.toHaveBeenCalled();
  });

  it("is forgotten with its track", () => {
    track.says("mute");
    capture.release();
    expect(capture.muted).toBe(false);
  });
});
