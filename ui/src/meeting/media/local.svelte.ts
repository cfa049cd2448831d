/** The person's own devices: camera, microphone, speaker and what can be chosen of each. */
import { Capture } from "./capture.svelte";
import { abilitiesHere, explainNoCapture, whoDenied } from "./problems";

/** A device as a list of choices shows it. */
export interface Choice {
  value: string;
  label: string;
}

export class LocalMedia {
  readonly camera: Capture;
  readonly microphone: Capture;
  /** The chosen loudspeaker; empty for the system's choice. */
  speakerId = $state("");
  /** Why this page can use no device at all, if so. */
  readonly impossible = explainNoCapture(abilitiesHere());
  /** The browser is asking, or was not asked yet. */
  looking = $state(false);
  #devices = $state.raw<readonly MediaDeviceInfo[]>([]);
  readonly #closing = new AbortController();

  constructor(chosen: { cameraId: string; microphoneId: string; speakerId: string }) {
    this.camera = new Capture("camera", chosen.cameraId);
    this.microphone = new Capture("microphone", chosen.microphoneId);
    this.speakerId = chosen.speakerId;
    if (this.impossible) {
      this.camera.on = this.microphone.on = false;
      return;
    }
    const list = () => void this.list();
    this.camera.onopen = this.microphone.onopen = list;
    const { signal } = this.#closing;
    navigator.mediaDevices.addEventListener("devicechange", list, { signal });
    const wake = () => {
      if (document.visibilityState !== "visible" || this.looking) return;
      void this.camera.wake();
      void this.microphone.wake();
    };
    document.addEventListener("visibilitychange", wake, { signal });
  }

  /** Lets go of all devices for good. */
  close(): void {
    this.#closing.abort();
    this.camera.close();
    this.microphone.close();
  }

  get cameras(): Choice[] {
    return this.#choices("videoinput", "Camera");
  }

  get microphones(): Choice[] {
    return this.#choices("audioinput", "Microphone");
  }

  /** Empty where the browser does not let a page choose. */
  get speakers(): Choice[] {
    return "setSinkId" in HTMLMediaElement.prototype ? this.#choices("audiooutput", "Speaker") : [];
  }

  /** Opens what is wanted, with one question to the person if the browser can put it in one. */
  async look(): Promise<void> {
    const wanted = [this.camera, this.microphone].filter((capture) => capture.on && !capture.track);
    if (this.impossible) return;
    this.looking = true;
    try {
      if (wanted.length === 2) await this.#both();
      else await wanted[0]?.start();
      await this.list();
    } finally {
      this.looking = false;
    }
  }

  /** Asks again for what did not start. */
  async retry(): Promise<void> {
    for (const capture of [this.camera, this.microphone]) if (capture.problem) capture.on = true;
    await this.look();
  }

  /** Reads the list of devices anew. */
  async list(): Promise<void> {
    try {
      this.#devices = await navigator.mediaDevices.enumerateDevices();
    } catch {
      this.#devices = [];
    }
  }

  async #both(): Promise<void> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        video: this.camera.constraints(),
        audio: this.microphone.constraints(),
      });
      for (const track of stream.getTracks()) (track.kind === "video" ? this.camera : this.microphone).accept(track);
    } catch (error) {
      // Somebody who said no is not asked again, unless the no was to one of the two alone.
      const refused = whoDenied(error) !== null;
      const [noCamera, noMicrophone] = refused ? await Promise.all([denied("camera"), denied("microphone")]) : [];
      for (const [capture, no, otherNo] of [
        [this.camera, noCamera, noMicrophone],
        [this.microphone, noMicrophone, noCamera],
      ] as const) {
        if (refused && (no || !otherNo)) capture.fail(error);
        else await capture.start();
      }
    }
  }

  #choices(kind: MediaDeviceKind, noun: string): Choice[] {
    // Before permission was given, browsers list devices without id and name.
    const known = this.#devices.filter((device) => device.kind === kind && device.deviceId !== "");
    return known.map((device, index) => ({ value: device.deviceId, label: device.label || `${noun} ${index + 1}` }));
  }
}

async function denied(name: "camera" | "microphone"): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: name })).state === "denied";
  } catch {
    return false;
  }
}
