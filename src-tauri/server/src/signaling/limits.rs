//! How much clients may ask for. A page never meets these bounds; who does is told so in a sentence, who goes on all the
//! same is hung up on, and the meetings of others go on.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use governor::clock::DefaultClock;
use governor::middleware::StateInformationMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use super::origins::Origin;
use crate::wire::{Bound, Request};

/// What may come at once, as a multiple of what may come in a second. A page that joins a room of hundreds asks for all
/// their streams in one go.
const REQUESTS_AT_ONCE: u32 = 40;
const CHAT_AT_ONCE: u32 = 16;
/// How many refusals a second a client may get in the long run, and how many at once, before it is hung up on: to refuse
/// costs work too.
const REFUSALS_A_SECOND: u32 = 20;
const REFUSALS_AT_ONCE: u32 = 500;
/// As much text costs as much as a request.
const BYTES_OF_A_REQUEST: usize = 16 * 1024;
/// How many bytes come with a request in the long run, and how many of the largest messages at once.
const BYTES_IN_THE_LONG_RUN: i64 = 2 * 1024;
const MESSAGES_AT_ONCE: i64 = 8;

/// What clients are bounded to.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Requests of one socket in a second, in the long run; those that make much work count for several.
    pub requests_per_second: NonZeroU32,
    /// The same of all sockets from one address.
    pub requests_per_second_of_address: NonZeroU32,
    /// The largest message of one socket, in bytes.
    pub message_bytes: NonZeroUsize,
    /// Bytes that one socket may write into the chat in a second, in the long run.
    pub chat_bytes_per_second: NonZeroU32,
    /// Transports that one socket may make in a minute. Those that are not used are at most eight of each direction.
    pub transports_per_minute: NonZeroU32,
    /// Rooms that one address may make in a minute.
    pub rooms_per_minute: NonZeroU32,
    /// Connections from one address at once. Many phones may share one, behind a router, and a browser opens several.
    pub connections_of_address: NonZeroU32,
    /// Files that one address may share in a minute, in the long run, in MB of 1,048,576 bytes.
    pub file_mb_per_minute: NonZeroU32,
    /// How long a socket may stay without being in a room.
    pub unjoined: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_second: number(50),
            requests_per_second_of_address: number(500),
            message_bytes: NonZeroUsize::new(1 << 20).unwrap_or(NonZeroUsize::MIN),
            chat_bytes_per_second: number(8 * 1024),
            // A page makes two, and two anew where only that helps; some that are mounted many times over make 40 within a
            // few seconds, and are to get along after that as well.
            transports_per_minute: number(80),
            rooms_per_minute: number(60),
            connections_of_address: number(600),
            file_mb_per_minute: number(1_000),
            unjoined: Duration::from_secs(30),
        }
    }
}

impl Limits {
    /// How many bytes come over one websocket, whatever they say.
    #[must_use]
    pub fn flow(&self) -> Flow {
        let message_bytes = i64::try_from(self.message_bytes.get()).unwrap_or(i64::MAX);
        Flow {
            bytes_per_second: i64::from(self.requests_per_second.get()) * BYTES_IN_THE_LONG_RUN,
            bytes_at_once: message_bytes.saturating_mul(MESSAGES_AT_ONCE),
        }
    }
}

/// How fast bytes may come.
#[derive(Debug, Clone, Copy)]
pub struct Flow {
    /// In a second, in the long run; above zero.
    pub bytes_per_second: i64,
    /// At once.
    pub bytes_at_once: i64,
}

/// What one socket asked for lately.
pub(super) struct Pace {
    requests: RateLimiter<NotKeyed, InMemoryState, DefaultClock, StateInformationMiddleware>,
    requests_at_once: u32,
    refusals: DefaultDirectRateLimiter,
    chat: DefaultDirectRateLimiter,
    transports: DefaultDirectRateLimiter,
    message_bytes: usize,
}

impl Pace {
    pub(super) fn new(limits: &Limits) -> Self {
        let requests_at_once = limits.requests_per_second.saturating_mul(number(REQUESTS_AT_ONCE));
        let requests = Quota::per_second(limits.requests_per_second).allow_burst(requests_at_once);
        let refusals = Quota::per_second(number(REFUSALS_A_SECOND)).allow_burst(number(REFUSALS_AT_ONCE));
        let chat_at_once = limits.chat_bytes_per_second.saturating_mul(number(CHAT_AT_ONCE));
        let chat = Quota::per_second(limits.chat_bytes_per_second).allow_burst(chat_at_once);
        Self {
            requests: RateLimiter::direct(requests).with_middleware(),
            requests_at_once: requests_at_once.get(),
            refusals: RateLimiter::direct(refusals),
            chat: RateLimiter::direct(chat),
            transports: RateLimiter::direct(Quota::per_minute(limits.transports_per_minute)),
            message_bytes: limits.message_bytes.get(),
        }
    }

    /// Counts a request that costs as much as `cost` of the cheapest kind, and is so many bytes long.
    pub(super) fn count(&self, cost: u32, bytes: usize, origin: &Origin) -> Result<(), Bound> {
        let by_length = u32::try_from(bytes / BYTES_OF_A_REQUEST).unwrap_or(u32::MAX);
        let cost = number(cost.saturating_add(by_length));
        let Ok(Ok(state)) = self.requests.check_n(cost) else {
            return Err(Bound::Requests);
        };
        // Who asks for little is served even where others at the same address ask for too much.
        let asks_for_much = state.remaining_burst_capacity() < self.requests_at_once / 4 * 3;
        if !origin.count_request(cost) && asks_for_much {
            return Err(Bound::RequestsOfAddress);
        }
        if bytes > self.message_bytes {
            return Err(Bound::MessageBytes(self.message_bytes));
        }
        Ok(())
    }

    /// Counts a refusal; false when there were so many that another word is wasted.
    pub(super) fn may_be_refused(&self) -> bool {
        self.refusals.check().is_ok()
    }

    /// Counts what a request makes or writes that is bounded by itself: transports, and words in the chat.
    pub(super) fn count_matter(&self, request: &Request) -> Result<(), Bound> {
        match request {
            Request::SendMessage(body) => self.count_words(body.message.text.len()),
            Request::CreateTransport(_) => self.transports.check().map_err(|_| Bound::Transports),
            _ => Ok(()),
        }
    }

    fn count_words(&self, bytes: usize) -> Result<(), Bound> {
        let Some(bytes) = u32::try_from(bytes).ok().and_then(NonZeroU32::new) else {
            return Ok(());
        };
        match self.chat.check_n(bytes) {
            Ok(Ok(())) => Ok(()),
            _ => Err(Bound::Words),
        }
    }
}

/// Never zero: the least that can be counted is one.
pub(super) fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use serde_json::json;

    use super::super::origins::Origins;
    use super::*;

    fn origin() -> Origin {
        Origins::new(&Limits::default()).of(IpAddr::from([10, 0, 0, 1]))
    }

    fn message(length: usize) -> Request {
        let payload = json!({ "roomId": "a", "message": { "id": "1", "text": "x".repeat(length) } });
        Request::parse("send-message", payload).unwrap().unwrap()
    }

    #[test]
    fn a_page_that_joins_a_large_room_stays_below() {
        let (pace, origin) = (Pace::new(&Limits::default()), origin());
        for event in ["get-rtp-capabilities", "join-mediasoup-room", "get-chat-history"] {
            assert_eq!(pace.count(Request::cost(event), 10_000, &origin), Ok(()));
        }
        for event in ["create-webrtc-transport", "connect-transport", "produce"].repeat(2) {
            assert_eq!(pace.count(Request::cost(event), 10_000, &origin), Ok(()));
        }
        for event in ["consume", "resume-consumer", "set-consumer-layers"].repeat(500) {
            assert_eq!(pace.count(Request::cost(event), 10_000, &origin), Ok(()));
        }
    }

    #[test]
    fn who_asks_without_an_end_is_refused_and_then_not_even_that() {
        let (pace, origin) = (Pace::new(&Limits::default()), origin());
        let served = (0..10_000).take_while(|_| pace.count(1, 0, &origin).is_ok()).count();
        assert!((2_000..2_100).contains(&served), "{served}");
        let refused = (0..10_000).take_while(|_| pace.may_be_refused()).count();
        assert!((500..600).contains(&refused), "{refused}");
    }

    #[test]
    fn much_work_and_long_messages_count_for_more() {
        let served = |event, bytes| {
            let (pace, origin) = (Pace::new(&Limits::default()), origin());
            let count = || pace.count(Request::cost(event), bytes, &origin);
            (0..10_000).take_while(|_| count().is_ok()).count()
        };
        let cheap = served("resume-consumer", 100);
        assert!(served("get-chat-history", 100) < cheap / 20);
        assert!(served("resume-consumer", 1 << 20) < cheap / 50);
    }

    #[test]
    fn a_message_that_is_too_large_is_told_the_bound() {
        let (pace, origin) = (Pace::new(&Limits::default()), origin());
        assert_eq!(pace.count(1, 1 << 20, &origin), Ok(()));
        let refusal = pace.count(1, (1 << 20) + 1, &origin).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "This message is too large; 1048576 bytes are the most"
        );
    }

    #[test]
    fn who_asks_for_little_is_served_beside_a_neighbour_who_asks_for_much() {
        let (pace, origin) = (Pace::new(&Limits::default()), origin());
        let floods: Vec<Pace> = (0..100).map(|_| Pace::new(&Limits::default())).collect();
        let refused = floods
            .iter()
            .flat_map(|flood| (0..2_000).map(|_| flood.count(1, 0, &origin)))
            .filter(|counted| *counted == Err(Bound::RequestsOfAddress))
            .count();
        assert!(refused > 50_000, "{refused}");
        assert!((0..400).all(|_| pace.count(1, 0, &origin).is_ok()));
    }

    #[test]
    fn words_are_counted_by_their_length() {
        let pace = Pace::new(&Limits::default());
        let long = message(4_000);
        let taken = (0..1_000).take_while(|_| pace.count_matter(&long).is_ok()).count();
        assert!((32..100).contains(&taken), "{taken}");
        assert!(pace.count_matter(&message(0)).is_ok());
    }

    #[test]
    fn so_many_transports_and_no_more_and_all_else_goes_on() {
        let pace = Pace::new(&Limits {
            transports_per_minute: number(4),
            ..Limits::default()
        });
        let payload = json!({ "roomId": "a", "direction": "send" });
        let one_more = Request::parse("create-webrtc-transport", payload).unwrap().unwrap();
        let made = (0..1_000).take_while(|_| pace.count_matter(&one_more).is_ok()).count();
        assert!((4..10).contains(&made), "{made}");
        assert_eq!(pace.count_matter(&one_more), Err(Bound::Transports));
        assert!(pace.count_matter(&message(10)).is_ok());
    }
}
