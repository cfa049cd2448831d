//! Why a file did not arrive, each in one sentence for the person who sent it.

use std::io;
use std::path::Path;

use crate::wire::Bound;

/// A file could not be taken in. `Display` is a sentence for its sender.
#[derive(Debug, thiserror::Error)]
pub enum FileFailure {
    /// Nobody waits for it: it was never offered, has come before, or its time is over.
    #[error("This file is not waited for any more; share it again")]
    NotWaitedFor,
    /// The room ended it: its sender left or may not share files any more, or everybody is gone.
    #[error("The file was stopped, because it cannot be shared here any more")]
    Stopped,
    /// More came than was offered.
    #[error("The file has grown since it was chosen; share it again")]
    TooLong,
    /// Less came than was offered.
    #[error("The file did not arrive whole; share it again")]
    TooShort,
    /// This device shared too much lately.
    #[error(transparent)]
    TooMuch(#[from] Bound),
    /// Nothing came for a while.
    #[error("Nothing more of the file arrived; check the connection and share it again")]
    Stalled,
    /// The disk is full.
    #[error("The disk of the host's computer is full; ask the host to free some space, then share it again")]
    DiskFull,
    /// Any other trouble with the disk.
    #[error("The host's computer cannot save the file; tell the host")]
    Disk(#[source] io::Error),
}

impl FileFailure {
    /// The failure's kind in one word, for counting.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotWaitedFor => "not_waited_for",
            Self::Stopped => "stopped",
            Self::TooLong => "too_long",
            Self::TooShort => "too_short",
            Self::TooMuch(bound) => bound.kind(),
            Self::Stalled => "stalled",
            Self::DiskFull => "disk_full",
            Self::Disk(_) => "disk",
        }
    }

    /// What the owner of the machine is told, where they can do something about it.
    pub(super) fn for_owner(&self, folder: &Path) -> Option<String> {
        let folder = folder.display();
        match self {
            Self::DiskFull => Some(format!(
                "The disk with {folder} is too full for the files that people share in meetings: free some space."
            )),
            Self::Disk(error) => Some(format!(
                "Files that people share in meetings cannot be saved in {folder} ({error}): see to that folder or \
                 choose another with --data."
            )),
            _ => None,
        }
    }
}

impl From<io::Error> for FileFailure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Disk(error),
        }
    }
}
