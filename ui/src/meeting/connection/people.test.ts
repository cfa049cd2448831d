import { describe, expect, it } from "vitest";
import type { ParticipantEntry } from "../../wire/ParticipantEntry";
import { comingsAndGoings, renamed, withState } from "./people";

function person(id: string, name = id): ParticipantEntry {
  return {
    id,
    name,
    isAudioMuted: false,
    isVideoPaused: false,
    userId: null,
    imageUrl: null,
    isHost: false,
    isCoHost: false,
    isScreenSharing: false,
    isReconnecting: true,
    isAudioHeld: false,
    isVideoHeld: false,
    audioLocked: false,
    screenShareLocked: false,
    isLeftOut: false,
    handRaisedAt: null,
    joinedAt: 0,
  };
}
const people = [person("a", "Ada"), person("b", "Bob")];

describe("the list of people", () => {
  it("takes in what changed and leaves the rest", () => {
    const [ada, bob] = withState(people, { peerId: "a", isAudioMuted: true });
    expect(ada).toMatchObject({ isAudioMuted: true, isVideoPaused: false });
    expect(bob).toEqual(people[1]);
  });
  it("knows who came back under another id", () => {
    expect(renamed(people, "b", "c")[1]).toMatchObject({ id: "c", name: "Bob", isReconnecting: false });
  });
  it("keeps who came back under the same id, and knows two ids for one person", () => {
    expect(renamed(people, "b", "b")[1]).toMatchObject({ id: "b", name: "Bob", isReconnecting: false });
    const [only] = renamed(people, "b", "a");
    expect(only).toMatchObject({ id: "a", name: "Bob" });
  });
});

describe("what is said of comings and goings", () => {
  it("names who joined and who left, and not oneself", () => {
    expect(comingsAndGoings(people, [...people, person("c", "Cy")], "a")).toBe("Cy joined.");
    expect(comingsAndGoings(people, [person("a", "Ada")], "a")).toBe("Bob left.");
    expect(comingsAndGoings(people, people, "a")).toBe("");
  });
  it("is silent about those who were there first", () => {
    expect(comingsAndGoings([], people, "a")).toBe("");
  });
});
