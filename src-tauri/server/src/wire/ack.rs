//! What requests are acknowledged with.

use mediasoup::consumer::ConsumerType;
use mediasoup::prelude::*;
use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use super::{DoorKind, PeerId, RoomPolicy, SocketId};

/// Done, and nothing to say: `{}`.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Empty {}

/// Answers `get-rtp-capabilities`.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CapabilitiesAck {
    /// What the room's router can do.
    #[ts(type = "import('mediasoup-client').types.RtpCapabilities")]
    pub rtp_capabilities: RtpCapabilitiesFinalized,
    /// What somebody new must do to come in, at this moment.
    pub door: DoorKind,
}

/// A stream in the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ProducerSummary {
    /// The stream's id, to consume it by.
    #[ts(type = "string")]
    pub producer_id: ProducerId,
    /// Whose it is.
    pub peer_id: PeerId,
    /// Sound or picture.
    #[ts(type = "'audio' | 'video'")]
    pub kind: MediaKind,
    /// Whether it shows or plays a shared screen.
    pub is_screen_share: bool,
    /// Whether it is held.
    pub paused: bool,
}

/// A recording that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RunningRecording {
    /// The recording: ms since 1970 when it was asked for, unique on this server.
    #[ts(type = "number")]
    pub recording_id: u64,
    /// When it began, in ms since 1970.
    #[ts(type = "number")]
    pub started_at: u64,
}

/// A broadcast that runs: what is sent in the room goes out to a streaming server, live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RunningBroadcast {
    /// When it began, in ms since 1970.
    #[ts(type = "number")]
    pub started_at: u64,
}

/// Answers `join-mediasoup-room`.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct JoinAck {
    /// The streams of the others, by id, as the guide has it.
    #[ts(type = "string[]")]
    pub existing_producers: Vec<ProducerId>,
    /// Always true; a failure is an error.
    pub success: bool,
    /// The joiner's own id, as everybody is told it.
    pub peer_id: PeerId,
    /// Whether the joiner hosts the room.
    pub is_host: bool,
    /// Whether the joiner helps to host the room.
    pub is_co_host: bool,
    /// The streams of the others.
    pub producers: Vec<ProducerSummary>,
    /// The room's link for other people: this computer's own page may be open at `localhost`.
    pub link: String,
    /// The name that the owner of the machine gave the room.
    #[ts(optional = false)]
    pub room_name: Option<String>,
    /// The recording that runs in the room.
    #[ts(optional = false)]
    pub recording: Option<RunningRecording>,
    /// The broadcast that runs in the room.
    #[ts(optional = false)]
    pub broadcast: Option<RunningBroadcast>,
    /// The server's clock, in ms since 1970.
    #[ts(type = "number")]
    pub server_time: u64,
    /// What the room allows.
    pub policy: RoomPolicy,
    /// The most that hosts can set `maxFileBytes` to.
    #[ts(type = "number")]
    pub largest_file_bytes: u64,
    /// The most that hosts can set `maxPeople` to.
    pub most_people: u32,
    /// Set when the socket had joined before; nothing changed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>")]
    pub already_joined: bool,
    /// Set when a lost place was taken over: transports and streams are as they were.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>")]
    pub resumed: bool,
    /// Proof of this place, for a client that said `resumable`; new with each join.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume_token: Option<String>,
}

/// An ICE candidate. Frontends with an older `mediasoup-client` look for its address under the name `ip`.
#[derive(Debug, Clone, Serialize)]
pub struct Candidate {
    #[serde(flatten)]
    candidate: IceCandidate,
    ip: String,
}

impl From<&IceCandidate> for Candidate {
    fn from(candidate: &IceCandidate) -> Self {
        Self {
            candidate: candidate.clone(),
            ip: candidate.address.clone(),
        }
    }
}

/// A WebRTC transport, as `mediasoup-client` takes it.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TransportParams {
    /// The transport's id.
    #[ts(type = "string")]
    pub id: TransportId,
    /// ICE credentials.
    #[ts(type = "import('mediasoup-client').types.IceParameters")]
    pub ice_parameters: IceParameters,
    /// Where the server can be reached.
    #[ts(type = "import('mediasoup-client').types.IceCandidate[]")]
    pub ice_candidates: Vec<Candidate>,
    /// The server's side of DTLS.
    #[ts(type = "import('mediasoup-client').types.DtlsParameters")]
    pub dtls_parameters: DtlsParameters,
}

/// Answers `create-webrtc-transport`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export)]
pub struct TransportAck {
    /// The transport made.
    pub params: TransportParams,
}

/// Answers `produce`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, optional_fields)]
pub struct ProduceAck {
    /// The stream's id.
    #[ts(type = "string")]
    pub id: ProducerId,
    /// Set when a host holds the sender's streams of this kind: it starts paused, until the host lifts that and the
    /// sender resumes it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>")]
    pub paused: bool,
}

/// Answers `consume`.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ConsumeAck {
    /// The consumer's id.
    #[ts(type = "string")]
    pub id: ConsumerId,
    /// The stream that it receives.
    #[ts(type = "string")]
    pub producer_id: ProducerId,
    /// Sound or picture.
    #[ts(type = "'audio' | 'video'")]
    pub kind: MediaKind,
    /// What is received.
    #[ts(type = "import('mediasoup-client').types.RtpParameters")]
    pub rtp_parameters: RtpParameters,
    /// Whose stream it is.
    pub peer_id: PeerId,
    /// The label that its sender brought.
    pub user_id: Option<String>,
    /// The name that others see of its sender.
    pub user_name: String,
    /// Whether it shows or plays a shared screen.
    pub is_screen_share: bool,
    /// What its sender said of it; an empty object where that was nothing, or too much.
    #[ts(type = "Record<string, unknown>")]
    pub app_data: Value,
    /// How many layers it comes in.
    #[serde(rename = "type")]
    #[ts(type = "'simple' | 'simulcast' | 'svc'")]
    pub layers: ConsumerType,
    /// Whether the stream is paused at its source; `producer-paused` and `producer-resumed` tell how that goes on.
    pub producer_paused: bool,
}

/// Answers `restart-ice`.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RestartIceAck {
    /// The new ICE credentials.
    #[ts(type = "import('mediasoup-client').types.IceParameters")]
    pub ice_parameters: IceParameters,
}

/// Answers `get-socket-id-for-user`.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SocketIdAck {
    /// The socket of the user in the asker's room, if there is one; never what was asked with.
    pub socket_id: Option<SocketId>,
}

/// Answers `start-recording`.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct StartRecordingAck {
    /// Always true; a failure is an error.
    pub success: bool,
    /// When the recording began, in ms since 1970, unique on this server.
    #[ts(type = "number")]
    pub recording_id: u64,
}

/// Answers `get-recording-link`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export)]
pub struct RecordingLinkAck {
    /// Where the file can be fetched from this server, once and within a quarter of an hour.
    pub path: String,
}

/// Answers `stop-recording`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export)]
pub struct StopRecordingAck {
    /// Always true; a failure is an error.
    pub success: bool,
    /// How long the recording ran, in ms.
    #[ts(type = "number")]
    pub duration: u64,
}
