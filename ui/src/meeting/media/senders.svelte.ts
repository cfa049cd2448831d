/** What this page sends: microphone, camera and a shared screen with its sound, kept in step with the person's wishes. */
import type { types } from "mediasoup-client";
import { Interrupted, Late, type Signaling } from "../connection/signaling";
import type { Capture } from "./capture.svelte";
import { cameraEncodings, screenEncodings, soundOptions, videoOptions, voiceOptions } from "./encodings";
import type { Link } from "./link";
import type { LocalMedia } from "./local.svelte";
import { explainScreen } from "./problems";
import { screenOptions } from "./sharing";

type Slot = "camera" | "microphone" | "screen" | "sound";

export class Senders {
  /** The shared screen's picture, while it is shared. */
  screen = $state.raw<MediaStreamTrack | null>(null);
  #sound: MediaStreamTrack | null = null;
  readonly #signaling: Signaling;
  readonly #roomId: string;
  readonly #local: LocalMedia;
  readonly #link: Link;
  readonly #onproblem: (sentence: string) => void;
  /** What is sent and what the server knows of it may differ: only new transports are sure to mend that. */
  readonly #onlate: () => void;
  #closed = false;
  readonly #producers = new Map<Slot, types.Producer>();
  /** One change at a time for each slot. */
  readonly #queues = new Map<Slot, Promise<void>>();
  /** Shared tracks that the system keeps off for now. */
  readonly #muted = new WeakSet<MediaStreamTrack>();
  /** Producers closed here while the server could not hear of it. */
  readonly #unsaidCloses = new Set<string>();

  constructor(
    signaling: Signaling,
    roomId: string,
    local: LocalMedia,
    link: Link,
    onproblem: (sentence: string) => void,
    onlate: () => void,
  ) {
    this.#signaling = signaling;
    this.#roomId = roomId;
    this.#local = local;
    this.#link = link;
    this.#onproblem = onproblem;
    this.#onlate = onlate;
  }

  /** Brings what is sent in step with what is wanted: one slot, or all of them. */
  apply(...slots: Slot[]): void {
    for (const slot of slots.length > 0 ? slots : (["microphone", "camera", "screen", "sound"] as const)) {
      const step = (this.#queues.get(slot) ?? Promise.resolve()).then(async () => {
        const transport = this.#link.sending;
        try {
          await this.#step(slot);
        } catch (error) {
          // After an interruption, or over other transports, everything is applied again.
          if (transport !== this.#link.sending || !this.#link.open) return;
          if (error instanceof Late) this.#onlate();
          else if (!(error instanceof Interrupted)) this.#onproblem(unsent[slot]);
        }
      });
      this.#queues.set(slot, step);
    }
  }

  /** The transports are new: all producers of before are gone. */
  republish(): void {
    this.#producers.clear();
    this.#unsaidCloses.clear();
    this.apply();
  }

  /** The line was away and the server kept our place: tell it what changed meanwhile. */
  catchUp(): void {
    for (const producerId of this.#unsaidCloses) this.#signaling.say("close-producer", this.#named(producerId));
    this.#unsaidCloses.clear();
    for (const producer of this.#producers.values()) {
      this.#signaling.say(producer.paused ? "pause-producer" : "resume-producer", this.#named(producer.id));
    }
    this.apply();
  }

  /** Asks the person for a screen and shares it. */
  async shareScreen(): Promise<void> {
    try {
      const options = screenOptions(navigator.mediaDevices.getSupportedConstraints());
      const stream = await navigator.mediaDevices.getDisplayMedia(options);
      const [screen] = stream.getVideoTracks();
      const [sound] = stream.getAudioTracks();
      // Whoever left while the picker was open shares nothing any more.
      if (!screen || this.#closed) {
        for (const track of stream.getTracks()) track.stop();
        return;
      }
      screen.contentHint = "detail";
      // The browser's own "Stop sharing" ends the track.
      screen.addEventListener("ended", () => this.stopScreen(), { once: true });
      this.#followMutes("screen", screen);
      if (sound) this.#followMutes("sound", sound);
      this.screen = screen;
      this.#sound = sound ?? null;
      this.apply("screen", "sound");
    } catch (error) {
      const sentence = explainScreen(error);
      if (sentence) this.#onproblem(sentence);
    }
  }

  stopScreen(): void {
    this.screen?.stop();
    this.#sound?.stop();
    this.screen = null;
    this.#sound = null;
    this.apply("screen", "sound");
  }

  /** Stops the shared screen for good. */
  close(): void {
    this.#closed = true;
    this.stopScreen();
  }

  async #step(slot: Slot): Promise<void> {
    if (!this.#link.open) return;
    if (slot === "screen" || slot === "sound") {
      await this.#share(slot, slot === "screen" ? this.screen : this.#sound);
    } else {
      await this.#capture(slot, this.#local[slot]);
    }
  }

  async #capture(slot: "camera" | "microphone", capture: Capture): Promise<void> {
    const producer = this.#current(slot);
    const track = capture.live ? capture.track : null;
    if (!producer) {
      if (track) await this.#produce(slot, track);
    } else if (track) {
      if (producer.track !== track) await producer.replaceTrack({ track });
      await this.#pause(producer, false);
    } else {
      await this.#pause(producer, true);
    }
  }

  async #share(slot: "screen" | "sound", track: MediaStreamTrack | null): Promise<void> {
    const producer = this.#current(slot);
    if (producer && producer.track !== track) {
      this.#producers.delete(slot);
      producer.close();
      if (this.#signaling.connected) this.#signaling.say("close-producer", this.#named(producer.id));
      else this.#unsaidCloses.add(producer.id);
    }
    if (track?.readyState !== "live") return;
    if (producer?.track !== track) await this.#produce(slot, track);
    else await this.#pause(producer, this.#muted.has(track));
  }

  /** Pauses a producer, or lets it go on; nothing where it is so already. */
  async #pause(producer: types.Producer, paused: boolean): Promise<void> {
    if (producer.paused === paused) return;
    if (paused) producer.pause();
    else producer.resume();
    await this.#signaling.request(paused ? "pause-producer" : "resume-producer", this.#named(producer.id));
  }

  /** A shared window that the system does not show any more is paused until it does again. */
  #followMutes(slot: "screen" | "sound", track: MediaStreamTrack): void {
    const follow = (muted: boolean) => {
      if (muted) this.#muted.add(track);
      else this.#muted.delete(track);
      this.apply(slot);
    };
    if (track.muted) this.#muted.add(track);
    track.addEventListener("mute", () => follow(true));
    track.addEventListener("unmute", () => follow(false));
  }

  async #produce(slot: Slot, track: MediaStreamTrack): Promise<void> {
    const transport = this.#link.sending;
    if (!transport) return;
    const share = slot === "screen" || slot === "sound";
    // The person's devices are turned off by the person; a producer that closes leaves them alone.
    const base = { track, stopTracks: false, disableTrackOnPause: false, zeroRtpOnPause: true, appData: { share } };
    const producer = await transport.produce(
      slot === "camera"
        ? {
            ...base,
            encodings: cameraEncodings(track.getSettings().height ?? 480, this.#link.pictureCodec),
            codecOptions: videoOptions,
          }
        : slot === "screen"
          ? { ...base, encodings: screenEncodings, codecOptions: videoOptions }
          : { ...base, codecOptions: slot === "microphone" ? voiceOptions : soundOptions },
    );
    if (transport === this.#link.sending) this.#producers.set(slot, producer);
    // What is wanted may have changed while the server was asked.
    this.apply(slot);
  }

  #current(slot: Slot): types.Producer | null {
    const producer = this.#producers.get(slot);
    return producer && !producer.closed ? producer : null;
  }

  #named(producerId: string): { roomId: string; producerId: string } {
    return { roomId: this.#roomId, producerId };
  }
}

const unsent: Record<Slot, string> = {
  camera: "Your camera's picture could not be sent. Turn the camera off and on again.",
  microphone: "Your voice could not be sent. Turn the microphone off and on again.",
  screen: "Your screen could not be sent. Stop sharing it and share it again.",
  sound: "Your screen's sound could not be sent. Stop sharing the screen and share it again.",
};
