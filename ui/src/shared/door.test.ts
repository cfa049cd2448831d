import { expect, it } from "vitest";
import type { RoomDoor } from "../wire/RoomDoor";
import { doorChanges, knockText, randomPasscode, whyNoPasscode } from "./door";

const door: RoomDoor = { door: "open", passcode: null, maxPeople: 500 };

it("knows a passcode by its length, without the blanks around it", () => {
  expect(whyNoPasscode("apple pie")).toBeNull();
  expect(whyNoPasscode("  abc ")).toContain("4 to 32");
  expect(whyNoPasscode("🍎🍎🍎")).not.toBeNull();
  expect(whyNoPasscode("x".repeat(33))).not.toBeNull();
});

it("makes passcodes that are taken", () => {
  for (let tries = 0; tries < 50; tries += 1) {
    expect(randomPasscode()).toMatch(/^\d{6}$/);
    expect(whyNoPasscode(randomPasscode())).toBeNull();
  }
});

it("says what changed at the door, and never the passcode", () => {
  expect(doorChanges(door, door, "Anna")).toEqual([]);
  const closed: RoomDoor = { ...door, door: "passcode", passcode: "apple" };
  expect(doorChanges(door, closed, "Anna")).toEqual(["Anna closed the door with a passcode."]);
  expect(doorChanges(closed, { ...closed, passcode: "pears", maxPeople: 12 }, "Anna")).toEqual([
    "Anna changed the passcode.",
    "Anna lets 12 people in at most.",
  ]);
});

it("names who knocks, and counts the rest", () => {
  expect(knockText([])).toBe("");
  expect(knockText(["Cleo"])).toBe("Cleo asks to come in.");
  expect(knockText(["Cleo", "Ben"])).toBe("Cleo and Ben ask to come in.");
  expect(knockText(["Cleo", "Ben", "Ada"])).toBe("Cleo and 2 others ask to come in.");
});
