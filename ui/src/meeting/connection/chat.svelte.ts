/** The chat: what was said, what is unread, what is being written, and how one's own words go out. */
import type { ChatEntry } from "../../wire/ChatEntry";
import type { SharedFile } from "../../wire/SharedFile";
import { randomId } from "./random";
import { explainRefusal } from "./refusals";
import { Late, Refused, type Signaling } from "./signaling";

/** A message as the panel shows it. */
export interface ChatLine {
  key: string;
  id: string;
  own: boolean;
  name: string;
  text: string;
  /** The file that is shared by it, which its text only names. */
  file: SharedFile | null;
  /** Milliseconds since the epoch. */
  at: number;
}

export class Chat {
  lines = $state.raw<readonly ChatLine[]>([]);
  unread = $state(0);
  /** What is being written; it stays when the panel closes. */
  draft = $state("");
  /** Why the last words did not go out. */
  problem = $state<string | null>(null);
  #open = $state(false);
  #caughtUp = false;
  /** Words without an answer, by the message's id: they may still turn out to have arrived. */
  readonly #unsure = new Map<string, string>();
  readonly #signaling: Signaling;
  readonly #roomId: string;
  readonly #userId: () => string;
  readonly #announce: (sentence: string) => void;
  readonly #sent = new Set<string>();

  constructor(signaling: Signaling, roomId: string, userId: () => string, announce: (sentence: string) => void) {
    this.#signaling = signaling;
    this.#roomId = roomId;
    this.#userId = userId;
    this.#announce = announce;
    signaling.on("chat-history", (entries) => this.#replace(entries));
    signaling.on("receive-message", (entry) => {
      const line = this.#line(entry);
      if (this.lines.some((known) => known.key === line.key)) return;
      this.lines = [...this.lines, line];
      this.#news([line]);
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

  /** Sends what was written. If that fails, `problem` says why, and the words stay with the person. */
  async send(): Promise<void> {
    const words = this.draft.trim();
    if (words === "") return;
    this.draft = "";
    this.problem = null;
    const id = randomId();
    this.#sent.add(id);
    this.#unsure.set(id, words);
    const message = { id, text: words };
    try {
      await this.#signaling.request("send-message", { roomId: this.#roomId, message });
      this.#unsure.delete(id);
    } catch (error) {
      // They came back as a line while the answer was lost: nothing is missing.
      if (!this.#unsure.has(id)) return;
      if (error instanceof Refused) this.#unsure.delete(id);
      const reason =
        error instanceof Refused
          ? explainRefusal(error.message)
          : error instanceof Late
            ? "The meeting has not answered. Send it again in a moment."
            : "The connection is lost. Send it again when it is back.";
      // What was written meanwhile is not written over.
      if (this.draft === "") {
        this.draft = words;
        this.problem = `Not sent. ${reason}`;
      } else {
        this.problem = `Not sent: “${words}”. ${reason}`;
      }
    }
  }

  #replace(entries: readonly ChatEntry[]): void {
    const lines = entries.map((entry) => this.#line(entry));
    const known = new Set(this.lines.map((line) => line.key));
    this.lines = lines;
    const fresh = lines.filter((line) => !known.has(line.key));
    // On the first look at a running meeting nothing counts as unread.
    this.#news(this.#caughtUp ? fresh : fresh.filter((line) => line.own));
    this.#caughtUp = true;
  }

  #news(lines: readonly ChatLine[]): void {
    for (const { id } of lines) this.#arrived(id);
    const others = lines.filter((line) => !line.own);
    const [first] = others;
    if (!first || this.#open) return;
    this.unread += others.length;
    this.#announce(others.length === 1 ? spoken(first) : `${others.length} new messages in the chat.`);
  }

  /** Words that seemed lost have arrived after all: they need not be sent again. */
  #arrived(id: string): void {
    const words = this.#unsure.get(id);
    if (words === undefined) return;
    this.#unsure.delete(id);
    if (this.problem !== null && this.draft === words) this.draft = "";
    this.problem = null;
  }

  #line({ socketId, message }: ChatEntry): ChatLine {
    const { id, text, createdAt, sender, file = null } = message;
    // The sender's id tells one's own words from others' after a reload.
    const own = this.#sent.has(id) || sender.id === this.#userId();
    return { key: `${createdAt} ${socketId} ${id}`, id, own, name: sender.name, text, file, at: createdAt };
  }
}

function spoken({ name, text, file }: ChatLine): string {
  return file ? `${name} shares the file ${file.name}.` : `${name} says: ${text}`;
}
