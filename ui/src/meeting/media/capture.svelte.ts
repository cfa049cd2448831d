/** One camera or one microphone: whether it is wanted, its live track, the device chosen and what is wrong with it. */
import { explainCapture, explainLost, wasDenied, type CaptureKind } from "./problems";

export class Capture {
  readonly kind: CaptureKind;
  /** Whether the person wants it on. */
  on = $state(true);
  track = $state.raw<MediaStreamTrack | null>(null);
  /** The chosen device; empty for the system's choice. */
  deviceId = $state("");
  /** A sentence for the person. */
  problem = $state<string | null>(null);
  /** The problem is that somebody said no. */
  denied = $state(false);
  /** A start is under way. */
  starting = $state(false);
  /** Called whenever what is sent should change. */
  onchange: () => void = () => undefined;

  constructor(kind: CaptureKind, deviceId: string) {
    this.kind = kind;
    this.deviceId = deviceId;
  }

  /** Whether there is something to send now. */
  get live(): boolean {
    return this.on && this.track !== null;
  }

  /** What to ask `getUserMedia` for. */
  get constraints(): MediaTrackConstraints {
    const device: MediaTrackConstraints = this.deviceId ? { deviceId: { ideal: this.deviceId } } : {};
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
    this.starting = true;
    // Some systems open a camera once only: let go of the old track before asking for the next.
    this.release();
    try {
      const stream = await navigator.mediaDevices.getUserMedia(
        this.kind === "camera" ? { video: this.constraints } : { audio: this.constraints },
      );
      const [track] = stream.getTracks();
      if (track) this.accept(track);
    } catch (error) {
      this.fail(error);
    } finally {
      this.starting = false;
    }
  }

  /** Takes a track that the browser gave. */
  accept(track: MediaStreamTrack): void {
    if (!this.on && this.kind === "camera") {
      track.stop();
      return;
    }
    this.release();
    this.problem = null;
    this.denied = false;
    track.enabled = this.on;
    track.addEventListener("ended", () => this.#ended(track), { once: true });
    this.track = track;
    this.onchange();
  }

  /** Takes in that the browser gave none. */
  fail(error: unknown): void {
    this.release();
    this.on = false;
    this.problem = explainCapture(this.kind, error);
    this.denied = wasDenied(error);
    this.onchange();
  }

  /** Lets go of the device. */
  release(): void {
    this.track?.stop();
    this.track = null;
  }

  /** `ended` comes only from outside: a device unplugged, or a phone that took it while the page was hidden. */
  #ended(track: MediaStreamTrack): void {
    if (this.track !== track) return;
    this.track = null;
    if (document.visibilityState === "visible") {
      this.on = false;
      this.problem = explainLost(this.kind);
      this.denied = false;
    }
    this.onchange();
  }

  /** Starts again what the system ended while the page was hidden. */
  async wake(): Promise<void> {
    if (this.on && !this.starting && (this.track === null || this.track.readyState === "ended")) await this.start();
  }
}
