/** What a host, or the owner of the machine, may do to somebody, and in which words. Pure: the server has the last word. */
import type { RoomPolicy } from "../wire/RoomPolicy";
import type { IconName } from "./icons";
import type { Role } from "./roles";

/** One thing that a host does to somebody. */
export type Deed =
  | "mute"
  | "unmute"
  | "camera-off"
  | "camera-on"
  | "stop-screen"
  | "lower-hand"
  | "make-host"
  | "remove-host"
  | "make-cohost"
  | "remove-cohost"
  | "remove";

/** A line of a person's menu. */
export interface Choice {
  deed: Deed;
  label: string;
  icon: IconName;
}

/** Whom it is about, as far as that decides what can be done. */
export interface Subject {
  /** The person at this page. */
  isSelf: boolean;
  role: Role;
  /** A host keeps the microphone, or the camera, off. */
  isAudioHeld: boolean;
  isVideoHeld: boolean;
  isSharing: boolean;
  /** The place of the raised hand. */
  handPlace: number | null;
}

/** What somebody of this role may do to a person; nothing where there is no need of a menu. The owner may as a host. */
export function choicesFor(own: Role, subject: Subject, policy: RoomPolicy, hosts: number): Choice[] {
  if (own === "guest") return [];
  if (subject.isSelf) {
    // The only host cannot step down, and a co-host cannot at all.
    const steps: Choice = { deed: "remove-host", label: "Stop being a host", icon: "person" };
    return own === "host" && hosts > 1 ? [steps] : [];
  }
  if (own === "cohost" && subject.role !== "guest") return [];
  const camerasForbidden = subject.role === "guest" && !policy.camerasEnabled;
  const choices: (Choice | false)[] = [
    subject.isAudioHeld
      ? { deed: "unmute", label: "Let them turn their microphone on", icon: "mic" }
      : { deed: "mute", label: "Turn their microphone off", icon: "mic-off" },
    !camerasForbidden &&
      (subject.isVideoHeld
        ? { deed: "camera-on", label: "Let them turn their camera on", icon: "camera" }
        : { deed: "camera-off", label: "Turn their camera off", icon: "camera-off" }),
    subject.isSharing && { deed: "stop-screen", label: "Stop their screen share", icon: "screen-off" },
    subject.handPlace !== null && { deed: "lower-hand", label: "Lower their hand", icon: "hand" },
    ...(own === "host" ? rolesFor(subject.role) : []),
    { deed: "remove", label: "Remove from the meeting", icon: "leave" },
  ];
  return choices.filter((choice) => choice !== false);
}

function rolesFor(role: Role): Choice[] {
  const host: Choice = { deed: "make-host", label: "Make host", icon: "host" };
  const guest = { label: "Make guest again", icon: "person" } as const;
  if (role === "host") return [{ deed: "remove-host", ...guest }];
  if (role === "cohost") return [host, { deed: "remove-cohost", ...guest }];
  return [{ deed: "make-cohost", label: "Make co-host", icon: "host" }, host];
}
