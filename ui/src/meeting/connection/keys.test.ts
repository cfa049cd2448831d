import { beforeEach, expect, it } from "vitest";
import { deviceToken, keepPasscode, keptPasscode, takeHostKey } from "./keys";

let kept: Map<string, string>;
let shown: string[];
const store = () => ({
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => void kept.set(key, value),
});
const off = () => {
  throw new Error("storage is switched off");
};
const past = {
  state: null,
  replaceState: (_state: unknown, _title: string, url?: string | URL | null) => void shown.push(String(url)),
};
const at = (hash: string) => ({ hash, pathname: "/r/den", search: "?a=b" });

beforeEach(() => {
  kept = new Map();
  shown = [];
});

it("takes the host's key out of the address bar and remembers it for its room", () => {
  expect(takeHostKey("den", at("#host=s3-c_ret"), past, store)).toBe("s3-c_ret");
  expect(shown).toEqual(["/r/den?a=b"]);
  expect(takeHostKey("den", at(""), past, store)).toBe("s3-c_ret");
  expect(takeHostKey("attic", at(""), past, store)).toBeNull();
  expect(shown).toHaveLength(1);
});

it("takes a newer key over the one that it remembers, and no empty one", () => {
  takeHostKey("den", at("#host=old"), past, store);
  expect(takeHostKey("den", at("#host=new"), past, store)).toBe("new");
  expect(takeHostKey("den", at("#host="), past, store)).toBe("new");
});

it("leaves other fragments alone", () => {
  expect(takeHostKey("den", at("#top"), past, store)).toBeNull();
  expect(shown).toEqual([]);
});

it("makes a device's token once", () => {
  const token = deviceToken(store);
  expect(token).toMatch(/^[0-9a-f]{32}$/);
  expect(deviceToken(store)).toBe(token);
});

it("keeps a passcode for its room", () => {
  expect(keptPasscode("den", store)).toBe("");
  keepPasscode("den", "apple", store);
  expect(keptPasscode("den", store)).toBe("apple");
  expect(keptPasscode("attic", store)).toBe("");
  keepPasscode("den", "", store);
  expect(keptPasscode("den", store)).toBe("");
});

it("works where the browser keeps nothing", () => {
  expect(takeHostKey("den", at("#host=key"), past, off)).toBe("key");
  expect(takeHostKey("den", at(""), past, off)).toBeNull();
  expect(deviceToken(off)).toBeNull();
  keepPasscode("den", "apple", off);
  expect(keptPasscode("den", off)).toBe("");
});
