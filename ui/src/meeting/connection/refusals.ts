/** The server's refusals as sentences that say what to do. Pure. */

const sentences: Record<string, string> = {
  "Room is locked": "The host has locked this meeting. Ask them to unlock it, then try again.",
  "You were removed from this room; a host can let you back in":
    "You were removed from this meeting. Ask the host to let you back in.",
  "Room is full": "This meeting is full. Try again when somebody has left.",
  "Passcode required": "This meeting asks for a passcode now. Ask the host for it, and join again.",
  "Wrong passcode": "That is not the passcode of this meeting. Ask the host for it, and try again.",
  "Already recording": "A recording is already running.",
  "No active recording": "No recording is running.",
  "Not allowed": "Only a host may do that.",
  "Files cannot be shared here": "Hosts do not allow files in this room.",
  "Cannot consume": "This browser cannot play what somebody sends. Update the browser and join again.",
};

/** The protocol's own refusals are short marks for programs; what has more words was written for people. */
const WORDS_OF_A_MARK = 5;

/** The sentence for a refusal. A mark that the page does not know is quoted, so that the host can be told of it. */
export function explainRefusal(refusal: string): string {
  const known = sentences[refusal];
  if (known) return known;
  const isSentence = !refusal.startsWith("Invalid request") && refusal.split(/\s+/u).length > WORDS_OF_A_MARK;
  if (isSentence) return asSentence(refusal);
  return `The server refused: ${refusal.replace(/\.$/, "")}. Load the page again, and tell the host if it stays.`;
}

/** What a refusal says about the time after which to try again: the button counts it, so the sentence need not. */
const PAUSE = /[;,]? (?:you can )?(?:try|ask) again in (\d+) (second|minute|hour)s?\.?$/u;
const MILLISECONDS = { second: 1_000, minute: 60_000, hour: 3_600_000 } as const;

/** How long to wait before trying again, in ms. */
export function pauseOf(refusal: string): number {
  const [, count, unit] = PAUSE.exec(refusal) ?? [];
  return count && unit ? Number(count) * MILLISECONDS[unit as keyof typeof MILLISECONDS] : 0;
}

/** The sentence for a refusal to let somebody in. What is not right then is the link: all else is the page's own. */
export function explainNoEntry(refusal: string): string {
  if (refusal.startsWith("Invalid request")) return "This link is not right. Ask the host for the link again.";
  const why = refusal.replace(PAUSE, "");
  return why === refusal ? explainRefusal(refusal) : asSentence(why);
}

/** A reason that somebody gave, with a full stop if it has none. */
export function asSentence(reason: string): string {
  return /[.!?…]$/u.test(reason.trim()) ? reason.trim() : `${reason.trim()}.`;
}

/** The sentence for a line that cannot be made at all. */
export const UNREACHABLE =
  "The meeting cannot be reached. Check that you are on the same network as the host and that Confab is running there, then load this page again.";
