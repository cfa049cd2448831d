/** What somebody may do in a room, and the word for it beside their name. Pure. */

export const roleWords = { host: "Host", cohost: "Co-host", guest: "" } as const;

export type Role = keyof typeof roleWords;

export function roleOf(person: { isHost: boolean; isCoHost: boolean }): Role {
  return person.isHost ? "host" : person.isCoHost ? "cohost" : "guest";
}
