//! From an event's name and payload to a typed request.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::payload::*;

/// What a client is told when it does not get what it asked for: one sentence, sent as `{"error": …}`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request's shape is wrong; names the field.
    #[error("Invalid request: {0}")]
    Invalid(String),
    /// No such room here.
    #[error("Room not found")]
    RoomNotFound,
    /// This socket has not joined this room.
    #[error("Peer not found")]
    PeerNotFound,
    /// No transport of this id belongs to this peer.
    #[error("Transport not found")]
    TransportNotFound,
    /// The peer has no send transport of this id.
    #[error("Send transport not found")]
    SendTransportNotFound,
    /// The peer has no receive transport yet.
    #[error("Receive transport not found")]
    ReceiveTransportNotFound,
    /// No producer of this id is in the room, or it is not this peer's.
    #[error("Producer not found")]
    ProducerNotFound,
    /// No consumer of this id belongs to this peer.
    #[error("Consumer not found")]
    ConsumerNotFound,
    /// The peer's capabilities do not fit the producer.
    #[error("Cannot consume")]
    CannotConsume,
    /// The transport was connected before.
    #[error("Transport is already connected")]
    AlreadyConnected,
    /// The room is being recorded.
    #[error("Already recording")]
    AlreadyRecording,
    /// The room is not being recorded.
    #[error("No active recording")]
    NoActiveRecording,
    /// A bound was reached; says which.
    #[error("{0}")]
    Limit(&'static str),
    /// The server is going away.
    #[error("The server is closing; please join again later")]
    Closing,
    /// The request was well formed but cannot be done; says why in a sentence.
    #[error("{0}")]
    Failed(String),
    /// Our fault; the log has the rest.
    #[error("Something went wrong on the server; please try again, and tell the host if it happens again")]
    Internal,
}

impl Refusal {
    /// The refusal's kind in one word, for counting.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::RoomNotFound => "room_not_found",
            Self::PeerNotFound => "peer_not_found",
            Self::TransportNotFound | Self::SendTransportNotFound | Self::ReceiveTransportNotFound => {
                "transport_not_found"
            }
            Self::ProducerNotFound => "producer_not_found",
            Self::ConsumerNotFound => "consumer_not_found",
            Self::CannotConsume => "cannot_consume",
            Self::AlreadyConnected => "already_connected",
            Self::AlreadyRecording => "already_recording",
            Self::NoActiveRecording => "no_active_recording",
            Self::Limit(_) => "limit",
            Self::Closing => "closing",
            Self::Failed(_) => "failed",
            Self::Internal => "internal",
        }
    }
}

/// The longest explanation of an invalid request, in characters: it quotes what came.
const MAX_EXPLANATION: usize = 200;

macro_rules! requests {
    ($($(#[$doc:meta])* $event:literal => $variant:ident($payload:ty),)+) => {
        /// A request of a client, its shape checked.
        #[derive(Debug, Clone)]
        pub enum Request {
            $($(#[$doc])* $variant($payload),)+
        }

        impl Request {
            /// The names of all events that clients send.
            pub const EVENTS: &'static [&'static str] = &[$($event),+];

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
        }
    };
}

requests! {
    /// Asks what the room's router can do; makes the room if it is new.
    "get-rtp-capabilities" => GetRtpCapabilities(InRoom),
    /// Joins the room, or resumes a lost place in it.
    "join-mediasoup-room" => Join(Join),
    /// Makes the peer's send or receive transport.
    "create-webrtc-transport" => CreateTransport(CreateTransport),
    /// Connects a transport by DTLS.
    "connect-transport" => ConnectTransport(ConnectTransport),
    /// Sends a stream.
    "produce" => Produce(Produce),
    /// Receives a stream; it starts paused.
    "consume" => Consume(Consume),
    /// Lets a consumer flow.
    "resume-consumer" => ResumeConsumer(OfConsumer),
    /// Holds a consumer.
    "pause-consumer" => PauseConsumer(OfConsumer),
    /// Chooses the simulcast layers that a consumer gets at most.
    "set-consumer-layers" => SetConsumerLayers(SetConsumerLayers),
    /// Asks the sender of a consumer's stream for a key frame.
    "request-key-frame" => RequestKeyFrame(OfConsumer),
    /// Gives a transport new ICE credentials, after a change of network.
    "restart-ice" => RestartIce(OfTransport),
    /// Holds an own stream on the server.
    "pause-producer" => PauseProducer(OfProducer),
    /// Lets an own stream flow again.
    "resume-producer" => ResumeProducer(OfProducer),
    /// Ends an own stream.
    "close-producer" => CloseProducer(OfProducer),
    /// Says that a screen share runs; its producer says the same.
    "screen-share-started" => ScreenShareStarted(OfProducer),
    /// Ends an own screen share.
    "screen-share-stopped" => ScreenShareStopped(OfProducer),
    /// Says what the own microphone and camera do.
    "update-my-state" => UpdateMyState(UpdateMyState),
    /// Leaves the room; the socket stays.
    "leave-room" => LeaveRoom(InRoom),
    /// Tells the own opaque user id.
    "set-user-id" => SetUserId(UserId),
    /// Asks for the socket of a user in the same room.
    "get-socket-id-for-user" => GetSocketIdForUser(OfUser),
    /// Says something to all.
    "send-message" => SendMessage(SendMessage),
    /// Asks for what was said.
    "get-chat-history" => GetChatHistory(InRoom),
    /// Introduces oneself to the chat and asks for what was said.
    "join-room" => JoinChat(JoinChat),
    /// Starts the room's recording.
    "start-recording" => StartRecording(InRoom),
    /// Stops the room's recording.
    "stop-recording" => StopRecording(InRoom),
}

/// A payload that may stand for itself where it is no object.
pub(super) trait Payload: DeserializeOwned {
    /// Whether the payload is an object. serde would also fill a struct from an array, by position.
    const IS_OBJECT: bool = true;
}

fn read<T: Payload>(payload: Value) -> Result<T, Refusal> {
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
