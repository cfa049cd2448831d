import { describe, expect, it } from "vitest";
import { packetsArrived, Stillness } from "./stillness";

const [anna, ben, screen] = [
  { ssrc: 1, mayRest: false },
  { ssrc: 2, mayRest: false },
  { ssrc: 3, mayRest: true },
];

describe("pictures that stand still", () => {
  it("are those that got nothing between two looks", () => {
    const stillness = new Stillness();
    expect(stillness.look([anna, ben], new Map([[1, 10]]))).toEqual([]);
    expect(stillness.look([anna, ben], new Map([[1, 20]]))).toEqual([ben]);
    expect(stillness.look([anna, ben], new Map([[1, 20], [2, 5]]))).toEqual([anna]); // prettier-ignore
  });

  it("are asked for less and less often", () => {
    const stillness = new Stillness();
    const asked = Array.from({ length: 18 }, () => stillness.look([anna], new Map([[1, 10]])).length);
    expect(asked.flatMap((count, look) => (count ? [look] : []))).toEqual([1, 2, 4, 8, 16]);
    expect(stillness.look([anna], new Map([[1, 11]]))).toEqual([]);
    expect(stillness.look([anna], new Map([[1, 11]]))).toEqual([anna]);
  });

  it("may be screens on which nothing happens, once there was a picture", () => {
    const stillness = new Stillness();
    expect(stillness.look([screen], new Map())).toEqual([]);
    expect(stillness.look([screen], new Map())).toEqual([screen]);
    expect(stillness.look([screen], new Map([[3, 100]]))).toEqual([]);
    expect(stillness.look([screen], new Map([[3, 100]]))).toEqual([]);
  });

  it("are none that were paused until now", () => {
    const stillness = new Stillness();
    stillness.look([anna], new Map([[1, 10]]));
    stillness.look([], new Map([[1, 10]]));
    expect(stillness.look([anna], new Map([[1, 10]]))).toEqual([]);
  });
});

describe("statistics", () => {
  it("tell the packets of each stream that arrives", () => {
    const report = new Map<string, object>([
      ["a", { type: "inbound-rtp", ssrc: 7, packetsReceived: 12 }],
      ["b", { type: "outbound-rtp", ssrc: 8, packetsSent: 9 }],
      ["c", { type: "inbound-rtp", ssrc: 9 }],
    ]);
    expect([...packetsArrived(report as RTCStatsReport)]).toEqual([[7, 12], [9, 0]]); // prettier-ignore
  });
});
