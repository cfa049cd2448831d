//! What the server says of its own accord.

use mediasoup::consumer::ConsumerScore;
use mediasoup::prelude::*;
use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use super::{
    By, ChatEntry, ParticipantEntry, PeerId, ReactionUpdate, RemovedPerson, RoleUpdate, RoomDoor, RoomId, RoomPolicy,
    SocketId, WaitingPerson,
};

/// Everything that the server says of its own accord: `event` is the name on the wire, `data` what comes with it.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(
    tag = "event",
    content = "data",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
#[ts(export, optional_fields)]
#[expect(
    clippy::large_enum_variant,
    reason = "an event lives from its making to its encoding"
)]
pub enum ServerEvent {
    /// Who is in the room.
    ParticipantListUpdate(Vec<ParticipantEntry>),
    /// Somebody left.
    ParticipantLeft {
        /// Who.
        peer_id: PeerId,
        /// The label that their client brought.
        #[ts(optional = false)]
        user_id: Option<String>,
    },
    /// Somebody's microphone or camera changed.
    ParticipantStateChanged {
        /// The opaque label that the client brought.
        #[ts(optional = false)]
        user_id: Option<String>,
        /// Who.
        peer_id: PeerId,
        /// The microphone, if it changed.
        #[serde(skip_serializing_if = "Option::is_none")]
        is_audio_muted: Option<bool>,
        /// The camera, if it changed.
        #[serde(skip_serializing_if = "Option::is_none")]
        is_video_paused: Option<bool>,
    },
    /// Somebody came back on a new socket, or is known by another id now; everything else of theirs is as it was.
    PeerResumed {
        /// The id until now.
        old_peer_id: PeerId,
        /// The id from now on.
        peer_id: PeerId,
    },
    /// A stream to consume.
    NewProducer {
        /// The stream.
        #[ts(type = "string")]
        producer_id: ProducerId,
        /// Whose.
        peer_id: PeerId,
        /// The label that their client brought.
        #[ts(optional = false)]
        user_id: Option<String>,
        /// Sound or picture.
        #[ts(type = "'audio' | 'video'")]
        kind: MediaKind,
        /// Whether it shows or plays a shared screen.
        is_screen_share: bool,
    },
    /// A stream ended.
    ProducerClosed {
        /// The stream.
        #[ts(type = "string")]
        producer_id: ProducerId,
        /// Whose.
        peer_id: PeerId,
        /// The label that their client brought.
        #[ts(optional = false)]
        user_id: Option<String>,
        /// Sound or picture.
        #[ts(type = "'audio' | 'video'")]
        kind: MediaKind,
        /// Whether it showed or played a shared screen.
        is_screen_share: bool,
    },
    /// A stream is held.
    ProducerPaused {
        /// The stream.
        #[ts(type = "string")]
        producer_id: ProducerId,
        /// Whose.
        peer_id: PeerId,
    },
    /// A stream flows again.
    ProducerResumed {
        /// The stream.
        #[ts(type = "string")]
        producer_id: ProducerId,
        /// Whose.
        peer_id: PeerId,
    },
    /// Who speaks, or that nobody does.
    ActiveSpeaker {
        /// Who.
        #[ts(optional = false)]
        peer_id: Option<PeerId>,
    },
    /// Somebody said something.
    ReceiveMessage(ChatEntry),
    /// What was said so far.
    ChatHistory(Vec<ChatEntry>),
    /// A sign that passes.
    Reaction {
        /// Whose.
        peer_id: PeerId,
        /// Which.
        emoji: String,
    },
    /// The same sign, for frontends that know it by this name.
    ReceiveVideoReaction {
        /// Which.
        emoji: String,
        /// The sending client's word on its meeting, or the room's id.
        session_id: String,
        /// Whose.
        user_id: PeerId,
        /// The person's name.
        user_name: String,
    },
    /// Somebody writes a message.
    TypingStart {
        /// The socket of the person.
        socket_id: SocketId,
        /// The person's name.
        name: String,
    },
    /// Somebody writes no longer.
    TypingStop {
        /// The socket of the person.
        socket_id: SocketId,
        /// The person's name.
        name: String,
    },
    /// Somebody reacted to a message, or took that back.
    MessageReactUpdate(ReactionUpdate),
    /// A message is pinned, or is no longer.
    PinMessageUpdate {
        /// The message.
        message_id: String,
        /// Whether it is.
        pinned: bool,
    },
    /// A message of this client was refused, or a reaction, or a pin.
    MessageError {
        /// The message.
        message_id: String,
        /// Why, as in the acknowledgement.
        error: String,
    },
    /// Which layers of a stream this client gets now: of all that the sender sends, what fits the client's line.
    ConsumerLayersChanged {
        /// The client's consumer.
        #[ts(type = "string")]
        consumer_id: ConsumerId,
        /// The simulcast layer, 0 the smallest; none while nothing fits.
        #[ts(optional = false)]
        spatial_layer: Option<u8>,
        /// The temporal layer; none while nothing fits.
        #[ts(optional = false)]
        temporal_layer: Option<u8>,
    },
    /// How well a stream reaches this client.
    ConsumerScore {
        /// The client's consumer.
        #[ts(type = "string")]
        consumer_id: ConsumerId,
        /// From 0 to 10, of the way to the client and of the sender's.
        #[ts(type = "{ score: number, producerScore: number, producerScores: number[] }")]
        score: ConsumerScore,
    },
    /// A host mutes this client, or lets it unmute itself.
    ForceMute {
        /// Whether it is muted; if not, it stays silent until its person unmutes it.
        audio: bool,
        /// Whether it is kept so, which it always is: the same as `audio`.
        locked: bool,
        /// Who.
        #[serde(flatten)]
        by: By,
    },
    /// A host turns this client's camera off, or lets it turn it on again.
    ForceVideoPause {
        /// Whether it is off; if not, it stays off until its person turns it on.
        video: bool,
        /// Who.
        #[serde(flatten)]
        by: By,
    },
    /// This client's sound was refused: a host keeps it muted.
    AudioLocked {
        /// A sentence for the person.
        reason: String,
    },
    /// This client's shared screen was refused: the room lets hosts alone share.
    ScreenshareDenied {
        /// A sentence for the person.
        reason: String,
    },
    /// A host lets everybody share a screen, or nobody.
    ScreenshareControl {
        /// Whether this client may.
        enabled: bool,
        /// Who said so.
        #[serde(flatten)]
        by: By,
    },
    /// A host ended this client's screen share.
    HostStopScreenshare(By),
    /// A host removed this client from the room.
    KickedFromRoom {
        /// Who.
        #[serde(flatten)]
        by: By,
        /// A sentence for the person.
        reason: String,
    },
    /// Whom hosts removed; told to hosts and co-hosts.
    RemovedPeople(Vec<RemovedPerson>),
    /// Who waits to be let in; told to hosts and co-hosts.
    WaitingPeople(Vec<WaitingPerson>),
    /// This client, which waited, may join now.
    Admitted {
        /// The room.
        room_id: RoomId,
        /// Who let it in.
        #[serde(flatten)]
        by: By,
    },
    /// This client, which waited, is not let in.
    TurnedAway {
        /// The room.
        room_id: RoomId,
        /// Who turned it away.
        #[serde(flatten)]
        by: By,
        /// A sentence for the person.
        reason: String,
    },
    /// Who may come in from now on; told to hosts.
    RoomDoor {
        /// All of it.
        #[serde(flatten)]
        door: RoomDoor,
        /// Who said so last.
        #[serde(flatten)]
        by: By,
    },
    /// What the room allows from now on.
    RoomPolicy {
        /// All of it.
        #[serde(flatten)]
        policy: RoomPolicy,
        /// Who said so last.
        #[serde(flatten)]
        by: By,
    },
    /// Whether guests may share a screen, for frontends that do not know `room-policy`.
    ScreenshareGlobalUpdate {
        /// Whether they may.
        enabled: bool,
        /// Who said so.
        #[serde(flatten)]
        by: By,
    },
    /// Guests' cameras are off, for frontends that do not know `room-policy`.
    DisableAllCameras(By),
    /// Guests' cameras may be on again, for frontends that do not know `room-policy`.
    EnableAllCameras(By),
    /// This client hosts the room now.
    HostGranted(By),
    /// This client does not host the room any more.
    HostRevoked(By),
    /// This client helps to host the room now.
    CohostGranted(By),
    /// This client does not help to host the room any more.
    CohostRevoked(By),
    /// Somebody has another role.
    ParticipantUpdated {
        /// The peer.
        participant_id: PeerId,
        /// What it is now.
        updates: RoleUpdate,
    },
    /// A recording of the room runs.
    RecordingStarted {
        /// The room.
        room_id: RoomId,
        /// The recording.
        #[ts(type = "number")]
        recording_id: u64,
        /// When it began, in ms since 1970.
        #[ts(type = "number")]
        started_at: u64,
    },
    /// The recording of the room ended.
    RecordingStopped {
        /// The room.
        room_id: RoomId,
        /// The recording.
        #[ts(type = "number")]
        recording_id: u64,
        /// How long it ran, in ms.
        #[ts(type = "number")]
        duration: u64,
    },
    /// The recording is one file now; told to hosts.
    RecordingReady {
        /// The room.
        room_id: RoomId,
        /// The recording.
        #[ts(type = "number")]
        recording_id: u64,
        /// The file's name.
        file: String,
    },
    /// What is sent in the room goes out to a streaming server, live.
    BroadcastStarted {
        /// The room.
        room_id: RoomId,
        /// When it began, in ms since 1970.
        #[ts(type = "number")]
        started_at: u64,
    },
    /// It goes out no longer.
    BroadcastStopped {
        /// The room.
        room_id: RoomId,
    },
    /// The server has other addresses now.
    ServerAddressChanged {
        /// The join links of the room, best first.
        urls: Vec<String>,
    },
    /// The server is going away.
    ServerShuttingDown {
        /// Why, in a sentence.
        reason: String,
    },
}

impl ServerEvent {
    /// Whether it belongs to the chat, and goes also to the sockets that some frontends have for the chat alone.
    #[must_use]
    pub fn is_chat(&self) -> bool {
        matches!(
            self,
            Self::ReceiveMessage(_)
                | Self::ChatHistory(_)
                | Self::Reaction { .. }
                | Self::ReceiveVideoReaction { .. }
                | Self::TypingStart { .. }
                | Self::TypingStop { .. }
                | Self::MessageReactUpdate(_)
                | Self::PinMessageUpdate { .. }
        )
    }

    /// The event's name on the wire and its payload.
    #[must_use]
    pub fn to_wire(&self) -> (String, Value) {
        match serde_json::to_value(self) {
            Ok(Value::Object(mut parts)) => {
                let name = parts
                    .get("event")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned();
                (name, parts.remove("data").unwrap_or_default())
            }
            // The derived serialisation of these plain types makes an object and does not fail.
            _ => unreachable!("a server event is an object of a name and a payload"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_goes_out_under_its_name_in_the_protocol() {
        let peer_id = PeerId::of(&SocketId::new("abc"), None);
        let (name, payload) = ServerEvent::ParticipantLeft {
            peer_id: peer_id.clone(),
            user_id: None,
        }
        .to_wire();
        assert_eq!(
            (name.as_str(), payload),
            ("participant-left", json!({"peerId": "abc", "userId": null}))
        );
        let state = ServerEvent::ParticipantStateChanged {
            user_id: None,
            peer_id,
            is_audio_muted: Some(true),
            is_video_paused: None,
        };
        assert_eq!(
            state.to_wire(),
            (
                "participant-state-changed".to_owned(),
                json!({"userId": null, "peerId": "abc", "isAudioMuted": true})
            )
        );
        assert_eq!(
            ServerEvent::ActiveSpeaker { peer_id: None }.to_wire().1,
            json!({"peerId": null})
        );
    }
}
