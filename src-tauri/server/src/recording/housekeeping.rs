//! What the owner does with recordings of earlier days: gives them names, throws them away, lets them go after some days.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::catalogue::Entry;
use super::compose::STILL;
use super::composing::save;
use super::error::RecordingError;
use super::id::{RecordingId, base_name};
use super::library::Library;
use super::products::file_name;
use super::snapshot::RecordingState;

/// The longest name that a recording can have, in bytes.
const LONGEST_TITLE: usize = 300;
/// Free space is told in steps of so many bytes.
const STEP: u64 = 10_000_000;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Library {
    /// Gives a recording a name, and its files with it; an empty one takes the name away.
    ///
    /// # Errors
    /// [`RecordingError::NoRecording`], [`RecordingError::NotComposable`] while a file of it is being made, and [`RecordingError::NotRenamed`].
    pub fn rename(&self, id: RecordingId, title: &str) -> Result<(), RecordingError> {
        let mut title = title.trim().to_owned();
        while title.len() > LONGEST_TITLE {
            title.pop();
        }
        {
            let mut entries = self.0.lock();
            let entry = entries.get_mut(&id).ok_or(RecordingError::NoRecording)?;
            match entry.state {
                RecordingState::Composing => return Err(RecordingError::NotComposable("a file of it is being made")),
                // It is described anew whenever something happens in it.
                RecordingState::Recording => return Err(RecordingError::NotComposable("it is still running")),
                _ => {}
            }
            let base = base_name(&entry.metadata.room_id, id)?;
            let title = Some(title).filter(|title| !title.is_empty());
            rename_files(entry, &base, title.as_deref()).map_err(|error| {
                tracing::warn!(recording = %id, %error, "the recording's files cannot be renamed");
                RecordingError::not_renamed(&error)
            })?;
            entry.metadata.products.title = title;
            save(entry);
        }
        self.0.publish();
        Ok(())
    }

    /// Moves a recording, its tracks and its files, to the system's bin.
    ///
    /// # Errors
    /// [`RecordingError::NoRecording`], [`RecordingError::NotComposable`] while it runs, and [`RecordingError::NotDeleted`].
    pub async fn delete(&self, id: RecordingId) -> Result<(), RecordingError> {
        let (folder, paths) = {
            let entries = self.0.lock();
            let entry = entries.get(&id).ok_or(RecordingError::NoRecording)?;
            if entry.state == RecordingState::Recording {
                return Err(RecordingError::NotComposable("it is still running"));
            }
            (entry.place.folder.clone(), paths_of(entry))
        };
        // A file of it may be in the making; if not, there is nothing to give up.
        let _ = self.cancel(id);
        let thrown = tokio::task::spawn_blocking(move || trash::delete_all(paths)).await;
        let reason = match thrown {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(panicked) => Some(panicked.to_string()),
        };
        if let Some(reason) = reason {
            tracing::warn!(recording = %id, reason, "the recording cannot be thrown away");
            return Err(RecordingError::NotDeleted { folder });
        }
        tracing::info!(recording = %id, "the recording was moved to the bin");
        self.0.lock().remove(&id);
        self.0.publish();
        Ok(())
    }

    /// How many bytes are free where recordings go, in whole tens of megabytes, so that it does not change at every look; `None` where that is not known.
    #[must_use]
    pub fn free_bytes(&self) -> Option<u64> {
        let root = self.root();
        // The folder itself is made when the first recording starts.
        let there = root.ancestors().find(|folder| folder.exists())?;
        fs4::available_space(there).ok().map(|free| free / STEP * STEP)
    }

    /// Where the still of a recording's film is, which need not be there.
    #[must_use]
    pub fn still(&self, id: RecordingId) -> Option<PathBuf> {
        self.0.lock().get(&id).map(|entry| entry.place.folder.join(STILL))
    }

    /// Moves recordings to the bin that are older than the owner wants to keep them.
    pub async fn clear(&self, now: SystemTime) {
        let Some(days) = self.settings().keep_days else { return };
        let Some(oldest) = now.checked_sub(DAY * days) else {
            return;
        };
        let oldest = oldest
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        let is_over = |state| {
            matches!(
                state,
                RecordingState::Ready | RecordingState::TracksOnly | RecordingState::Failed
            )
        };
        let old: Vec<RecordingId> = self
            .0
            .lock()
            .iter()
            .filter(|(_, entry)| u128::from(entry.metadata.started_at) < oldest && is_over(entry.state))
            .map(|(id, _)| *id)
            .collect();
        for id in old {
            if let Err(error) = self.delete(id).await {
                tracing::warn!(recording = %id, %error, "an old recording stays");
            }
        }
    }

    /// Does so every hour, for as long as it is polled.
    pub async fn keep_clearing(self) {
        let mut every_hour = tokio::time::interval(Duration::from_secs(60 * 60));
        loop {
            every_hour.tick().await;
            self.clear(SystemTime::now()).await;
        }
    }
}

/// The folder and the files of a recording, as far as they are there.
fn paths_of(entry: &Entry) -> Vec<PathBuf> {
    let files = entry.metadata.products.files.iter();
    let files = files.map(|product| entry.place.root.join(&product.file));
    let paths = files.chain([entry.place.folder.clone()]);
    paths.filter(|path| path.exists()).collect()
}

/// Names the files after a title. None takes another file's place.
fn rename_files(entry: &mut Entry, base: &str, title: Option<&str>) -> io::Result<()> {
    for product in &mut entry.metadata.products.files {
        let name = file_name(base, title, product.options);
        let from = entry.place.root.join(&product.file);
        if name == product.file || !from.exists() {
            continue;
        }
        let name = free_name(&entry.place.root, &name);
        std::fs::rename(from, entry.place.root.join(&name))?;
        product.file = name;
    }
    Ok(())
}

/// A name that no other file has: the same, or with a number.
pub(super) fn free_name(root: &Path, name: &str) -> String {
    if !root.join(name).exists() {
        return name.to_owned();
    }
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    (2_u32..)
        .map(|number| format!("{stem} ({number}).{extension}"))
        .find(|name| !root.join(name).exists())
        .unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_takes_another_files_place() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(free_name(root.path(), "a.mp4"), "a.mp4");
        std::fs::write(root.path().join("a.mp4"), "").unwrap();
        assert_eq!(free_name(root.path(), "a.mp4"), "a (2).mp4");
        std::fs::write(root.path().join("a (2).mp4"), "").unwrap();
        assert_eq!(free_name(root.path(), "a.mp4"), "a (3).mp4");
    }
}
