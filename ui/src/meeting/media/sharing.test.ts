import { describe, expect, it } from "vitest";
import { screenOptions } from "./sharing";

describe("a shared screen's sound", () => {
  it("is without this page's own where the browser can", () => {
    const options = screenOptions({ echoCancellation: true, suppressLocalAudioPlayback: true, restrictOwnAudio: true });
    expect(options.audio).toEqual({ restrictOwnAudio: true });
    expect(options.systemAudio).toBe("include");
  });

  it("is not the system's where it would have the others' voices in it", () => {
    expect(screenOptions({ echoCancellation: true, suppressLocalAudioPlayback: true })).toMatchObject({
      audio: {},
      systemAudio: "exclude",
    });
  });

  it("is without echo in browsers that know neither", () => {
    const { audio, systemAudio } = screenOptions({ echoCancellation: true });
    expect(audio.echoCancellation).toBe(true);
    expect(audio.suppressLocalAudioPlayback).toBe(true);
    expect(systemAudio).toBe("exclude");
    expect(screenOptions({}).audio.echoCancellation).toBe(true);
  });
});
