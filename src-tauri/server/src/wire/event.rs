//! What the server says of its own accord.

use mediasoup::prelude::*;
use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use super::ids::{PeerId, RoomId};

/// One person in `participant-list-update`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ParticipantEntry {
    /// The peer.
    pub id: PeerId,
    /// The name that the person gave, or one made for them.
    pub name: String,
    /// Whether the microphone is muted.
    pub is_audio_muted: bool,
    /// Whether the camera is off.
    pub is_video_paused: bool,
    /// The opaque label that the client brought.
    pub user_id: Option<String>,
    /// The picture that the client brought.
    pub image_url: Option<String>,
    /// Whether the person hosts the room.
    pub is_host: bool,
    /// Whether the person helps to host the room.
    pub is_co_host: bool,
    /// Whether the person shares a screen.
    pub is_screen_sharing: bool,
    /// Whether the person's connection is lost and their place kept for them.
    pub is_reconnecting: bool,
    /// When the hand went up, in ms since 1970.
    #[ts(type = "number | null")]
    pub hand_raised_at: Option<u64>,
    /// When the person joined, in ms since 1970.
    #[ts(type = "number")]
    pub joined_at: u64,
}

/// Who said a chat message, in the shape that the client used: a bare name or an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(untagged, rename_all_fields = "camelCase")]
#[ts(export)]
pub enum Sender {
    /// The name alone.
    Name(String),
    /// The person.
    Person {
        /// The opaque label that the client brought, or the peer's id.
        id: String,
        /// The person's name.
        name: String,
        /// The person's picture.
        image_url: Option<String>,
    },
}

/// A chat message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ChatMessage {
    /// The sending client's id of the message.
    pub id: String,
    /// What was said.
    pub text: String,
    /// When the server got it, in ms since 1970.
    #[ts(type = "number")]
    pub created_at: u64,
    /// Who said it, by the server's knowledge.
    pub sender: Sender,
}

/// A chat message and the peer that it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ChatEntry {
    /// The peer's id when it spoke.
    pub socket_id: PeerId,
    /// What it said.
    pub message: ChatMessage,
}

/// Everything that the server says of its own accord: `event` is the name on the wire, `data` what comes with it.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(
    tag = "event",
    content = "data",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
#[ts(export, optional_fields)]
pub enum ServerEvent {
    /// Who is in the room.
    ParticipantListUpdate(Vec<ParticipantEntry>),
    /// Somebody left.
    ParticipantLeft {
        /// Who.
        peer_id: PeerId,
    },
    /// Somebody's microphone or camera changed.
    ParticipantStateChanged {
        /// The opaque label that the client brought.
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
    /// Somebody came back on a new socket; everything else of theirs is as it was.
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
        let peer_id = PeerId::of_socket("abc");
        let (name, payload) = ServerEvent::ParticipantLeft {
            peer_id: peer_id.clone(),
        }
        .to_wire();
        assert_eq!((name.as_str(), payload), ("participant-left", json!({"peerId": "abc"})));
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
