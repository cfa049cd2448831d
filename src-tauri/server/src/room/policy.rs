//! What a room allows its guests.

use super::files::in_words;
use super::{Actor, Audience, Effect, Role, Room, Seat};
use crate::wire::{By, Refusal, RoomPolicy, ServerEvent};

/// A change of what a room allows; what is none stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PolicyChange {
    /// Whether nobody new gets in.
    pub locked: Option<bool>,
    /// Whether guests may share a screen.
    pub screen_share_enabled: Option<bool>,
    /// Whether guests' cameras may be on.
    pub cameras_enabled: Option<bool>,
    /// Whether guests may write in the chat.
    pub chat_enabled: Option<bool>,
    /// Whether guests may start and stop a recording.
    pub guests_may_record: Option<bool>,
    /// The largest file that can be shared, in bytes; 0 for none.
    pub max_file_bytes: Option<u64>,
}

impl PolicyChange {
    fn applied_to(self, policy: RoomPolicy) -> RoomPolicy {
        RoomPolicy {
            locked: self.locked.unwrap_or(policy.locked),
            screen_share_enabled: self.screen_share_enabled.unwrap_or(policy.screen_share_enabled),
            cameras_enabled: self.cameras_enabled.unwrap_or(policy.cameras_enabled),
            chat_enabled: self.chat_enabled.unwrap_or(policy.chat_enabled),
            guests_may_record: self.guests_may_record.unwrap_or(policy.guests_may_record),
            max_file_bytes: self.max_file_bytes.unwrap_or(policy.max_file_bytes),
        }
    }
}

impl Room {
    /// What the room allows.
    #[must_use]
    pub fn policy(&self) -> RoomPolicy {
        self.policy
    }

    /// Whether a person may start and stop a recording.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`].
    pub fn may_record(&self, seat: Seat) -> Result<(), Refusal> {
        self.allows(seat, self.policy.guests_may_record)
    }

    /// Whether a person may have the recordings of the room.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`].
    pub fn may_fetch_recordings(&self, seat: Seat) -> Result<(), Refusal> {
        self.authorise(Actor::Peer(seat), Role::Host).map(drop)
    }

    /// Whether a person may do what guests may do only where the room allows it.
    pub(super) fn allows(&self, seat: Seat, guests_may: bool) -> Result<(), Refusal> {
        if guests_may || self.role(seat) > Role::Guest {
            Ok(())
        } else {
            Err(Refusal::NotAllowed)
        }
    }

    pub(super) fn may_share_screen(&self, seat: Seat) -> bool {
        self.allows(seat, self.policy.screen_share_enabled).is_ok()
    }

    pub(super) fn set_policy(&mut self, change: PolicyChange, by: &By) -> Result<Vec<Effect>, Refusal> {
        let largest = self.settings.files.largest;
        if change.max_file_bytes.is_some_and(|bytes| bytes > largest) {
            return Err(Refusal::FileTooLarge(in_words(largest)));
        }
        let before = self.policy;
        let policy = change.applied_to(before);
        if policy == before {
            return Ok(Vec::new());
        }
        Ok(self.and_tell(|room| {
            room.policy = policy;
            room.policy_by = Some(by.clone());
            let mut events = vec![ServerEvent::RoomPolicy { policy, by: by.clone() }];
            if policy.screen_share_enabled != before.screen_share_enabled {
                events.push(screens(policy, by.clone()));
            }
            if policy.cameras_enabled != before.cameras_enabled {
                events.push(cameras(policy, by.clone()));
            }
            let told = events.into_iter().map(|event| Effect::tell(Audience::All, event));
            let mut effects: Vec<Effect> = told.collect();
            let seats: Vec<Seat> = room.peers.keys().copied().collect();
            effects.extend(seats.into_iter().flat_map(|seat| room.enforce(seat, by)));
            effects
        }))
    }

    /// What somebody who comes in is told of what the room allows: nothing, as long as nobody changed it.
    pub(super) fn policy_for(&self, seat: Seat) -> Vec<Effect> {
        let Some(by) = self.policy_by.clone() else {
            return Vec::new();
        };
        let policy = self.policy;
        let mut events = vec![ServerEvent::RoomPolicy { policy, by: by.clone() }];
        if !policy.screen_share_enabled {
            events.push(screens(policy, by.clone()));
        }
        if !policy.cameras_enabled {
            events.push(cameras(policy, by));
        }
        events
            .into_iter()
            .map(|event| Effect::tell(Audience::One(seat), event))
            .collect()
    }
}

fn screens(policy: RoomPolicy, by: By) -> ServerEvent {
    ServerEvent::ScreenshareGlobalUpdate {
        enabled: policy.screen_share_enabled,
        by,
    }
}

fn cameras(policy: RoomPolicy, by: By) -> ServerEvent {
    if policy.cameras_enabled {
        ServerEvent::EnableAllCameras(by)
    } else {
        ServerEvent::DisableAllCameras(by)
    }
}
