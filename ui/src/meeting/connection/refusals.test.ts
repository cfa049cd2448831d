import { expect, it } from "vitest";
import { explainNoEntry, explainRefusal } from "./refusals";

it("says what to do about a refusal that it knows", () => {
  expect(explainRefusal("Room is locked")).toContain("Ask them to unlock it");
  expect(explainNoEntry("Room is locked")).toContain("Ask them to unlock it");
});

it("blames the link at the door alone", () => {
  expect(explainNoEntry("Invalid request: roomId is missing")).toContain("Ask the host for the link again");
  expect(explainRefusal("Invalid request: text has more than 4000 characters")).not.toContain("link");
});

it("shows the server's own sentences as they are", () => {
  const full = "The disk with /videos is full: what was recorded so far is kept. Free some space.";
  expect(explainRefusal(full)).toBe(full);
  expect(explainRefusal("The server is closing; please join again later")).toBe(
    "The server is closing; please join again later.",
  );
});

it("quotes a mark that it does not know", () => {
  expect(explainRefusal("Transport is already connected")).toBe(
    "The server refused: Transport is already connected. Load the page again, and tell the host if it stays.",
  );
});
