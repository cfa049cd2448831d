//! What hosts and co-hosts send to act on everybody at once.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ids::RoomId;
use super::payload::payloads;
use super::request::Payload;

payloads!(BulkAction);

/// What everybody has that can be kept off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
#[ts(export)]
pub enum Devices {
    /// What they speak into.
    #[serde(rename = "audio", alias = "mic", alias = "microphone", alias = "mute")]
    Microphones,
    /// What shows them.
    #[serde(rename = "video", alias = "camera", alias = "cameras")]
    Cameras,
    /// What they show.
    #[serde(
        rename = "screenshare",
        alias = "screen",
        alias = "screen-share",
        alias = "screenShare",
        alias = "screen-sharing"
    )]
    Screens,
}

/// `host-bulk-action`.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BulkAction {
    /// The room joined.
    pub room_id: RoomId,
    /// What it is about.
    #[serde(rename = "type")]
    #[ts(rename = "type")]
    pub devices: Devices,
    /// Whether people may turn it on.
    pub grant: bool,
}
