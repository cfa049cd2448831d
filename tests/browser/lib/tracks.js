/** The cameras, microphones and screens that a page opened. `keepTracks` runs in the page before all else. */

/**
 * @typedef {object} OpenTrack one that is open now
 * @property {string} kind `audio` or `video`
 * @property {string} [deviceId] the device's
 */

export function keepTracks() {
  /** @type {MediaStreamTrack[]} */
  const kept = [];
  for (const name of /** @type {const} */ (["getUserMedia", "getDisplayMedia"])) {
    const open = MediaDevices.prototype[name];
    MediaDevices.prototype[name] = async function (/** @type {any} */ constraints) {
      const stream = await open.call(this, constraints);
      kept.push(...stream.getTracks());
      return stream;
    };
  }
  const live = () => kept.filter((track) => track.readyState === "live");
  window.openedTracks = () => kept.length;
  window.liveTracks = () =>
    live().map((track) => {
      const { deviceId } = track.getSettings();
      return { kind: track.kind, ...(deviceId ? { deviceId } : {}) };
    });
  // As if a call, a lid or a switch took the device away for a while, or gave it back.
  window.muteTracks = (kind, muted) => {
    for (const track of live()) {
      if (track.kind === kind) track.dispatchEvent(new Event(muted ? "mute" : "unmute"));
    }
  };
  // As if the device were unplugged.
  window.loseTracks = (kind) => {
    for (const track of live()) {
      if (track.kind !== kind) continue;
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
  };
}
