//! What hosts, co-hosts and the owner do, as the model has it.

use mediasoup::prelude::MediaKind;

use super::super::super::{Action, Actor, PolicyChange, Role};
use super::model::{Model, Person, Removal};
use super::sharing::BOUNDS;
use crate::wire::{Devices, Refusal, RemovedPerson};

impl Model {
    pub(super) fn act(&mut self, actor: Actor, action: &Action, time: u64) -> Result<(), Refusal> {
        // Guests stand at 0, co-hosts at 1, hosts at 2, the owner above them.
        let rank = match actor {
            Actor::Owner => 3,
            Actor::Peer(seat) => self.person(seat).ok_or(Refusal::PeerNotFound)?.role as u8,
        };
        let needed = if matches!(action, Action::Grant(..) | Action::Revoke(..) | Action::SetDoor(_)) {
            2
        } else {
            1
        };
        if rank < needed {
            return Err(Refusal::NotAllowed);
        }
        let target = match action {
            Action::LetBackIn(id) => {
                let before = self.removals.len();
                self.removals.retain(|removal| removal.person.id != *id);
                return if self.removals.len() < before {
                    Ok(())
                } else {
                    Err(Refusal::ParticipantNotFound)
                };
            }
            Action::SetPolicy(change) => {
                let largest = BOUNDS.largest;
                if change.max_file_bytes.is_some_and(|bytes| bytes > largest) {
                    return Err(Refusal::FileTooLarge(format!("{} MB", largest >> 20)));
                }
                self.change(*change);
                return Ok(());
            }
            Action::SetForEverybody { devices, enabled } => {
                self.set_for_everybody(rank, *devices, *enabled);
                return Ok(());
            }
            Action::SetDoor(change) => return self.set_door(change, time),
            Action::Admit(who) => return self.admit(*who, time),
            Action::TurnAway(who) => return self.turn_away(*who, time),
            Action::Hold { target, .. }
            | Action::StopScreenShare(target)
            | Action::Remove(target)
            | Action::LowerHand(target)
            | Action::Grant(target, _)
            | Action::Revoke(target, _) => self.named(target).ok_or(Refusal::ParticipantNotFound)?.clone(),
        };
        if rank < 2 && rank <= target.role as u8 {
            return Err(Refusal::NotAllowed);
        }
        self.act_on(actor, target, action, time)
    }

    /// Microphones of those below one by one; the rest is the policy.
    fn set_for_everybody(&mut self, rank: u8, devices: Devices, enabled: bool) {
        let highest = rank.min(Role::Host as u8);
        match devices {
            Devices::Microphones => {
                for person in self.people.iter_mut().filter(|person| (person.role as u8) < highest) {
                    person.is_audio_held = !enabled;
                }
            }
            Devices::Cameras => self.policy.cameras_enabled = enabled,
            Devices::Screens => self.policy.screen_share_enabled = enabled,
        }
    }

    fn act_on(&mut self, actor: Actor, target: Person, action: &Action, time: u64) -> Result<(), Refusal> {
        let seat = target.seat;
        match action {
            Action::Hold {
                kind: MediaKind::Audio,
                held,
                ..
            } => self.person_mut(seat).is_audio_held = *held,
            Action::Hold { held, .. } => {
                if !held && !self.policy.cameras_enabled && target.role == Role::Guest {
                    return Err(Refusal::CamerasOff);
                }
                self.person_mut(seat).is_video_held = *held;
            }
            Action::StopScreenShare(_) => self.person_mut(seat).sent.retain(|sent| !sent.is_share),
            Action::Remove(_) if actor == Actor::Peer(seat) => return Err(Refusal::NotAllowed),
            Action::Remove(_) => {
                self.removed_ever += 1;
                self.removals.push(Removal {
                    person: RemovedPerson {
                        id: self.removed_ever,
                        name: target.shown_name(),
                        removed_at: time,
                    },
                    socket: target.id,
                    label: target.label,
                    device: target.device,
                    token: target.token,
                });
                self.leave(seat);
            }
            Action::LowerHand(_) => self.person_mut(seat).hand = None,
            Action::Grant(_, role) => self.person_mut(seat).role = target.role.max(*role),
            Action::Revoke(_, role) if target.role == *role => {
                let hosts = self.people.iter().filter(|person| person.role == Role::Host).count();
                if *role == Role::Host && hosts == 1 && actor != Actor::Owner {
                    return Err(Refusal::OnlyHost);
                }
                self.person_mut(seat).role = Role::Guest;
            }
            Action::Revoke(..)
            | Action::LetBackIn(_)
            | Action::SetForEverybody { .. }
            | Action::SetPolicy(_)
            | Action::SetDoor(_)
            | Action::Admit(_)
            | Action::TurnAway(_) => (),
        }
        Ok(())
    }

    fn change(&mut self, change: PolicyChange) {
        let fields = [
            (&mut self.policy.locked, change.locked),
            (&mut self.policy.screen_share_enabled, change.screen_share_enabled),
            (&mut self.policy.cameras_enabled, change.cameras_enabled),
            (&mut self.policy.chat_enabled, change.chat_enabled),
            (&mut self.policy.guests_may_record, change.guests_may_record),
        ];
        self.policy.max_file_bytes = change.max_file_bytes.unwrap_or(self.policy.max_file_bytes);
        for (field, value) in fields {
            *field = value.unwrap_or(*field);
        }
    }
}
