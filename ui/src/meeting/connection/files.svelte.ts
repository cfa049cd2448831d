/** Files that this person shares: some at once, the rest in their turn, each with how far it is or why it failed. */
import { explainRefusal } from "./refusals";
import { Interrupted, Refused, type Signaling } from "./signaling";
import { send } from "./upload";

/** How many go at once; the server takes four of one person. */
const AT_ONCE = 3;

/** A file on its way: the person is asked whether to share it, it waits for its turn, goes, or has failed. */
export interface Upload {
  key: number;
  name: string;
  size: number;
  stage: "asks" | "waits" | "goes" | "failed";
  /** How much of it has gone, from 0 to 1. */
  share: number;
  /** Why it did not arrive. */
  problem: string | null;
}

interface Job {
  file: File;
  abort: AbortController;
}

export class Files {
  uploads = $state.raw<readonly Upload[]>([]);
  readonly #line: Signaling;
  readonly #roomId: string;
  readonly #announce: (sentence: string) => void;
  readonly #jobs = new Map<number, Job>();
  #next = 1;

  constructor(line: Signaling, roomId: string, announce: (sentence: string) => void) {
    this.#line = line;
    this.#roomId = roomId;
    this.#announce = announce;
  }

  /** Shares files with everybody, in their order. */
  share(files: Iterable<File>): void {
    this.#add(files, "waits");
    this.#begin();
  }

  /** Shares files once the person says so: what is pasted is not always what was meant. */
  propose(files: Iterable<File>): void {
    this.#add(files, "asks");
  }

  /** Shares what was proposed; tells whether there was anything. */
  confirm(): boolean {
    const asked = this.uploads.filter(({ stage }) => stage === "asks");
    for (const { key } of asked) this.#change(key, { stage: "waits" });
    this.#begin();
    return asked.length > 0;
  }

  /** Sends a file again that did not arrive. */
  retry(key: number): void {
    this.#change(key, { stage: "waits", share: 0, problem: null });
    this.#begin();
  }

  /** Stops a file that is on its way, or puts away one that is not. */
  cancel(key: number): void {
    this.#jobs.get(key)?.abort.abort();
    this.#forget(key);
    this.#begin();
  }

  /** Stops all: the meeting is over. */
  close(): void {
    for (const { abort } of this.#jobs.values()) abort.abort();
    this.#jobs.clear();
    this.uploads = [];
  }

  #add(files: Iterable<File>, stage: Upload["stage"]): void {
    for (const file of files) {
      const key = this.#next++;
      this.#jobs.set(key, { file, abort: new AbortController() });
      this.uploads = [...this.uploads, { key, name: file.name, size: file.size, stage, share: 0, problem: null }];
    }
  }

  #begin(): void {
    const at = (wanted: Upload["stage"]) => this.uploads.filter(({ stage }) => stage === wanted);
    for (const { key } of at("waits").slice(0, Math.max(0, AT_ONCE - at("goes").length))) void this.#send(key);
  }

  async #send(key: number): Promise<void> {
    const job = this.#jobs.get(key);
    if (!job) return;
    const { file, abort } = job;
    this.#change(key, { stage: "goes" });
    try {
      const { name, size, type } = file;
      const offer = { roomId: this.#roomId, name, size, ...(type ? { type } : {}) };
      const { url } = await this.#line.request("offer-file", offer);
      await send(file, url, abort.signal, (share) => this.#change(key, { share }));
      this.#forget(key);
    } catch (error) {
      if (abort.signal.aborted) return;
      const problem = explain(error);
      this.#change(key, { stage: "failed", problem });
      this.#announce(`${file.name} was not shared. ${problem}`);
    }
    this.#begin();
  }

  #change(key: number, change: Partial<Upload>): void {
    this.uploads = this.uploads.map((upload) => (upload.key === key ? { ...upload, ...change } : upload));
  }

  #forget(key: number): void {
    this.#jobs.delete(key);
    this.uploads = this.uploads.filter((upload) => upload.key !== key);
  }
}

function explain(error: unknown): string {
  if (error instanceof Refused) return explainRefusal(error.message);
  if (error instanceof Interrupted) return "The connection is lost. Try again when it is back.";
  return "The file cannot be read. Choose it again.";
}
