//! Those who wait to be let in, those who were just admitted, and those who were turned away.
//!
//! Somebody who knocks is known by the socket, and by what their browser knows itself by: with that a phone that loses
//! its line keeps its place among those who wait.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::peer::{MAX_SENDER_IMAGE, made_name};
use super::{Audience, Effect, Newcomer, Now, Role, Room, Seat};
use crate::wire::{Bound, By, Refusal, Secret, ServerEvent, SocketId, Waiting, WaitingPerson};

/// The most that wait at once, those included who were admitted and did not come yet.
const MAX_CALLERS: usize = 100;
/// How long an admission is good for.
const ADMISSION: Duration = Duration::from_secs(120);
/// How long somebody cannot knock who was turned away once; twice as long each further time.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);
/// The most turned away that are kept in mind; the oldest goes first.
const MAX_TURNED_AWAY: usize = 500;

/// The lobby of a room.
#[derive(Debug, Default)]
pub(super) struct Lobby {
    callers: Vec<Caller>,
    turned_away: VecDeque<TurnedAway>,
    last_id: u64,
}

#[derive(Debug)]
struct Caller {
    person: WaitingPerson,
    socket: SocketId,
    device: Option<Secret>,
    standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Waits,
    /// The socket was lost; the place is kept until then.
    Lost {
        until: Instant,
    },
    Admitted {
        until: Instant,
    },
}

#[derive(Debug)]
struct TurnedAway {
    socket: SocketId,
    device: Option<Secret>,
    times: u32,
    until: Instant,
}

fn is_same(socket: &SocketId, device: Option<&Secret>, newcomer: &Newcomer) -> bool {
    let shown = newcomer.device.as_ref();
    *socket == newcomer.id || device.zip(shown).is_some_and(|(one, other)| one.matches(other))
}

impl Caller {
    fn is(&self, newcomer: &Newcomer) -> bool {
        is_same(&self.socket, self.device.as_ref(), newcomer)
    }

    fn is_admitted(&self) -> bool {
        matches!(self.standing, Standing::Admitted { .. })
    }

    /// When the place is given up.
    fn until(&self) -> Option<Instant> {
        match self.standing {
            Standing::Waits => None,
            Standing::Lost { until } | Standing::Admitted { until } => Some(until),
        }
    }

    fn is_over(&self, now: Now) -> bool {
        self.until().is_some_and(|until| until <= now.instant)
    }
}

impl Lobby {
    fn people(&self) -> Vec<WaitingPerson> {
        let waiting = self.callers.iter().filter(|caller| !caller.is_admitted());
        waiting.map(|caller| caller.person.clone()).collect()
    }

    /// Whether a host admitted who asks to join.
    pub(super) fn has_admitted(&self, newcomer: &Newcomer, now: Now) -> bool {
        let is_meant = |caller: &Caller| caller.is(newcomer) && caller.is_admitted() && !caller.is_over(now);
        self.callers.iter().any(is_meant)
    }

    /// How long who asks to join cannot knock, after having been turned away.
    pub(super) fn pause_of(&self, newcomer: &Newcomer, now: Now) -> Option<Duration> {
        let known = self
            .turned_away
            .iter()
            .filter(|one| is_same(&one.socket, one.device.as_ref(), newcomer));
        let left = known.map(|one| one.until.saturating_duration_since(now.instant)).max();
        left.filter(|left| !left.is_zero())
    }

    /// When the next place is to be given up.
    pub(super) fn next_expiry(&self) -> Option<Instant> {
        self.callers.iter().filter_map(Caller::until).min()
    }

    /// Keeps those who fit; returns the ids of the others.
    fn retain(&mut self, fits: impl Fn(&Caller) -> bool) -> Vec<u64> {
        let gone = self.callers.extract_if(.., |caller| !fits(caller));
        gone.map(|caller| caller.person.id).collect()
    }

    /// Keeps in mind that somebody was turned away.
    fn turn_away(&mut self, caller: Caller, now: Now) {
        let is_known = |one: &TurnedAway| {
            let devices = one.device.as_ref().zip(caller.device.as_ref());
            one.socket == caller.socket || devices.is_some_and(|(one, other)| one.matches(other))
        };
        let known = self.turned_away.iter().position(is_known);
        let before = known.and_then(|at| self.turned_away.remove(at));
        let times = before.map_or(0, |one| one.times);
        let pause = FIRST_PAUSE
            .saturating_mul(2_u32.saturating_pow(times))
            .min(LONGEST_PAUSE);
        self.turned_away.push_back(TurnedAway {
            socket: caller.socket,
            device: caller.device,
            times: times + 1,
            until: now.instant + pause,
        });
        if self.turned_away.len() > MAX_TURNED_AWAY {
            self.turned_away.pop_front();
        }
    }
}

/// How a knock went.
#[derive(Debug)]
pub struct Knocked {
    /// The knock.
    pub id: u64,
    /// What hosts are told.
    pub effects: Vec<Effect>,
}

impl Room {
    /// Who waits to be let in, in the order in which they knocked.
    #[must_use]
    pub fn waiting_people(&self) -> Vec<WaitingPerson> {
        self.lobby.people()
    }

    /// Whether somebody waits to be let in, or was admitted and did not come yet.
    #[must_use]
    pub fn is_awaited(&self) -> bool {
        !self.lobby.callers.is_empty()
    }

    /// Whether somebody at this socket waits or was admitted.
    #[must_use]
    pub fn awaits(&self, socket: &SocketId) -> bool {
        self.lobby.callers.iter().any(|caller| caller.socket == *socket)
    }

    /// Lets somebody wait whose join was refused with [`Refusal::WaitingForHost`]. Who waits already goes on waiting.
    ///
    /// # Errors
    /// [`Bound::Lobby`] when too many wait.
    pub fn knock(&mut self, newcomer: Newcomer, now: Now) -> Result<Knocked, Refusal> {
        let before = self.waiting_people();
        // What was not heard in time is no admission any more, and the knock is a new one.
        let mut effects = self.end_waits(|caller| caller.is(&newcomer) && caller.is_admitted());
        let name = newcomer.identity.name.clone();
        let name = name.unwrap_or_else(|| made_name(&newcomer.id));
        let image_url = newcomer.identity.image_url.clone();
        let image_url = image_url.filter(|url| url.len() <= MAX_SENDER_IMAGE);
        let known = self.lobby.callers.iter().position(|caller| caller.is(&newcomer));
        let id = match known {
            Some(at) => {
                let caller = &mut self.lobby.callers[at];
                caller.person.name = name;
                caller.person.image_url = image_url;
                caller.socket = newcomer.id;
                caller.device = newcomer.device.or(caller.device.take());
                caller.standing = Standing::Waits;
                caller.person.id
            }
            None if self.lobby.callers.len() >= MAX_CALLERS => {
                return Err(Bound::Lobby.into());
            }
            None => {
                self.lobby.last_id += 1;
                let id = self.lobby.last_id;
                self.lobby.callers.push(Caller {
                    person: WaitingPerson {
                        id,
                        name,
                        image_url,
                        knocked_at: now.epoch_ms,
                    },
                    socket: newcomer.id,
                    device: newcomer.device,
                    standing: Standing::Waits,
                });
                id
            }
        };
        effects.extend(self.lobby_changed(before));
        Ok(Knocked { id, effects })
    }

    /// Takes in that somebody at this socket waits no longer: they left, or, without a goodbye, lost their line. A browser
    /// that can be known again keeps its place for as long as a lost peer does.
    pub fn hang_up(&mut self, socket: &SocketId, goodbye: bool, now: Now) -> Vec<Effect> {
        let before = self.waiting_people();
        let until = now.instant + self.settings.resume_grace;
        let is_kept = |caller: &Caller| !goodbye && caller.device.is_some();
        let mut callers = self.lobby.callers.iter_mut();
        let lost = callers.find(|caller| caller.socket == *socket && is_kept(caller));
        if let Some(caller) = lost {
            if !caller.is_admitted() {
                caller.standing = Standing::Lost { until };
            }
            return Vec::new();
        }
        let mut effects = self.end_waits(|caller| caller.socket == *socket);
        effects.extend(self.lobby_changed(before));
        effects
    }

    /// Lets in those who wait: one, or as many as there is room for.
    pub(super) fn admit(&mut self, who: Waiting, by: &By, now: Now) -> Result<Vec<Effect>, Refusal> {
        let Waiting::One(id) = who else {
            return Ok(self.admit_all(by, now));
        };
        if !self.waits(id) {
            return Err(Refusal::ParticipantNotFound);
        }
        if self.free_places(now) == 0 {
            return Err(Refusal::RoomFull);
        }
        Ok(self.admit_these(&[id], by, now))
    }

    pub(super) fn admit_all(&mut self, by: &By, now: Now) -> Vec<Effect> {
        let free = self.free_places(now);
        let first: Vec<u64> = self.lobby.people().iter().take(free).map(|person| person.id).collect();
        self.admit_these(&first, by, now)
    }

    /// Turns away those who wait: one or all.
    pub(super) fn turn_away(&mut self, who: Waiting, by: &By, now: Now) -> Result<Vec<Effect>, Refusal> {
        if let Waiting::One(id) = who
            && !self.waits(id)
        {
            return Err(Refusal::ParticipantNotFound);
        }
        let before = self.waiting_people();
        let is_meant = |caller: &mut Caller| {
            let is_named = who == Waiting::All || who == Waiting::One(caller.person.id);
            is_named && !caller.is_admitted()
        };
        let gone: Vec<Caller> = self.lobby.callers.extract_if(.., is_meant).collect();
        let mut effects = Vec::new();
        for caller in gone {
            let reason = "A host did not let you in.";
            effects.extend(self.goodbye_to(caller.person.id, by, reason));
            self.lobby.turn_away(caller, now);
        }
        effects.extend(self.lobby_changed(before));
        Ok(effects)
    }

    /// Takes in that the room ends: nobody waits any more.
    pub fn close_lobby(&mut self) -> Vec<Effect> {
        let callers = std::mem::take(&mut self.lobby.callers);
        let told = callers
            .into_iter()
            .flat_map(|caller| self.goodbye_to(caller.person.id, &By::owner(), "The meeting has ended."));
        told.collect()
    }

    /// Gives up the places in the lobby whose time is over.
    pub(super) fn expire_waits(&mut self, now: Now) -> Vec<Effect> {
        let before = self.waiting_people();
        let mut effects = self.end_waits(|caller| caller.is_over(now));
        effects.extend(self.lobby_changed(before));
        effects
    }

    /// Takes in that somebody is in the room, whether or not they waited.
    pub(super) fn waits_no_more(&mut self, newcomer: &Newcomer) -> Vec<Effect> {
        let before = self.waiting_people();
        let mut effects = self.end_waits(|caller| caller.is(newcomer));
        effects.extend(self.lobby_changed(before));
        effects
    }

    /// What a person is told who may see who waits.
    pub(super) fn waiting_people_for(&self, seat: Seat) -> Option<Effect> {
        let people = self.waiting_people();
        let is_meant = self.role(seat) > Role::Guest && !people.is_empty();
        is_meant.then(|| Effect::tell(Audience::One(seat), ServerEvent::WaitingPeople(people)))
    }

    fn waits(&self, id: u64) -> bool {
        self.lobby.people().iter().any(|person| person.id == id)
    }

    /// How many more may be admitted: those who were, and did not come yet, have their places.
    fn free_places(&self, now: Now) -> usize {
        let callers = self.lobby.callers.iter();
        let expected = callers
            .filter(|caller| caller.is_admitted() && !caller.is_over(now))
            .count();
        self.limit().saturating_sub(self.peers.len() + expected)
    }

    fn admit_these(&mut self, ids: &[u64], by: &By, now: Now) -> Vec<Effect> {
        let before = self.waiting_people();
        let until = now.instant + ADMISSION;
        let mut effects = Vec::new();
        for caller in &mut self.lobby.callers {
            if !ids.contains(&caller.person.id) {
                continue;
            }
            caller.standing = Standing::Admitted { until };
            let event = ServerEvent::Admitted {
                room_id: self.id.clone(),
                by: by.clone(),
            };
            effects.push(Effect::tell(Audience::Waiting(caller.person.id), event));
        }
        effects.extend(self.lobby_changed(before));
        effects
    }

    fn goodbye_to(&self, id: u64, by: &By, reason: &str) -> [Effect; 2] {
        let event = ServerEvent::TurnedAway {
            room_id: self.id.clone(),
            by: by.clone(),
            reason: reason.to_owned(),
        };
        [Effect::tell(Audience::Waiting(id), event), Effect::EndWait(id)]
    }

    fn end_waits(&mut self, is_over: impl Fn(&Caller) -> bool) -> Vec<Effect> {
        let gone = self.lobby.retain(|caller| !is_over(caller));
        gone.into_iter().map(Effect::EndWait).collect()
    }

    fn lobby_changed(&self, before: Vec<WaitingPerson>) -> Option<Effect> {
        let people = self.waiting_people();
        (people != before).then(|| Effect::tell(Audience::Moderators, ServerEvent::WaitingPeople(people)))
    }
}
