import { expect, it } from "vitest";
import { piecesOf } from "./links";

const links = (message: string) => piecesOf(message).flatMap((piece) => piece.href ?? []);

it("finds links and leaves the sentence's marks outside", () => {
  expect(links("See https://example.org/a?b=c#d, or (http://x.test/y).")).toEqual([
    "https://example.org/a?b=c#d",
    "http://x.test/y",
  ]);
  expect(links("https://x.test/Mars_(planet)")).toEqual(["https://x.test/Mars_(planet)"]);
});

it("makes a link of nothing else", () => {
  expect(links("javascript:alert(1) <a href=x> data:text/html,x ftp://x www.x.test https://")).toEqual([]);
});

it("loses no letter", () => {
  for (const message of ["", "plain", "a https://x.test b\nhttps://y.test.", "https://x.test"]) {
    expect(
      piecesOf(message)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(message);
  }
});
