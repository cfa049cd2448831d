//! How much one client may ask for. A page never meets these bounds; who does is told so in a sentence, and the meetings
//! of others go on.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::wire::{Refusal, Request};

/// What may come at once, as a multiple of what may come in a second. A page that joins a room of hundreds asks for all
/// their streams in one go.
const REQUESTS_AT_ONCE: u32 = 10;
const CHAT_AT_ONCE: u32 = 16;
/// How many addresses are kept in mind before those that asked for nothing lately are forgotten.
const ADDRESSES_IN_MIND: usize = 1_024;

/// What clients are bounded to.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Requests of one socket in a second, in the long run.
    pub requests_per_second: NonZeroU32,
    /// Bytes that one socket may write into the chat in a second, in the long run.
    pub chat_bytes_per_second: NonZeroU32,
    /// Rooms that one address may make in a minute.
    pub rooms_per_minute: NonZeroU32,
    /// How long a socket may stay without being in a room.
    pub unjoined: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_second: number(200),
            chat_bytes_per_second: number(8 * 1024),
            rooms_per_minute: number(60),
            unjoined: Duration::from_secs(30),
        }
    }
}

/// What one socket asked for lately.
pub(super) struct Pace {
    requests: DefaultDirectRateLimiter,
    chat: DefaultDirectRateLimiter,
}

impl Pace {
    pub(super) fn new(limits: &Limits) -> Self {
        let quota = |a_second: NonZeroU32, at_once: u32| {
            Quota::per_second(a_second).allow_burst(a_second.saturating_mul(number(at_once)))
        };
        Self {
            requests: RateLimiter::direct(quota(limits.requests_per_second, REQUESTS_AT_ONCE)),
            chat: RateLimiter::direct(quota(limits.chat_bytes_per_second, CHAT_AT_ONCE)),
        }
    }

    /// Counts a request of any kind.
    pub(super) fn count(&self) -> Result<(), Refusal> {
        let counted = self.requests.check();
        counted.map_err(|_| Refusal::Limit("Too many requests; wait a moment"))
    }

    /// Counts what a request writes into the chat.
    pub(super) fn count_words(&self, request: &Request) -> Result<(), Refusal> {
        let Request::SendMessage(body) = request else {
            return Ok(());
        };
        let Some(bytes) = u32::try_from(body.message.text.len()).ok().and_then(NonZeroU32::new) else {
            return Ok(());
        };
        match self.chat.check_n(bytes) {
            Ok(Ok(())) => Ok(()),
            _ => Err(Refusal::Limit(
                "Too many words at once; wait a moment before the next message",
            )),
        }
    }
}

/// Who made rooms lately.
#[derive(Debug)]
pub(super) struct NewRooms(DefaultKeyedRateLimiter<IpAddr>);

impl NewRooms {
    pub(super) fn new(limits: &Limits) -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(limits.rooms_per_minute)))
    }

    /// Counts a room that somebody at this address makes.
    pub(super) fn count(&self, address: IpAddr) -> Result<(), Refusal> {
        if self.0.len() > ADDRESSES_IN_MIND {
            self.0.retain_recent();
        }
        let counted = self.0.check_key(&address);
        counted.map_err(|_| Refusal::Limit("Too many new rooms from this device; try again in a minute"))
    }
}

fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(length: usize) -> Request {
        let payload = json!({ "roomId": "a", "message": { "id": "1", "text": "x".repeat(length) } });
        Request::parse("send-message", payload).unwrap().unwrap()
    }

    #[test]
    fn a_page_that_joins_a_large_room_stays_below() {
        let pace = Pace::new(&Limits::default());
        assert!((0..2_000).all(|_| pace.count().is_ok()));
        assert!((0..1_000).any(|_| pace.count().is_err()));
    }

    #[test]
    fn words_are_counted_by_their_length() {
        let pace = Pace::new(&Limits::default());
        let long = message(4_000);
        let taken = (0..1_000).take_while(|_| pace.count_words(&long).is_ok()).count();
        assert!((32..100).contains(&taken), "{taken}");
        assert!(pace.count_words(&message(0)).is_ok());
    }

    #[test]
    fn one_address_does_not_count_for_another() {
        let rooms = NewRooms::new(&Limits::default());
        let [one, other] = [IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2])];
        assert!((0..100).any(|_| rooms.count(one).is_err()));
        assert!(rooms.count(other).is_ok());
    }
}
