/** How the room is run: what it allows, who was removed, and what hosts do from this page. */
import type { Deed } from "../../shared/deeds";
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
  /** The server told of the policy since the question to join; if it does not, it is as in a new room. */
  #told = false;
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
      this.#told = true;
      const changes = changesOf(this.policy, policy, by);
      this.policy = policy;
      if (byId === null || byId !== attendance.selfId) for (const sentence of changes) notes.show(sentence);
    });
    line.on("removed-people", (removed) => (this.removed = removed));
  }

  /** Call before each join. */
  beforeJoin(): void {
    this.#told = false;
    this.removed = [];
  }

  /** Call after a join that took a new place, when what follows its answer has been heard. */
  joined(): void {
    if (!this.#told) this.policy = OPEN;
  }

  /** Whether the person at this page runs the room, as a host or co-host. */
  get runs(): boolean {
    return this.#attendance.role !== "guest";
  }

  /** Why the person at this page may not do something now; `null` if they may. */
  whyNot(what: "microphone" | "camera" | "screen" | "chat" | "record"): string | null {
    const { own } = this.#attendance;
    const guest = !this.runs;
    const { policy } = this;
    const closed = {
      microphone: own?.isAudioHeld ?? false,
      camera: own?.isVideoHeld ?? false,
      screen: guest && !policy.screenShareEnabled,
      chat: guest && !policy.chatEnabled,
      record: guest && !policy.guestsMayRecord,
    };
    if (!closed[what]) return null;
    return what === "camera" && guest && !policy.camerasEnabled ? forbidden.cameras : forbidden[what];
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
