import { expect, it } from "vitest";
import { cameraEncodings } from "./encodings";

it("splits a high picture into three layers and a low one into two, smallest first", () => {
  expect(cameraEncodings(720, "video/VP8").map((layer) => layer.scaleResolutionDownBy)).toEqual([4, 2, 1]);
  expect(cameraEncodings(480, "video/H264").map((layer) => layer.scaleResolutionDownBy)).toEqual([2, 1]);
});

it("sends one picture in codecs that the server takes in one size alone", () => {
  for (const codec of ["video/VP9", "video/AV1"]) {
    expect(cameraEncodings(720, codec).map((layer) => layer.scaleResolutionDownBy)).toEqual([1]);
  }
});
