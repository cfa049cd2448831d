/** How the room is run: what it allows, who waits at its door, who was removed, and what hosts do from this page. */
import type { Deed } from "../../shared/deeds";
import type { JoinAck } from "../../wire/JoinAck";
import { doorChanges, knockText, type DoorChange } from "../../shared/door";
import type { RemovedPerson } from "../../wire/RemovedPerson";
import type { RoomDoor } from "../../wire/RoomDoor";
import type { RoomPolicy } from "../../wire/RoomPolicy";
import type { WaitingPerson } from "../../wire/WaitingPerson";
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
  /** The most people that hosts can let the room take. */
  mostPeople = $state(0);
  /** Who waits to be let in, in the order of knocking; only hosts and co-hosts are told. */
  waiting = $state.raw<readonly WaitingPerson[]>([]);
  /** How the door stands; only hosts are told. */
  #door = $state.raw<RoomDoor | null>(null);
  /** Shows the list of who waits. */
  onshow: () => void = () => undefined;
  /** The list of who waits is on the screen, so that no note needs to tell of them. */
  #listed = false;
  /** The note about who waits. */
  #knock: number | null = null;
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
    line.on("waiting-people", (waiting) => this.#knocked(waiting));
    line.on("room-door", ({ by, byId, ...door }) => {
      const changes = this.#door === null ? [] : doorChanges(this.#door, door, by);
      this.#door = door;
      if (byId === null || byId !== attendance.selfId) for (const sentence of changes) notes.show(sentence);
    });
  }

  /** Call before each join. */
  beforeJoin(): void {
    this.removed = [];
    this.#door = null;
    this.#knocked([]);
  }

  /** Call after each join with its answer. Who comes back hears of changes by themselves. */
  joined({ policy, largestFileBytes, mostPeople, resumed }: JoinAck): void {
    if (!resumed) this.policy = policy;
    this.largestFile = largestFileBytes;
    this.mostPeople = mostPeople;
  }

  /** Whether the person at this page runs the room, as a host or co-host. */
  get runs(): boolean {
    return this.#attendance.role !== "guest";
  }

  /** Whether files can be shared in the room. */
  get takesFiles(): boolean {
    return this.policy.maxFileBytes > 0;
  }

  /** How the door stands, for who may set it. */
  get door(): RoomDoor | null {
    return this.#attendance.role === "host" ? this.#door : null;
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

  /** Says whether the list of who waits is on the screen. */
  list(listed: boolean): void {
    this.#listed = listed;
    if (listed) this.#dismissKnock();
  }

  setPolicy(change: Partial<RoomPolicy>): void {
    this.#ask(() => this.#line.request("set-room-policy", { roomId: this.#roomId, ...change }));
  }

  letBackIn(removedId: number): void {
    this.#ask(() => this.#line.request("let-back-in", { roomId: this.#roomId, removedId }));
  }

  setDoor(change: DoorChange): void {
    this.#ask(() => this.#line.request("set-room-door", { roomId: this.#roomId, ...change }));
  }

  /** Lets somebody in who waits, or turns them away. */
  answer(admit: boolean, waitingId: number | "all"): void {
    this.#ask(() => this.#line.request(admit ? "admit" : "turn-away", { roomId: this.#roomId, waitingId }));
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

  /** Keeps one note about all who wait, as long as nobody puts it away. Where they are listed it is spoken alone. */
  #knocked(waiting: readonly WaitingPerson[]): void {
    const isNew = waiting.some((person) => !this.waiting.some((known) => known.id === person.id));
    const isShown = this.#notes.shown.some((note) => note.id === this.#knock);
    this.waiting = waiting;
    this.#dismissKnock();
    const [first] = waiting;
    if (!first || !(isNew || isShown)) return;
    const text = knockText(waiting.map((person) => person.name));
    if (this.#listed) return this.#notes.announce(text);
    const action =
      waiting.length === 1
        ? { label: "Let in", run: () => this.answer(true, first.id) }
        : { label: "Show", run: () => this.onshow() };
    this.#knock = this.#notes.show(text, "info", action);
  }

  #dismissKnock(): void {
    if (this.#knock !== null) this.#notes.dismiss(this.#knock);
    this.#knock = null;
  }

  #ask(ask: () => Promise<unknown>): void {
    void attempt(this.#notes, ask);
  }
}
