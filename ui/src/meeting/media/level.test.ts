import { expect, it } from "vitest";
import { loudness } from "./level";

it("is nothing in silence, full at a shout and in between for speech", () => {
  expect(loudness(new Float32Array(64))).toBe(0);
  expect(loudness(new Float32Array(64).fill(0.9))).toBe(1);
  const speech = loudness(new Float32Array(64).fill(0.03));
  expect(speech).toBeGreaterThan(0.3);
  expect(speech).toBeLessThan(0.8);
});
