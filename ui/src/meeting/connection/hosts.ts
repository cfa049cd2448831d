/** What a host may do to this page's person: mute, pause, stop a screen share, remove, raise. The server does it; this follows. */
import type { By } from "../../wire/By";
import type { Ending, Meeting } from "./meeting.svelte";
import type { Signaling } from "./signaling";

/** Follows the hosts' word from now on. */
export function obeyHosts(line: Signaling, meeting: Meeting, end: (ending: Ending) => void): void {
  const { notes } = meeting;
  const set = (slot: "camera" | "microphone", off: boolean, by: string) => {
    const capture = meeting.local[slot];
    if (off) {
      void capture.turn(false);
      notes.show(`${by} turned your ${slot} off.`);
    } else if (!capture.on) {
      // Nobody but the person turns a camera or microphone on. Whether it was kept off the list that follows changes.
      const run = () => void capture.turn(true);
      const says = meeting.hosting.whyNot(slot) ? "lets you turn" : "asks you to turn";
      notes.show(`${by} ${says} your ${slot} on.`, "info", { label: "Turn on", run });
    }
  };

  line.on("force-mute", ({ audio, by }) => set("microphone", audio, by));
  line.on("force-video-pause", ({ video, by }) => set("camera", video, by));
  line.on("participant-list-update", () => keepOff(meeting));
  line.on("host-stop-screenshare", ({ by }) => {
    meeting.senders.stopScreen();
    notes.show(`${by} stopped your screen share.`);
  });
  line.on("kicked-from-room", () => {
    end({ title: "You were removed from the meeting", text: "Ask the host to let you back in, then join again." });
  });
  const raised = (role: string) => (who: By) => notes.show(`${who.by} made you a ${role}.`);
  const lowered = ({ by, byId }: By) => {
    const isOwn = byId !== null && byId === meeting.attendance.selfId;
    notes.show(isOwn ? "You are a guest again." : `${by} made you a guest again.`);
  };
  line.on("host-granted", raised("host"));
  line.on("cohost-granted", raised("co-host"));
  line.on("host-revoked", lowered);
  line.on("cohost-revoked", lowered);
}

/** Turns off what hosts keep off: a camera's light must not shine for a picture that goes nowhere. */
export function keepOff(meeting: Meeting): void {
  for (const slot of ["camera", "microphone"] as const) {
    if (meeting.hosting.whyNot(slot) && meeting.local[slot].on) void meeting.local[slot].turn(false);
  }
}
