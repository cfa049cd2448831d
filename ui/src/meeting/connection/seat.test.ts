import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { giveUpSeat, keepSeat, seatToResume, type Seat } from "./seat";

const seat: Seat = { roomId: "den", userId: "u", name: "Ada", resumeToken: "t", cameraOn: true, microphoneOn: false };
let kept: Map<string, string>;
const store = {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => void kept.set(key, value),
  removeItem: (key: string) => void kept.delete(key),
};

describe("a tab's seat", () => {
  beforeEach(() => {
    kept = new Map();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is taken again after the page went away", () => {
    keepSeat(seat, true, store);
    expect(seatToResume("den", false, store)).toMatchObject(seat);
  });
  it("is not taken by a duplicate of a tab that still sits in it", () => {
    keepSeat(seat, false, store);
    expect(seatToResume("den", false, store)).toBeNull();
    expect(seatToResume("den", true, store)).toMatchObject(seat);
  });
  it("counts for its room alone, and not after leaving", () => {
    keepSeat(seat, true, store);
    expect(seatToResume("attic", true, store)).toBeNull();
    giveUpSeat(store);
    expect(seatToResume("den", true, store)).toBeNull();
  });
  it("counts for a minute", () => {
    vi.useFakeTimers({ now: 1_000_000 });
    keepSeat(seat, true, store);
    vi.setSystemTime(1_050_000);
    expect(seatToResume("den", false, store)).toMatchObject(seat);
    vi.setSystemTime(1_070_000);
    expect(seatToResume("den", false, store)).toBeNull();
    expect(seatToResume("den", true, store)).toBeNull();
  });
  it("is not read from damaged storage", () => {
    for (const damaged of ["{", "3", '{"roomId":"den"}']) {
      kept.set("confab.seat", damaged);
      expect(seatToResume("den", true, store)).toBeNull();
    }
  });
});
