//! From an event's name and payload to a typed request.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::chat_features::*;
use super::door::*;
use super::everybody::BulkAction;
use super::files::OfferFile;
use super::ids::RoomId;
use super::moderation::*;
use super::payload::*;
use super::refusal::Refusal;
use super::words::*;

/// The longest explanation of an invalid request, in characters: it quotes what came.
const MAX_EXPLANATION: usize = 200;

macro_rules! requests {
    ($($(#[$doc:meta])* $event:literal => $variant:ident($payload:ty) -> $ack:ty $(= $cost:literal)?,)+) => {
        /// A request of a client, its shape checked.
        #[derive(Debug, Clone)]
        pub enum Request {
            $($(#[$doc])* $variant($payload),)+
        }

        impl Request {
            /// The names of all events that clients send.
            pub const EVENTS: &'static [&'static str] = &[$($event),+];

            /// The event of this name, if there is one.
            #[must_use]
            pub fn known(event: &str) -> Option<&'static str> {
                match event {
                    $($event => Some($event),)+
                    _ => None,
                }
            }

            /// How much work an event makes, in events of the cheapest kind.
            #[must_use]
            pub fn cost(event: &str) -> u32 {
                match event {
                    $($event => [$($cost,)? 1][0],)+
                    _ => 1,
                }
            }

            /// Reads a client's event. `None` is an event that this server does not know, to be ignored.
            ///
            /// # Errors
            /// [`Refusal::Invalid`], which names the field, when the payload has not the event's shape.
            pub fn parse(event: &str, payload: Value) -> Option<Result<Self, Refusal>> {
                match event {
                    $($event => Some(read(payload).map(Self::$variant)),)+
                    _ => None,
                }
            }

            /// The event's name.
            #[must_use]
            pub fn event(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $event,)+
                }
            }

            /// The room that the request is about; none for the few that name no room.
            #[must_use]
            pub fn room_id(&self) -> Option<&RoomId> {
                match self {
                    $(Self::$variant(body) => body.room_id(),)+
                }
            }
        }
    };
}

/// Hands the table of all events that clients send to another macro, row by row: `event => name(payload) ->
/// acknowledgement`. After `=` stands what an event costs that makes more work than most: what it makes or moves, whom it
/// is told to.
#[macro_export]
macro_rules! every_request {
    ($to:ident) => {
        $to! {
            /// Asks what the room's router can do; makes the room if it is new.
            "get-rtp-capabilities" => GetRtpCapabilities(InRoom) -> CapabilitiesAck = 5,
            /// Joins the room, or resumes a lost place in it.
            "join-mediasoup-room" => Join(Join) -> JoinAck = 20,
            /// Makes the peer's send or receive transport.
            "create-webrtc-transport" => CreateTransport(CreateTransport) -> TransportAck = 10,
            /// Connects a transport by DTLS.
            "connect-transport" => ConnectTransport(ConnectTransport) -> Empty,
            /// Sends a stream.
            "produce" => Produce(Produce) -> ProduceAck = 10,
            /// Receives a stream; it starts paused.
            "consume" => Consume(Consume) -> ConsumeAck,
            /// Lets a consumer flow.
            "resume-consumer" => ResumeConsumer(OfConsumer) -> Empty,
            /// Holds a consumer.
            "pause-consumer" => PauseConsumer(OfConsumer) -> Empty,
            /// Chooses the simulcast layers that a consumer gets at most.
            "set-consumer-layers" => SetConsumerLayers(SetConsumerLayers) -> Empty,
            /// Chooses which consumers get bandwidth first where it is short.
            "set-consumer-priority" => SetConsumerPriority(SetConsumerPriority) -> Empty,
            /// Asks the sender of a consumer's stream for a key frame.
            "request-key-frame" => RequestKeyFrame(OfConsumer) -> Empty,
            /// Gives a transport new ICE credentials, after a change of network.
            "restart-ice" => RestartIce(OfTransport) -> RestartIceAck,
            /// Asks how a transport and its streams fare.
            "get-stats" => GetStats(OfTransport) -> StatsAck = 20,
            /// Holds an own stream on the server.
            "pause-producer" => PauseProducer(OfProducer) -> Empty = 5,
            /// Lets an own stream flow again.
            "resume-producer" => ResumeProducer(OfProducer) -> Empty = 5,
            /// Ends an own stream.
            "close-producer" => CloseProducer(OfProducer) -> Empty = 5,
            /// Says that a screen share runs; its producer says the same.
            "screen-share-started" => ScreenShareStarted(OfProducer) -> Empty,
            /// Ends an own screen share.
            "screen-share-stopped" => ScreenShareStopped(OfProducer) -> Empty,
            /// Says what the own microphone and camera do.
            "update-my-state" => UpdateMyState(UpdateMyState) -> Empty = 5,
            /// Leaves the room; the socket stays.
            "leave-room" => LeaveRoom(LeaveRoom) -> Empty = 5,
            /// Tells the own opaque user id.
            "set-user-id" => SetUserId(UserId) -> Empty = 5,
            /// Asks for the socket of a user in the same room.
            "get-socket-id-for-user" => GetSocketIdForUser(OfUser) -> SocketIdAck,
            /// Says something to all.
            "send-message" => SendMessage(SendMessage) -> Empty = 5,
            /// Asks for what was said.
            "get-chat-history" => GetChatHistory(InRoom) -> Empty = 150,
            /// The same as `get-chat-history`.
            "request-chat-history" => RequestChatHistory(InRoom) -> Empty = 150,
            /// Says that one is writing.
            "typing-start" => TypingStart(TypingStart) -> Empty = 5,
            /// Says that one is not writing any more.
            "typing-stop" => TypingStop(InRoom) -> Empty = 5,
            /// Reacts to a message, or takes that back.
            "message-react" => MessageReact(MessageReact) -> Empty = 5,
            /// Pins a message, or takes that back.
            "pin-message" => PinMessage(PinMessage) -> Empty = 5,
            /// Shows all an emoji that passes, as `send-reaction` does.
            "video-reaction" => VideoReaction(VideoReaction) -> Empty = 5,
            /// Introduces oneself to the chat and asks for what was said.
            "join-room" => JoinChat(JoinChat) -> Empty = 150,
            /// Asks for a place to send a file to, which all may have then.
            "offer-file" => OfferFile(OfferFile) -> OfferFileAck = 5,
            /// Raises or lowers the own hand; hosts lower others' too.
            "set-hand" => SetHand(SetHand) -> Empty = 5,
            /// Shows all a sign that passes.
            "send-reaction" => SendReaction(SendReaction) -> Empty = 5,
            /// Asks to be left out of recordings, or to be in them again.
            "set-left-out" => SetLeftOut(SetLeftOut) -> Empty = 5,
            /// Starts the room's recording.
            "start-recording" => StartRecording(InRoom) -> StartRecordingAck = 10,
            /// Stops the room's recording.
            "stop-recording" => StopRecording(InRoom) -> StopRecordingAck,
            /// Asks for a link to a finished recording.
            "get-recording-link" => GetRecordingLink(OfRecording) -> RecordingLinkAck = 10,
            /// Mutes somebody, or lets them unmute.
            "toggle-remote-audio" => ToggleRemoteAudio(ToggleRemoteAudio) -> Empty,
            /// Turns somebody's camera off, or lets them turn it on.
            "toggle-remote-video" => ToggleRemoteVideo(ToggleRemoteVideo) -> Empty,
            /// Ends somebody's screen share.
            "stop-remote-screenshare" => StopRemoteScreenshare(OfTarget) -> Empty,
            /// Removes somebody from the room.
            "remove-participant" => RemoveParticipant(OfTarget) -> Empty = 5,
            /// Lets somebody back in who was removed.
            "let-back-in" => LetBackIn(LetBackIn) -> Empty,
            /// Says what the room allows.
            "set-room-policy" => SetRoomPolicy(SetRoomPolicy) -> Empty = 5,
            /// Says who may come in, and how many.
            "set-room-door" => SetRoomDoor(SetRoomDoor) -> Empty = 5,
            /// Lets somebody in who waits, or all of them.
            "admit" => Admit(OfWaiting) -> Empty = 5,
            /// Turns somebody away who waits, or all of them.
            "turn-away" => TurnAway(OfWaiting) -> Empty = 5,
            /// Mutes everybody.
            "mute-all-participants" => MuteAll(InRoom) -> Empty = 20,
            /// Lets everybody unmute.
            "unmute-all-participants" => UnmuteAll(InRoom) -> Empty = 20,
            /// Turns everybody's camera off.
            "disable-all-cameras" => DisableAllCameras(InRoom) -> Empty = 20,
            /// Lets everybody turn their camera on.
            "enable-all-cameras" => EnableAllCameras(InRoom) -> Empty = 20,
            /// Ends all screen shares, and takes no more.
            "disable-all-screen-sharing" => DisableAllScreens(InRoom) -> Empty = 20,
            /// Lets everybody share a screen.
            "enable-all-screen-sharing" => EnableAllScreens(InRoom) -> Empty = 20,
            /// The same as `disable-all-screen-sharing`.
            "host-disable-screenshare" => HostDisableScreens(InRoom) -> Empty = 20,
            /// The same as `enable-all-screen-sharing`.
            "host-enable-screenshare" => HostEnableScreens(InRoom) -> Empty = 20,
            /// One of the above, by its kind.
            "host-bulk-action" => HostBulkAction(BulkAction) -> Empty = 20,
            /// Makes somebody a host.
            "make-host" => MakeHost(OfParticipant) -> Empty,
            /// Makes a host a guest.
            "remove-host" => RemoveHost(OfParticipant) -> Empty,
            /// Makes a guest a co-host.
            "make-cohost" => MakeCohost(OfParticipant) -> Empty,
            /// Makes a co-host a guest.
            "remove-cohost" => RemoveCohost(OfParticipant) -> Empty,
        }
    };
}

every_request!(requests);

/// What comes with an event.
pub(super) trait Payload: DeserializeOwned {
    /// Whether the payload is an object. serde would also fill a struct from an array, by position.
    const IS_OBJECT: bool = true;

    /// Completes what a client may leave out or write in another way, before it is read.
    fn complete(_payload: &mut Value) {}

    /// The room that it names, where it names one.
    fn room_id(&self) -> Option<&RoomId>;
}

fn read<T: Payload>(mut payload: Value) -> Result<T, Refusal> {
    T::complete(&mut payload);
    // An empty object in place of what is none makes serde name the first field that is missing.
    let payload = if T::IS_OBJECT && !payload.is_object() {
        Value::Object(serde_json::Map::new())
    } else {
        payload
    };
    serde_path_to_error::deserialize(payload).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner().to_string();
        let explanation = if path == "." {
            cause
        } else {
            format!("`{path}`: {cause}")
        };
        Refusal::Invalid(explanation.chars().take(MAX_EXPLANATION).collect())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(event: &str, payload: Value) -> String {
        match Request::parse(event, payload) {
            Some(Err(refusal)) => refusal.to_string(),
            other => panic!("{event} was not refused: {other:?}"),
        }
    }

    #[test]
    fn every_event_names_the_field_that_a_shapeless_payload_lacks() {
        for event in Request::EVENTS {
            for payload in [
                json!(null),
                json!([]),
                json!(["room"]),
                json!(7),
                json!({}),
                json!({"roomId": null}),
            ] {
                let refusal = refusal(event, payload.clone());
                assert!(refusal.starts_with("Invalid request: "), "{event} {payload}: {refusal}");
                let names_a_field = refusal.contains('`') || *event == "set-user-id";
                assert!(names_a_field, "{event} {payload}: {refusal}");
            }
        }
    }

    #[test]
    fn a_wrong_type_deep_inside_is_named_by_its_path() {
        let refusal = refusal(
            "join-mediasoup-room",
            json!({"roomId": "a", "rtpCapabilities": {"codecs": [{"kind": "smell"}], "headerExtensions": []}}),
        );
        assert!(refusal.contains("`rtpCapabilities.codecs[0]"), "{refusal}");
    }

    #[test]
    fn a_fingerprint_that_is_no_plain_text_is_refused() {
        for value in ["AB:Aƾ:AB", "ƾ", "AB:AB", ""] {
            let fingerprints = json!([{"algorithm": "sha-256", "value": value}]);
            let dtls = json!({"role": "auto", "fingerprints": fingerprints});
            let payload = json!({"roomId": "a", "transportId": "x", "dtlsParameters": dtls});
            let refusal = refusal("connect-transport", payload);
            assert!(refusal.starts_with("Invalid request: `dtlsParameters`"), "{refusal}");
        }
    }

    #[test]
    fn every_event_has_an_example_to_fuzz_from() {
        for event in Request::EVENTS {
            let path = format!(
                "{}/../../tests/fuzz/corpus/requests/{event}",
                env!("CARGO_MANIFEST_DIR")
            );
            let example = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
            let (name, payload) = example.split_once('\n').unwrap();
            assert_eq!(name, *event);
            let parsed = Request::parse(name, serde_json::from_str(payload).unwrap());
            assert!(matches!(parsed, Some(Ok(_))), "{event}: {parsed:?}");
        }
    }

    #[test]
    fn what_came_is_not_echoed_at_length() {
        let refusal = refusal("leave-room", json!({"roomId": ["x".repeat(1 << 20)]}));
        assert!(refusal.chars().count() <= MAX_EXPLANATION + "Invalid request: ".len());
    }

    #[test]
    fn unknown_fields_and_events_are_ignored() {
        assert!(matches!(
            Request::parse("leave-room", json!({"roomId": "a", "mood": "good"})),
            Some(Ok(Request::LeaveRoom(_)))
        ));
        assert!(Request::parse("make-coffee", json!({})).is_none());
    }
}
