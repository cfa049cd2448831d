/** The chat: what was said, what is unread, and how one's own words go out. */
import type { ChatEntry } from "../../wire/ChatEntry";
import { randomId } from "./random";
import type { Signaling } from "./signaling";

/** A message as the panel shows it. */
export interface ChatLine {
  key: string;
  own: boolean;
  name: string;
  text: string;
  /** Milliseconds since the epoch. */
  at: number;
}

export class Chat {
  lines = $state.raw<readonly ChatLine[]>([]);
  unread = $state(0);
  #open = $state(false);
  readonly #signaling: Signaling;
  readonly #roomId: string;
  readonly #userId: () => string;
  readonly #sent = new Set<string>();

  constructor(signaling: Signaling, roomId: string, userId: () => string, heard: (line: ChatLine) => void) {
    this.#signaling = signaling;
    this.#roomId = roomId;
    this.#userId = userId;
    signaling.on("chat-history", (entries) => this.#replace(entries));
    signaling.on("receive-message", (entry) => {
      const line = this.#line(entry);
      if (this.lines.some((known) => known.key === line.key)) return;
      this.lines = [...this.lines, line];
      if (line.own || this.#open) return;
      this.unread += 1;
      heard(line);
    });
  }

  get open(): boolean {
    return this.#open;
  }

  set open(open: boolean) {
    this.#open = open;
    if (open) this.unread = 0;
  }

  /** Asks for all that was said so far, after a join or a lost line. */
  catchUp(): void {
    this.#signaling.say("get-chat-history", { roomId: this.#roomId });
  }

  /** Sends a message. Throws as `Signaling.request` does; the words then stay with the person. */
  async send(text: string): Promise<void> {
    const id = randomId();
    this.#sent.add(id);
    // A sender that is an object is answered with one; its id tells one's own words from others' after a reload.
    const message = { id, text, sender: { id: this.#userId() } };
    await this.#signaling.request("send-message", { roomId: this.#roomId, message });
  }

  #replace(entries: readonly ChatEntry[]): void {
    const lines = entries.map((entry) => this.#line(entry));
    const known = new Set(this.lines.map((line) => line.key));
    // On the first look at a running meeting nothing counts as unread.
    if (known.size > 0 && !this.#open) this.unread += lines.filter((l) => !l.own && !known.has(l.key)).length;
    this.lines = lines;
  }

  #line({ socketId, message }: ChatEntry): ChatLine {
    const { id, text, createdAt, sender } = message;
    const person = typeof sender === "string" ? { id: socketId, name: sender } : sender;
    const own = this.#sent.has(id) || person.id === this.#userId();
    return { key: `${createdAt} ${id}`, own, name: person.name, text, at: createdAt };
  }
}
