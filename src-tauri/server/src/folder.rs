//! A folder with files that hold keys: readable by the owner alone, and either whole or not there.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

/// How many files of one name can be put aside.
const MAX_ASIDE: u32 = 1_000;

/// A file or folder that could not be used.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub(crate) struct FolderError {
    /// What was tried.
    pub(crate) attempt: Attempt,
    /// The file or folder.
    pub(crate) path: PathBuf,
    /// What the system said.
    pub(crate) source: io::Error,
}

/// What was tried with a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attempt {
    Read,
    Write,
}

impl Attempt {
    fn at(self, path: PathBuf) -> impl FnOnce(io::Error) -> FolderError {
        move |source| FolderError {
            attempt: self,
            path,
            source,
        }
    }
}

/// A folder.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Opens the folder, making it (and those above it) if need be.
    pub(crate) fn open(path: PathBuf) -> Result<Self, FolderError> {
        fs::create_dir_all(&path).map_err(Attempt::Write.at(path.clone()))?;
        Ok(Self(path))
    }

    /// As [`Self::open`], for a folder that its owner alone may enter.
    pub(crate) fn open_private(path: PathBuf) -> Result<Self, FolderError> {
        let folder = Self::open(path)?;
        restrict(&folder.0, 0o700).map_err(Attempt::Write.at(folder.0.clone()))?;
        Ok(folder)
    }

    /// Where the folder is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Where a file of that name is or would be.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// What the file holds; `None` if there is no such file. Rights that are too wide are narrowed.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, FolderError> {
        let path = self.file(name);
        match fs::read(&path) {
            Ok(content) => {
                if let Err(error) = restrict(&path, 0o600) {
                    tracing::warn!(path = %path.display(), %error, "others may be able to read this key");
                }
                Ok(Some(content))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Attempt::Read.at(path)(source)),
        }
    }

    /// Writes a new file; answers `false`, and leaves what is there, if the file exists already.
    pub(crate) fn create(&self, name: &str, content: &str) -> Result<bool, FolderError> {
        let path = self.file(name);
        let written = self
            .written(content)
            .and_then(|file| match file.persist_noclobber(&path) {
                Ok(_) => Ok(true),
                Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
                Err(refused) => Err(refused.error),
            });
        written.map_err(Attempt::Write.at(path))
    }

    /// Writes a file in the place of the old one, if there is one.
    pub(crate) fn replace(&self, name: &str, content: &str) -> Result<(), FolderError> {
        let path = self.file(name);
        let written = self.written(content).and_then(|file| match file.persist(&path) {
            Ok(_) => sync(&self.0),
            Err(refused) => Err(refused.error),
        });
        written.map_err(Attempt::Write.at(path))
    }

    /// Puts a file aside that cannot be used, so that nothing is written over it; answers where it is now.
    pub(crate) fn put_aside(&self, name: &str) -> Result<PathBuf, FolderError> {
        let names = (1..MAX_ASIDE).map(|number| self.file(&format!("{name}.broken-{number}")));
        let free = names.into_iter().find(|path| !path.exists());
        let aside = free.unwrap_or_else(|| self.file(&format!("{name}.broken")));
        fs::rename(self.file(name), &aside).map_err(Attempt::Write.at(aside.clone()))?;
        Ok(aside)
    }

    /// A complete file under a passing name, on the disk and readable by the owner alone (`tempfile` makes it so).
    fn written(&self, content: &str) -> io::Result<tempfile::NamedTempFile> {
        let mut file = tempfile::NamedTempFile::new_in(&self.0)?;
        file.write_all(content.as_bytes())?;
        file.as_file().sync_all()?;
        Ok(file)
    }
}

/// Makes the folder's entries last, the new name of a file among them. Elsewhere than on Unix the system sees to that.
#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Gives the path exactly these rights. On Windows the data folder is inside the user's profile, which others cannot enter.
#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    if fs::metadata(path)?.permissions().mode() & 0o777 == mode {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn restrict(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}
