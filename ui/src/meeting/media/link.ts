/**
 * The media connection to the server: one transport to send on, one to receive on. It mends itself with new ICE
 * credentials when the network changes, and says when only new transports help.
 */
import { Device, type types } from "mediasoup-client";
import type { Signaling } from "../connection/signaling";

/** How long ICE may be without a path before it is mended, in ms; it often comes back by itself. */
const PATIENCE_MS = 4_000;
/** How long a mended transport may take before it is given up, in ms. */
const MENDING_MS = 12_000;

export class Link {
  readonly #signaling: Signaling;
  readonly #roomId: string;
  readonly #onbroken: () => void;
  readonly #onhealth: (well: boolean) => void;
  #device: Device | null = null;
  #send: types.Transport | null = null;
  #receive: types.Transport | null = null;
  #timers = new Set<ReturnType<typeof setTimeout>>();

  /**
   * `onbroken` is called when only new transports help; `onhealth` with whether media has a path, once it was tried:
   * new transports alone do not count as a path.
   */
  constructor(signaling: Signaling, roomId: string, onbroken: () => void, onhealth: (well: boolean) => void) {
    this.#signaling = signaling;
    this.#roomId = roomId;
    this.#onbroken = onbroken;
    this.#onhealth = onhealth;
  }

  get open(): boolean {
    return this.#receive !== null && !this.#receive.closed;
  }

  get sending(): types.Transport | null {
    return this.#send;
  }

  get receiving(): types.Transport | null {
    return this.#receive;
  }

  /** What this browser can receive. */
  get capabilities(): types.RtpCapabilities {
    return this.#device?.recvRtpCapabilities ?? {};
  }

  /** The codec that this browser's pictures are sent in, as `video/VP8`. */
  get pictureCodec(): string {
    const codecs = this.#device?.sendRtpCapabilities.codecs ?? [];
    return codecs.find(({ kind }) => kind === "video")?.mimeType ?? "";
  }

  /** Learns what the room's router can do, for transports made from now on. */
  async load(): Promise<void> {
    const { rtpCapabilities } = await this.#signaling.request("get-rtp-capabilities", { roomId: this.#roomId });
    const device = new Device();
    await device.load({ routerRtpCapabilities: rtpCapabilities });
    this.#device = device;
  }

  /** Makes both transports anew; the server then closes those of before and all that ran over them. */
  async connect(): Promise<void> {
    this.close();
    const device = this.#device;
    if (!device) throw new Error("load comes before connect");
    const [send, receive] = await Promise.all([this.#params("send"), this.#params("recv")]);
    this.#send = this.#watched(device.createSendTransport(send));
    this.#receive = this.#watched(device.createRecvTransport(receive));
    this.#send.on("produce", ({ kind, rtpParameters, appData }, done, failed) => {
      const payload = { roomId: this.#roomId, transportId: send.id, kind, rtpParameters, appData };
      this.#signaling.request("produce", payload).then(done, failed);
    });
  }

  /** Gives both transports new ICE credentials. Throws as `Signaling.request` does. */
  async restartIce(): Promise<void> {
    const transports = [this.#send, this.#receive].filter((transport) => transport !== null);
    await Promise.all(transports.map((transport) => this.#restart(transport)));
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#send?.close();
    this.#receive?.close();
    this.#send = this.#receive = null;
  }

  async #params(direction: "send" | "recv"): Promise<types.TransportOptions> {
    const payload = { roomId: this.#roomId, direction, replaces: true };
    const { params } = await this.#signaling.request("create-webrtc-transport", payload);
    return params;
  }

  async #restart(transport: types.Transport): Promise<void> {
    // A transport that never carried anything has no credentials in use to renew.
    if (transport.closed || transport.connectionState === "new") return;
    const payload = { roomId: this.#roomId, transportId: transport.id };
    const { iceParameters } = await this.#signaling.request("restart-ice", payload);
    if (!transport.closed) await transport.restartIce({ iceParameters });
  }

  #watched(transport: types.Transport): types.Transport {
    transport.on("connect", ({ dtlsParameters }, done, failed) => {
      const payload = { roomId: this.#roomId, transportId: transport.id, dtlsParameters };
      this.#signaling.request("connect-transport", payload).then(done, failed);
    });
    transport.on("connectionstatechange", (state) => {
      this.#tellHealth();
      if (state === "failed") void this.#mend(transport);
      if (state === "disconnected") {
        this.#later(PATIENCE_MS, () => {
          if (transport.connectionState === "disconnected") void this.#mend(transport);
        });
      }
    });
    return transport;
  }

  #tellHealth(): void {
    const states = [this.#send, this.#receive].flatMap((transport) => transport?.connectionState ?? []);
    if (states.some((state) => state === "connecting" || state === "disconnected" || state === "failed")) {
      this.#onhealth(false);
    } else if (states.includes("connected")) {
      this.#onhealth(true);
    }
  }

  async #mend(transport: types.Transport): Promise<void> {
    // Without a line the rejoin that follows mends it.
    if (transport.closed || !this.#signaling.connected) return;
    this.#later(MENDING_MS, () => {
      const well = transport.closed || transport.connectionState === "connected";
      if (!well && this.#signaling.connected) this.#onbroken();
    });
    try {
      await this.#restart(transport);
    } catch {
      // Refused or interrupted: the timer above or the rejoin takes over.
    }
  }

  #later(milliseconds: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, milliseconds);
    this.#timers.add(timer);
  }
}
