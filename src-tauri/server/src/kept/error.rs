//! Why the owner's settings cannot be used or changed, in sentences for them.

use std::io;
use std::path::PathBuf;

use crate::folder::{Attempt, FolderError};
use crate::wire::{Refusal, RoomId};

/// Why something about rooms made ahead was not done, as a sentence for a person.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// The file is there and cannot be read.
    #[error("Confab cannot read its settings in {} ({source}): give yourself the right to read that file.", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("Confab cannot keep its settings in {} ({source}): what you change lasts until Confab is closed. Make sure that the disk has space and that you may write there.", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file was not what Confab wrote.
    #[error("The settings in {} could not be understood ({reason}) and are in {} now: rooms made ahead and their host links are missing until you mend that file and put it back, or make them anew.", path.display(), aside.display())]
    Broken {
        /// Where the file was.
        path: PathBuf,
        /// Where it is now.
        aside: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No room of that id is kept or open.
    #[error("This room is not there any more.")]
    NoRoom,
    /// A room of that id is kept already.
    #[error("There is a room with the link …/r/{0} already: choose another name for the link.")]
    Taken(RoomId),
    /// No more rooms can be made ahead.
    #[error("No more rooms can be made ahead: delete one that you do not need first.")]
    TooMany,
    /// The default room cannot be deleted.
    #[error("The main room cannot be deleted: start Confab with --room to have another one.")]
    DefaultRoom,
    /// The start said whether guests may make rooms.
    #[error(
        "Confab was started with --guests-make-rooms or CONFAB_GUESTS_MAKE_ROOMS: start it without to use this switch."
    )]
    Fixed,
    /// The room's rules say no.
    #[error("{0}.")]
    Refused(#[from] Refusal),
}

impl From<FolderError> for KeptError {
    fn from(error: FolderError) -> Self {
        let FolderError { attempt, path, source } = error;
        match attempt {
            Attempt::Read => Self::Read { path, source },
            Attempt::Write => Self::Write { path, source },
        }
    }
}
