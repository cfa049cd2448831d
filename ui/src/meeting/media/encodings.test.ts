import { expect, it } from "vitest";
import { cameraEncodings } from "./encodings";

it("splits a high picture into three layers and a low one into two, smallest first", () => {
  expect(cameraEncodings(720).map((layer) => layer.scaleResolutionDownBy)).toEqual([4, 2, 1]);
  expect(cameraEncodings(480).map((layer) => layer.scaleResolutionDownBy)).toEqual([2, 1]);
});
