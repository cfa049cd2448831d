/** The list of people as the server's messages change it. Pure. */
import type { ParticipantEntry } from "../../wire/ParticipantEntry";

export type People = readonly ParticipantEntry[];

/** Somebody's microphone or camera changed. */
export function withState(
  people: People,
  change: { peerId: string; isAudioMuted?: boolean; isVideoPaused?: boolean },
): People {
  return people.map((person) =>
    person.id === change.peerId
      ? {
          ...person,
          isAudioMuted: change.isAudioMuted ?? person.isAudioMuted,
          isVideoPaused: change.isVideoPaused ?? person.isVideoPaused,
        }
      : person,
  );
}

/** Somebody came back, or is known by another id now. Whoever has that id already is the same person. */
export function renamed(people: People, oldId: string, id: string): People {
  const others = people.filter((person) => person.id !== id || id === oldId);
  return others.map((person) => (person.id === oldId ? { ...person, id, isReconnecting: false } : person));
}

/** The sentence that a screen reader says about who came and went, or nothing. */
export function comingsAndGoings(before: People, after: People, selfId: string): string {
  if (before.length === 0) return "";
  const names = (list: People, other: People) =>
    list
      .filter((person) => person.id !== selfId && !other.some((o) => o.id === person.id))
      .map((person) => person.name);
  const sentences = [];
  const came = names(after, before);
  const went = names(before, after);
  if (came.length > 0) sentences.push(`${came.join(", ")} joined.`);
  if (went.length > 0) sentences.push(`${went.join(", ")} left.`);
  return sentences.join(" ");
}
