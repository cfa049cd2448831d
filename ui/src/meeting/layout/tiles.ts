/** Who and what is on the stage: people and streams put together into tiles. Pure. */
import { handsUp } from "../../shared/hands";
import { roleOf, roleWords, type Role } from "../../shared/roles";
import type { ParticipantEntry } from "../../wire/ParticipantEntry";

/** What this needs to know of a stream. */
export interface StreamView {
  producerId: string;
  peerId: string;
  kind: "audio" | "video";
  isScreenShare: boolean;
  paused: boolean;
  track: MediaStreamTrack | null;
}

/** What this needs to know of the person at this page. */
export interface SelfView {
  id: string;
  name: string;
  camera: MediaStreamTrack | null;
  microphoneOn: boolean;
  sharesScreen: boolean;
}

/** One person's tile. */
export interface Face {
  peerId: string;
  name: string;
  imageUrl: string | null;
  isSelf: boolean;
  role: Role;
  isMuted: boolean;
  /** A host keeps the microphone, or the camera, off. */
  isAudioHeld: boolean;
  isVideoHeld: boolean;
  /** Recordings hold nothing of them, by their own wish. */
  isLeftOut: boolean;
  isReconnecting: boolean;
  isSpeaking: boolean;
  isSharing: boolean;
  /** The place of the raised hand among all that are up, the first being 1. */
  handPlace: number | null;
  /** The camera's picture, if there is one to show. */
  video: MediaStreamTrack | null;
  /** The camera's stream, to ask for the size that the tile needs. */
  videoProducerId: string | null;
}

/** One shared screen of somebody else. */
export interface Share {
  producerId: string;
  name: string;
  track: MediaStreamTrack;
}

/** Everybody's tile: the others in the order in which they came, oneself last. */
export function facesOf(
  people: readonly ParticipantEntry[],
  streams: readonly StreamView[],
  self: SelfView,
  speakerId: string | null,
): Face[] {
  const others = people.filter((person) => person.id !== self.id).sort((a, b) => a.joinedAt - b.joinedAt);
  const own = people.find((person) => person.id === self.id);
  const hands = handsUp(people);
  const faces = others.map((person): Face => {
    const theirs = streams.filter((stream) => stream.peerId === person.id && !stream.isScreenShare);
    // Of two cameras the later one counts: the earlier is about to be closed.
    const camera = theirs.filter((stream) => stream.kind === "video" && !stream.paused && stream.track).at(-1);
    const voice = theirs.find((stream) => stream.kind === "audio" && !stream.paused);
    return {
      ...common(person, speakerId, hands),
      isSelf: false,
      isMuted: person.isAudioMuted || !voice,
      isReconnecting: person.isReconnecting,
      isSharing: person.isScreenSharing,
      video: camera?.track ?? null,
      videoProducerId: camera?.producerId ?? null,
    };
  });
  const base = own ? common(own, speakerId, hands) : { ...nobody, peerId: self.id, name: self.name };
  faces.push({
    ...base,
    isSelf: true,
    isMuted: !self.microphoneOn,
    isReconnecting: false,
    isSharing: self.sharesScreen,
    isSpeaking: base.isSpeaking && self.microphoneOn,
    video: self.camera,
    videoProducerId: null,
  });
  return faces;
}

/** The others' shared screens, the latest first. */
export function sharesOf(people: readonly ParticipantEntry[], streams: readonly StreamView[]): Share[] {
  return streams
    .filter((stream) => stream.isScreenShare && stream.kind === "video" && !stream.paused)
    .map(({ producerId, peerId, track }) => ({
      producerId,
      name: people.find((person) => person.id === peerId)?.name ?? "Somebody",
      track,
    }))
    .filter((share): share is Share => share.track !== null)
    .reverse();
}

/** What a screen reader says of a tile. */
export function describe(face: Face): string {
  const marks = [
    face.isSelf && "you",
    roleWords[face.role].toLowerCase(),
    face.isReconnecting && "reconnecting",
    face.isMuted && `microphone off${face.isAudioHeld ? " by a host" : ""}`,
    !face.video && `camera off${face.isVideoHeld ? " by a host" : ""}`,
    face.isSharing && "sharing a screen",
    face.isLeftOut && "not recorded",
    face.handPlace !== null && `hand raised (number ${face.handPlace})`,
  ].filter((mark) => typeof mark === "string" && mark !== "");
  return [face.name, ...marks].join(", ");
}

const nobody = {
  peerId: "",
  name: "",
  imageUrl: null,
  role: "guest" as const,
  isAudioHeld: false,
  isVideoHeld: false,
  isLeftOut: false,
  isSpeaking: false,
  handPlace: null,
};

function common(person: ParticipantEntry, speakerId: string | null, hands: readonly string[]) {
  return {
    peerId: person.id,
    name: person.name,
    imageUrl: person.imageUrl,
    role: roleOf(person),
    isAudioHeld: person.isAudioHeld,
    isVideoHeld: person.isVideoHeld,
    isLeftOut: person.isLeftOut,
    isSpeaking: person.id === speakerId,
    handPlace: person.handRaisedAt === null ? null : hands.indexOf(person.id) + 1,
  };
}
