import { expect, it } from "vitest";
import { fileSizes, sizeInWords } from "./size";

it("says sizes briefly and never too large", () => {
  const said = [0, 1023, 1024, 1536, 50 * 1024 ** 2, 50 * 1024 ** 2 - 1, 3 * 1024 ** 3, 4096 * 1024 ** 3].map(
    sizeInWords,
  );
  expect(said).toEqual(["0 B", "1023 B", "1 KB", "1.5 KB", "50 MB", "49 MB", "3 GB", "4096 GB"]);
});

it("offers sizes up to the owner's word, and what is chosen", () => {
  const mega = (sizes: number[]) => sizes.map((size) => size / 1024 ** 2);
  expect(mega(fileSizes(50 * 1024 ** 2, 500 * 1024 ** 2))).toEqual([0, 10, 50, 100, 250, 500]);
  expect(mega(fileSizes(7 * 1024 ** 2, 20 * 1024 ** 2))).toEqual([0, 7, 10, 20]);
  expect(fileSizes(0, 0)).toEqual([0]);
});
