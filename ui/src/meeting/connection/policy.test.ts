import { expect, it } from "vitest";
import { changesOf, OPEN } from "./policy";

it("says what changed, and nothing else", () => {
  expect(changesOf(OPEN, OPEN, "Anna")).toEqual([]);
  expect(changesOf(OPEN, { ...OPEN, locked: true, chatEnabled: false }, "Anna")).toEqual([
    "Anna locked the room: nobody new gets in.",
    "Anna lets only hosts write in the chat.",
  ]);
  expect(changesOf({ ...OPEN, camerasEnabled: false }, OPEN, "Ben")).toEqual([
    "Ben lets guests turn their cameras on.",
  ]);
});
