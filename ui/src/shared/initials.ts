/** What stands for a person who shows no picture: their initials and a colour. Pure. */

/** One or two letters for a name: the first of the first word and of the last. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const first = words.at(0);
  const last = words.length > 1 ? words.at(-1) : undefined;
  const letters = [first, last].map((word) => (word ? [...word][0] : undefined)).filter(Boolean);
  return letters.join("").toLocaleUpperCase() || "?";
}

/** A hue of 0 to 359 degrees that is always the same for the same name. */
export function hueOf(name: string): number {
  let hash = 7;
  for (const letter of name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 100_003;
  return (hash * 47) % 360;
}
