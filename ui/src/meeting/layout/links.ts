/** Chat text cut into plain pieces and links; nothing else in it is ever markup. Pure. */

/** A piece of a message; `href` makes it a link. */
export interface Piece {
  text: string;
  href?: string;
}

const LINK = /https?:\/\/[^\s<>"]+/giu;
/** What ends a sentence rather than a link. */
const TAIL = /[.,;:!?'’”»)\]}]+$/u;

/** The pieces of a message, in order; together they are the message. */
export function piecesOf(message: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of message.matchAll(LINK)) {
    const link = trimmed(match[0]);
    if (!isWhole(link)) continue;
    if (match.index > end) pieces.push({ text: message.slice(end, match.index) });
    pieces.push({ text: link, href: link });
    end = match.index + link.length;
  }
  if (end < message.length) pieces.push({ text: message.slice(end) });
  return pieces;
}

/** A link without the sentence's own marks, but with a bracket that belongs to it, as in `…/Mars_(planet)`. */
function trimmed(link: string): string {
  const tail = TAIL.exec(link)?.[0] ?? "";
  const bare = link.slice(0, link.length - tail.length);
  const opened = bare.split("(").length - bare.split(")").length;
  return tail.startsWith(")") && opened > 0 ? `${bare})` : bare;
}

function isWhole(link: string): boolean {
  try {
    return new URL(link).hostname !== "";
  } catch {
    return false;
  }
}
