/** The protocol's requests and events by name, put together from the generated wire types. */
import type { CapabilitiesAck } from "../../wire/CapabilitiesAck";
import type { ConnectTransport } from "../../wire/ConnectTransport";
import type { Consume } from "../../wire/Consume";
import type { ConsumeAck } from "../../wire/ConsumeAck";
import type { CreateTransport } from "../../wire/CreateTransport";
import type { InRoom } from "../../wire/InRoom";
import type { Join } from "../../wire/Join";
import type { JoinAck } from "../../wire/JoinAck";
import type { LetBackIn } from "../../wire/LetBackIn";
import type { OfConsumer } from "../../wire/OfConsumer";
import type { OfferFile } from "../../wire/OfferFile";
import type { OfferFileAck } from "../../wire/OfferFileAck";
import type { OfParticipant } from "../../wire/OfParticipant";
import type { OfProducer } from "../../wire/OfProducer";
import type { OfRecording } from "../../wire/OfRecording";
import type { OfTarget } from "../../wire/OfTarget";
import type { OfTransport } from "../../wire/OfTransport";
import type { OfWaiting } from "../../wire/OfWaiting";
import type { Produce } from "../../wire/Produce";
import type { ProduceAck } from "../../wire/ProduceAck";
import type { RecordingLinkAck } from "../../wire/RecordingLinkAck";
import type { RestartIceAck } from "../../wire/RestartIceAck";
import type { SendMessage } from "../../wire/SendMessage";
import type { SendReaction } from "../../wire/SendReaction";
import type { ServerEvent } from "../../wire/ServerEvent";
import type { SetConsumerLayers } from "../../wire/SetConsumerLayers";
import type { SetHand } from "../../wire/SetHand";
import type { SetRoomDoor } from "../../wire/SetRoomDoor";
import type { SetRoomPolicy } from "../../wire/SetRoomPolicy";
import type { StartRecordingAck } from "../../wire/StartRecordingAck";
import type { StopRecordingAck } from "../../wire/StopRecordingAck";
import type { ToggleRemoteAudio } from "../../wire/ToggleRemoteAudio";
import type { ToggleRemoteVideo } from "../../wire/ToggleRemoteVideo";
import type { TransportAck } from "../../wire/TransportAck";
import type { UpdateMyState } from "../../wire/UpdateMyState";

/** What the page asks: the payload and its acknowledgement. */
export interface Requests {
  "get-rtp-capabilities": [InRoom, CapabilitiesAck];
  "join-mediasoup-room": [Join, JoinAck];
  "leave-room": [InRoom, object];
  "create-webrtc-transport": [CreateTransport, TransportAck];
  "connect-transport": [ConnectTransport, object];
  "restart-ice": [OfTransport, RestartIceAck];
  produce: [Produce, ProduceAck];
  "pause-producer": [OfProducer, object];
  "resume-producer": [OfProducer, object];
  "close-producer": [OfProducer, object];
  consume: [Consume, ConsumeAck];
  "resume-consumer": [OfConsumer, object];
  "set-consumer-layers": [SetConsumerLayers, object];
  "update-my-state": [UpdateMyState, object];
  "send-message": [SendMessage, object];
  "get-chat-history": [InRoom, object];
  "offer-file": [OfferFile, OfferFileAck];
  "set-hand": [SetHand, object];
  "send-reaction": [SendReaction, object];
  "set-room-policy": [SetRoomPolicy, object];
  "set-room-door": [SetRoomDoor, object];
  admit: [OfWaiting, object];
  "turn-away": [OfWaiting, object];
  "toggle-remote-audio": [ToggleRemoteAudio, object];
  "toggle-remote-video": [ToggleRemoteVideo, object];
  "stop-remote-screenshare": [OfTarget, object];
  "remove-participant": [OfTarget, object];
  "let-back-in": [LetBackIn, object];
  "make-host": [OfParticipant, object];
  "remove-host": [OfParticipant, object];
  "make-cohost": [OfParticipant, object];
  "remove-cohost": [OfParticipant, object];
  "start-recording": [InRoom, StartRecordingAck];
  "stop-recording": [InRoom, StopRecordingAck];
  "get-recording-link": [OfRecording, RecordingLinkAck];
}

/** What the server says of its own accord: the payload by the event's name. */
export type ServerSays = { [E in ServerEvent as E["event"]]: E["data"] };
