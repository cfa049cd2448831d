//! Announcing meetings before anybody joins them.

use std::time::Instant;

use super::created::{Browser, CreatedMeeting};
use super::directory::Meetings;
use super::task::now;
use crate::room::Identity;
use crate::wire::{Bound, Refusal, RoomId};

/// The longest description, in characters, and the longest word on when a meeting begins, in bytes of JSON.
const MAX_DESCRIPTION: usize = 1_000;
const MAX_STARTS_AT: usize = 64;

/// A meeting that somebody announces.
#[derive(Debug)]
pub struct Announcement {
    /// The room's id.
    pub room: RoomId,
    /// The label of who announces it.
    pub creator_id: String,
    /// What it is about.
    pub description: Option<String>,
    /// When it begins: a time in ms since 1970 or in words, as it is told again.
    pub starts_at: Option<serde_json::Value>,
    /// Who announces it.
    pub browser: Browser,
}

/// A meeting that was announced, or a room that is there without.
#[derive(Debug)]
pub struct Announced {
    /// The room's id.
    pub room: RoomId,
    /// The label of who announced it, if somebody did.
    pub creator_id: Option<String>,
    /// When it was announced or made, in ms since 1970.
    pub created_at: u64,
    /// What it is about.
    pub description: Option<String>,
    /// When it begins, in the words of who announced it.
    pub starts_at: Option<serde_json::Value>,
    browser: Option<Browser>,
}

impl Announced {
    /// Whether this browser could be that of who announced it.
    #[must_use]
    pub fn is_by_browser(&self, browser: &Browser) -> bool {
        self.browser.as_ref().is_some_and(|own| own.could_be(browser))
    }

    fn of(room: RoomId, meeting: CreatedMeeting) -> Self {
        Self {
            room,
            creator_id: Some(meeting.creator_id),
            created_at: meeting.created_at,
            description: meeting.description,
            starts_at: meeting.starts_at,
            browser: Some(meeting.browser),
        }
    }
}

impl Meetings {
    /// Keeps a meeting in mind that somebody announces; none where there is one of this id. `count` counts a new room of
    /// its address.
    ///
    /// # Errors
    /// [`Refusal::Invalid`], [`Refusal::NoSuchRoom`] where guests may not make rooms, [`Refusal::Closing`] and
    /// [`Refusal::Limit`].
    pub fn announce(
        &self,
        announcement: Announcement,
        count: impl FnOnce() -> Result<(), Bound>,
    ) -> Result<Option<Announced>, Refusal> {
        let Announcement {
            room,
            creator_id,
            description,
            starts_at,
            browser,
        } = announcement;
        let invalid = |text: &str| Err(Refusal::Invalid(text.to_owned()));
        let Some(creator_id) = Identity::new(None, None, Some(creator_id)).user_id else {
            return invalid("`userId` is empty");
        };
        if description
            .as_ref()
            .is_some_and(|text| text.chars().count() > MAX_DESCRIPTION)
        {
            return invalid("`description` is longer than 1,000 characters");
        }
        let is_time = |value: &serde_json::Value| value.is_number() || value.is_string();
        let starts_at = starts_at.filter(|value| !value.is_null());
        if starts_at
            .as_ref()
            .is_some_and(|value| !is_time(value) || value.to_string().len() > MAX_STARTS_AT)
        {
            return invalid("`startsAt` is no time");
        }
        if !self.kept().guests_may_make_rooms() {
            return Err(Refusal::NoSuchRoom);
        }
        if self.announced(&room).is_some() {
            return Ok(None);
        }
        count()?;
        let mut meeting = CreatedMeeting::new(creator_id, browser, now());
        meeting.description = description;
        meeting.starts_at = starts_at;
        let is_new = self.remember(room.clone(), meeting.clone())?;
        Ok(is_new.then(|| Announced::of(room, meeting)))
    }

    /// A meeting that was announced, or a room that is there without.
    #[must_use]
    pub fn announced(&self, room: &RoomId) -> Option<Announced> {
        if let Some(meeting) = self.created(room, Instant::now()) {
            return Some(Announced::of(room.clone(), meeting));
        }
        let kept = self.kept().room(room).map(|kept| kept.created_at);
        let open = || self.views().borrow().get(room).map(|view| view.created_at);
        let created_at = kept.or_else(open)?;
        Some(Announced {
            room: room.clone(),
            creator_id: None,
            created_at,
            description: None,
            starts_at: None,
            browser: None,
        })
    }
}
