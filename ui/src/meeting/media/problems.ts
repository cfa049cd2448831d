/** What goes wrong with cameras, microphones and screens, as sentences that say what to do. */
import { detectDevice } from "mediasoup-client";

export type CaptureKind = "camera" | "microphone";

/** Who said no: the person or the browser for them, or the operating system to the browser. */
export type Refuser = "browser" | "system";

/** Who said no to `getUserMedia`, or `null` if it failed otherwise. */
export function whoDenied(error: unknown): Refuser | null {
  if (!["NotAllowedError", "SecurityError"].includes(nameOf(error))) return null;
  return saysSystem(error) ? "system" : "browser";
}

/** Whether `getUserMedia` failed because there is no such device. */
export function isMissing(error: unknown): boolean {
  return ["NotFoundError", "OverconstrainedError"].includes(nameOf(error));
}

/** The sentence for what `getUserMedia` failed with. */
export function explainCapture(kind: CaptureKind, error: unknown): string {
  const refuser = whoDenied(error);
  if (refuser) return explainDenied(kind, refuser);
  if (isMissing(error)) return `No ${kind} was found. Plug one in and try again, or go on without.`;
  switch (nameOf(error)) {
    case "NotReadableError":
    case "AbortError":
      return `Your ${kind} is busy or does not start. Close other programs and tabs that use it, then try again.`;
    default:
      return `Your ${kind} did not start. Load the page again, or choose another ${kind}.`;
  }
}

/** The sentence for a no to a camera, a microphone or both. */
export function explainDenied(what: CaptureKind | "camera and microphone", refuser: Refuser): string {
  if (refuser === "system") {
    return `The system does not let this browser use your ${what}. Allow it for the browser in the system's settings, then try again.`;
  }
  return `This page may not use your ${what}. Allow it in the browser, by the icon beside the address, then try again.`;
}

/** The sentence for a device that stopped in the middle of its work. */
export function explainLost(kind: CaptureKind): string {
  return `Your ${kind} stopped. Plug it in again or choose another, then turn it on.`;
}

/** The sentence for what `getDisplayMedia` failed with, or `null` if the person simply changed their mind. */
export function explainScreen(error: unknown): string | null {
  const name = nameOf(error);
  if (name === "NotAllowedError" && !saysSystem(error)) return null;
  if (name === "NotAllowedError") {
    return "The system does not let this browser show the screen. Allow screen recording for it in the system's settings.";
  }
  if (name === "AbortError" || name === "InvalidStateError") return null;
  return "The screen could not be shared. Try again, or choose a window instead.";
}

/** What a browser must bring; taken apart so that it can be tested without one. */
export interface Abilities {
  secure: boolean;
  capture: boolean;
  peerConnection: boolean;
}

/** The abilities of this browser. */
export function abilitiesHere(): Abilities {
  // On an insecure page `mediaDevices` is missing, whatever the types say.
  const capture = "mediaDevices" in navigator && "getUserMedia" in navigator.mediaDevices;
  return {
    secure: isSecureContext,
    capture,
    // A browser may be too old for the meeting's library although it knows connections of a kind.
    peerConnection: "RTCPeerConnection" in window && detectDevice() !== undefined,
  };
}

/** Why nobody can join with this browser, or `null`. */
export function explainNoJoin(can: Abilities): string | null {
  return can.peerConnection
    ? null
    : "Open the link in a current Chrome, Edge, Firefox or Safari. If this is one of them, update it, or switch WebRTC on in it.";
}

/** Why this page can use no camera or microphone at all, or `null`. */
export function explainNoCapture(can: Abilities): string | null {
  if (can.capture) return null;
  return can.secure
    ? "This browser gives pages no camera or microphone. You can join to watch and listen, or open the link in another browser."
    : "Browsers give camera and microphone to https pages alone. Open the link with https:// in front, or join to watch and listen.";
}

/** Browsers tell the system's no from the person's by words alone. */
function saysSystem(error: unknown): boolean {
  return error instanceof Error && /system/i.test(error.message);
}

function nameOf(error: unknown): string {
  return typeof error === "object" && error !== null && "name" in error ? String(error.name) : "";
}
