/** How a screen is asked for, so that the others do not hear themselves in its sound. Pure. */

/** What current browsers know of a screen's sound and TypeScript's types do not yet. */
interface SoundConstraints extends MediaTrackConstraints {
  /** Leaves out what this page plays. */
  restrictOwnAudio?: boolean;
  /** Keeps what is captured from the loudspeakers. */
  suppressLocalAudioPlayback?: boolean;
}

export interface ScreenOptions extends DisplayMediaStreamOptions {
  audio: SoundConstraints;
  /** Whether the sound of the whole system is offered. */
  systemAudio: "include" | "exclude";
}

/** Which constraints a browser knows. */
export type Known = MediaTrackSupportedConstraints & { [name in keyof SoundConstraints]?: boolean };

/**
 * The options for `getDisplayMedia`. The system's sound has the others' voices in it as this page plays them: a browser
 * that can leaves them out; otherwise the system's sound is not offered, and a tab's still is. A browser that is too old
 * for that choice, too, is asked to take away what it plays itself.
 */
export function screenOptions(known: Known): ScreenOptions {
  const video = { frameRate: { max: 30 } };
  if (known.restrictOwnAudio) return { video, audio: { restrictOwnAudio: true }, systemAudio: "include" };
  // Whoever knows the one knows `systemAudio`, too, which cannot be asked for.
  const isRecent = known.suppressLocalAudioPlayback === true;
  const audio: SoundConstraints = isRecent ? {} : { echoCancellation: true, suppressLocalAudioPlayback: true };
  return { video, audio, systemAudio: "exclude" };
}
