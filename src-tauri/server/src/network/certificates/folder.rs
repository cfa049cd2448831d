//! The folder that holds the certificates: its rights, and files that are either whole or not there.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use super::CertificateError;

/// A folder that its owner alone may enter.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Opens the folder, making it (and those above it) if need be.
    pub(super) fn open(path: PathBuf) -> Result<Self, CertificateError> {
        fs::create_dir_all(&path)
            .and_then(|()| restrict(&path, 0o700))
            .map_err(|source| CertificateError::Write {
                path: path.clone(),
                source,
            })?;
        Ok(Self(path))
    }

    /// Where the folder is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Where a file of that name is or would be.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// What the file holds; `None` if there is no such file. Rights that are too wide are narrowed.
    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, CertificateError> {
        let path = self.file(name);
        match fs::read(&path) {
            Ok(content) => {
                if let Err(error) = restrict(&path, 0o600) {
                    tracing::warn!(path = %path.display(), %error, "others may be able to read this key");
                }
                Ok(Some(content))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(CertificateError::Read { path, source }),
        }
    }

    /// Writes a new file; answers `false`, and leaves what is there, if the file exists already.
    pub(super) fn create(&self, name: &str, content: &str) -> Result<bool, CertificateError> {
        let path = self.file(name);
        let written = self
            .written(content)
            .and_then(|file| match file.persist_noclobber(&path) {
                Ok(_) => Ok(true),
                Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
                Err(refused) => Err(refused.error),
            });
        written.map_err(|source| CertificateError::Write { path, source })
    }

    /// Writes a file in the place of the old one, if there is one.
    pub(super) fn replace(&self, name: &str, content: &str) -> Result<(), CertificateError> {
        let path = self.file(name);
        let written = self.written(content).and_then(|file| match file.persist(&path) {
            Ok(_) => Ok(()),
            Err(refused) => Err(refused.error),
        });
        written.map_err(|source| CertificateError::Write { path, source })
    }

    /// A complete file under a passing name, on the disk and readable by the owner alone (`tempfile` makes it so).
    fn written(&self, content: &str) -> io::Result<tempfile::NamedTempFile> {
        let mut file = tempfile::NamedTempFile::new_in(&self.0)?;
        file.write_all(content.as_bytes())?;
        file.as_file().sync_all()?;
        Ok(file)
    }
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
