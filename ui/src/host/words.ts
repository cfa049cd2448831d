/** The words of the window: what a snapshot says, in plain sentences. Pure. */
import type { Subject } from "../shared/deeds";
import type { IconName } from "../shared/icons";
import { roleOf } from "../shared/roles";
import { clockText } from "../shared/time";
import type { AddressView, PersonView, RecordingView, RoomView } from "./state.svelte";

/** One thing that a person sends, or does not. */
export interface Mark {
  icon: IconName;
  text: string;
  isOn: boolean;
}

/** Microphone, camera and, while it is shared, the screen. */
export function marksOf(person: PersonView): Mark[] {
  const sends = (kind: "audio" | "video") => person.sends.find((send) => send.kind === kind && !send.isScreenShare);
  const audio = sends("audio");
  const video = sends("video");
  const marks: Mark[] = [
    !audio
      ? { icon: "mic-off", text: "No microphone", isOn: false }
      : audio.paused || person.isAudioMuted
        ? { icon: "mic-off", text: person.isAudioHeld ? "Muted by a host" : "Muted", isOn: false }
        : { icon: "mic", text: "Microphone on", isOn: true },
    !video
      ? { icon: "camera-off", text: "No camera", isOn: false }
      : video.paused || person.isVideoPaused
        ? { icon: "camera-off", text: person.isVideoHeld ? "Camera off by a host" : "Camera off", isOn: false }
        : { icon: "camera", text: "Camera on", isOn: true },
  ];
  if (person.isScreenSharing) marks.push({ icon: "screen", text: "Shares the screen", isOn: true });
  return marks;
}

/** What people call a room. */
export function titleOf(room: Pick<RoomView, "id" | "name">): string {
  return room.name ?? room.id;
}

/** The rooms as the window shows them: first the one of the join link, then where somebody waits or is. */
export function inOrder(rooms: readonly RoomView[], defaultRoom: string): RoomView[] {
  const rank = (room: RoomView) =>
    room.id === defaultRoom ? 0 : room.waiting.length > 0 ? 1 : room.people.length > 0 ? 2 : 3;
  return [...rooms].sort((a, b) => rank(a) - rank(b) || titleOf(a).localeCompare(titleOf(b)));
}

/** What is to be known of a room's door; nothing of one that stands open. */
export function doorMarksOf(room: Pick<RoomView, "door" | "passcode" | "policy">): { icon: IconName; text: string }[] {
  const marks: { icon: IconName; text: string }[] = [];
  if (room.door === "passcode") marks.push({ icon: "key", text: `Passcode ${room.passcode ?? ""}`.trim() });
  if (room.door === "waiting-room") marks.push({ icon: "door", text: "Waiting room" });
  if (room.policy.locked) marks.push({ icon: "lock", text: "Locked" });
  return marks;
}

/** When something is tried again, in so many milliseconds. */
export function waitText(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds <= 0) return "Trying again now.";
  return `Trying again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`;
}

/** A person, as far as that decides what can be done about them. */
export function subjectOf(person: PersonView, handPlace: number | null): Subject {
  const { isAudioHeld, isVideoHeld, isScreenSharing } = person;
  return {
    isSelf: false,
    role: roleOf(person),
    isAudioHeld,
    isVideoHeld,
    isSharing: isScreenSharing,
    handPlace,
  };
}

/** `Nobody`, `1 person`, `4 people`. */
export function countText(people: number): string {
  if (people === 0) return "Nobody";
  return people === 1 ? "1 person" : `${people} people`;
}

const kinds: Record<AddressView["kind"], string> = {
  lan: "local network",
  vpn: "VPN",
  virtual: "virtual network",
  loopback: "this computer only",
  announced: "set when Confab was started",
};

/** An address with what it is good for. */
export function addressText(address: AddressView): string {
  const name = address.interface ? `${address.interface}, ` : "";
  return `${address.ip} (${name}${kinds[address.kind]})`;
}

/** The state of a recording in a few words. */
export function stateText(recording: RecordingView): string {
  switch (recording.state) {
    case "recording":
      return "Recording now";
    case "waiting":
      return "Waiting to be put together";
    case "composing":
      return recording.progress === null
        ? "Being put together"
        : `Being put together, ${percent(recording.progress)}\u00a0%`;
    case "ready":
      return "Ready";
    case "tracksOnly":
      return "Separate tracks only";
    case "failed":
      return "Failed";
  }
}

/** How long putting together takes still: `about 3 min left`; empty where nobody knows. */
export function leftText(recording: RecordingView): string {
  if (recording.heldBy === "owner") return "paused";
  if (recording.heldBy === "meeting") return "paused until everybody has left";
  if (recording.secondsLeft === null) return "";
  if (recording.secondsLeft < 90) return `about ${Math.max(10, Math.ceil(recording.secondsLeft / 10) * 10)} s left`;
  return `about ${Math.ceil(recording.secondsLeft / 60)} min left`;
}

/** Those who were recorded: `Anna, Ben and 3 more`. */
export function peopleText(names: readonly string[]): string {
  const shown = names.length > 3 ? names.slice(0, 2) : names;
  const rest = names.length - shown.length;
  return rest > 0 ? `${shown.join(", ")} and ${rest} more` : shown.join(", ");
}

/** A share of 0 to 1 as whole per cent. */
export function percent(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 100);
}

/** Length, size and how long the disk has room for more, as far as they are known: `12:30, 48 MB`. */
export function sizeText(recording: RecordingView): string {
  const length = recording.durationMs === null ? [] : [clockText(recording.durationMs)];
  const size = recording.bytes > 0 ? [bytesText(recording.bytes)] : [];
  const room = recording.roomForSeconds === null ? [] : [`room for ${spanText(recording.roomForSeconds)} more`];
  return [...length, ...size, ...room].join(", ");
}

/** A span of time in its greatest unit, rounded down. */
function spanText(seconds: number): string {
  const [count, unit] = [
    [seconds / 86_400, "days"],
    [seconds / 3_600, "hours"],
    [seconds / 60, "minutes"],
  ].find(([count]) => Number(count) >= 2) ?? [1, "minute"];
  return `${Math.floor(Number(count))} ${unit}`;
}

/** Bytes in the unit that leaves one to three digits before the point, on one line with it. */
export function bytesText(bytes: number): string {
  const units = ["kB", "MB", "GB", "TB"];
  let size = bytes / 1000;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size < 9.95 ? size.toFixed(1) : size.toFixed(0)}\u00a0${units[unit] ?? "kB"}`;
}
