/** Raised hands. Pure. */

/** The ids of those whose hands are up, in the order in which they rose. */
export function handsUp(people: readonly { id: string; handRaisedAt: number | null }[]): string[] {
  return people
    .filter((person) => person.handRaisedAt !== null)
    .sort((a, b) => (a.handRaisedAt ?? 0) - (b.handRaisedAt ?? 0))
    .map((person) => person.id);
}
