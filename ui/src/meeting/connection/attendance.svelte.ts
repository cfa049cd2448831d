/** Who is in the meeting, who of them is at this page, and who speaks. */
import { roleOf, type Role } from "../../shared/roles";
import type { ParticipantEntry } from "../../wire/ParticipantEntry";
import type { Notes } from "./notes.svelte";
import { comingsAndGoings, renamed, withState, type People } from "./people";
import type { Signaling } from "./signaling";

export class Attendance {
  people = $state.raw<People>([]);
  selfId = $state("");
  speakerId = $state<string | null>(null);

  constructor(line: Signaling, notes: Notes) {
    line.on("participant-list-update", (people) => {
      notes.announce(comingsAndGoings(this.people, people, this.selfId));
      this.people = people;
    });
    line.on("participant-state-changed", (change) => (this.people = withState(this.people, change)));
    line.on("participant-left", ({ peerId }) => {
      // The list that follows tells screen readers, too.
      if (this.speakerId === peerId) this.speakerId = null;
    });
    line.on("peer-resumed", ({ oldPeerId, peerId }) => {
      this.people = renamed(this.people, oldPeerId, peerId);
      if (this.speakerId === oldPeerId) this.speakerId = peerId;
      if (this.selfId === oldPeerId) this.selfId = peerId;
    });
    line.on("active-speaker", ({ peerId }) => (this.speakerId = peerId));
  }

  /** The person at this page, as the server has them. */
  get own(): ParticipantEntry | null {
    return this.people.find((person) => person.id === this.selfId) ?? null;
  }

  get role(): Role {
    return this.own ? roleOf(this.own) : "guest";
  }

  /** Somebody's name, for a sentence. */
  nameOf(peerId: string): string {
    return this.people.find((person) => person.id === peerId)?.name ?? "Somebody";
  }
}
