import { afterEach, expect, it, vi } from "vitest";
import { readPreferences, rememberPreferences } from "./preferences";

const afresh = { name: "", cameraId: "", microphoneId: "", speakerId: "", leftOut: false };

function keep(text: string | null): void {
  const kept = new Map(text === null ? [] : [["confab.preferences", text]]);
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
}

afterEach(() => vi.unstubAllGlobals());

it("remembers some choices and leaves the others", () => {
  keep(null);
  rememberPreferences({ name: "Anna" });
  rememberPreferences({ leftOut: true });
  expect(readPreferences()).toEqual({ ...afresh, name: "Anna", leftOut: true });
  rememberPreferences({ leftOut: false });
  expect(readPreferences()).toEqual({ ...afresh, name: "Anna" });
});

it("starts afresh from what is no preference", () => {
  for (const text of ["", "7", "null", '{"name": 3, "leftOut": "yes", "more": true}']) {
    keep(text);
    expect(readPreferences()).toEqual(afresh);
  }
  vi.stubGlobal("localStorage", undefined);
  expect(readPreferences()).toEqual(afresh);
});
