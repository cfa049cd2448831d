/**
 * Pictures that stand still though their sender sends. The server waits for a key frame before a picture begins or goes on in another size, and on a bad line what
 * it asks the sender can be lost. Before a picture began the server asks some more times; later on nobody does but who misses it.
 */

/** How often it is looked, in ms. */
export const LOOK_EVERY_MS = 2_000;

/** A picture that is received, by the number of its RTP stream (SSRC). */
export interface Awaited {
  readonly ssrc: number;
  /** Whether it can stand still for good reason: a shared screen on which nothing happens. */
  readonly mayRest: boolean;
}

/** What had arrived by the last look, in packets, and for how many looks before it had been that many. */
interface Seen {
  readonly packets: number;
  readonly looks: number;
}

/** Watches the pictures that are received. */
export class Stillness {
  /** By the number of the stream. */
  #before = new Map<number, Seen>();

  /**
   * Which of these pictures are to be asked for now, as they got nothing since the last look at which they were awaited, too. One that stays still is asked for
   * half as often each time.
   */
  look<Picture extends Awaited>(pictures: readonly Picture[], arrived: ReadonlyMap<number, number>): Picture[] {
    const now = new Map<number, Seen>();
    for (const { ssrc, mayRest } of pictures) {
      const packets = arrived.get(ssrc) ?? 0;
      const before = this.#before.get(ssrc);
      const isStill = before?.packets === packets && !(mayRest && packets > 0);
      now.set(ssrc, { packets, looks: isStill ? before.looks + 1 : 0 });
    }
    this.#before = now;
    const isPowerOfTwo = (looks: number) => looks > 0 && (looks & (looks - 1)) === 0;
    return pictures.filter(({ ssrc }) => isPowerOfTwo(now.get(ssrc)?.looks ?? 0));
  }
}

/** How many packets of each stream arrived, by what a receiving transport's statistics say. */
export function packetsArrived(report: RTCStatsReport): Map<number, number> {
  const arrived = new Map<number, number>();
  report.forEach((stream: RTCInboundRtpStreamStats) => {
    if (stream.type === "inbound-rtp") arrived.set(stream.ssrc, stream.packetsReceived ?? 0);
  });
  return arrived;
}
