import { describe, expect, it } from "vitest";
import { hueOf, initialsOf } from "./initials";

describe("initialsOf", () => {
  it("takes the first letters of the first and the last word", () => {
    expect(initialsOf("ada lovelace")).toBe("AL");
    expect(initialsOf("  Ludwig  van Beethoven ")).toBe("LB");
  });
  it("takes one letter of one word, and whole letters of any script", () => {
    expect(initialsOf("émile")).toBe("É");
    expect(initialsOf("𝒜da")).toBe("𝒜");
  });
  it("has a mark for no name", () => {
    expect(initialsOf("   ")).toBe("?");
  });
});

describe("hueOf", () => {
  it("is a hue, and the same each time", () => {
    for (const name of ["", "Ada", "李"]) {
      expect(hueOf(name)).toBe(hueOf(name));
      expect(hueOf(name)).toBeGreaterThanOrEqual(0);
      expect(hueOf(name)).toBeLessThan(360);
    }
  });
});
