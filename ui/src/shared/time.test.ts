import { expect, it } from "vitest";
import { clockText } from "./time";

it("writes a span as a clock does", () => {
  expect(clockText(0)).toBe("0:00");
  expect(clockText(7_900)).toBe("0:07");
  expect(clockText(750_000)).toBe("12:30");
  expect(clockText(3_729_000)).toBe("1:02:09");
  expect(clockText(-5)).toBe("0:00");
});
