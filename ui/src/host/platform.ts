/** The shell behind the window: the only file that knows Tauri. The shapes are those of `src-tauri/src/view.rs`. */
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Deed } from "../shared/deeds";
import type { DoorChange } from "../shared/door";
import type { RoomPolicy } from "../wire/RoomPolicy";
import type { BroadcastOptions } from "../wire/BroadcastOptions";
import type { ExportOptions } from "../wire/ExportOptions";
import type { LibrarySettings } from "../wire/LibrarySettings";
import type { ServerSnapshot } from "../wire/ServerSnapshot";

/** Where the server is in its life, with its snapshot while it runs. */
export type Phase =
  | { phase: "starting" }
  | { phase: "failed"; message: string }
  | { phase: "running"; snapshot: ServerSnapshot }
  | { phase: "stopping" };

/** Where to broadcast to; with `keep` also the next time. */
export interface BroadcastPlace {
  address: string;
  key: string;
  keep: boolean;
}

/** Everything that the window shows. */
export type HostView = Phase & {
  /** Higher in a newer view: an event and the answer to a command can overtake each other. */
  revision: number;
  /** Sentences of the shell itself, such as a missing tray. */
  notices: string[];
};

/** Calls `onView` with the state now and whenever it changes, and `onShowQr` when the tray asks for the QR code. */
export async function watchHost(onView: (view: HostView) => void, onShowQr: () => void): Promise<void> {
  await listen<HostView>("host-view", (event) => onView(event.payload));
  await listen("show-qr", onShowQr);
  onView(await invoke<HostView>("host_view"));
}

/** The buttons. Each promise is rejected with a sentence for a person. */
export const commands = {
  retryStart: () => invoke<void>("retry_start"),
  startRecording: (room: string) => invoke<void>("start_recording", { room }),
  stopRecording: (room: string) => invoke<void>("stop_recording", { room }),
  /** A `place` of `null` is the one that is kept for the room. */
  startBroadcast: (room: string, place: BroadcastPlace | null, options: BroadcastOptions) =>
    invoke<void>("start_broadcast", { room, place, options }),
  stopBroadcast: (room: string) => invoke<void>("stop_broadcast", { room }),
  forgetBroadcast: (room: string) => invoke<void>("forget_broadcast", { room }),
  /** `null` leaves the choice to Confab. */
  chooseAddress: (address: string | null) => invoke<void>("choose_address", { address }),
  retryComposition: (recording: string) => invoke<void>("retry_composition", { recording }),
  openRecording: (recording: string) => invoke<void>("open_recording", { recording }),
  holdComposition: (held: boolean) => invoke<void>("hold_composition", { held }),
  cancelComposition: (recording: string) => invoke<void>("cancel_composition", { recording }),
  exportRecording: (recording: string, options: ExportOptions) =>
    invoke<void>("export_recording", { recording, options }),
  /** An empty title takes the name away. */
  renameRecording: (recording: string, title: string) => invoke<void>("rename_recording", { recording, title }),
  deleteRecording: (recording: string) => invoke<void>("delete_recording", { recording }),
  /** A `data:` link, or `null` where there is no still. */
  recordingStill: (recording: string) => invoke<string | null>("recording_still", { recording }),
  showTracks: (recording: string) => invoke<void>("show_tracks", { recording }),
  setRecordings: (settings: LibrarySettings) => invoke<void>("set_recordings", { settings }),
  chooseRecordingsFolder: () => invoke<void>("choose_recordings_folder"),
  /** `null` is the folder of all recordings. */
  showRecordingFolder: (recording: string | null) => invoke<void>("show_recording_folder", { recording }),
  openMeetingHere: (room: string) => invoke<void>("open_meeting_here", { room }),
  copyLink: (room: string) => invoke<void>("copy_link", { room }),
  /** The link that makes a host of whoever opens it. */
  copyHostLink: (room: string) => invoke<void>("copy_host_link", { room }),
  /** `person` is a peer's id. */
  actOnPerson: (room: string, person: string, deed: Deed) => invoke<void>("act_on_person", { room, person, deed }),
  /** `who` is a knock's id. */
  answerKnock: (room: string, who: number | "all", admit: boolean) =>
    invoke<void>("answer_knock", { room, who, admit }),
  letBackIn: (room: string, removal: number) => invoke<void>("let_back_in", { room, removal }),
  setRoomPolicy: (room: string, change: Partial<RoomPolicy>) =>
    invoke<void>("set_room_policy", { change: { roomId: room, ...change } }),
  setRoomDoor: (room: string, change: DoorChange) => invoke<void>("set_room_door", { room, change }),
  copyPasscode: (room: string) => invoke<void>("copy_passcode", { room }),
  /** Answers with the room's id. */
  makeRoom: (name: string, door: DoorChange) => invoke<string>("make_room", { name, door }),
  /** Makes a room stay that somebody made up. */
  keepRoom: (room: string) => invoke<void>("keep_room", { room }),
  /** `null` takes the name away. */
  renameRoom: (room: string, name: string | null) => invoke<void>("rename_room", { room, name }),
  deleteRoom: (room: string) => invoke<void>("delete_room", { room }),
  setGuestsMayMakeRooms: (allowed: boolean) => invoke<void>("set_guests_may_make_rooms", { allowed }),
  /** The QR code of a link, an SVG picture. */
  qrCode: (link: string) => invoke<string>("qr_code", { link }),
  quit: () => invoke<void>("quit"),
};
