//! One person in a room.

use std::time::Instant;

use indexmap::IndexMap;
use mediasoup::prelude::{MediaKind, ProducerId};

use super::Role;
use crate::wire::{By, PeerId, ProducerSummary, Secret, Sender, SocketId};

/// The longest name and label kept, in characters.
const MAX_NAME: usize = 64;
/// The longest picture address kept, in bytes; a small `data:` picture fits.
const MAX_IMAGE: usize = 64 * 1024;
/// The most that all picture addresses in a room take, in bytes: each list of people has them all.
pub(super) const MAX_IMAGES: usize = 512 * 1024;
/// The longest picture address repeated with each chat message, or told of who waits, in bytes; the list of people has
/// the longer ones.
pub(super) const MAX_SENDER_IMAGE: usize = 512;

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
        let image_url = image_url.filter(|url| {
            let known = ["https://", "http://", "data:image/"]
                .iter()
                .any(|scheme| url.starts_with(scheme));
            known && url.len() <= MAX_IMAGE
        });
        Self {
            name: name.and_then(tidied),
            image_url,
            user_id: user_id.and_then(tidied),
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
    /// Whether it is paused.
    pub paused: bool,
    /// Whether it is paused by a host's doing rather than its sender's.
    pub by_host: bool,
}

/// Who keeps a peer's microphone and camera off, each until a host lifts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holds {
    /// Who muted the peer.
    pub audio: Option<By>,
    /// Who turned its camera off.
    pub video: Option<By>,
}

impl Holds {
    /// The hold on what sends this kind.
    pub(super) fn of(&mut self, kind: MediaKind) -> &mut Option<By> {
        match kind {
            MediaKind::Audio => &mut self.audio,
            MediaKind::Video => &mut self.video,
        }
    }
}

/// A name as it is shown, trimmed and bounded; none if nothing is left.
pub(crate) fn tidied(text: String) -> Option<String> {
    let text = text.trim().chars().filter(|char| !char.is_control());
    let text: String = text.take(MAX_NAME).collect();
    (!text.is_empty()).then_some(text)
}

/// The name of somebody who gave none, as the guide has it.
pub(super) fn made_name(id: &SocketId) -> String {
    format!("User {}", id.as_str().chars().take(4).collect::<String>())
}

/// A person in a room.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The id of the peer's present socket. What others are told of is [`Peer::public_id`].
    pub id: SocketId,
    /// How the person is known.
    pub identity: Identity,
    /// What the person may do.
    pub role: Role,
    /// Whether the microphone is muted by the person.
    pub is_audio_muted: bool,
    /// Whether the camera is turned off by the person.
    pub is_video_paused: bool,
    /// Whether the client looks at whether a stream of its own begins paused.
    pub understands_paused: bool,
    /// What hosts keep off.
    pub holds: Holds,
    /// Whether recordings hold nothing of the person, by the person's wish.
    pub is_left_out: bool,
    /// When the hand went up, in ms since 1970.
    pub hand_raised_at: Option<u64>,
    /// When the person joined, in ms since 1970.
    pub joined_at: u64,
    /// The label that the client asked for while another person had it.
    pub wanted_label: Option<String>,
    /// What the person's browser knows itself by again.
    pub device: Option<Secret>,
    /// Proof with which the peer may come back; none if it did not ask for that.
    pub resume_token: Option<Secret>,
    /// Whether the socket is there.
    pub presence: Presence,
    /// What the peer sends.
    pub streams: IndexMap<ProducerId, Stream>,
}

impl Peer {
    /// The id under which everybody is told of the person, in every event and every answer.
    #[must_use]
    pub fn public_id(&self) -> PeerId {
        PeerId::of(&self.id, self.identity.user_id.as_deref())
    }

    /// The name that others see: the person's own, or one made of the id, as the guide has it.
    #[must_use]
    pub fn name(&self) -> String {
        let name = self.identity.name.clone();
        name.unwrap_or_else(|| made_name(&self.id))
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
            peer_id: self.public_id(),
            kind: stream.kind,
            is_screen_share: stream.is_screen_share,
            paused: stream.paused,
        })
    }

    /// The peer as the one who does something.
    pub(super) fn as_doer(&self) -> By {
        By {
            by: self.name(),
            by_id: Some(self.public_id()),
        }
    }

    pub(super) fn as_sender(&self) -> Sender {
        let image_url = self.identity.image_url.clone();
        let image_url = image_url.filter(|url| url.len() <= MAX_SENDER_IMAGE);
        Sender {
            id: self.public_id(),
            name: self.name(),
            avatar_url: image_url.clone(),
            image_url,
        }
    }
}
