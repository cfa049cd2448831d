//! The folders and files themselves. Nothing is made before the first file comes, so a full disk hinders no start.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::{NamedTempFile, TempDir, TempPath};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tracing::{error, warn};

use super::FileFailure;
use crate::problems::{Problems, Subject};

/// The folder inside the data folder.
const FOLDER: &str = "files";
/// What the folders of runs begin with.
const RUN: &str = "run-";
/// Held by each program that uses the folder.
const LOCK: &str = "lock";

/// Where this run's files lie.
#[derive(Debug)]
pub struct FileStorage {
    folder: PathBuf,
    /// How much of the disk files leave free, in bytes: recordings need it more.
    keep_free: u64,
    /// How many bytes are still to come of files that have begun.
    expected: Arc<AtomicU64>,
    problems: Problems,
    run: OnceCell<TempDir>,
    _in_use: Option<File>,
}

impl FileStorage {
    /// Opens the storage in this data folder, removing what earlier runs left there unless another one still runs.
    pub async fn open(data_dir: &Path, keep_free: u64, problems: Problems) -> Arc<Self> {
        let folder = data_dir.join(FOLDER);
        let path = folder.clone();
        let cleaned = spawn_blocking(move || clean(&path)).await.map_err(io::Error::other);
        let in_use = cleaned.flatten().inspect_err(|error| {
            warn!(%error, folder = %folder.display(), "what earlier meetings left cannot be looked through");
        });
        Arc::new(Self {
            folder,
            keep_free,
            expected: Arc::default(),
            problems,
            run: OnceCell::new(),
            _in_use: in_use.ok(),
        })
    }

    /// A place for the files of one room.
    #[must_use]
    pub fn room(self: &Arc<Self>) -> Arc<RoomFolder> {
        Arc::new(RoomFolder {
            folder: OnceCell::new(),
            storage: Arc::clone(self),
        })
    }

    /// Removes everything, even what is being read.
    pub async fn close(&self) {
        if let Some(run) = self.run.get().map(|run| run.path().to_owned()) {
            let removed = spawn_blocking(move || fs::remove_dir_all(run)).await;
            if let Err(error) = removed.map_err(io::Error::other).flatten() {
                warn!(%error, "the files of the meetings cannot be removed now; the next start does it");
            }
        }
    }

    async fn run(&self) -> io::Result<&Path> {
        let make = || {
            let folder = self.folder.clone();
            blocking(move || {
                fs::create_dir_all(&folder)?;
                private_folder(&folder)
            })
        };
        self.run.get_or_try_init(make).await.map(TempDir::path)
    }

    /// Tells the owner what is the matter with the disk, or with none that nothing is.
    fn tell(&self, failure: Option<&FileFailure>) {
        let sentence = failure.and_then(|failure| failure.for_owner(&self.folder));
        if let (Some(failure), true) = (failure, self.problems.set(Subject::Files, sentence)) {
            error!(?failure, folder = %self.folder.display(), "a file cannot be saved");
        }
    }
}

/// The files of one room.
#[derive(Debug)]
pub struct RoomFolder {
    folder: OnceCell<TempDir>,
    storage: Arc<FileStorage>,
}

impl RoomFolder {
    /// Makes a file that will have so many bytes; readable by the owner of the machine alone. Its space is kept for it
    /// as long as what comes is held.
    ///
    /// # Errors
    /// [`FileFailure::DiskFull`], [`FileFailure::Disk`].
    pub async fn create(self: &Arc<Self>, bytes: u64) -> Result<(StoredFile, File, Expected), FileFailure> {
        let expected = Expected::new(&self.storage.expected, bytes);
        let made = self.make().await.map_err(FileFailure::from);
        let (file, path) = made.inspect_err(|failure| self.tell(failure))?.into_parts();
        let stored = StoredFile {
            path,
            _room: Arc::clone(self),
        };
        Ok((stored, file, expected))
    }

    /// Says that a file was saved, or why not.
    pub fn tell_saved(&self) {
        self.storage.tell(None);
    }

    /// Says why a file was not saved, if the owner of the machine can do something about it.
    pub fn tell(&self, failure: &FileFailure) {
        if matches!(failure, FileFailure::DiskFull | FileFailure::Disk(_)) {
            self.storage.tell(Some(failure));
        }
    }

    async fn make(&self) -> io::Result<NamedTempFile> {
        let make = || async {
            let run = self.storage.run().await?.to_owned();
            blocking(move || private_folder(&run)).await
        };
        let folder = self.folder.get_or_try_init(make).await?.path().to_owned();
        let expected = self.storage.expected.load(Ordering::Relaxed);
        let needed = expected.saturating_add(self.storage.keep_free);
        blocking(move || {
            if free(&folder)?.is_some_and(|free| free < needed) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            NamedTempFile::new_in(&folder)
        })
        .await
    }
}

/// So many bytes are to come, which no other file can have.
#[derive(Debug)]
pub struct Expected {
    all: Arc<AtomicU64>,
    bytes: u64,
}

impl Expected {
    fn new(all: &Arc<AtomicU64>, bytes: u64) -> Self {
        all.fetch_add(bytes, Ordering::Relaxed);
        Self {
            all: Arc::clone(all),
            bytes,
        }
    }
}

impl Drop for Expected {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// A file that lies on the disk until its last handle is gone.
#[derive(Debug)]
pub struct StoredFile {
    path: TempPath,
    /// After the file, as only an empty folder can be removed at once.
    _room: Arc<RoomFolder>,
}

impl StoredFile {
    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Makes the folder and removes what lies in it from earlier runs; the lock tells others that this run uses it.
fn clean(folder: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let lock = File::create(folder.join(LOCK))?;
    if lock.try_lock().is_ok() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(RUN.as_bytes()) {
                fs::remove_dir_all(entry.path())?;
            }
        }
        lock.unlock()?;
    }
    lock.lock_shared()?;
    Ok(lock)
}

fn private_folder(parent: &Path) -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(RUN);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir_in(parent)
}

/// How much room the disk with this folder has for this user, in bytes, where the system tells.
#[cfg(unix)]
#[allow(clippy::useless_conversion, reason = "the numbers have other types on other systems")]
fn free(folder: &Path) -> io::Result<Option<u64>> {
    let disk = nix::sys::statvfs::statvfs(folder)?;
    Ok(Some(
        u64::from(disk.blocks_available()).saturating_mul(disk.fragment_size().into()),
    ))
}

#[cfg(not(unix))]
fn free(_folder: &Path) -> io::Result<Option<u64>> {
    Ok(None)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn lying_in(folder: &Path) -> usize {
        let is_run = |entry: &fs::DirEntry| entry.file_name() != LOCK;
        fs::read_dir(folder.join(FOLDER)).map_or(0, |entries| entries.flatten().filter(is_run).count())
    }

    async fn open(data: &Path) -> Arc<FileStorage> {
        FileStorage::open(data, 0, Problems::default()).await
    }

    #[tokio::test]
    async fn a_file_is_gone_with_its_last_handle_and_a_room_with_its_last_file() {
        let data = tempfile::tempdir().unwrap();
        let storage = open(data.path()).await;
        let room = storage.room();
        let (stored, mut file, _) = room.create(5).await.unwrap();
        file.write_all(b"hello").unwrap();
        let (path, folder) = (stored.path().to_owned(), stored.path().parent().unwrap().to_owned());
        assert_eq!(fs::read(&path).unwrap(), b"hello");
        let (stored, reader) = (Arc::new(stored), room);
        let other = Arc::clone(&stored);
        drop((stored, reader));
        assert!(path.exists(), "somebody reads it");
        drop(other);
        assert!(!path.exists() && !folder.exists());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_on_this_computer_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;

        let data = tempfile::tempdir().unwrap();
        let (stored, ..) = open(data.path()).await.room().create(0).await.unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(stored.path()), 0o600);
        assert_eq!(mode(stored.path().parent().unwrap()), 0o700);
    }

    #[tokio::test]
    async fn what_a_killed_run_left_is_removed_unless_another_one_runs() {
        let data = tempfile::tempdir().unwrap();
        let left = data.path().join(FOLDER).join("run-left");
        fs::create_dir_all(&left).unwrap();
        fs::write(left.join("a"), "x").unwrap();
        fs::write(data.path().join(FOLDER).join("of-others"), "x").unwrap();
        let first = open(data.path()).await;
        assert_eq!(lying_in(data.path()), 1, "what is not ours stays");
        let (_stored, ..) = first.room().create(0).await.unwrap();
        assert_eq!(lying_in(data.path()), 2);
        let second = open(data.path()).await;
        assert_eq!(lying_in(data.path()), 2, "the first one still runs");
        first.close().await;
        assert_eq!(lying_in(data.path()), 1);
        drop((first, second));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn files_that_come_at_once_do_not_count_on_the_same_space() {
        let data = tempfile::tempdir().unwrap();
        let storage = open(data.path()).await;
        let most = free(data.path()).unwrap().unwrap() / 5 * 3;
        let first = storage.room().create(most).await.unwrap();
        let refused = storage.room().create(most).await.unwrap_err();
        assert!(matches!(refused, FileFailure::DiskFull));
        storage.room().create(1).await.unwrap();
        drop(first);
        storage.room().create(most).await.unwrap();
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_part_of_the_disk_is_kept_free_and_the_owner_told() {
        let data = tempfile::tempdir().unwrap();
        let problems = Problems::default();
        let storage = FileStorage::open(data.path(), u64::MAX, problems.clone()).await;
        let refused = storage.room().create(1).await.unwrap_err();
        assert!(matches!(refused, FileFailure::DiskFull));
        let told = problems.sentences().remove(0);
        assert!(told.contains("too full") && told.contains(FOLDER), "{told}");
        storage.room().tell_saved();
        assert!(problems.sentences().is_empty());
    }
}
