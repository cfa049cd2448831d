/** What a room allows its guests, and how that is said. Pure. */
import type { RoomPolicy } from "../../wire/RoomPolicy";
import { sizeInWords } from "../../shared/size";

/** What is on or off. */
export type Switch = Exclude<keyof RoomPolicy, "maxFileBytes">;

/** What a room allows as long as nobody has changed it. */
export const OPEN: RoomPolicy = {
  locked: false,
  screenShareEnabled: true,
  camerasEnabled: true,
  chatEnabled: true,
  guestsMayRecord: true,
  maxFileBytes: 50 * 1024 * 1024,
};

/** Why a control cannot be used, for the person at it. */
export const forbidden = {
  microphone: "A host keeps your microphone off. Raise your hand to ask for it.",
  camera: "A host keeps your camera off. Raise your hand to ask for it.",
  cameras: "Hosts keep guests’ cameras off in this room.",
  screen: "Only hosts may share screens in this room.",
  chat: "Only hosts may write in the chat now.",
  files: "Hosts do not allow files in this room.",
  record: "Only hosts may record this meeting.",
} as const;

const said: Record<Switch, Record<"true" | "false", string>> = {
  locked: { true: "locked the room: nobody new gets in", false: "unlocked the room" },
  screenShareEnabled: { true: "lets guests share screens", false: "lets only hosts share screens" },
  camerasEnabled: { true: "lets guests turn their cameras on", false: "keeps guests’ cameras off" },
  chatEnabled: { true: "lets guests write in the chat", false: "lets only hosts write in the chat" },
  guestsMayRecord: { true: "lets guests record", false: "lets only hosts record" },
};

const saidOfFiles = (most: number) =>
  most > 0 ? `lets files of up to ${sizeInWords(most)} be shared` : "lets no files be shared";

/** The sentences about what somebody changed. */
export function changesOf(before: RoomPolicy, after: RoomPolicy, by: string): string[] {
  const changes = (Object.keys(said) as Switch[])
    .filter((key) => before[key] !== after[key])
    .map((key) => said[key][`${after[key]}`]);
  if (before.maxFileBytes !== after.maxFileBytes) changes.push(saidOfFiles(after.maxFileBytes));
  return changes.map((change) => `${by} ${change}.`);
}
