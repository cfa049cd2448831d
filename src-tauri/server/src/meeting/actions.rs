//! What hosts, co-hosts and the owner of the machine do to run the room: one command path for all of them.

use mediasoup::prelude::MediaKind;
use serde_json::Value;
use tracing::info;

use super::task::{Work, now};
use crate::room::{Action, Actor, DoorChange, PolicyChange};
use crate::wire::{
    Devices, ForceAudio, ForceVideo, Refusal, SetRoomDoor, SetRoomPolicy, ToggleRemoteAudio, ToggleRemoteVideo,
};

impl Work {
    pub(super) async fn act(&mut self, actor: Actor, action: Action) -> Result<Value, Refusal> {
        let done = format!("{action:?}");
        let door = self.room.door().clone();
        let effects = self.room.act(actor, action, now())?;
        info!(?actor, action = done, "Host acted");
        if *self.room.door() != door {
            self.kept.set_door(self.room.id(), self.room.door().clone());
        }
        self.and(effects).await
    }
}

/// What is done to everybody at once.
pub(super) fn for_everybody(devices: Devices, enabled: bool) -> Action {
    Action::SetForEverybody { devices, enabled }
}

impl From<ToggleRemoteAudio> for Action {
    fn from(body: ToggleRemoteAudio) -> Self {
        Self::Hold {
            target: body.target_user_id,
            kind: MediaKind::Audio,
            held: body.force == ForceAudio::Mute,
        }
    }
}

impl From<ToggleRemoteVideo> for Action {
    fn from(body: ToggleRemoteVideo) -> Self {
        Self::Hold {
            target: body.target_user_id,
            kind: MediaKind::Video,
            held: body.force == ForceVideo::Pause,
        }
    }
}

impl From<SetRoomDoor> for Action {
    fn from(body: SetRoomDoor) -> Self {
        Self::SetDoor(DoorChange {
            kind: body.door,
            passcode: body.passcode,
            max_people: body.max_people,
        })
    }
}

impl From<SetRoomPolicy> for Action {
    fn from(body: SetRoomPolicy) -> Self {
        Self::SetPolicy(PolicyChange {
            locked: body.locked,
            screen_share_enabled: body.screen_share_enabled,
            cameras_enabled: body.cameras_enabled,
            chat_enabled: body.chat_enabled,
            guests_may_record: body.guests_may_record,
            max_file_bytes: body.max_file_bytes,
        })
    }
}
