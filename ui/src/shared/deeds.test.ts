import { describe, expect, it } from "vitest";
import type { RoomPolicy } from "../wire/RoomPolicy";
import { choicesFor, type Subject } from "./deeds";

const open: RoomPolicy = {
  locked: false,
  screenShareEnabled: true,
  camerasEnabled: true,
  chatEnabled: true,
  guestsMayRecord: true,
  maxFileBytes: 0,
};
const somebody = (more: Partial<Subject> = {}): Subject => ({
  isSelf: false,
  role: "guest",
  isAudioHeld: false,
  isVideoHeld: false,
  isSharing: false,
  handPlace: null,
  ...more,
});
const deeds = (own: "guest" | "cohost" | "host", of: Subject, policy = open, hosts = 1) =>
  choicesFor(own, of, policy, hosts).map((choice) => choice.deed);

describe("a person's menu", () => {
  it("is not for guests, nor for co-hosts about those above guests", () => {
    expect(deeds("guest", somebody())).toEqual([]);
    expect(deeds("cohost", somebody({ role: "cohost" }))).toEqual([]);
    expect(deeds("cohost", somebody({ role: "host" }))).toEqual([]);
  });
  it("has the roles for hosts alone", () => {
    expect(deeds("cohost", somebody())).toEqual(["mute", "camera-off", "remove"]);
    expect(deeds("host", somebody())).toEqual(["mute", "camera-off", "make-cohost", "make-host", "remove"]);
    expect(deeds("host", somebody({ role: "cohost" }))).toContain("remove-cohost");
    expect(deeds("host", somebody({ role: "host" }))).toContain("remove-host");
  });
  it("offers what there is to do, and to lift what is held", () => {
    const held = somebody({ isAudioHeld: true, isVideoHeld: true, isSharing: true, handPlace: 1 });
    expect(deeds("cohost", held)).toEqual(["unmute", "camera-on", "stop-screen", "lower-hand", "remove"]);
  });
  it("leaves cameras alone that the room forbids", () => {
    expect(deeds("cohost", somebody({ isVideoHeld: true }), { ...open, camerasEnabled: false })).toEqual([
      "mute",
      "remove",
    ]);
  });
  it("lets a host step down who is not the only one", () => {
    const self = somebody({ isSelf: true, role: "host" });
    expect(deeds("host", self)).toEqual([]);
    expect(deeds("host", self, open, 2)).toEqual(["remove-host"]);
    expect(deeds("cohost", somebody({ isSelf: true, role: "cohost" }), open, 2)).toEqual([]);
  });
});
