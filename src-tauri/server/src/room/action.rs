//! What hosts, co-hosts and the owner of the machine do to run a room: one way in for all of them.

use mediasoup::prelude::MediaKind;

use super::{Actor, Audience, DoorChange, Effect, Now, PolicyChange, Role, Room};
use crate::wire::{Devices, Refusal, ServerEvent, Waiting};

/// What is done to a person: named by peer id, or by the label that they brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Keeps somebody's microphone or camera off, or lifts that.
    Hold {
        /// Whose.
        target: String,
        /// Sound is the microphone, picture the camera.
        kind: MediaKind,
        /// Whether it is to be off; if not, the person may turn it on again.
        held: bool,
    },
    /// Ends somebody's screen share.
    StopScreenShare(String),
    /// Removes somebody from the room.
    Remove(String),
    /// Lets somebody back in who was removed, by the removal's id.
    LetBackIn(u64),
    /// Lowers somebody's hand.
    LowerHand(String),
    /// Raises somebody to a role.
    Grant(String, Role),
    /// Makes somebody who has this role a guest.
    Revoke(String, Role),
    /// Keeps everybody's microphones, cameras or shared screens off, or lets everybody turn them on.
    SetForEverybody {
        /// What.
        devices: Devices,
        /// Whether they may turn it on.
        enabled: bool,
    },
    /// Changes what the room allows.
    SetPolicy(PolicyChange),
    /// Changes who may come in, and how many.
    SetDoor(DoorChange),
    /// Lets somebody in who waits, or all of them.
    Admit(Waiting),
    /// Turns somebody away who waits, or all of them.
    TurnAway(Waiting),
}

impl Room {
    /// Does what a host may do.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] to those who may not; [`Refusal::ParticipantNotFound`] and other sentences where it
    /// cannot be done.
    pub fn act(&mut self, actor: Actor, action: Action, now: Now) -> Result<Vec<Effect>, Refusal> {
        let by = self.authorise(actor, Role::CoHost)?;
        match action {
            Action::Hold { target, kind, held } => {
                let seat = self.target(actor, &target)?;
                self.hold(seat, kind, held, by)
            }
            Action::StopScreenShare(target) => {
                let seat = self.target(actor, &target)?;
                Ok(self.and_tell(|room| room.end_share(seat, &by)))
            }
            Action::Remove(target) => {
                let seat = self.target(actor, &target)?;
                if actor == Actor::Peer(seat) {
                    return Err(Refusal::NotAllowed);
                }
                let event = ServerEvent::KickedFromRoom {
                    by,
                    reason: "A host removed you from the meeting.".to_owned(),
                };
                let mut effects = vec![Effect::tell(Audience::One(seat), event)];
                effects.extend(self.remove(seat, now));
                Ok(effects)
            }
            Action::LetBackIn(removal) => self.let_back_in(removal),
            Action::LowerHand(target) => {
                let seat = self.target(actor, &target)?;
                Ok(self.move_hand(seat, false, now))
            }
            Action::Grant(target, role) => self.grant(actor, &target, role),
            Action::Revoke(target, role) => self.revoke(actor, &target, role),
            Action::SetForEverybody { devices, enabled } => self.set_for_everybody(actor, devices, enabled, &by),
            Action::SetPolicy(change) => self.set_policy(change, &by),
            Action::SetDoor(change) => {
                let by = self.authorise(actor, Role::Host)?;
                self.set_door(change, &by, now)
            }
            Action::Admit(who) => self.admit(who, &by, now),
            Action::TurnAway(who) => self.turn_away(who, &by, now),
        }
    }
}
