import { describe, expect, it } from "vitest";
import { OPEN } from "../connection/policy";
import { choicesFor } from "./deeds";
import type { Face } from "./tiles";

const face = (more: Partial<Face> = {}): Face => ({
  peerId: "a",
  name: "Ada",
  imageUrl: null,
  isSelf: false,
  role: "guest",
  isMuted: false,
  isAudioHeld: false,
  isVideoHeld: false,
  isReconnecting: false,
  isSpeaking: false,
  isSharing: false,
  handPlace: null,
  video: null,
  videoProducerId: null,
  ...more,
});
const deeds = (own: "guest" | "cohost" | "host", of: Face, policy = OPEN, hosts = 1) =>
  choicesFor(own, of, policy, hosts).map((choice) => choice.deed);

describe("a person's menu", () => {
  it("is not for guests, nor for co-hosts about those above guests", () => {
    expect(deeds("guest", face())).toEqual([]);
    expect(deeds("cohost", face({ role: "cohost" }))).toEqual([]);
    expect(deeds("cohost", face({ role: "host" }))).toEqual([]);
  });
  it("has the roles for hosts alone", () => {
    expect(deeds("cohost", face())).toEqual(["mute", "camera-off", "remove"]);
    expect(deeds("host", face())).toEqual(["mute", "camera-off", "make-cohost", "make-host", "remove"]);
    expect(deeds("host", face({ role: "cohost" }))).toContain("remove-cohost");
    expect(deeds("host", face({ role: "host" }))).toContain("remove-host");
  });
  it("offers what there is to do, and to lift what is held", () => {
    const held = face({ isAudioHeld: true, isVideoHeld: true, isSharing: true, handPlace: 1 });
    expect(deeds("cohost", held)).toEqual(["unmute", "camera-on", "stop-screen", "lower-hand", "remove"]);
  });
  it("leaves cameras alone that the room forbids", () => {
    expect(deeds("cohost", face({ isVideoHeld: true }), { ...OPEN, camerasEnabled: false })).toEqual([
      "mute",
      "remove",
    ]);
  });
  it("lets a host step down who is not the only one", () => {
    const self = face({ isSelf: true, role: "host" });
    expect(deeds("host", self)).toEqual([]);
    expect(deeds("host", self, OPEN, 2)).toEqual(["remove-host"]);
    expect(deeds("cohost", face({ isSelf: true, role: "cohost" }), OPEN, 2)).toEqual([]);
  });
});
