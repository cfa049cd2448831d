/** What a host may do to this page's person: mute, pause, stop a screen share, remove. The server does it; this follows. */
import type { Ending, Meeting } from "./meeting.svelte";
import { asSentence } from "./refusals";
import type { Signaling } from "./signaling";

/** Follows the hosts' word from now on. */
export function obeyHosts(line: Signaling, meeting: Meeting, end: (ending: Ending) => void): void {
  const set = (slot: "camera" | "microphone", off: boolean, by: string) => {
    const capture = meeting.local[slot];
    if (off) {
      void capture.turn(false);
      meeting.notes.show(`${by} turned your ${slot} off.`);
    } else if (!capture.on) {
      // Nobody but the person turns a camera or microphone on.
      const run = () => void capture.turn(true);
      meeting.notes.show(`${by} asks you to turn your ${slot} on.`, "info", { label: "Turn on", run });
    }
  };

  line.on("force-mute", ({ audio, by }) => set("microphone", audio, by));
  line.on("force-video-pause", ({ video, by }) => set("camera", video, by));
  line.on("host-stop-screenshare", ({ by }) => {
    meeting.senders.stopScreen();
    meeting.notes.show(`${by} stopped your screen share.`);
  });
  line.on("kicked-from-room", ({ reason }) => {
    end({ title: "You were removed from the meeting", text: asSentence(reason) });
  });
}
