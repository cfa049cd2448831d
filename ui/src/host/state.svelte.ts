/** What the window shows, kept up to date by the shell, and the one way to press its buttons. */
import type { ServerSnapshot } from "../wire/ServerSnapshot";
import { commands, watchHost, type HostView } from "./platform";

export type RoomView = ServerSnapshot["rooms"][number];
export type PersonView = RoomView["people"][number];
export type RecordingView = ServerSnapshot["recordings"][number];
export type AddressView = ServerSnapshot["addresses"][number];

class HostState {
  view = $state.raw<HostView>({ phase: "starting", revision: 0, notices: [] });
  /** The sentence of the last button that could not do what it says. */
  refusal = $state<string | null>(null);
  /** The room whose QR code fills the window. */
  qrRoom = $state<string | null>(null);

  /** Starts to follow the shell. */
  async follow(): Promise<void> {
    try {
      await watchHost(
        (view) => this.#take(view),
        () => this.#showDefaultQr(),
      );
      if (location.hash === "#qr") this.#showDefaultQr();
    } catch (error) {
      this.refusal = sentenceOf(error);
    }
  }

  /** Presses a button of the shell; a refusal becomes the sentence on top of the window. */
  async run(press: (buttons: typeof commands) => Promise<void>): Promise<boolean> {
    this.refusal = null;
    try {
      await press(commands);
      return true;
    } catch (error) {
      this.refusal = sentenceOf(error);
      return false;
    }
  }

  #take(view: HostView): void {
    if (view.revision > this.view.revision) this.view = view;
  }

  #showDefaultQr(): void {
    if (this.view.phase === "running") this.qrRoom = this.view.snapshot.defaultRoom;
  }
}

function sentenceOf(error: unknown): string {
  if (typeof error === "string") return error;
  return error instanceof Error ? error.message : "Something went wrong. Try again.";
}

export const host = new HostState();
