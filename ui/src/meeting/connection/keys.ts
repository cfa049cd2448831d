/**
 * What a browser shows at the door: the room's host key, from the host's own link, and the token by which the server
 * knows the browser again. The key stands after the `#`; it leaves the address bar at once, so that nobody copies it
 * from there, and stays with the tab.
 */
import { randomId } from "./random";

const DEVICE = "confab.device";
const keyOf = (roomId: string) => `confab.host.${roomId}`;

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
