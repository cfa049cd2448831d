//! One person in a room.

use std::time::Instant;

use indexmap::IndexMap;
use mediasoup::prelude::{MediaKind, ProducerId};

use crate::wire::{ParticipantEntry, PeerId, ProducerSummary, Sender};

/// The longest name and label kept, in characters.
const MAX_NAME: usize = 64;
/// The longest picture address kept, in bytes; a small `data:` picture fits.
const MAX_IMAGE: usize = 64 * 1024;

/// A peer's place in the room. Unlike the peer's id it stays the same when the peer resumes on a new socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Seat(pub(super) u64);

impl Seat {
    /// The seat's number: unique in the room as long as it lasts, rising.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

/// How a person is known to the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The name that the person gave.
    pub name: Option<String>,
    /// The picture that the client brought.
    pub image_url: Option<String>,
    /// The opaque label that the client brought.
    pub user_id: Option<String>,
}

impl Identity {
    /// Takes what a client sent, trimmed and bounded; a picture that is no web address or `data:` picture is left out.
    #[must_use]
    pub fn new(name: Option<String>, image_url: Option<String>, user_id: Option<String>) -> Self {
        let bounded = |text: String| {
            let text: String = text
                .trim()
                .chars()
                .filter(|char| !char.is_control())
                .take(MAX_NAME)
                .collect();
            (!text.is_empty()).then_some(text)
        };
        let image_url = image_url.filter(|url| {
            let known = ["https://", "http://", "data:image/"]
                .iter()
                .any(|scheme| url.starts_with(scheme));
            known && url.len() <= MAX_IMAGE
        });
        Self {
            name: name.and_then(bounded),
            image_url,
            user_id: user_id.and_then(bounded),
        }
    }

    /// This identity, completed where it says nothing by another.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            name: self.name.or(other.name),
            image_url: self.image_url.or(other.image_url),
            user_id: self.user_id.or(other.user_id),
        }
    }
}

/// Whether a peer's socket is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    Here,
    /// It was lost; the place is kept until then.
    Lost {
        /// When the place is given up.
        until: Instant,
    },
}

/// A stream that a peer sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    /// Sound or picture.
    pub kind: MediaKind,
    /// Whether it shows or plays a shared screen.
    pub is_screen_share: bool,
    /// Whether it is held.
    pub paused: bool,
}

/// A person in a room.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The peer's id: that of its present socket.
    pub id: PeerId,
    /// How the person is known.
    pub identity: Identity,
    /// Whether the person hosts the room.
    pub is_host: bool,
    /// Whether the microphone is muted.
    pub is_audio_muted: bool,
    /// Whether the camera is off.
    pub is_video_paused: bool,
    /// When the person joined, in ms since 1970.
    pub joined_at: u64,
    /// Proof with which the peer may come back; none if it did not ask for that.
    pub resume_token: Option<String>,
    /// Whether the socket is there.
    pub presence: Presence,
    /// What the peer sends.
    pub streams: IndexMap<ProducerId, Stream>,
}

impl Peer {
    /// The name that others see: the person's own, or one made of the id, as the guide has it.
    #[must_use]
    pub fn name(&self) -> String {
        let made = || format!("User {}", self.id.as_str().chars().take(4).collect::<String>());
        self.identity.name.clone().unwrap_or_else(made)
    }

    /// Whether the peer shares a screen.
    #[must_use]
    pub fn is_screen_sharing(&self) -> bool {
        self.streams.values().any(|stream| stream.is_screen_share)
    }

    /// Whether the peer's place is kept for it while its socket is lost.
    #[must_use]
    pub fn is_reconnecting(&self) -> bool {
        self.presence != Presence::Here
    }

    /// What the peer sends.
    pub fn summaries(&self) -> impl Iterator<Item = ProducerSummary> {
        self.streams.iter().map(|(producer_id, stream)| ProducerSummary {
            producer_id: *producer_id,
            peer_id: self.id.clone(),
            kind: stream.kind,
            is_screen_share: stream.is_screen_share,
            paused: stream.paused,
        })
    }

    pub(super) fn entry(&self) -> ParticipantEntry {
        ParticipantEntry {
            id: self.id.clone(),
            name: self.name(),
            is_audio_muted: self.is_audio_muted,
            is_video_paused: self.is_video_paused,
            user_id: self.identity.user_id.clone(),
            image_url: self.identity.image_url.clone(),
            is_host: self.is_host,
            is_co_host: false,
            is_screen_sharing: self.is_screen_sharing(),
            is_reconnecting: self.is_reconnecting(),
            hand_raised_at: None,
            joined_at: self.joined_at,
        }
    }

    pub(super) fn as_sender(&self, in_full: bool) -> Sender {
        if in_full {
            Sender::Person {
                id: self.identity.user_id.clone().unwrap_or_else(|| self.id.to_string()),
                name: self.name(),
                image_url: self.identity.image_url.clone(),
            }
        } else {
            Sender::Name(self.name())
        }
    }
}
