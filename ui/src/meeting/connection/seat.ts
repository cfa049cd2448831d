/**
 * What a tab remembers of its place in a meeting, so that a reload takes the place again without a question. Kept in
 * `sessionStorage`, which a duplicated tab copies: a seat counts only if its tab was unloaded, not if it is still in use.
 * It counts for a short time only: a tab that comes back later must not open camera and microphone unasked.
 */

/** A place in a meeting. */
export interface Seat {
  roomId: string;
  /** The opaque label by which the page knows its own chat messages again. */
  userId: string;
  name: string;
  resumeToken: string | null;
  cameraOn: boolean;
  microphoneOn: boolean;
}

const KEY = "confab.seat";

/** How long a seat counts, in ms. */
const COUNTS_MS = 60_000;
/** How often to write the seat of a meeting that goes on, in ms, so that it counts even if the tab ends unasked. */
export const KEEP_EVERY_MS = 15_000;

interface Stored extends Seat {
  parked: boolean;
  /** When it was written, in ms since the epoch. */
  at: number;
}

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Writes the seat; `parked` when the page goes away. Storage may be switched off, then a reload asks again. */
export function keepSeat(seat: Seat, parked: boolean, store: Store = sessionStorage): void {
  try {
    store.setItem(KEY, JSON.stringify({ ...seat, parked, at: Date.now() } satisfies Stored));
  } catch {
    // A browser that keeps nothing still meets.
  }
}

/** Forgets the seat: the person left, or was made to. */
export function giveUpSeat(store: Store = sessionStorage): void {
  try {
    store.removeItem(KEY);
  } catch {
    // As above.
  }
}

/** The seat to take again in this room, if the page was reloaded in the middle of a meeting. */
export function seatToResume(roomId: string, reloaded: boolean, store: Store = sessionStorage): Seat | null {
  try {
    const stored: unknown = JSON.parse(store.getItem(KEY) ?? "null");
    if (!isStored(stored) || stored.roomId !== roomId || !(stored.parked || reloaded)) return null;
    return Math.abs(Date.now() - stored.at) <= COUNTS_MS ? stored : null;
  } catch {
    return null;
  }
}

/** Whether the browser says that this page came by a reload. */
export function wasReloaded(): boolean {
  const [entry] = performance.getEntriesByType("navigation");
  return entry instanceof PerformanceNavigationTiming && entry.type === "reload";
}

function isStored(value: unknown): value is Stored {
  if (typeof value !== "object" || value === null) return false;
  const seat = value as Partial<Record<keyof Stored, unknown>>;
  return (
    typeof seat.roomId === "string" &&
    typeof seat.userId === "string" &&
    typeof seat.name === "string" &&
    (seat.resumeToken === null || typeof seat.resumeToken === "string") &&
    typeof seat.cameraOn === "boolean" &&
    typeof seat.microphoneOn === "boolean" &&
    typeof seat.parked === "boolean" &&
    typeof seat.at === "number"
  );
}
