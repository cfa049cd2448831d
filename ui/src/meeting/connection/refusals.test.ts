import { expect, it } from "vitest";
import { explainNoEntry, explainRefusal, pauseOf } from "./refusals";

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

it("leaves to the button how long to wait before the next try", () => {
  const often = "Too many wrong passcodes from your network; try again in 20 seconds";
  expect(explainNoEntry(often)).toBe("Too many wrong passcodes from your network.");
  expect(pauseOf(often)).toBe(20_000);
  const away = "A host did not let you in; you can ask again in 2 minutes";
  expect(explainNoEntry(away)).toBe("A host did not let you in.");
  expect(pauseOf(away)).toBe(120_000);
  expect(pauseOf("Wrong passcode")).toBe(0);
});
