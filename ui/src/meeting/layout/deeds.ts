/** What the person at this page may do to another, and in which words. Pure: the server has the last word. */
import type { IconName } from "../../shared/icons";
import type { RoomPolicy } from "../../wire/RoomPolicy";
import type { Role } from "../connection/people";
import type { Face } from "./tiles";

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

/** What somebody of this role may do to a person; nothing where there is no need of a menu. */
export function choicesFor(own: Role, face: Face, policy: RoomPolicy, hosts: number): Choice[] {
  if (own === "guest") return [];
  if (face.isSelf) {
    // The only host cannot step down, and a co-host cannot at all.
    const steps: Choice = { deed: "remove-host", label: "Stop being a host", icon: "person" };
    return own === "host" && hosts > 1 ? [steps] : [];
  }
  if (own === "cohost" && face.role !== "guest") return [];
  const camerasForbidden = face.role === "guest" && !policy.camerasEnabled;
  const choices: (Choice | false)[] = [
    face.isAudioHeld
      ? { deed: "unmute", label: "Let them turn their microphone on", icon: "mic" }
      : { deed: "mute", label: "Turn their microphone off", icon: "mic-off" },
    !camerasForbidden &&
      (face.isVideoHeld
        ? { deed: "camera-on", label: "Let them turn their camera on", icon: "camera" }
        : { deed: "camera-off", label: "Turn their camera off", icon: "camera-off" }),
    face.isSharing && { deed: "stop-screen", label: "Stop their screen share", icon: "screen-off" },
    face.handPlace !== null && { deed: "lower-hand", label: "Lower their hand", icon: "hand" },
    ...(own === "host" ? rolesFor(face.role) : []),
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
