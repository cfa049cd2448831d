import { describe, expect, it } from "vitest";
import { explainCapture, explainNoCapture, explainNoJoin, explainScreen, whoDenied } from "./problems";

const failure = (name: string, message = "") => Object.assign(new Error(message), { name });

describe("a camera or microphone that does not start", () => {
  it.each([
    ["NotAllowedError", "Allow it in the browser"],
    ["NotFoundError", "Plug one in"],
    ["NotReadableError", "Close other programs"],
    ["TypeError", "Load the page again"],
  ])("%s gets a sentence that says what to do", (name, advice) => {
    expect(explainCapture("camera", failure(name))).toContain(advice);
    expect(explainCapture("microphone", failure(name))).toContain("microphone");
  });
  it("sends whom the system refuses to the system's settings", () => {
    const refused = failure("NotAllowedError", "Permission denied by system");
    expect(explainCapture("camera", refused)).toContain("in the system's settings");
    expect(whoDenied(refused)).toBe("system");
    expect(whoDenied(failure("NotAllowedError", "Permission denied"))).toBe("browser");
    expect(whoDenied(failure("NotFoundError"))).toBeNull();
  });
  it("takes anything thrown", () => {
    expect(explainCapture("camera", null)).toContain("camera");
  });
});

describe("a screen that is not shared", () => {
  it("is no problem when the person changed their mind", () => {
    expect(explainScreen(failure("NotAllowedError", "Permission denied"))).toBeNull();
  });
  it("is one when the system forbids it", () => {
    expect(explainScreen(failure("NotAllowedError", "Permission denied by system"))).toContain("settings");
  });
});

describe("what the browser brings", () => {
  it("is enough on a secure page", () => {
    const can = { secure: true, capture: true, peerConnection: true };
    expect(explainNoJoin(can)).toBeNull();
    expect(explainNoCapture(can)).toBeNull();
  });
  it("leaves watching and listening where there is no capture", () => {
    expect(explainNoCapture({ secure: false, capture: false, peerConnection: true })).toContain("https://");
    expect(explainNoCapture({ secure: true, capture: false, peerConnection: true })).toContain("another browser");
  });
  it("needs a peer connection", () => {
    expect(explainNoJoin({ secure: true, capture: true, peerConnection: false })).toContain("switch WebRTC on");
  });
});
