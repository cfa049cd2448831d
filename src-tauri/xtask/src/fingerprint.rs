//! What a piece of work depended on when it was last done, so that it is done again only when that has changed.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::project;

/// A hash over the names and contents of files, and over words.
#[derive(Default)]
pub(crate) struct Fingerprint(DefaultHasher);

impl Fingerprint {
    /// Adds something that the work depends on and that is no file.
    pub(crate) fn word(mut self, word: &str) -> Self {
        word.hash(&mut self.0);
        self
    }

    /// Adds one file, or every file below a folder but for folders with a name in `except`. What is not there counts
    /// as not there.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(crate) fn files(mut self, path: &Path, except: &[&str]) -> Result<Self> {
        let mut files = Vec::new();
        list(path, except, &mut files).with_context(|| format!("cannot read {}", path.display()))?;
        files.sort();
        for file in files {
            let content = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            file.strip_prefix(path).unwrap_or(&file).hash(&mut self.0);
            content.hash(&mut self.0);
        }
        Ok(self)
    }

    /// The hash, in hexadecimal.
    pub(crate) fn finish(self) -> String {
        format!("{:016x}", self.0.finish())
    }
}

fn list(path: &Path, except: &[&str], files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_file() {
        files.push(path.to_path_buf());
    } else if path.is_dir() {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            if !except.iter().any(|name| entry.file_name() == *name) {
                list(&entry.path(), except, files)?;
            }
        }
    }
    Ok(())
}

/// A file that remembers the fingerprint of work that was done.
pub(crate) struct Stamp(PathBuf);

impl Stamp {
    /// The stamp of the work called `name`; slashes in it are fine.
    pub(crate) fn new(name: &str) -> Self {
        Self(project::memory().join(format!("{}.stamp", name.replace('/', "-"))))
    }

    /// Whether the work was last done with this fingerprint.
    pub(crate) fn holds(&self, fingerprint: &str) -> bool {
        fs::read_to_string(&self.0).is_ok_and(|held| held == fingerprint)
    }

    /// Remembers that the work was done.
    ///
    /// # Errors
    /// When the stamp cannot be written.
    pub(crate) fn set(&self, fingerprint: &str) -> Result<()> {
        self.write(fingerprint)
            .with_context(|| format!("cannot write {}", self.0.display()))
    }

    /// Forgets the work, if it was ever remembered.
    pub(crate) fn clear(&self) {
        let _ = fs::remove_file(&self.0);
    }

    fn write(&self, fingerprint: &str) -> io::Result<()> {
        if let Some(folder) = self.0.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.0, fingerprint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of this test alone, removed at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("confab-xtask-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).expect("makes a folder");
            Self(path)
        }

        fn write(&self, name: &str, content: &str) {
            let path = self.0.join(name);
            fs::create_dir_all(path.parent().expect("is below the folder")).expect("makes a folder");
            fs::write(path, content).expect("writes");
        }

        fn fingerprint(&self) -> String {
            Fingerprint::default()
                .files(&self.0, &["node_modules"])
                .expect("reads")
                .finish()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn changes_with_contents_names_and_nothing_else() {
        let folder = Folder::new("fingerprint");
        folder.write("src/a.ts", "one");
        let first = folder.fingerprint();
        assert_eq!(folder.fingerprint(), first);
        folder.write("node_modules/b.js", "left out");
        assert_eq!(folder.fingerprint(), first);
        folder.write("src/a.ts", "two");
        let second = folder.fingerprint();
        assert_ne!(second, first);
        fs::rename(folder.0.join("src/a.ts"), folder.0.join("src/b.ts")).expect("renames");
        assert_ne!(folder.fingerprint(), second);
    }

    #[test]
    fn a_missing_file_is_an_answer_and_a_word_counts() {
        let missing = Path::new("no/such/folder");
        let without = Fingerprint::default().files(missing, &[]).expect("is fine").finish();
        assert_eq!(without, Fingerprint::default().finish());
        assert_ne!(without, Fingerprint::default().word("v20").finish());
    }

    #[test]
    fn a_stamp_holds_what_was_set() {
        let folder = Folder::new("stamp");
        let stamp = Stamp(folder.0.join("deep/work.stamp"));
        assert!(!stamp.holds("abc"));
        stamp.set("abc").expect("writes");
        assert!(stamp.holds("abc"));
        assert!(!stamp.holds("abd"));
        stamp.clear();
        assert!(!stamp.holds("abc"));
    }
}
