//! Where the files lie that people share: a folder of this run, in it one of each room, in that the files.
//!
//! Each is gone with its last handle. What a run left that was killed is removed at the next start.

mod failure;
mod storage;

pub use failure::FileFailure;
pub use storage::{Expected, FileStorage, RoomFolder, StoredFile};
