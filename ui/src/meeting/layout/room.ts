/** The room that a link names. Pure. */

/** The room of a path such as `/r/den`, or `null` if the path names none. */
export function roomOf(path: string): string | null {
  const [, id] = /^\/r\/([A-Za-z0-9._-]{1,64})\/?$/u.exec(path) ?? [];
  return id ?? null;
}
