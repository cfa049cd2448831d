/** Whether a recording runs, the button that starts and stops it, and the wish to be left out. */
import type { RunningRecording } from "../../wire/RunningRecording";
import type { Attendance } from "./attendance.svelte";
import { attempt } from "./attempt";
import type { Notes } from "./notes.svelte";
import { readPreferences, rememberPreferences } from "./preferences";
import type { Signaling } from "./signaling";

export class Recording {
  /** A start or stop is under way. */
  busy = $state(false);
  /** The browser remembers that recordings are to leave the person at this page out. */
  #wishesOut = $state(readPreferences().leftOut);
  /** When the running recording began, in ms since the epoch by the server's clock. */
  #began = $state<number | null>(null);
  /** How far the server's clock is ahead of this device's, in ms. */
  #clockAhead = $state(0);
  /** The server told of a start or stop since the question to join: that is newer than its answer. */
  #told = false;
  readonly #signaling: Signaling;
  readonly #roomId: string;
  readonly #notes: Notes;
  readonly #attendance: Attendance;

  constructor(signaling: Signaling, roomId: string, notes: Notes, attendance: Attendance) {
    this.#signaling = signaling;
    this.#roomId = roomId;
    this.#notes = notes;
    this.#attendance = attendance;
    signaling.on("recording-started", ({ startedAt }) => {
      this.#told = true;
      this.#set(startedAt);
    });
    signaling.on("recording-ready", ({ recordingId, file }) => {
      const download = { label: "Download", run: () => void this.#download(recordingId, file) };
      notes.show(`The recording is ready on the host's computer: ${file}`, "info", download);
    });
    signaling.on("recording-stopped", () => {
      this.#told = true;
      this.#set(null);
    });
  }

  /** When the running recording began, in ms since the epoch by this device's clock; `null` if none runs. */
  get startedAt(): number | null {
    return this.#began === null ? null : this.#began - this.#clockAhead;
  }

  /** Whether recordings leave the person at this page out: the server's word, and their wish as long as there is none. */
  get leftOut(): boolean {
    return this.#attendance.own?.isLeftOut ?? this.#wishesOut;
  }

  /** What a join says of that. Who comes back and wishes nothing stays left out where the server has them so. */
  get wish(): { leftOut?: true } {
    return this.#wishesOut ? { leftOut: true } : {};
  }

  /** Leaves the person at this page out of recordings, or not any more, and remembers that. */
  async leaveOut(leftOut: boolean): Promise<void> {
    const remember = () => {
      this.#wishesOut = leftOut;
      rememberPreferences({ leftOut });
    };
    if (!this.#attendance.own) return remember();
    await attempt(this.#notes, async () => {
      await this.#signaling.request("set-left-out", { roomId: this.#roomId, leftOut });
      remember();
    });
  }

  /** Starts or stops. */
  async toggle(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    const event = this.#began === null ? "start-recording" : "stop-recording";
    await attempt(this.#notes, () => this.#signaling.request(event, { roomId: this.#roomId }));
    this.busy = false;
  }

  /** Fetches a finished recording, as browsers fetch files: by a link that works once. */
  async #download(recordingId: number, name: string): Promise<void> {
    await attempt(this.#notes, async () => {
      const { path } = await this.#signaling.request("get-recording-link", { roomId: this.#roomId, recordingId });
      const link = document.createElement("a");
      link.href = path;
      link.download = name;
      link.click();
    });
  }

  /** Call before each join. */
  beforeJoin(): void {
    this.#told = false;
  }

  /** What the answer to a join says, and the server's clock in ms since the epoch. */
  joined(running: RunningRecording | null, serverTime: number): void {
    this.#clockAhead = serverTime - Date.now();
    if (!this.#told) this.#set(running?.startedAt ?? null);
  }

  #set(began: number | null): void {
    if (began !== null && this.#began === null)
      this.#notes.show(`This meeting is being recorded${this.leftOut ? ", without you" : ""}.`);
    if (began === null && this.#began !== null) this.#notes.announce("The recording has stopped.");
    this.#began = began;
  }
}
