/**
 * What a browser shows at the door: the room's host key, from the host's own link, the passcode that was typed, and the
 * token by which the server knows the browser again. The key stands after the `#`; it leaves the address bar at once, so
 * that nobody copies it from there. Key and passcode stay with the tab.
 */
import { randomId } from "./random";

const DEVICE = "confab.device";
const keyOf = (roomId: string) => `confab.host.${roomId}`;
const passcodeOf = (roomId: string) => `confab.passcode.${roomId}`;

type Store = Pick<Storage, "getItem" | "setItem">;

/** The host key of a room, from the fragment of the link or as remembered; `null` for a guest. */
export function takeHostKey(
  roomId: string,
  from: Pick<Location, "hash" | "pathname" | "search"> = location,
  past: Pick<History, "replaceState" | "state"> = history,
  store: () => Store = () => sessionStorage,
): string | null {
  const key = new URLSearchParams(from.hash.slice(1)).get("host");
  if (key !== null) past.replaceState(past.state, "", from.pathname + from.search);
  try {
    if (key) store().setItem(keyOf(roomId), key);
    return key || store().getItem(keyOf(roomId));
  } catch {
    // Storage switched off: the key counts until the page is loaded again.
    return key || null;
  }
}

/** The passcode with which this tab came into the room; empty if there is none. */
export function keptPasscode(roomId: string, store: () => Store = () => sessionStorage): string {
  try {
    return store().getItem(passcodeOf(roomId)) ?? "";
  } catch {
    return "";
  }
}

/** Keeps a passcode that was right; an empty one is kept as none. Storage may be switched off, then it is asked for again. */
export function keepPasscode(roomId: string, passcode: string, store: () => Store = () => sessionStorage): void {
  try {
    store().setItem(passcodeOf(roomId), passcode);
  } catch {
    // A browser that keeps nothing still meets.
  }
}

/** What the server knows this browser by, the same in all tabs; `null` where the browser keeps nothing. */
export function deviceToken(store: () => Store = () => localStorage): string | null {
  try {
    const known = store().getItem(DEVICE);
    if (known) return known;
    const token = randomId();
    store().setItem(DEVICE, token);
    return token;
  } catch {
    return null;
  }
}
