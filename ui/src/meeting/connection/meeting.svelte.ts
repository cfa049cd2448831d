/**
 * A meeting from this page's side: joins, keeps its place through reloads and lost connections, and leaves.
 * What is said, sent, received and recorded is in the parts that it holds.
 */
import { Link } from "../media/link";
import type { LocalMedia } from "../media/local.svelte";
import { Receivers } from "../media/receivers.svelte";
import { Senders } from "../media/senders.svelte";
import type { JoinAck } from "../../wire/JoinAck";
import { Attendance } from "./attendance.svelte";
import { Chat } from "./chat.svelte";
import { Door } from "./door.svelte";
import { Files } from "./files.svelte";
import { Hosting } from "./hosting.svelte";
import { keepOff, obeyHosts } from "./hosts";
import { deviceToken } from "./keys";
import { Notes } from "./notes.svelte";
import { randomId } from "./random";
import { Recording } from "./recording.svelte";
import { Broadcast } from "./broadcast.svelte";
import { asSentence, explainNoEntry, explainRefusal, UNREACHABLE } from "./refusals";
import { giveUpSeat, KEEP_EVERY_MS, keepSeat, type Seat } from "./seat";
import { Interrupted, Refused, Signaling } from "./signaling";
import { Signs } from "./signs.svelte";
import { Troubles } from "./trouble";

/** Why a meeting is over for this page. */
export interface Ending {
  title: string;
  text: string;
}

/** How often a first join is tried before the person is told, and the pause between two tries in ms. */
const TRIES = 4;
const PAUSE_MS = 1_000;
/** The refusal that is none: the hosts have been told. */
const WAITING = "Waiting for the host";

export class Meeting {
  readonly roomId: string;
  /** In `waiting` a host has been told of who is in front of the mirror, and has not answered yet. */
  phase = $state<"mirror" | "joining" | "waiting" | "meeting" | "over">("mirror");
  /** The line is away; everything else stays as it is until it is back. */
  reconnecting = $state(false);
  /** Why joining failed, for the mirror. */
  problem = $state<string | null>(null);
  ending = $state.raw<Ending | null>(null);
  name = $state("");
  /** The room's name for people, where it has one. */
  roomName = $state<string | null>(null);
  /** The room's link for other people. */
  link = $state("");
  readonly notes = new Notes();
  readonly door: Door;
  readonly local: LocalMedia;
  readonly attendance: Attendance;
  readonly hosting: Hosting;
  readonly signs: Signs;
  readonly chat: Chat;
  readonly files: Files;
  readonly recording: Recording;
  readonly broadcast: Broadcast;
  readonly senders: Senders;
  readonly receivers: Receivers;
  readonly #signaling = new Signaling();
  readonly #link: Link;
  readonly #hostKey: string | null;
  #userId: string;
  #resumeToken: string | null;
  readonly #troubles: Troubles;
  #hasMediaPath = true;
  #entering = false;
  #rebuilding = false;
  #failures = 0;

  constructor(roomId: string, local: LocalMedia, seat: Seat | null, hostKey: string | null) {
    this.roomId = roomId;
    this.local = local;
    this.door = new Door(roomId);
    this.#hostKey = hostKey;
    this.#userId = seat?.userId ?? randomId();
    this.#resumeToken = seat?.resumeToken ?? null;
    const warn = (sentence: string) => this.notes.show(sentence, "warning");
    const rebuild = () => void this.#rebuild();
    this.#link = new Link(this.#signaling, roomId, rebuild, (well) => {
      this.#hasMediaPath = well;
      this.#followTroubles();
    });
    this.senders = new Senders(this.#signaling, roomId, local, this.#link, warn, rebuild);
    const refused = (refusal: string) => warn(explainRefusal(refusal));
    this.receivers = new Receivers(this.#signaling, roomId, this.#link, refused, rebuild);
    const announce = (sentence: string) => this.notes.announce(sentence);
    this.attendance = new Attendance(this.#signaling, this.notes);
    this.hosting = new Hosting(this.#signaling, roomId, this.notes, this.attendance);
    this.signs = new Signs(this.#signaling, roomId, this.notes, this.attendance);
    this.recording = new Recording(this.#signaling, roomId, this.notes, this.attendance);
    this.broadcast = new Broadcast(this.#signaling, this.notes);
    this.chat = new Chat(this.#signaling, roomId, () => this.#userId, announce);
    this.files = new Files(this.#signaling, roomId, announce);
    this.#troubles = new Troubles(
      this.notes,
      () => this.leave(),
      () => location.reload(),
    );
    this.#listen();
  }

  /** Joins under a name; `problem` says why if it fails. */
  join(name: string): void {
    this.name = name;
    this.problem = null;
    this.door.problem = null;
    this.#failures = 0;
    this.phase = "joining";
    for (const slot of ["camera", "microphone"] as const) {
      this.local[slot].onchange = () => {
        this.senders.apply(slot);
        this.#tellState();
      };
      this.local[slot].onproblem = (sentence) => this.notes.show(sentence, "warning");
    }
    if (this.#signaling.connected) void this.#enter();
    else this.#signaling.connect();
  }

  /** Waits no longer to be let in. */
  stopWaiting(): void {
    this.#signaling.say("leave-room", { roomId: this.roomId });
    this.#backToMirror(null);
  }

  /** Leaves for good; the devices go dark. */
  leave(): void {
    this.#signaling.say("leave-room", { roomId: this.roomId });
    this.#end({ title: "You left the meeting", text: "You can close this page, or join again." });
  }

  /** Remembers the place for a reload; `parked` when the page goes away. */
  keepSeat(parked: boolean): void {
    if (this.phase !== "meeting") return;
    const { roomId, name, local } = this;
    const [cameraOn, microphoneOn] = [local.camera.on, local.microphone.on];
    keepSeat({ roomId, name, userId: this.#userId, resumeToken: this.#resumeToken, cameraOn, microphoneOn }, parked);
  }

  #listen(): void {
    const line = this.#signaling;
    line.onLine({
      up: () => void this.#enter(),
      down: () => {
        if (this.phase === "meeting" || this.phase === "waiting") this.#setReconnecting(true);
      },
      failing: () => {
        this.#failures += 1;
        if (this.phase === "joining" && this.#failures >= TRIES) this.#giveUp(UNREACHABLE);
      },
    });
    const retry = () => {
      if (document.visibilityState === "visible" && this.reconnecting) line.connect();
    };
    addEventListener("online", retry);
    document.addEventListener("visibilitychange", retry);
    setInterval(() => this.keepSeat(false), KEEP_EVERY_MS);

    line.on("server-address-changed", ({ urls: [best] }) => {
      if (best) this.link = best;
    });
    const answered = (then: () => void) => {
      // The answer may come together with the word that one has to wait for it: that goes first.
      setTimeout(() => {
        if (this.phase === "waiting") then();
      });
    };
    line.on("admitted", () => answered(() => void this.#enter()));
    line.on("turned-away", ({ reason }) => answered(() => this.#giveUp(asSentence(reason))));
    line.on("server-shutting-down", ({ reason }) => {
      this.#end({ title: "The meeting has ended", text: reason ? asSentence(reason) : "The host has closed Confab." });
    });
    obeyHosts(line, this, (ending) => this.#end(ending));
  }

  /** Takes a place in the room, or takes ours again, as often as it needs. */
  async #enter(): Promise<void> {
    if (this.#entering || this.phase === "mirror" || this.phase === "over") return;
    this.#entering = true;
    try {
      for (let tries = 1; this.#wanted && this.#signaling.connected; tries += 1) {
        try {
          await this.#sitDown();
          break;
        } catch (error) {
          if (!this.#wanted) return;
          // A line that broke and came back between two questions has not joined yet: begin again.
          const again = error instanceof Interrupted || (error instanceof Refused && / not found$/.test(error.message));
          if (error instanceof Refused && !(again && tries < TRIES)) return this.#refused(error.message);
          if (!again) return this.#giveUp("This browser could not join. Load the page again.");
          if (this.phase === "joining" && tries >= TRIES) return this.#giveUp(UNREACHABLE);
          await new Promise((resume) => setTimeout(resume, PAUSE_MS));
        }
      }
    } finally {
      this.#entering = false;
    }
  }

  async #sitDown(): Promise<void> {
    const link = this.#link;
    this.recording.beforeJoin();
    this.broadcast.beforeJoin();
    this.receivers.beforeJoin();
    this.hosting.beforeJoin();
    let answer = link.open ? await this.#takeOver() : null;
    if (!answer) {
      link.close();
      await link.load();
      answer = await this.#ask();
    }
    if (!this.#wanted) return;
    this.recording.joined(answer.recording, answer.serverTime);
    this.broadcast.joined(answer.broadcast);
    this.#resumeToken = answer.resumeToken ?? null;
    this.attendance.selfId = answer.peerId;
    this.link = answer.link;
    this.roomName = answer.roomName;
    this.door.passed();
    this.receivers.reconcile(answer.producers);
    if (link.open) {
      this.senders.catchUp();
    } else {
      await this.#connectMedia();
    }
    if (!this.#wanted) return;
    this.phase = "meeting";
    this.#setReconnecting(false);
    this.hosting.joined(answer);
    keepOff(this);
    this.#tellState();
    this.chat.catchUp();
    this.keepSeat(false);
  }

  /** Takes over our place as we left it. `null` if the server no longer has it. */
  async #takeOver(): Promise<JoinAck | null> {
    try {
      const answer = await this.#ask();
      if (answer.resumed || answer.alreadyJoined) {
        await this.#link.restartIce();
      } else {
        this.#link.close();
        await this.#link.load();
      }
      return answer;
    } catch (error) {
      if (error instanceof Refused && /not found/i.test(error.message)) return null;
      throw error;
    }
  }

  #ask(): Promise<JoinAck> {
    const device = deviceToken();
    return this.#signaling.request("join-mediasoup-room", {
      roomId: this.roomId,
      rtpCapabilities: this.#link.capabilities,
      userName: this.name,
      userId: this.#userId,
      resumable: true,
      understandsPaused: true,
      ...this.recording.wish,
      ...(device ? { deviceToken: device } : {}),
      ...(this.#hostKey ? { hostKey: this.#hostKey } : {}),
      ...(this.door.passcode ? { passcode: this.door.passcode } : {}),
      ...(this.#resumeToken ? { resumeToken: this.#resumeToken } : {}),
    });
  }

  async #connectMedia(): Promise<void> {
    await this.#link.connect();
    if (!this.#wanted) return this.#link.close();
    this.receivers.reconsume();
    this.senders.republish();
  }

  /**
   * Only new transports help: new ICE credentials found no path, for the network is another, or an answer came too late
   * to know what the server made of the question.
   */
  async #rebuild(): Promise<void> {
    if (this.#entering || this.#rebuilding || this.phase !== "meeting") return;
    this.#rebuilding = true;
    try {
      await this.#connectMedia();
    } catch {
      if (this.phase === "meeting") this.#setReconnecting(true);
      await this.#enter();
    } finally {
      this.#rebuilding = false;
    }
  }

  #setReconnecting(reconnecting: boolean): void {
    this.reconnecting = reconnecting;
    this.#followTroubles();
  }

  #followTroubles(): void {
    const meets = this.phase === "meeting";
    this.#troubles.follow({
      hasLine: !(meets && this.reconnecting),
      hasMediaPath: !meets || this.#hasMediaPath,
    });
  }

  #tellState(): void {
    const { camera, microphone } = this.local;
    const state = { isAudioMuted: !microphone.live, isVideoPaused: !camera.live };
    this.#signaling.say("update-my-state", { roomId: this.roomId, ...state });
    this.keepSeat(false);
  }

  #refused(refusal: string): void {
    if (refusal === WAITING) {
      this.phase = "waiting";
      this.door.asksNothing();
      this.#setReconnecting(false);
    } else if (this.phase === "meeting") {
      this.#end({ title: "You are no longer in the meeting", text: explainNoEntry(refusal) });
    } else {
      this.#backToMirror(this.door.refused(refusal));
    }
  }

  #giveUp(sentence: string): void {
    if (this.phase === "meeting") return this.#end({ title: "You are no longer in the meeting", text: sentence });
    this.#backToMirror(sentence);
  }

  #backToMirror(sentence: string | null): void {
    this.problem = sentence;
    this.phase = "mirror";
    this.#close();
  }

  #end(ending: Ending): void {
    this.ending = ending;
    this.phase = "over";
    this.senders.close();
    this.local.close();
    this.#close();
  }

  #close(): void {
    this.#resumeToken = null;
    giveUpSeat();
    this.#link.close();
    this.#hasMediaPath = true;
    this.receivers.clear();
    this.files.close();
    this.#setReconnecting(false);
    this.attendance.people = [];
    this.#signaling.close();
  }

  get #wanted(): boolean {
    return this.phase === "joining" || this.phase === "waiting" || this.phase === "meeting";
  }
}
