import { describe, expect, it } from "vitest";
import type { PersonView, RecordingView, RoomView } from "./state.svelte";
import {
  addressText,
  bytesText,
  countText,
  doorMarksOf,
  inOrder,
  leftText,
  marksOf,
  peopleText,
  sizeText,
  stateText,
  subjectOf,
  titleOf,
  waitText,
} from "./words";

const person: PersonView = {
  id: "a",
  name: "Ada",
  imageUrl: null,
  isHost: false,
  isCoHost: false,
  isReconnecting: false,
  isAudioMuted: false,
  isVideoPaused: false,
  isAudioHeld: false,
  isVideoHeld: false,
  isScreenSharing: false,
  isLeftOut: false,
  isSpeaking: false,
  handRaisedAt: null,
  joinedAt: 0,
  sends: [],
};
const send = (kind: "audio" | "video", isScreenShare = false, paused = false) => ({
  producerId: kind,
  peerId: "a",
  kind,
  isScreenShare,
  paused,
});
const recording: RecordingView = {
  id: "r",
  roomId: "demo",
  title: null,
  startedAt: 0,
  durationMs: null,
  people: [],
  state: "composing",
  progress: 0.426,
  secondsLeft: null,
  heldBy: null,
  file: null,
  folder: "r",
  bytes: 0,
  roomForSeconds: null,
  message: null,
};

describe("what a person sends", () => {
  const words = (change: Partial<PersonView>) => marksOf({ ...person, ...change }).map((mark) => mark.text);

  it("names what is missing", () => {
    expect(words({})).toEqual(["No microphone", "No camera"]);
  });
  it("tells muted from sending", () => {
    expect(words({ sends: [send("audio"), send("video")] })).toEqual(["Microphone on", "Camera on"]);
    expect(words({ sends: [send("audio"), send("video")], isAudioMuted: true, isVideoPaused: true })).toEqual([
      "Muted",
      "Camera off",
    ]);
    expect(words({ sends: [send("audio", false, true)] })).toEqual(["Muted", "No camera"]);
  });
  it("tells what hosts keep off", () => {
    const held = { isAudioMuted: true, isAudioHeld: true, isVideoPaused: true, isVideoHeld: true };
    expect(words({ sends: [send("audio"), send("video")], ...held })).toEqual([
      "Muted by a host",
      "Camera off by a host",
    ]);
  });
  it("does not take a shared screen for a camera", () => {
    expect(words({ sends: [send("video", true)], isScreenSharing: true })).toEqual([
      "No microphone",
      "No camera",
      "Shares the screen",
    ]);
  });
});

describe("a room", () => {
  const room = (id: string, more: Partial<RoomView> = {}): RoomView => ({
    id,
    name: null,
    link: "",
    hostLink: "",
    isKept: true,
    isOpen: false,
    createdAt: 0,
    recording: null,
    broadcast: null,
    broadcastKept: null,
    door: "open",
    passcode: null,
    maxPeople: 500,
    policy: {
      locked: false,
      screenShareEnabled: true,
      camerasEnabled: true,
      chatEnabled: true,
      guestsMayRecord: true,
      maxFileBytes: 0,
    },
    people: [],
    waiting: [],
    removed: [],
    ...more,
  });

  it("is called by its name, or else by its id", () => {
    expect(titleOf(room("den"))).toBe("den");
    expect(titleOf(room("den", { name: "The den" }))).toBe("The den");
  });
  it("stands where it is needed: the default one first, then where somebody waits or is", () => {
    const waiting = [{ id: 1, name: "Cleo", imageUrl: null, knockedAt: 0 }];
    const rooms = [
      room("a"),
      room("c", { name: "B" }),
      room("full", { people: [person] }),
      room("knock", { waiting }),
      room("meeting"),
    ];
    expect(inOrder(rooms, "meeting").map((one) => one.id)).toEqual(["meeting", "knock", "full", "a", "c"]);
  });
  it("says what its door asks for", () => {
    const marks = (more: Partial<RoomView>) => doorMarksOf(room("den", more)).map((mark) => mark.text);
    expect(marks({ passcode: "apple" })).toEqual([]);
    expect(marks({ door: "passcode", passcode: "apple" })).toEqual(["Passcode apple"]);
    expect(marks({ door: "waiting-room", policy: { ...room("den").policy, locked: true } })).toEqual([
      "Waiting room",
      "Locked",
    ]);
  });
});

it("sees in a person what can be done about them", () => {
  expect(subjectOf({ ...person, isCoHost: true, isScreenSharing: true, isVideoHeld: true }, 2)).toEqual({
    isSelf: false,
    role: "cohost",
    isAudioHeld: false,
    isVideoHeld: true,
    isSharing: true,
    handPlace: 2,
  });
});

it("counts people", () => {
  expect([0, 1, 2].map(countText)).toEqual(["Nobody", "1 person", "2 people"]);
});

it("says what an address is good for", () => {
  const address = { ip: "192.168.1.5", interface: "wlan0", kind: "lan" as const, chosen: true, link: "" };
  expect(addressText(address)).toBe("192.168.1.5 (wlan0, local network)");
});

it("says how far a recording is", () => {
  expect(stateText(recording)).toBe("Being put together, 43\u00a0%");
  expect(stateText({ ...recording, progress: null })).toBe("Being put together");
  expect(sizeText(recording)).toBe("");
  expect(sizeText({ ...recording, durationMs: 61_000, bytes: 1_530_000 })).toBe("1:01, 1.5\u00a0MB");
  const left = (roomForSeconds: number) => sizeText({ ...recording, bytes: 1_530_000, roomForSeconds });
  expect(left(3 * 86_400)).toBe("1.5\u00a0MB, room for 3 days more");
  expect(left(40 * 3_600)).toBe("1.5\u00a0MB, room for 40 hours more");
  expect(left(599)).toBe("1.5\u00a0MB, room for 9 minutes more");
  expect(left(30)).toBe("1.5\u00a0MB, room for 1 minute more");
});

it("says how long it takes still, in steps that nobody counts", () => {
  const left = (secondsLeft: number | null, heldBy: RecordingView["heldBy"] = null) =>
    leftText({ ...recording, secondsLeft, heldBy });
  expect([null, 3, 61, 89, 91, 600].map((seconds) => left(seconds))).toEqual([
    "",
    "about 10 s left",
    "about 70 s left",
    "about 90 s left",
    "about 2 min left",
    "about 10 min left",
  ]);
  expect(left(60, "owner")).toBe("paused");
  expect(left(60, "meeting")).toBe("paused until everybody has left");
});

it("names a few of those who were recorded", () => {
  expect(peopleText([])).toBe("");
  expect(peopleText(["Anna", "Ben", "Cem"])).toBe("Anna, Ben, Cem");
  expect(peopleText(["Anna", "Ben", "Cem", "Dora"])).toBe("Anna, Ben and 2 more");
});

it("writes sizes with few digits", () => {
  expect([400, 12_345, 999_600, 48_000_000, 3_210_000_000].map(bytesText)).toEqual([
    "0.4\u00a0kB",
    "12\u00a0kB",
    "1.0\u00a0MB",
    "48\u00a0MB",
    "3.2\u00a0GB",
  ]);
});

it("says when something is tried again", () => {
  expect([7400, 1000, 0, -200].map(waitText)).toEqual([
    "Trying again in 8 seconds.",
    "Trying again in 1 second.",
    "Trying again now.",
    "Trying again now.",
  ]);
});
