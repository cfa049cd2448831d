//! What can go wrong with a recording, each said in one sentence for a person that ends in what to do.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use confab_media_file::records::id::InvalidRoomName;

/// The oldest version of ffmpeg that knows all that is asked of it (`xstack` with `fill`, `scale` with times), as
/// Debian 11 has it.
pub(crate) const OLDEST_FFMPEG: FfmpegVersion = FfmpegVersion(4, 3);

/// A version of ffmpeg: major, minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FfmpegVersion(pub(super) u32, pub(super) u32);

impl fmt::Display for FfmpegVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.0, self.1)
    }
}

impl From<InvalidRoomName> for RecordingError {
    fn from(_: InvalidRoomName) -> Self {
        Self::RoomName
    }
}

/// A recording could not start, go on or be composed. `Display` is a sentence for a person.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The room's id does not fit into a file name.
    #[error("This room's name cannot be part of a file name: use letters, digits, dots, dashes and underscores.")]
    RoomName,
    /// The room's media cannot be taken in; the reason is for the log.
    #[error(
        "Confab cannot take in what this meeting sends: try again, and if that does not help, let everybody leave and come back."
    )]
    Media(String),
    /// The disk is full.
    #[error("The disk with {} is full: what was recorded so far is kept. Free some space, then start a new recording.", folder.display())]
    DiskFull {
        /// Where the recording was being written.
        folder: PathBuf,
    },
    /// The disk has too little room for a recording to start.
    #[error("The disk with {} has too little room left for a recording: free some space, then start it again.", folder.display())]
    NoRoom {
        /// Where the recording was to be written.
        folder: PathBuf,
    },
    /// The disk is so full that the recording must end while its files can be completed.
    #[error("The disk with {} is nearly full, so the recording was stopped: all of it up to then is kept. Free some space, then start a new recording.", folder.display())]
    NearlyFull {
        /// Where the recording was being written.
        folder: PathBuf,
    },
    /// The folder may not be written to.
    #[error("Recordings cannot be saved in {}, because writing there is not permitted: change the folder's permissions or choose another folder.", folder.display())]
    NotPermitted {
        /// Where the recording was to be written.
        folder: PathBuf,
    },
    /// The disk can only be read.
    #[error("Nothing can be written to the disk with {}, which can only be read: what is there stays. Make it writable or choose a folder on another disk, then start the recording again.", folder.display())]
    ReadOnly {
        /// Where the recording was to be written.
        folder: PathBuf,
    },
    /// There is no such folder, and none can be made.
    #[error("Recordings cannot be saved in {}, because there is no such folder: connect its disk or choose another folder, then start the recording again.", folder.display())]
    NoFolder {
        /// Where the recording was to be written.
        folder: PathBuf,
    },
    /// The folder went away.
    #[error("The folder {} is gone, and what was recorded there with it: start a new recording.", folder.display())]
    FolderGone {
        /// Where the recording was being written.
        folder: PathBuf,
    },
    /// Any other trouble with the file system.
    #[error("Recordings cannot be saved in {}, because {reason}: check the disk or choose another folder.", folder.display())]
    Storage {
        /// Where the recording was being written.
        folder: PathBuf,
        /// What is wrong, as part of a sentence.
        reason: &'static str,
    },
    /// The disk is full while the finished file is made.
    #[error("The tracks are kept, but the disk with {} is full, so they cannot be joined into one file: free some space, then choose Try again.", folder.display())]
    ComposingDiskFull {
        /// Where the file was being made.
        folder: PathBuf,
    },
    /// Any other trouble with the file system while the finished file is made.
    #[error("The tracks are kept, but they cannot be joined into one file in {}, because {reason}: put that right, then choose Try again.", folder.display())]
    ComposingStorage {
        /// Where the file was being made.
        folder: PathBuf,
        /// What is wrong, as part of a sentence.
        reason: &'static str,
    },
    /// Earlier recordings cannot be listed.
    #[error("The earlier recordings in {} cannot be listed, because {reason}: see to that folder or choose another one, then start Confab again.", folder.display())]
    Unlisted {
        /// The folder of all recordings.
        folder: PathBuf,
        /// What is wrong, as part of a sentence.
        reason: &'static str,
    },
    /// What an earlier recording consists of cannot be read.
    #[error("What belongs to this recording cannot be read in {}, because {reason}: put that right, then choose Try again.", folder.display())]
    Unread {
        /// The recording's folder.
        folder: PathBuf,
        /// What is wrong, as part of a sentence.
        reason: &'static str,
    },
    /// There is no such recording.
    #[error("This recording is no longer there.")]
    NoRecording,
    /// The folder of recordings cannot change now.
    #[error("A recording runs or is being put together: change the folder when that is over.")]
    Busy,
    /// A recording's files cannot get another name, and why, as part of a sentence.
    #[error(
        "The recording's files cannot be renamed, because {0}: put that right and close the programs that have them open, then try again."
    )]
    NotRenamed(&'static str),
    /// A recording cannot be moved to the bin.
    #[error("The recording in {} cannot be moved to the bin: delete it there by hand.", folder.display())]
    NotDeleted {
        /// The recording's folder.
        folder: PathBuf,
    },
    /// A recording is in no state for what was asked.
    #[error("This recording cannot be composed now: {0}.")]
    NotComposable(&'static str),
    /// ffmpeg is not there.
    #[error(
        "The tracks are kept, but joining them into one file needs ffmpeg: {}, then choose Try again.",
        install_hint()
    )]
    FfmpegMissing,
    /// ffmpeg is too old.
    #[error(
        "The tracks are kept, but the ffmpeg found here (version {found}) is too old: install version {} or newer, then choose Try again.",
        OLDEST_FFMPEG
    )]
    FfmpegOld {
        /// Its version.
        found: String,
    },
    /// ffmpeg lacks an encoder or a filter that composing needs.
    #[error("The tracks are kept, but the ffmpeg found here cannot write {format} files ({reason}): {hint}, or export another kind of file, then choose Try again.", hint = install_hint())]
    FfmpegLimited {
        /// What kind of file was wanted.
        format: &'static str,
        /// What it lacks.
        reason: String,
    },
    /// ffmpeg failed; the reason is for the log.
    #[error(
        "The tracks are kept, but ffmpeg failed to join them into one file: choose Try again, and if it fails once more, export another kind of file or install the newest ffmpeg."
    )]
    Ffmpeg(String),
    /// Something ended ffmpeg before it was done.
    #[error(
        "The tracks are kept, but ffmpeg was ended before it had joined them into one file, as happens where memory runs out: close other programs, then choose Try again."
    )]
    FfmpegEnded,
    /// Sound alone was wanted, and there is none.
    #[error(
        "Nobody was to be heard while this recording ran, so there is no sound to export: choose a kind of file with a picture."
    )]
    NoSound,
    /// Not a single frame arrived.
    #[error("Nothing was sent while this recording ran, so there is nothing to keep.")]
    Nothing,
}

impl RecordingError {
    /// Names what an I/O error means for the recording in `folder`.
    pub(crate) fn from_io(error: &io::Error, folder: &Path) -> Self {
        let folder = folder.to_path_buf();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { folder },
            io::ErrorKind::PermissionDenied => Self::NotPermitted { folder },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { folder },
            io::ErrorKind::NotFound => Self::FolderGone { folder },
            _ => Self::Storage {
                folder,
                reason: in_words(error),
            },
        }
    }

    /// Names what an I/O error means for a recording that is to start in the folder `root`.
    pub(crate) fn from_starting_io(error: &io::Error, root: &Path) -> Self {
        let folder = root.to_path_buf();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoRoom { folder },
            // One in whose place there is something else, or a link to where nothing is.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
                Self::NoFolder { folder }
            }
            _ => Self::from_io(error, root),
        }
    }

    /// Names what an I/O error means for the finished file that is being made in `folder`.
    pub(crate) fn from_composing_io(error: &io::Error, folder: &Path) -> Self {
        let folder = folder.to_path_buf();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::ComposingDiskFull { folder },
            io::ErrorKind::NotFound => Self::FolderGone { folder },
            _ => Self::ComposingStorage {
                folder,
                reason: in_words(error),
            },
        }
    }

    /// Names what kept the recordings in the folder `root` from being listed.
    pub(super) fn unlisted(error: &io::Error, root: &Path) -> Self {
        Self::Unlisted {
            folder: root.to_path_buf(),
            reason: in_words(error),
        }
    }

    /// Names what kept the recording in `folder` from being read.
    pub(super) fn unread(error: &io::Error, folder: &Path) -> Self {
        Self::Unread {
            folder: folder.to_path_buf(),
            reason: in_words(error),
        }
    }

    /// Names what kept a recording's files from being renamed.
    pub(super) fn not_renamed(error: &io::Error) -> Self {
        Self::NotRenamed(in_words(error))
    }

    /// The sentence for guests, who are not to learn where the owner keeps things and cannot change it either.
    #[must_use]
    pub fn for_guests(&self) -> String {
        let why = match self {
            Self::DiskFull { .. } | Self::ComposingDiskFull { .. } | Self::NoRoom { .. } | Self::NearlyFull { .. } => {
                "the disk of the host's computer is full"
            }
            Self::NotPermitted { .. }
            | Self::ReadOnly { .. }
            | Self::NoFolder { .. }
            | Self::FolderGone { .. }
            | Self::Storage { .. }
            | Self::ComposingStorage { .. }
            | Self::Unlisted { .. }
            | Self::Unread { .. }
            | Self::NotDeleted { .. } => "the host's computer cannot save it",
            Self::RoomName
            | Self::Media(_)
            | Self::NotComposable(_)
            | Self::NoRecording
            | Self::NoSound
            | Self::Busy
            | Self::NotRenamed(_)
            | Self::FfmpegMissing
            | Self::FfmpegOld { .. }
            | Self::FfmpegLimited { .. }
            | Self::Ffmpeg(_)
            | Self::FfmpegEnded
            | Self::Nothing => return self.to_string(),
        };
        format!("The recording cannot start, because {why}: ask whoever runs Confab to look at its window.")
    }
}

/// What is wrong, as part of a sentence for a person. The operating system's own words are for the log.
fn in_words(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "it is not there",
        io::ErrorKind::PermissionDenied => "that is not permitted",
        io::ErrorKind::ReadOnlyFilesystem => "its disk can only be read",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "its disk is full",
        io::ErrorKind::NotADirectory => "it is not a folder",
        io::ErrorKind::InvalidData => "it is damaged, or was written by a newer version of Confab",
        io::ErrorKind::TimedOut => "its disk does not answer",
        _ => "its disk reports a fault",
    }
}

/// How to come by ffmpeg, as part of a sentence.
pub(crate) fn install_hint() -> &'static str {
    if cfg!(target_os = "macos") {
        "install it with \"brew install ffmpeg\""
    } else if cfg!(target_os = "windows") {
        "install it with \"winget install ffmpeg\""
    } else {
        "install the package ffmpeg (on Debian and Ubuntu: sudo apt install ffmpeg)"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operating_systems_errors_become_sentences_with_a_way_out() {
        let folder = Path::new("/videos");
        let of = |kind: io::ErrorKind| RecordingError::from_io(&kind.into(), folder).to_string();
        assert!(of(io::ErrorKind::StorageFull).starts_with("The disk with /videos is full"));
        assert!(of(io::ErrorKind::PermissionDenied).contains("permissions"));
        assert!(of(io::ErrorKind::ReadOnlyFilesystem).contains("Make it writable"));
        assert!(of(io::ErrorKind::NotFound).contains("is gone"));
        assert!(of(io::ErrorKind::TimedOut).contains("check the disk"));
        let starting = |kind: io::ErrorKind| RecordingError::from_starting_io(&kind.into(), folder).to_string();
        assert!(starting(io::ErrorKind::StorageFull).contains("too little room"));
        assert!(starting(io::ErrorKind::NotFound).contains("connect its disk"));
        assert!(starting(io::ErrorKind::ReadOnlyFilesystem).contains("Make it writable"));
        let composing = |kind: io::ErrorKind| RecordingError::from_composing_io(&kind.into(), folder).to_string();
        assert!(composing(io::ErrorKind::StorageFull).ends_with("free some space, then choose Try again."));
        assert!(composing(io::ErrorKind::PermissionDenied).ends_with("put that right, then choose Try again."));
    }

    #[test]
    fn the_operating_systems_own_words_are_for_the_log() {
        // A fault of the disk, as Linux numbers it.
        let fault = io::Error::from_raw_os_error(5);
        let folder = Path::new("/videos");
        for error in [
            RecordingError::from_io(&fault, folder),
            RecordingError::from_starting_io(&fault, folder),
            RecordingError::from_composing_io(&fault, folder),
            RecordingError::unlisted(&fault, folder),
            RecordingError::unread(&fault, folder),
            RecordingError::not_renamed(&fault),
        ] {
            let sentence = error.to_string();
            assert!(sentence.contains("because its disk reports a fault: "), "{sentence}");
            assert!(!sentence.contains("os error"), "{sentence}");
        }
    }

    #[test]
    fn guests_learn_why_and_not_where() {
        for kind in [
            io::ErrorKind::StorageFull,
            io::ErrorKind::ReadOnlyFilesystem,
            io::ErrorKind::NotFound,
            io::ErrorKind::TimedOut,
        ] {
            let sentence = RecordingError::from_io(&kind.into(), Path::new("/videos")).for_guests();
            assert!(
                sentence.contains("host's computer") && !sentence.contains("/videos"),
                "{sentence}"
            );
        }
        assert!(RecordingError::RoomName.for_guests().contains("file name"));
    }

    #[test]
    fn the_oldest_ffmpeg_that_is_named_is_the_oldest_that_is_taken() {
        let found = "4.2".to_owned();
        let sentence = RecordingError::FfmpegOld { found }.to_string();
        assert!(sentence.contains("install version 4.3 or newer"), "{sentence}");
        assert_eq!(OLDEST_FFMPEG.to_string(), "4.3");
    }

    #[test]
    fn a_missing_ffmpeg_names_the_package() {
        assert!(RecordingError::FfmpegMissing.to_string().contains("ffmpeg"));
    }
}
