/** What a guest's browser remembers between meetings: the name, the devices chosen, and the wish not to be recorded. */

/** A guest's choices; an empty device id leaves the choice to the system. */
export interface Preferences {
  name: string;
  cameraId: string;
  microphoneId: string;
  speakerId: string;
  /** Recordings are to leave the guest out. */
  leftOut: boolean;
}

const KEY = "confab.preferences";

/** The choices of last time. */
export function readPreferences(): Preferences {
  const preferences: Preferences = { name: "", cameraId: "", microphoneId: "", speakerId: "", leftOut: false };
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "null");
    if (typeof kept === "object" && kept !== null) {
      for (const [key, usual] of Object.entries(preferences)) {
        const value = (kept as Record<string, unknown>)[key];
        if (typeof value === typeof usual) Object.assign(preferences, { [key]: value });
      }
    }
  } catch {
    // Storage switched off or damaged: start afresh.
  }
  return preferences;
}

/** Remembers some choices and leaves the others. */
export function rememberPreferences(changed: Partial<Preferences>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...readPreferences(), ...changed }));
  } catch {
    // Storage switched off: the browser asks again next time.
  }
}
