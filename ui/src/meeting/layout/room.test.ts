import { expect, it } from "vitest";
import { roomOf } from "./room";

it("reads the room from the link and nothing from any other path", () => {
  expect(roomOf("/r/den")).toBe("den");
  expect(roomOf("/r/a.b_c-1/")).toBe("a.b_c-1");
  for (const path of ["/", "/r/", "/r/a b", "/r/a/b", "/r/%2e%2e", `/r/${"a".repeat(65)}`])
    expect(roomOf(path)).toBeNull();
});
