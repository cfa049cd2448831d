/** A room's door: who gets in, in words, and what makes a passcode. Pure but for chance. */
import type { DoorKind } from "../wire/DoorKind";
import type { RoomDoor } from "../wire/RoomDoor";
import type { SetRoomDoor } from "../wire/SetRoomDoor";

/** A change of a door; what is left out stays. */
export type DoorChange = Omit<SetRoomDoor, "roomId">;

/** Each kind of door: its name, and who gets in by it. */
export const doors: readonly { kind: DoorKind; label: string; who: string }[] = [
  { kind: "open", label: "Open", who: "Whoever has the link comes in." },
  { kind: "passcode", label: "Passcode", who: "Whoever has the link and knows the passcode." },
  { kind: "waiting-room", label: "Waiting room", who: "Guests knock, and a host lets each of them in." },
];

const LEAST = 4;
const MOST = 32;

/** Why a text is no passcode; `null` if it is one. Blanks around it do not count. */
export function whyNoPasscode(text: string): string | null {
  const length = [...text.trim()].length;
  return length < LEAST || length > MOST ? `A passcode has ${LEAST} to ${MOST} characters.` : null;
}

/** A passcode that is easy to say: six digits. */
export function randomPasscode(): string {
  const [chance = 0] = crypto.getRandomValues(new Uint32Array(1));
  return String(chance % 1_000_000).padStart(6, "0");
}

/** The sentences about what somebody changed. */
export function doorChanges(before: RoomDoor, after: RoomDoor, by: string): string[] {
  const said: Record<DoorKind, string> = {
    open: "opened the door: whoever has the link comes in",
    passcode: "closed the door with a passcode",
    "waiting-room": "made a waiting room: guests are let in one by one",
  };
  const changes = [
    before.door !== after.door && said[after.door],
    before.door === after.door && before.passcode !== after.passcode && "changed the passcode",
    before.maxPeople !== after.maxPeople && `lets ${after.maxPeople} people in at most`,
  ];
  return changes.filter((change) => change !== false).map((change) => `${by} ${change}.`);
}

/** The sentence about who knocks; empty if nobody does. */
export function knockText(names: readonly string[]): string {
  const [first, second] = names;
  if (first === undefined) return "";
  if (second === undefined) return `${first} asks to come in.`;
  const others = names.length === 2 ? second : `${names.length - 1} others`;
  return `${first} and ${others} ask to come in.`;
}
