/** How the room is run: what it allows, who was removed, and what hosts do from this page. */
import type { Deed } from "../../shared/deeds";
import type { JoinAck } from "../../wire/JoinAck";
import type { RemovedPerson } from "../../wire/RemovedPerson";
import type { RoomPolicy } from "../../wire/RoomPolicy";
import type { Attendance } from "./attendance.svelte";
import { attempt } from "./attempt";
import type { Notes } from "./notes.svelte";
import { changesOf, forbidden, OPEN } from "./policy";
import type { Signaling } from "./signaling";

export class Hosting {
  policy = $state.raw<RoomPolicy>(OPEN);
  /** Who was removed; only hosts and co-hosts are told. */
  removed = $state.raw<readonly RemovedPerson[]>([]);
  /** The most that hosts can allow for one file, in bytes. */
  largestFile = $state(0);
  readonly #line: Signaling;
  readonly #roomId: string;
  readonly #notes: Notes;
  readonly #attendance: Attendance;

  constructor(line: Signaling, roomId: string, notes: Notes, attendance: Attendance) {
    this.#line = line;
    this.#roomId = roomId;
    this.#notes = notes;
    this.#attendance = attendance;
    line.on("room-policy", ({ by, byId, ...policy }) => {
      const changes = changesOf(this.policy, policy, by);
      this.policy = policy;
      if (byId === null || byId !== attendance.selfId) for (const sentence of changes) notes.show(sentence);
    });
    line.on("removed-people", (removed) => (this.removed = removed));
  }

  /** Call before each join. */
  beforeJoin(): void {
    this.removed = [];
  }

  /** Call after each join with its answer. Who comes back hears of changes by themselves. */
  joined({ policy, largestFileBytes, resumed }: JoinAck): void {
    if (!resumed) this.policy = policy;
    this.largestFile = largestFileBytes;
  }

  /** Whether the person at this page runs the room, as a host or co-host. */
  get runs(): boolean {
    return this.#attendance.role !== "guest";
  }

  /** Whether files can be shared in the room. */
  get takesFiles(): boolean {
    return this.policy.maxFileBytes > 0;
  }

  /** Why the person at this page may not do something now; `null` if they may. */
  whyNot(what: "microphone" | "camera" | "screen" | "chat" | "files" | "record"): string | null {
    const { own } = this.#attendance;
    const guest = !this.runs;
    const { policy } = this;
    const closed = {
      microphone: own?.isAudioHeld ?? false,
      camera: own?.isVideoHeld ?? false,
      screen: guest && !policy.screenShareEnabled,
      chat: guest && !policy.chatEnabled,
      files: !this.takesFiles || (guest && !policy.chatEnabled),
      record: guest && !policy.guestsMayRecord,
    };
    if (!closed[what]) return null;
    if (what === "camera" && guest && !policy.camerasEnabled) return forbidden.cameras;
    return what === "files" && this.takesFiles ? forbidden.chat : forbidden[what];
  }

  setPolicy(change: Partial<RoomPolicy>): void {
    this.#ask(() => this.#line.request("set-room-policy", { roomId: this.#roomId, ...change }));
  }

  letBackIn(removedId: number): void {
    this.#ask(() => this.#line.request("let-back-in", { roomId: this.#roomId, removedId }));
  }

  /** Does something to a person. */
  act(deed: Deed, peerId: string): void {
    const target = { roomId: this.#roomId, targetUserId: peerId };
    const participant = { roomId: this.#roomId, participantId: peerId };
    const line = this.#line;
    const ask: Record<Deed, () => Promise<unknown>> = {
      mute: () => line.request("toggle-remote-audio", { ...target, force: "mute" }),
      unmute: () => line.request("toggle-remote-audio", { ...target, force: "unmute" }),
      "camera-off": () => line.request("toggle-remote-video", { ...target, force: "pause" }),
      "camera-on": () => line.request("toggle-remote-video", { ...target, force: "unpause" }),
      "stop-screen": () => line.request("stop-remote-screenshare", target),
      "lower-hand": () => line.request("set-hand", { ...target, raised: false }),
      "make-host": () => line.request("make-host", participant),
      "remove-host": () => line.request("remove-host", participant),
      "make-cohost": () => line.request("make-cohost", participant),
      "remove-cohost": () => line.request("remove-cohost", participant),
      remove: () => line.request("remove-participant", target),
    };
    this.#ask(ask[deed]);
  }

  #ask(ask: () => Promise<unknown>): void {
    void attempt(this.#notes, ask);
  }
}
