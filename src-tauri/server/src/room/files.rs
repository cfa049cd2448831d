//! Files for everybody: who may share one, how much all of them may take, and how long each is there.
//!
//! A file is offered, arrives, and is there from then on until the room ends or its message is forgotten. What is
//! offered counts as if it were there, so that many at once do not outgrow the room. Where the bytes lie is not known
//! here.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::file_name::tidied;
use super::{Effect, Now, Room, Seat};
use crate::wire::{Bound, ChatEntry, ChatMessage, FileId, Refusal, SharedFile};

/// How many files one person may be sending at once.
const MAX_AT_ONCE: usize = 4;
/// How long a file that was offered may take until its first byte comes.
const OFFER_COUNTS: Duration = Duration::from_secs(60);
/// The longest type kept, in bytes.
const MAX_KIND: usize = 100;

/// How much files may take, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct FileBounds {
    /// The most that hosts can allow for one.
    pub largest: u64,
    /// All files of a room together.
    pub in_room: u64,
}

impl Default for FileBounds {
    fn default() -> Self {
        Self {
            largest: 500 << 20,
            in_room: 1 << 30,
        }
    }
}

/// A file that somebody wants to share, as the client describes it.
#[derive(Debug, Clone)]
pub struct FileOffer {
    /// Its name.
    pub name: String,
    /// How long it is, in bytes.
    pub size: u64,
    /// What it holds, as `image/png`.
    pub kind: Option<String>,
}

/// The files of a room, in the order in which they were offered.
#[derive(Debug, Default)]
pub(super) struct Files(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    file: SharedFile,
    sender: Seat,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing came yet; given up then.
    Offered {
        until: Instant,
    },
    Arriving,
    There,
}

impl Files {
    fn take(&mut self, fits: impl Fn(&Entry) -> bool) -> Vec<Effect> {
        let gone = self.0.extract_if(.., |entry| fits(entry));
        gone.map(|entry| Effect::EndFile(entry.file.id)).collect()
    }

    fn entry(&mut self, id: &FileId) -> Option<&mut Entry> {
        self.0.iter_mut().find(|entry| entry.file.id == *id)
    }
}

impl Entry {
    fn is_on_its_way_from(&self, seat: Seat) -> bool {
        self.sender == seat && self.state != State::There
    }

    fn counts_until(&self) -> Option<Instant> {
        match self.state {
            State::Offered { until } => Some(until),
            State::Arriving | State::There => None,
        }
    }
}

impl Room {
    /// Takes in that a person wants to share a file; it may come from now on, under this id. Random, from outside.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] where hosts alone may write, [`Refusal::FilesOff`], [`Refusal::FileTooLarge`],
    /// [`Refusal::Limit`].
    pub fn offer_file(&mut self, seat: Seat, offer: FileOffer, id: FileId, now: Now) -> Result<SharedFile, Refusal> {
        if !self.peers.contains_key(&seat) {
            return Err(Refusal::PeerNotFound);
        }
        self.allows(seat, self.policy.chat_enabled)?;
        let most = self.policy.max_file_bytes;
        if most == 0 {
            return Err(Refusal::FilesOff);
        }
        if offer.size > most {
            return Err(Refusal::FileTooLarge(in_words(most)));
        }
        let files = &self.files.0;
        if files.iter().filter(|entry| entry.is_on_its_way_from(seat)).count() >= MAX_AT_ONCE {
            return Err(Bound::FilesAtOnce.into());
        }
        let taken: u64 = files.iter().map(|entry| entry.file.size).sum();
        if taken.saturating_add(offer.size) > self.settings.files.in_room {
            return Err(Bound::FilesOfRoom.into());
        }
        let file = SharedFile {
            name: tidied(&offer.name),
            size: offer.size,
            kind: offer.kind.filter(|kind| is_type(kind)),
            url: format!("/files/{}/{}", self.id, id.reveal()),
            id,
        };
        self.files.0.push(Entry {
            file: file.clone(),
            sender: seat,
            state: State::Offered {
                until: now.instant + OFFER_COUNTS,
            },
        });
        Ok(file)
    }

    /// Lets go of all files.
    pub(super) fn end_files(&mut self) -> Vec<Effect> {
        self.files.take(|_| true)
    }

    /// Takes in that an offered file begins to come, which it may once; returns how long it is, in bytes.
    pub fn file_arrives(&mut self, id: &FileId) -> Option<u64> {
        let entry = self.files.entry(id)?;
        entry.counts_until()?;
        entry.state = State::Arriving;
        Some(entry.file.size)
    }

    /// Takes in that a file has come as a whole: everybody is told. None if it is not waited for any more.
    pub fn file_arrived(&mut self, id: &FileId, now: Now) -> Option<Vec<Effect>> {
        let entry = self.files.entry(id).filter(|entry| entry.state == State::Arriving)?;
        entry.state = State::There;
        let (seat, file) = (entry.sender, entry.file.clone());
        let peer = self.peers.get(&seat)?;
        let message = ChatMessage {
            id: file.id.reveal().to_owned(),
            text: self.words_for(&file),
            created_at: self.chat.time(now),
            sender: peer.as_sender(),
            file: Some(file),
            reply_to: None,
            reactions: BTreeMap::new(),
            pinned: false,
        };
        let entry = ChatEntry {
            socket_id: peer.id.clone(),
            message,
        };
        Some(self.said(entry))
    }

    /// Takes in that a file did not come.
    pub fn file_failed(&mut self, id: &FileId) -> Vec<Effect> {
        self.files
            .take(|entry| entry.file.id == *id && entry.state != State::There)
    }

    /// A file that is there.
    #[must_use]
    pub fn file(&self, id: &FileId) -> Option<&SharedFile> {
        let is_meant = |entry: &&Entry| entry.file.id == *id && entry.state == State::There;
        self.files.0.iter().find(is_meant).map(|entry| &entry.file)
    }

    /// How many files are there, and how many bytes they have together.
    #[must_use]
    pub fn files(&self) -> (usize, u64) {
        let there = self.files.0.iter().filter(|entry| entry.state == State::There);
        there.fold((0, 0), |(count, bytes), entry| (count + 1, bytes + entry.file.size))
    }

    /// Ends what a person is sending: they left.
    pub(super) fn end_files_on_their_way(&mut self, seat: Seat) -> Vec<Effect> {
        self.files.take(|entry| entry.is_on_its_way_from(seat))
    }

    /// Ends what a person is sending, if they may not any more.
    pub(super) fn end_forbidden_files(&mut self, seat: Seat) -> Vec<Effect> {
        if self.policy.max_file_bytes > 0 && self.allows(seat, self.policy.chat_enabled).is_ok() {
            return Vec::new();
        }
        self.end_files_on_their_way(seat)
    }

    /// Ends what is there, as its message is forgotten.
    pub(super) fn forget_file(&mut self, id: &FileId) -> Vec<Effect> {
        self.files.take(|entry| entry.file.id == *id)
    }

    /// When the next offer is to be given up.
    pub(super) fn next_offer_expiry(&self) -> Option<Instant> {
        self.files.0.iter().filter_map(Entry::counts_until).min()
    }

    /// Gives up the offers whose time is over.
    pub(super) fn expire_offers(&mut self, now: Now) -> Vec<Effect> {
        self.files
            .take(|entry| entry.counts_until().is_some_and(|until| until <= now.instant))
    }

    /// A message about a file for who knows of no files: they can follow its link.
    fn words_for(&self, file: &SharedFile) -> String {
        let server = self.link.rsplit_once("/r/").map_or("", |(server, _)| server);
        format!("{} ({}) {server}{}", file.name, in_words(file.size), file.url)
    }
}

/// Whether this is the name of a type, as `image/png`.
fn is_type(kind: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
    let is_name = |part: &str| !part.is_empty() && part.bytes().all(is_plain);
    kind.len() <= MAX_KIND
        && kind
            .split_once('/')
            .is_some_and(|(class, name)| is_name(class) && is_name(name))
}

/// A number of bytes for people: `1.5 MB`, a MB being 1,048,576 of them.
pub(crate) fn in_words(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..1_024 => return format!("{bytes} B"),
        1_024..0x0010_0000 => (1_024, "KB"),
        0x0010_0000..0x4000_0000 => (1 << 20, "MB"),
        _ => (1 << 30, "GB"),
    };
    let tenths = bytes.saturating_mul(10) / unit;
    match (tenths / 10, tenths % 10) {
        (whole @ 0..10, tenth @ 1..) => format!("{whole}.{tenth} {name}"),
        (whole, _) => format!("{whole} {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_briefly() {
        for (bytes, words) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1 KB"),
            (1_536, "1.5 KB"),
            (50 << 20, "50 MB"),
            ((50 << 20) - 1, "49 MB"),
            (3 << 30, "3 GB"),
            (u64::MAX, "1717986918 GB"),
        ] {
            assert_eq!(in_words(bytes), words);
        }
    }

    #[test]
    fn a_type_is_two_names() {
        for (kind, is_good) in [
            ("image/png", true),
            ("application/vnd.ms-excel.sheet.macroEnabled.12", true),
            ("text/html; charset=utf-8", false),
            ("png", false),
            ("image/", false),
            ("a/b/c", false),
            ("text/\r\nx", false),
        ] {
            assert_eq!(is_type(kind), is_good, "{kind}");
        }
    }
}
