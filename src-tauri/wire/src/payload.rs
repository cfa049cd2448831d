//! What clients send with each event.

use std::num::NonZeroU8;

use mediasoup_types::data_structures::DtlsParameters;
use mediasoup_types::rtp_parameters::{MediaKind, RtpCapabilities, RtpParameters};
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use super::ids::{Claimed, RoomId};
use super::media::{complete_dtls_parameters, complete_rtp_capabilities, complete_rtp_parameters};
use super::request::Payload;
use super::secret::Secret;

/// Says of payloads that they name a room, and by what they are completed before they are read, if by anything.
macro_rules! payloads {
    ($($name:ty $(=> $complete:path)?),+ $(,)?) => {
        $(impl Payload for $name {
            $(fn complete(payload: &mut Value) {
                $complete(payload);
            })?

            fn room_id(&self) -> Option<&RoomId> {
                Some(&self.room_id)
            }
        })+
    };
}
pub(super) use payloads;

payloads!(
    InRoom,
    Join => complete_rtp_capabilities,
    CreateTransport,
    ConnectTransport => complete_dtls_parameters,
    Produce => complete_rtp_parameters,
    Consume => complete_rtp_capabilities,
    OfConsumer,
    SetConsumerLayers,
    SetConsumerPriority,
    OfTransport,
    OfProducer,
    UpdateMyState,
    SetLeftOut,
);

impl Payload for UserId {
    const IS_OBJECT: bool = false;

    fn room_id(&self) -> Option<&RoomId> {
        None
    }
}

impl Payload for OfUser {
    fn room_id(&self) -> Option<&RoomId> {
        None
    }
}

/// A request about a room as a whole.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct InRoom {
    /// The room meant.
    pub room_id: RoomId,
}

/// `join-mediasoup-room`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct Join {
    /// The room to join.
    pub room_id: RoomId,
    /// What the client can receive.
    #[ts(type = "import('mediasoup-client').types.RtpCapabilities")]
    pub rtp_capabilities: RtpCapabilities,
    /// The name that others see.
    pub user_name: Option<String>,
    /// A picture for the client's tile: `https:`, `http:` or `data:image/…`.
    pub user_image_url: Option<String>,
    /// An opaque label that the client brings; left out where another person in the room has it.
    pub user_id: Option<String>,
    /// Whether the client believes that it made the room. It proves nothing and changes nothing.
    pub is_creator: Option<bool>,
    /// Proof of being the room's host, from the host's own link.
    #[ts(as = "Option<String>")]
    pub host_key: Option<Secret>,
    /// What opens a door with a passcode; blanks around it do not count.
    #[ts(as = "Option<String>")]
    pub passcode: Option<Secret>,
    /// What the browser knows itself by again, chosen by its page: whoever is removed is kept out by it.
    #[ts(as = "Option<String>")]
    pub device_token: Option<Secret>,
    /// Whether recordings are to hold nothing of the person. Where it is not said it stays as it was, and is no at first.
    pub left_out: Option<bool>,
    /// Whether the client looks at `paused` in the answer of `produce`. If not, what is kept off is refused there.
    pub understands_paused: Option<bool>,
    /// Whether the client will come back after a lost connection.
    pub resumable: Option<bool>,
    /// Proof of the lost place that the client comes back to.
    #[ts(as = "Option<String>")]
    pub resume_token: Option<Secret>,
}

/// Which way media flows on a transport, as the client sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
#[ts(export)]
pub enum Direction {
    /// From the client.
    Send,
    /// To the client.
    Recv,
}

/// `create-webrtc-transport`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct CreateTransport {
    /// The room joined.
    pub room_id: RoomId,
    /// Which transport.
    pub direction: Direction,
    /// Whether those of this direction close at once. If not they do as soon as this one is used.
    pub replaces: Option<bool>,
}

/// `connect-transport`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ConnectTransport {
    /// The room joined.
    pub room_id: RoomId,
    /// One of the peer's transports.
    #[ts(type = "string")]
    pub transport_id: Claimed,
    /// The client's side of DTLS.
    #[serde(deserialize_with = "dtls_parameters")]
    #[ts(type = "import('mediasoup-client').types.DtlsParameters")]
    pub dtls_parameters: DtlsParameters,
}

/// Reads DTLS parameters. The engine's reader of fingerprints counts bytes for characters and panics where they are not
/// the same, so what is not plain text does not reach it.
fn dtls_parameters<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DtlsParameters, D::Error> {
    let value = Value::deserialize(deserializer)?;
    if !is_plain(&value) {
        return Err(de::Error::custom(
            "a fingerprint is written in letters, digits and colons",
        ));
    }
    serde_json::from_value(value).map_err(de::Error::custom)
}

fn is_plain(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_ascii(),
        Value::Array(values) => values.iter().all(is_plain),
        Value::Object(entries) => entries.values().all(is_plain),
        _ => true,
    }
}

/// `produce`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct Produce {
    /// The room joined.
    pub room_id: RoomId,
    /// The peer's send transport.
    #[ts(type = "string")]
    pub transport_id: Claimed,
    /// Sound or picture.
    #[ts(type = "'audio' | 'video'")]
    pub kind: MediaKind,
    /// What is sent.
    #[ts(type = "import('mediasoup-client').types.RtpParameters")]
    pub rtp_parameters: RtpParameters,
    /// The client's own words on the stream; `share: true` marks a screen share.
    #[ts(optional, type = "{ share?: boolean }")]
    pub app_data: Option<Value>,
}

impl Produce {
    /// Whether the stream shows or plays a shared screen.
    #[must_use]
    pub fn is_screen_share(&self) -> bool {
        self.app_data.as_ref().and_then(|data| data.get("share")) == Some(&Value::Bool(true))
    }
}

/// `consume`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct Consume {
    /// The room joined.
    pub room_id: RoomId,
    /// A producer of the room.
    #[ts(type = "string")]
    pub producer_id: Claimed,
    /// What the client can receive.
    #[ts(type = "import('mediasoup-client').types.RtpCapabilities")]
    pub rtp_capabilities: RtpCapabilities,
    /// The receive transport meant; the newest one if it is left out or none of the peer's.
    #[ts(optional, type = "string")]
    pub transport_id: Option<Claimed>,
}

/// A request about one of the peer's consumers.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OfConsumer {
    /// The room joined.
    pub room_id: RoomId,
    /// One of the peer's consumers.
    #[ts(type = "string")]
    pub consumer_id: Claimed,
}

/// `set-consumer-layers`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct SetConsumerLayers {
    /// The room joined.
    pub room_id: RoomId,
    /// One of the peer's consumers.
    #[ts(type = "string")]
    pub consumer_id: Claimed,
    /// The highest simulcast layer wanted, 0 the smallest.
    pub spatial_layer: u8,
    /// The highest temporal layer wanted; all if left out.
    pub temporal_layer: Option<u8>,
}

/// `set-consumer-priority`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SetConsumerPriority {
    /// The room joined.
    pub room_id: RoomId,
    /// One of the peer's consumers.
    #[ts(type = "string")]
    pub consumer_id: Claimed,
    /// From 1, as all are at first, to 255: the highest gets bandwidth first.
    pub priority: NonZeroU8,
}

/// A request about one of the peer's transports.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OfTransport {
    /// The room joined.
    pub room_id: RoomId,
    /// One of the peer's transports.
    #[ts(type = "string")]
    pub transport_id: Claimed,
}

/// A request about one of the peer's producers.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OfProducer {
    /// The room joined.
    pub room_id: RoomId,
    /// One of the peer's producers.
    #[ts(type = "string")]
    pub producer_id: Claimed,
}

/// `update-my-state`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct UpdateMyState {
    /// The room joined.
    pub room_id: RoomId,
    /// Whether the microphone is muted; unchanged if left out.
    pub is_audio_muted: Option<bool>,
    /// Whether the camera is off; unchanged if left out.
    pub is_video_paused: Option<bool>,
}

/// `set-left-out`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SetLeftOut {
    /// The room joined.
    pub room_id: RoomId,
    /// Whether recordings are to hold nothing more of the person.
    pub left_out: bool,
}

/// `set-user-id`: a bare string.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(transparent)]
pub struct UserId(pub String);

/// `get-socket-id-for-user`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OfUser {
    /// The opaque label that the user brought.
    pub user_id: String,
}
