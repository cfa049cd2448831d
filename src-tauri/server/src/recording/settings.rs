//! What the owner wants of all recordings, kept between runs.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::compose::ExportOptions;

/// The file's name in the folder for application data.
const FILE_NAME: &str = "recordings.json";

/// What the owner wants of all recordings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct LibrarySettings {
    /// Where recordings go, if not where they usually do.
    #[ts(type = "string | null")]
    pub folder: Option<PathBuf>,
    /// What is made of a recording when it ends.
    pub export: ExportOptions,
    /// Putting together waits while people meet.
    pub waits_for_meetings: bool,
    /// Recordings go to the bin after so many days; `None` keeps them.
    pub keep_days: Option<u32>,
}

impl LibrarySettings {
    /// Reads what was kept in this folder. What cannot be read is as if nobody had said anything.
    #[must_use]
    pub fn load(data_dir: &Path) -> Self {
        let text = match std::fs::read(data_dir.join(FILE_NAME)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::default(),
            Err(error) => {
                tracing::warn!(%error, "the settings of recordings cannot be read");
                return Self::default();
            }
        };
        serde_json::from_slice(&text).unwrap_or_else(|error| {
            tracing::warn!(%error, "the settings of recordings cannot be understood");
            Self::default()
        })
    }

    /// Keeps them in this folder, which is made if it is not there.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn save(&self, data_dir: &Path) -> io::Result<()> {
        std::fs::create_dir_all(data_dir)?;
        let part = data_dir.join(format!("{FILE_NAME}.part"));
        std::fs::write(&part, serde_json::to_vec_pretty(self)?)?;
        std::fs::rename(part, data_dir.join(FILE_NAME))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_outlive_a_run_and_a_broken_file_means_the_usual() {
        let folder = tempfile::tempdir().unwrap();
        let settings = LibrarySettings {
            keep_days: Some(30),
            waits_for_meetings: true,
            ..LibrarySettings::default()
        };
        let data = folder.path().join("not/yet");
        assert_eq!(LibrarySettings::load(&data), LibrarySettings::default());
        settings.save(&data).unwrap();
        assert_eq!(LibrarySettings::load(&data), settings);
        std::fs::write(data.join(FILE_NAME), "{").unwrap();
        assert_eq!(LibrarySettings::load(&data), LibrarySettings::default());
    }
}
