import { describe, expect, it } from "vitest";
import { shortcutOf, type Press } from "./shortcuts";

const press = (key: string, code: string, more: Partial<Press> = {}): Press => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  isComposing: false,
  defaultPrevented: false,
  ...more,
});

describe("shortcuts", () => {
  it.each([
    ["m", "KeyM", "microphone"],
    ["M", "KeyM", "microphone"],
    ["v", "KeyV", "camera"],
    // Where the letters are elsewhere they count, and not their places: AZERTY, Dvorak.
    ["m", "Semicolon", "microphone"],
    [",", "KeyM", null],
    ["v", "Period", "camera"],
    ["k", "KeyV", null],
    ["M", "", "microphone"],
    // Full width, from a Japanese input method.
    ["ｍ", "KeyM", "microphone"],
    ["ｖ", "KeyV", "camera"],
    ["b", "KeyB", null],
    ["é", "KeyM", null],
    ["1", "KeyM", null],
    ["Enter", "Enter", null],
    [" ", "Space", null],
  ] as const)("take %s at %s as %s", (key, code, does) => {
    expect(shortcutOf(press(key, code))).toBe(does);
  });

  it.each([
    ["Russian", "ь", "м"],
    ["Russian in capitals", "Ь", "М"],
    ["Greek", "μ", "ω"],
    ["Hebrew", "צ", "ה"],
    ["Arabic", "ة", "ر"],
    ["Arabic ligatures", "لا", "ر"],
    ["Persian", "پ", "ر"],
    ["Hindi", "स", "न"],
    ["Thai", "ท", "อ"],
    ["a mark", "ิ", "\u094d"],
    ["Korean", "ㅡ", "ㅍ"],
    ["Japanese in kana", "も", "ひ"],
    ["Georgian", "მ", "ვ"],
    ["Armenian", "մ", "վ"],
    ["an input method", "Process", "Process"],
    ["an unknown key", "Unidentified", "Unidentified"],
    ["a dead key", "Dead", "Dead"],
  ])("go by the place of the key in %s", (_, m, v) => {
    expect(shortcutOf(press(m, "KeyM"))).toBe("microphone");
    expect(shortcutOf(press(v, "KeyV"))).toBe("camera");
    expect(shortcutOf(press(m, "KeyQ"))).toBeNull();
  });

  it.each(["ctrlKey", "metaKey", "altKey", "repeat", "isComposing", "defaultPrevented"] as const)(
    "are none with %s",
    (held) => {
      expect(shortcutOf(press("m", "KeyM", { [held]: true }))).toBeNull();
      expect(shortcutOf(press("ь", "KeyM", { [held]: true }))).toBeNull();
    },
  );
});
