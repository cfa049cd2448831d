//! What hosts and co-hosts do to everybody at once: all those below them. Hosts act on co-hosts and guests, co-hosts on
//! guests.

use mediasoup::prelude::MediaKind;

use super::{Actor, Audience, Effect, PolicyChange, Role, Room, Seat};
use crate::wire::{By, Devices, Refusal, ServerEvent};

impl Room {
    /// Keeps off, or lifts that, what everybody below the actor could turn on. Microphones are held one by one. Cameras
    /// and shared screens are the room's policy, so that it holds for guests who come later as well.
    pub(super) fn set_for_everybody(
        &mut self,
        actor: Actor,
        devices: Devices,
        enabled: bool,
        by: &By,
    ) -> Result<Vec<Effect>, Refusal> {
        let change = match devices {
            Devices::Microphones => {
                let effects = self.and_tell(|room| {
                    let targets = room.everybody_below(actor);
                    let held = targets
                        .into_iter()
                        .flat_map(|seat| room.hold_microphone(seat, !enabled, by));
                    held.collect()
                });
                return Ok(effects);
            }
            Devices::Cameras => PolicyChange {
                cameras_enabled: Some(enabled),
                ..PolicyChange::default()
            },
            Devices::Screens => PolicyChange {
                screen_share_enabled: Some(enabled),
                ..PolicyChange::default()
            },
        };
        let mut effects = self.set_policy(change, by)?;
        let event = || match devices {
            Devices::Screens => ServerEvent::ScreenshareControl {
                enabled,
                by: by.clone(),
            },
            _ => ServerEvent::ForceVideoPause {
                video: !enabled,
                by: by.clone(),
            },
        };
        let guests = self.peers().filter(|(_, peer)| peer.role == Role::Guest);
        effects.extend(guests.map(|(seat, _)| Effect::tell(Audience::One(seat), event())));
        Ok(effects)
    }

    fn everybody_below(&self, actor: Actor) -> Vec<Seat> {
        let is_below = |role: Role| match actor {
            Actor::Owner => role < Role::Host,
            Actor::Peer(own) => role < self.role(own),
        };
        let below = self.peers().filter(|(_, peer)| is_below(peer.role));
        below.map(|(seat, _)| seat).collect()
    }

    fn hold_microphone(&mut self, seat: Seat, held: bool, by: &By) -> Vec<Effect> {
        if let Some(peer) = self.peers.get_mut(&seat) {
            *peer.holds.of(MediaKind::Audio) = held.then(|| by.clone());
        }
        let told = ServerEvent::ForceMute {
            audio: held,
            locked: held,
            by: by.clone(),
        };
        let mut effects = vec![Effect::tell(Audience::One(seat), told)];
        effects.extend(self.enforce(seat, by));
        effects
    }
}
