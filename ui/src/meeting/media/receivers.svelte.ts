/** What this page receives: every stream of the others, consumed as soon as it is known of. */
import type { types } from "mediasoup-client";
import { SvelteMap } from "svelte/reactivity";
import { Late, Refused, type Signaling } from "../connection/signaling";
import type { ProducerSummary } from "../../wire/ProducerSummary";
import type { ServerSays } from "../connection/messages";
import type { Link } from "./link";
import { LOOK_EVERY_MS, packetsArrived, Stillness } from "./stillness";

/** The largest of a camera's simulcast layers; a camera with fewer gives its largest. */
const TOP_LAYER = 2;

/** Somebody's stream. */
export class RemoteStream {
  readonly producerId: string;
  readonly kind: "audio" | "video";
  readonly isScreenShare: boolean;
  peerId = $state("");
  paused = $state(false);
  /** What plays, once it is consumed. */
  track = $state.raw<MediaStreamTrack | null>(null);
  consumer: types.Consumer | null = null;
  /** The simulcast layer that the tile needs, and the one last asked for. */
  layer = TOP_LAYER;
  askedLayer = TOP_LAYER;

  constructor({ producerId, kind, isScreenShare, peerId, paused }: ProducerSummary) {
    this.producerId = producerId;
    this.kind = kind;
    this.isScreenShare = isScreenShare;
    this.peerId = peerId;
    this.paused = paused;
  }
}

export class Receivers {
  /** By producer id. */
  readonly streams = new SvelteMap<string, RemoteStream>();
  readonly #signaling: Signaling;
  readonly #roomId: string;
  readonly #link: Link;
  readonly #onproblem: (refusal: string) => void;
  /** What arrives and what the server knows of it may differ: only new transports are sure to mend that. */
  readonly #onlate: () => void;
  /** What the server says between a question to join and the answer's taking in: the answer may be older than that. */
  #news: (() => void)[] | null = null;
  readonly #stillness = new Stillness();
  #looking: ReturnType<typeof setInterval> | null = null;

  constructor(
    signaling: Signaling,
    roomId: string,
    link: Link,
    onproblem: (refusal: string) => void,
    onlate: () => void,
  ) {
    this.#signaling = signaling;
    this.#roomId = roomId;
    this.#link = link;
    this.#onproblem = onproblem;
    this.#onlate = onlate;
    const heed = <E extends keyof ServerSays>(event: E, act: (data: ServerSays[E]) => void) => {
      signaling.on(event, (data) => {
        act(data);
        this.#news?.push(() => act(data));
      });
    };
    heed("new-producer", (producer) => this.#add({ ...producer, paused: false }));
    heed("producer-closed", ({ producerId }) => this.#drop(producerId));
    heed("producer-paused", ({ producerId }) => this.#pause(producerId, true));
    heed("producer-resumed", ({ producerId }) => this.#pause(producerId, false));
    heed("participant-left", ({ peerId }) => this.#dropPeer(peerId));
    heed("peer-resumed", ({ oldPeerId, peerId }) => {
      for (const stream of this.streams.values()) if (stream.peerId === oldPeerId) stream.peerId = peerId;
    });
  }

  /** Call before each join, so that what the server says meanwhile counts for more than its answer. */
  beforeJoin(): void {
    this.#news = [];
    this.#looking ??= setInterval(() => void this.#look(), LOOK_EVERY_MS);
  }

  /** After a join: what the room holds now. Consumers that still run are kept. */
  reconcile(producers: readonly ProducerSummary[]): void {
    const there = new Set(producers.map((producer) => producer.producerId));
    for (const producerId of [...this.streams.keys()]) if (!there.has(producerId)) this.#drop(producerId);
    for (const producer of producers) {
      const stream = this.streams.get(producer.producerId);
      if (!stream) {
        this.#add(producer);
        continue;
      }
      stream.peerId = producer.peerId;
      stream.paused = producer.paused;
      if (!stream.consumer || stream.consumer.closed) void this.#consume(stream);
      else this.#signaling.say("resume-consumer", { roomId: this.#roomId, consumerId: stream.consumer.id });
    }
    // Two who come back at once: the other took another id since the answer was given.
    for (const again of this.#news ?? []) again();
    this.#news = null;
  }

  /** The transports are new: consume everything again. */
  reconsume(): void {
    for (const stream of this.streams.values()) {
      stream.consumer = null;
      void this.#consume(stream);
    }
  }

  /** A camera is shown this many device pixels high: ask for no larger a picture than that. */
  fit(producerId: string, height: number): void {
    const stream = this.streams.get(producerId);
    if (!stream) return;
    stream.layer = height <= 200 ? 0 : height <= 400 ? 1 : TOP_LAYER;
    this.#askLayer(stream);
  }

  clear(): void {
    if (this.#looking) clearInterval(this.#looking);
    this.#looking = null;
    for (const producerId of [...this.streams.keys()]) this.#drop(producerId);
  }

  #add(producer: ProducerSummary): void {
    if (this.streams.has(producer.producerId)) return;
    const stream = new RemoteStream(producer);
    this.streams.set(producer.producerId, stream);
    void this.#consume(stream);
  }

  async #consume(stream: RemoteStream): Promise<void> {
    const transport = this.#link.receiving;
    // Before the transports are there nothing is lost: connecting them consumes all that is known.
    if (!transport || transport.closed) return;
    const roomId = this.#roomId;
    const { producerId } = stream;
    try {
      const rtpCapabilities = this.#link.capabilities;
      const answer = await this.#signaling.request("consume", { roomId, producerId, rtpCapabilities });
      if (transport.closed || this.streams.get(producerId) !== stream) return;
      const { id, kind, rtpParameters, peerId } = answer;
      // Sound and camera of one person share a stream id, so that the browser keeps them in step.
      const streamId = `${peerId}-${stream.isScreenShare ? "screen" : "face"}`;
      const consumer = await transport.consume({ id, producerId, kind, rtpParameters, streamId });
      if (this.streams.get(producerId) !== stream || transport !== this.#link.receiving) {
        consumer.close();
        return;
      }
      stream.consumer = consumer;
      stream.track = consumer.track;
      stream.askedLayer = TOP_LAYER;
      this.#askLayer(stream);
      await this.#signaling.request("resume-consumer", { roomId, consumerId: id });
    } catch (error) {
      // A producer that is gone is told of by its own event; an interruption ends in a rejoin that tries again.
      if (error instanceof Refused && error.message === "Cannot consume") this.#onproblem(error.message);
      if (error instanceof Late && transport === this.#link.receiving) this.#onlate();
    }
  }

  /** Asks for a key frame of each picture that stands still. */
  async #look(): Promise<void> {
    const transport = this.#link.receiving;
    if (transport?.connectionState !== "connected") return;
    // One that is closed meanwhile has none.
    const statistics = await transport.getStats().catch(() => null);
    if (!statistics || transport !== this.#link.receiving) return;
    const pictures = [...this.streams.values()].flatMap(({ kind, paused, isScreenShare, consumer }) => {
      const ssrc = consumer?.rtpParameters.encodings?.[0]?.ssrc;
      if (kind === "audio" || paused || !consumer || consumer.closed || ssrc === undefined) return [];
      return [{ ssrc, mayRest: isScreenShare, consumerId: consumer.id }];
    });
    for (const { consumerId } of this.#stillness.look(pictures, packetsArrived(statistics))) {
      this.#signaling.say("request-key-frame", { roomId: this.#roomId, consumerId });
    }
  }

  #askLayer(stream: RemoteStream): void {
    const { consumer, layer } = stream;
    if (!consumer || layer === stream.askedLayer) return;
    stream.askedLayer = layer;
    const payload = { roomId: this.#roomId, consumerId: consumer.id, spatialLayer: layer };
    this.#signaling.say("set-consumer-layers", payload);
  }

  #pause(producerId: string, paused: boolean): void {
    const stream = this.streams.get(producerId);
    if (stream) stream.paused = paused;
  }

  #drop(producerId: string): void {
    const stream = this.streams.get(producerId);
    if (!stream) return;
    this.streams.delete(producerId);
    stream.consumer?.close();
    stream.track = null;
  }

  #dropPeer(peerId: string): void {
    for (const stream of [...this.streams.values()]) if (stream.peerId === peerId) this.#drop(stream.producerId);
  }
}
