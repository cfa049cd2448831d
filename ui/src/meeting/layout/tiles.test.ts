import { describe as suite, expect, it } from "vitest";
import type { ParticipantEntry } from "../../wire/ParticipantEntry";
import { describe, facesOf, sharesOf, type StreamView } from "./tiles";

const person = (id: string, more: Partial<ParticipantEntry> = {}): ParticipantEntry => ({
  id,
  name: `Name ${id}`,
  isAudioMuted: false,
  isVideoPaused: false,
  userId: null,
  imageUrl: null,
  isHost: false,
  isCoHost: false,
  isScreenSharing: false,
  isReconnecting: false,
  isAudioHeld: false,
  isVideoHeld: false,
  audioLocked: false,
  screenShareLocked: false,
  isLeftOut: false,
  handRaisedAt: null,
  joinedAt: 0,
  ...more,
});
// A track stands for itself here: nothing looks into it.
const track = {} as MediaStreamTrack;
const stream = (producerId: string, peerId: string, more: Partial<StreamView> = {}): StreamView => ({
  producerId,
  peerId,
  kind: "video",
  isScreenShare: false,
  paused: false,
  track,
  ...more,
});
const self = { id: "me", name: "Me", camera: track, microphoneOn: true, sharesScreen: false };

suite("faces", () => {
  it("come in the order of joining, oneself last", () => {
    const people = [person("me", { joinedAt: 1 }), person("b", { joinedAt: 3 }), person("a", { joinedAt: 2 })];
    expect(facesOf(people, [], self, null).map((face) => face.peerId)).toEqual(["a", "b", "me"]);
  });
  it("show oneself before the list has come", () => {
    expect(facesOf([], [], self, null)).toMatchObject([{ name: "Me", isSelf: true, isMuted: false }]);
  });
  it("show a picture only while it flows", () => {
    const people = [person("a")];
    const video = (streams: StreamView[]) => facesOf(people, streams, self, null)[0]?.video;
    expect(video([stream("1", "a")])).toBe(track);
    expect(video([stream("1", "a", { paused: true })])).toBeNull();
    expect(video([stream("1", "a", { track: null })])).toBeNull();
    expect(video([stream("1", "a", { isScreenShare: true })])).toBeNull();
    expect(video([])).toBeNull();
  });
  it("take the later of two cameras", () => {
    const [face] = facesOf([person("a")], [stream("1", "a"), stream("2", "a")], self, null);
    expect(face?.videoProducerId).toBe("2");
  });
  it("count as muted without a voice that flows", () => {
    const muted = (streams: StreamView[], more = {}) => facesOf([person("a", more)], streams, self, null)[0]?.isMuted;
    expect(muted([])).toBe(true);
    expect(muted([stream("1", "a", { kind: "audio" })])).toBe(false);
    expect(muted([stream("1", "a", { kind: "audio", paused: true })])).toBe(true);
    expect(muted([stream("1", "a", { kind: "audio" })], { isAudioMuted: true })).toBe(true);
  });
  it("mark who speaks, oneself only with the microphone on", () => {
    const people = [person("a"), person("me")];
    expect(facesOf(people, [], self, "a")[0]?.isSpeaking).toBe(true);
    expect(facesOf(people, [], { ...self, microphoneOn: false }, "me")[1]?.isSpeaking).toBe(false);
  });
  it("are described in words", () => {
    const [face] = facesOf([person("a", { isHost: true })], [], self, null);
    expect(face && describe(face)).toBe("Name a, host, microphone off, camera off");
  });
});

suite("hands", () => {
  it("have their place in the order in which they rose", () => {
    const people = [person("a", { handRaisedAt: 9 }), person("b"), person("me", { handRaisedAt: 4 })];
    expect(facesOf(people, [], self, null).map((face) => face.handPlace)).toEqual([2, null, 1]);
  });
  it("are described in words, as is what a host keeps off", () => {
    const more = { isCoHost: true, isAudioHeld: true, isVideoHeld: true, isLeftOut: true, handRaisedAt: 1 };
    const [face] = facesOf([person("a", more)], [], self, null);
    expect(face && describe(face)).toBe(
      "Name a, co-host, microphone off by a host, camera off by a host, not recorded, hand raised (number 1)",
    );
  });
});

suite("shared screens", () => {
  it("stand latest first, with whose they are", () => {
    const streams = [stream("1", "a", { isScreenShare: true }), stream("2", "b", { isScreenShare: true })];
    expect(sharesOf([person("a"), person("b")], streams)).toMatchObject([
      { producerId: "2", name: "Name b" },
      { producerId: "1", name: "Name a" },
    ]);
  });
  it("leave out sound, and pictures that do not flow yet", () => {
    const streams = [
      stream("1", "a", { isScreenShare: true, kind: "audio" }),
      stream("2", "a", { isScreenShare: true, track: null }),
    ];
    expect(sharesOf([person("a")], streams)).toEqual([]);
  });
});
