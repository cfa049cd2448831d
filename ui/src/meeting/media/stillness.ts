/**
 * Pictures that stand still though their sender sends. The server waits for a key frame before a picture begins or goes on in another size, and asks its sender
 * for one twice; on a bad line both questions can be lost, and nobody asks again but who misses the picture.
 */

/** How often it is looked, in ms. */
export const LOOK_EVERY_MS = 2_000;

/** A picture that is received, by the number of its RTP stream (SSRC). */
export interface Awaited {
  readonly ssrc: number;
  /** Whether it can stand still for good reason: a shared screen on which nothing happens. */
  readonly mayRest: boolean;
}

export class Stillness {
  /** What had arrived by the last look, in packets. */
  #before = new Map<number, number>();

  /** Which of these pictures got nothing since the last look, at which they were awaited, too. */
  look<Picture extends Awaited>(pictures: readonly Picture[], arrived: ReadonlyMap<number, number>): Picture[] {
    const now = new Map(pictures.map(({ ssrc }) => [ssrc, arrived.get(ssrc) ?? 0]));
    const still = pictures.filter(({ ssrc, mayRest }) => {
      const packets = now.get(ssrc);
      return packets === this.#before.get(ssrc) && !(mayRest && packets);
    });
    this.#before = now;
    return still;
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
