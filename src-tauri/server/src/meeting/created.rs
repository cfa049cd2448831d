//! Meetings that frontends announce before anybody joins them, and who announced each.
//!
//! Who announced a meeting hosts it as long as nobody does with a key. There are no accounts, so they are known by what
//! their browser showed then and shows again: a word that this server gave it in a cookie, or, where a frontend from
//! elsewhere keeps none, the label, the address and what the browser calls itself, all three. The label is told nobody
//! else before its bearer is in the room. It is kept in memory, as the rooms of guests are.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};

use crate::room::Now;
use crate::wire::{Bound, Refusal, RoomId, Secret};

/// The cookie that a browser is known by.
pub(crate) const COOKIE: &str = "confab-browser";
/// How long a word is that this server gives: that of a random secret, in bytes.
const WORD_LENGTH: usize = 32;
/// How long a meeting is kept in mind that was announced.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3_600);
/// The most that one address has announced at a time.
const MAX_OF_ADDRESS: usize = 100;

/// A browser, as far as it can be known again.
#[derive(Debug, Clone)]
pub struct Browser {
    /// The word that this server gave it.
    pub word: Option<Secret>,
    /// Where it is.
    pub address: IpAddr,
    /// What it calls itself.
    pub agent: Option<String>,
}

impl Browser {
    /// The browser that a request with these headers came from.
    #[must_use]
    pub fn of(headers: &HeaderMap, address: IpAddr) -> Self {
        let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        Self {
            word: word_in(headers),
            address,
            agent: agent.map(str::to_owned),
        }
    }

    /// Whether this could be the other browser, whoever sits at it.
    #[must_use]
    pub fn could_be(&self, other: &Self) -> bool {
        self.has_word_of(other) || self.may_be(other)
    }

    fn may_be(&self, other: &Self) -> bool {
        self.address == other.address && self.agent.is_some() && self.agent == other.agent
    }

    fn has_word_of(&self, other: &Self) -> bool {
        let words = self.word.as_ref().zip(other.word.as_ref());
        words.is_some_and(|(one, other)| one.matches(other))
    }
}

fn word_in(headers: &HeaderMap) -> Option<Secret> {
    let cookies = headers.get_all(header::COOKIE).iter();
    let cookies = cookies
        .filter_map(|cookie| cookie.to_str().ok())
        .flat_map(|text| text.split(';'));
    let word = cookies
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, word)| word)?;
    // A word that somebody could guess is none.
    let is_ours = word.len() == WORD_LENGTH;
    is_ours.then(|| Secret::from(word))
}

/// A meeting that was announced.
#[derive(Debug, Clone)]
pub struct CreatedMeeting {
    /// The label of who announced it.
    pub creator_id: String,
    /// Their browser.
    pub browser: Browser,
    /// When that was, in ms since 1970.
    pub created_at: u64,
    /// What it is about.
    pub description: Option<String>,
    /// When it begins, in the words of who announced it.
    pub starts_at: Option<serde_json::Value>,
    until: Instant,
}

impl CreatedMeeting {
    /// A meeting that is announced now.
    #[must_use]
    pub fn new(creator_id: String, browser: Browser, now: Now) -> Self {
        Self {
            creator_id,
            browser,
            created_at: now.epoch_ms,
            description: None,
            starts_at: None,
            until: now.instant + KEPT,
        }
    }

    /// Whether this browser, whose person goes by this label, announced the meeting.
    #[must_use]
    pub fn is_by(&self, browser: &Browser, label: Option<&str>) -> bool {
        let is_label = label == Some(self.creator_id.as_str());
        browser.has_word_of(&self.browser) || (is_label && browser.may_be(&self.browser))
    }
}

/// The meetings that were announced.
#[derive(Debug, Default)]
pub(super) struct CreatedMeetings(HashMap<RoomId, CreatedMeeting>);

impl CreatedMeetings {
    pub(super) fn find(&mut self, room: &RoomId, now: Instant) -> Option<CreatedMeeting> {
        self.forget(now);
        self.0.get(room).cloned()
    }

    /// Keeps a meeting in mind; false where there is one of this id.
    pub(super) fn add(
        &mut self,
        room: RoomId,
        meeting: CreatedMeeting,
        most: usize,
        now: Instant,
    ) -> Result<bool, Refusal> {
        self.forget(now);
        if self.0.contains_key(&room) {
            return Ok(false);
        }
        let address = meeting.browser.address;
        let theirs = self.0.values().filter(|known| known.browser.address == address).count();
        if theirs >= MAX_OF_ADDRESS {
            return Err(Bound::NewRooms.into());
        }
        if self.0.len() >= most {
            return Err(Bound::Rooms.into());
        }
        self.0.insert(room, meeting);
        Ok(true)
    }

    fn forget(&mut self, now: Instant) {
        self.0.retain(|_, meeting| meeting.until > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn browser(word: Option<&str>, last: u8, agent: Option<&str>) -> Browser {
        Browser {
            word: word.map(Secret::from),
            address: IpAddr::from([10, 0, 0, last]),
            agent: agent.map(str::to_owned),
        }
    }

    fn now() -> Now {
        Now {
            instant: Instant::now(),
            epoch_ms: 1,
        }
    }

    #[test]
    fn who_announced_a_meeting_is_known_by_the_word_or_by_all_of_the_rest() {
        let made = CreatedMeeting::new("u-anna".to_owned(), browser(Some("word"), 1, Some("Firefox")), now());
        let is_by = |word, last, agent, label| made.is_by(&browser(word, last, agent), label);
        assert!(is_by(Some("word"), 9, None, None), "the word alone is enough");
        assert!(is_by(None, 1, Some("Firefox"), Some("u-anna")));
        assert!(
            !is_by(Some("other"), 9, Some("Firefox"), Some("u-anna")),
            "another address"
        );
        assert!(!is_by(None, 1, Some("Chrome"), Some("u-anna")), "another browser");
        assert!(!is_by(None, 1, None, Some("u-anna")));
        assert!(!is_by(None, 1, Some("Firefox"), Some("u-ben")), "another label");
        assert!(!is_by(None, 1, Some("Firefox"), None));
    }

    #[test]
    fn a_word_is_taken_from_the_cookie_if_it_is_one_of_ours() {
        let word = Secret::random();
        let headers = |cookie: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookie.parse().unwrap());
            headers
        };
        let found = word_in(&headers(&format!("a=b; {COOKIE}={}; c=d", word.reveal())));
        assert_eq!(found, Some(word));
        for cookie in ["a=b".to_owned(), format!("{COOKIE}="), format!("{COOKIE}=guess")] {
            assert_eq!(word_in(&headers(&cookie)), None, "{cookie}");
        }
    }

    #[test]
    fn what_was_announced_is_bounded_and_forgotten_after_a_week() {
        let mut created = CreatedMeetings::default();
        let now = now();
        let add = |created: &mut CreatedMeetings, number: usize, last| {
            let meeting = CreatedMeeting::new("u".to_owned(), browser(None, last, None), now);
            created.add(format!("room-{number}").parse().unwrap(), meeting, 150, now.instant)
        };
        let taken = (0..1_000)
            .take_while(|number| add(&mut created, *number, 1).is_ok())
            .count();
        assert_eq!(taken, MAX_OF_ADDRESS);
        assert_eq!(add(&mut created, 0, 2), Ok(false), "there is one of this id");
        let others = (200..1_000)
            .take_while(|number| add(&mut created, *number, 2).is_ok())
            .count();
        assert_eq!(others, 50);
        let room = "room-1".parse().unwrap();
        assert!(created.find(&room, now.instant).is_some());
        assert!(created.find(&room, now.instant + KEPT).is_none());
        assert!(created.0.is_empty());
    }
}
