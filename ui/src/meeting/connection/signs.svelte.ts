/** Hands that go up and reactions that pass. */
import { SvelteMap } from "svelte/reactivity";
import type { Attendance } from "./attendance.svelte";
import { attempt } from "./attempt";
import type { Notes } from "./notes.svelte";
import type { Signaling } from "./signaling";

/** The reactions that can be chosen, with their names. */
export const REACTIONS = [
  { emoji: "👍", word: "thumbs up" },
  { emoji: "👏", word: "applause" },
  { emoji: "❤️", word: "a heart" },
  { emoji: "😂", word: "laughter" },
  { emoji: "😮", word: "surprise" },
  { emoji: "🎉", word: "a cheer" },
] as const;

/** How long a reaction stays on its tile, in ms. */
const SHOWN_MS = 6_000;

export class Signs {
  /** The reaction on each person's tile. */
  readonly reactions = new SvelteMap<string, string>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #line: Signaling;
  readonly #roomId: string;
  readonly #notes: Notes;

  constructor(line: Signaling, roomId: string, notes: Notes, attendance: Attendance) {
    this.#line = line;
    this.#roomId = roomId;
    this.#notes = notes;
    line.on("reaction", ({ peerId, emoji }) => {
      this.#show(peerId, emoji);
      if (peerId === attendance.selfId) return;
      const word = REACTIONS.find((known) => known.emoji === emoji)?.word ?? emoji;
      notes.announce(`${attendance.nameOf(peerId)} reacts with ${word}.`);
    });
  }

  /** Raises or lowers the own hand. */
  raise(raised: boolean): void {
    void attempt(this.#notes, () => this.#line.request("set-hand", { roomId: this.#roomId, raised }));
  }

  react(emoji: string): void {
    void attempt(this.#notes, () => this.#line.request("send-reaction", { roomId: this.#roomId, emoji }));
  }

  #show(peerId: string, emoji: string): void {
    clearTimeout(this.#timers.get(peerId));
    this.reactions.set(peerId, emoji);
    const end = () => {
      this.reactions.delete(peerId);
      this.#timers.delete(peerId);
    };
    this.#timers.set(peerId, setTimeout(end, SHOWN_MS));
  }
}
