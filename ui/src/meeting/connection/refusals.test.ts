import { expect, it } from "vitest";
import { explainRefusal } from "./refusals";

it("says what to do about a refusal that it knows", () => {
  expect(explainRefusal("Room is locked")).toContain("Ask them to unlock it");
  expect(explainRefusal("Invalid request: roomId")).toContain("Ask the host for the link again");
});

it("quotes a refusal that it does not know", () => {
  expect(explainRefusal("The disk is full.")).toBe(
    "The server refused: The disk is full. Load the page again, and tell the host if it stays.",
  );
});
