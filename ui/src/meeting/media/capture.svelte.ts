/** One camera or one microphone: whether it is wanted, its live track, the device chosen and what is wrong with it. */
import { explainCapture, explainLost, isMissing, whoDenied, type CaptureKind, type Refuser } from "./problems";

export class Capture {
  readonly kind: CaptureKind;
  /** Whether the person wants it on. */
  on = $state(true);
  track = $state.raw<MediaStreamTrack | null>(null);
  /** The system keeps the track off for now, by a call, a lid or a switch; the person's own wish stays as it is. */
  muted = $state(false);
  /** The chosen device; empty for the system's choice. */
  deviceId = $state("");
  /** A sentence for the person. */
  problem = $state<string | null>(null);
  /** Who said no, if that is the problem. */
  denied = $state<Refuser | null>(null);
  /** A start is under way. */
  starting = $state(false);
  /** Called whenever what is sent should change. */
  onchange: () => void = () => undefined;
  /** Called with each new problem. */
  onproblem: (sentence: string) => void = () => undefined;
  /** Called when the browser gave a track: from then on it also tells which devices there are. */
  onopen: () => void = () => undefined;
  #closed = false;
  /** How many starts there were: of several under way the last one counts. */
  #starts = 0;

  constructor(kind: CaptureKind, deviceId: string) {
    this.kind = kind;
    this.deviceId = deviceId;
  }

  /** Whether there is something to send now. */
  get live(): boolean {
    return this.wanted && !this.muted;
  }

  /** Whether the person has it on, whatever the system makes of it. */
  get wanted(): boolean {
    return this.on && this.track !== null;
  }

  /** What to ask `getUserMedia` for: the chosen device and no other, or whichever the system takes. */
  constraints(deviceId = this.deviceId): MediaTrackConstraints {
    const device: MediaTrackConstraints = deviceId ? { deviceId: { exact: deviceId } } : {};
    return this.kind === "camera"
      ? { ...device, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } }
      : { ...device, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  }

  /** Turns it on or off. A camera is let go of, so that its light goes out; a microphone stays open but silent. */
  async turn(on: boolean): Promise<void> {
    this.on = on;
    if (!on) {
      this.problem = null;
      if (this.kind === "camera") this.release();
      else if (this.track) this.track.enabled = false;
      this.onchange();
    } else if (this.track) {
      this.track.enabled = true;
      this.onchange();
    } else {
      await this.start();
    }
  }

  /** Takes another device, at once if it is on. */
  async choose(deviceId: string): Promise<void> {
    this.deviceId = deviceId;
    if (!this.on) {
      this.release();
      return;
    }
    await this.start();
  }

  /** Asks the browser for the device. What goes wrong ends up in `problem`. */
  async start(): Promise<void> {
    if (this.#closed) return;
    const start = (this.#starts += 1);
    const isLast = () => start === this.#starts;
    this.starting = true;
    // Some systems open a camera once only: let go of the old track before asking for the next.
    this.release();
    try {
      const [track] = (await this.#open()).getTracks();
      if (!isLast()) track?.stop();
      else if (track) this.accept(track);
    } catch (error) {
      if (isLast()) this.fail(error);
    } finally {
      if (isLast()) this.starting = false;
    }
  }

  async #open(): Promise<MediaStream> {
    const ask = (constraints: MediaTrackConstraints) =>
      navigator.mediaDevices.getUserMedia(this.kind === "camera" ? { video: constraints } : { audio: constraints });
    try {
      return await ask(this.constraints());
    } catch (error) {
      // The chosen device is not there today.
      if (this.deviceId && isMissing(error)) return ask(this.constraints(""));
      throw error;
    }
  }

  /** Takes a track that the browser gave. */
  accept(track: MediaStreamTrack): void {
    if (this.#closed || (!this.on && this.kind === "camera")) {
      track.stop();
      return;
    }
    this.release();
    this.problem = null;
    this.denied = null;
    track.enabled = this.on;
    track.addEventListener("ended", () => this.#ended(track), { once: true });
    track.addEventListener("mute", () => this.#muted(track, true));
    track.addEventListener("unmute", () => this.#muted(track, false));
    this.track = track;
    this.muted = track.muted;
    this.onopen();
    this.onchange();
  }

  /** Takes in that the browser gave none. */
  fail(error: unknown): void {
    if (this.#closed) return;
    this.release();
    this.on = false;
    this.#trouble(explainCapture(this.kind, error), whoDenied(error));
    this.onchange();
  }

  /** Lets go of the device. */
  release(): void {
    this.track?.stop();
    this.track = null;
    this.muted = false;
  }

  /** Lets go of the device for good: whatever the browser still gives is turned away. */
  close(): void {
    this.#closed = true;
    this.release();
  }

  /** `ended` comes only from outside: a device unplugged, or a phone that took it while the page was hidden. */
  #ended(track: MediaStreamTrack): void {
    if (this.track !== track) return;
    this.track = null;
    this.muted = false;
    if (document.visibilityState === "visible") {
      this.on = false;
      this.#trouble(explainLost(this.kind), null);
    }
    this.onchange();
  }

  /** The system takes the device away for a while, and gives it back. */
  #muted(track: MediaStreamTrack, muted: boolean): void {
    if (this.track !== track || this.muted === muted) return;
    this.muted = muted;
    this.onchange();
  }

  #trouble(sentence: string, denied: Refuser | null): void {
    this.problem = sentence;
    this.denied = denied;
    this.onproblem(sentence);
  }

  /** Starts again what the system ended while the page was hidden. */
  async wake(): Promise<void> {
    if (this.on && !this.starting && (this.track === null || this.track.readyState === "ended")) await this.start();
  }
}
