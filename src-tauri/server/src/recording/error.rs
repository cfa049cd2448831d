//! What can go wrong with a recording, each said in one sentence for a person that ends in what to do.

use std::io;
use std::path::{Path, PathBuf};

/// A recording could not start, go on or be composed. `Display` is a sentence for a person.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The room's id does not fit into a file name.
    #[error("This room's name cannot be part of a file name: use letters, digits, dots, dashes and underscores.")]
    RoomName,
    /// The recorder could not be attached to the room's media.
    #[error("The recorder could not join the meeting ({0}): stop the recording and start it again.")]
    Media(String),
    /// The disk is full.
    #[error("The disk with {} is full: what was recorded so far is kept. Free some space, then start a new recording.", folder.display())]
    DiskFull {
        /// Where the recording was being written.
        folder: PathBuf,
    },
    /// The folder may not be written to.
    #[error("Recordings cannot be saved in {}, because writing there is not permitted: change the folder's permissions or choose another folder.", folder.display())]
    NotPermitted {
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
    #[error("Recordings cannot be saved in {} ({reason}): check the disk or choose another folder.", folder.display())]
    Storage {
        /// Where the recording was being written.
        folder: PathBuf,
        /// The operating system's words.
        reason: String,
    },
    /// There is no such recording, or it is in no state for what was asked.
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
        "The tracks are kept, but the ffmpeg found here (version {0}) is too old: install version 4.4 or newer, then choose Try again."
    )]
    FfmpegOld(String),
    /// ffmpeg lacks an encoder or a filter that composing needs.
    #[error("The tracks are kept, but the ffmpeg found here cannot write WebM ({0}): {hint}, then choose Try again.", hint = install_hint())]
    FfmpegLimited(String),
    /// ffmpeg failed.
    #[error("The tracks are kept, but joining them into one file failed ({0}): choose Try again.")]
    Ffmpeg(String),
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
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::NotPermitted { folder },
            io::ErrorKind::NotFound => Self::FolderGone { folder },
            _ => Self::Storage {
                folder,
                reason: error.to_string(),
            },
        }
    }
}

fn install_hint() -> &'static str {
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
        assert!(of(io::ErrorKind::ReadOnlyFilesystem).contains("permissions"));
        assert!(of(io::ErrorKind::NotFound).contains("is gone"));
        assert!(of(io::ErrorKind::TimedOut).contains("check the disk"));
    }

    #[test]
    fn a_missing_ffmpeg_names_the_package() {
        assert!(RecordingError::FfmpegMissing.to_string().contains("ffmpeg"));
    }
}
