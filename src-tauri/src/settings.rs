//! What the shell remembers between runs: the window's size, and that it has said where a closed window goes.
//!
//! A file that cannot be read or written costs nothing but the memory: the defaults apply.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use tauri::LogicalSize;

/// The settings and their file.
pub(crate) struct Settings {
    file: PathBuf,
    values: Mutex<Values>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Values {
    /// Inner size of the window in logical pixels.
    width: f64,
    height: f64,
    /// Whether somebody was told that a closed window leaves Confab in the tray.
    told_about_tray: bool,
}

impl Default for Values {
    fn default() -> Self {
        Self {
            width: 1040.0,
            height: 820.0,
            told_about_tray: false,
        }
    }
}

impl Settings {
    /// Reads `window.json` in `folder`.
    pub(crate) fn load(folder: &Path) -> Self {
        let file = folder.join("window.json");
        let values = std::fs::read(&file)
            .ok()
            .and_then(|json| serde_json::from_slice(&json).ok())
            .unwrap_or_default();
        Self {
            file,
            values: Mutex::new(values),
        }
    }

    /// The size the window had when it was last closed.
    pub(crate) fn window_size(&self) -> LogicalSize<f64> {
        let values = self.values();
        LogicalSize::new(values.width, values.height)
    }

    /// Keeps the window's size.
    pub(crate) fn remember_window_size(&self, size: LogicalSize<f64>) {
        self.change(|values| (values.width, values.height) = (size.width, size.height));
    }

    /// Whether this is the first time ever that the window is closed.
    pub(crate) fn first_close(&self) -> bool {
        let first = !self.values().told_about_tray;
        if first {
            self.change(|values| values.told_about_tray = true);
        }
        first
    }

    fn values(&self) -> MutexGuard<'_, Values> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Values)) {
        let mut values = self.values();
        let before = values.clone();
        change(&mut values);
        if *values == before {
            return;
        }
        let written = serde_json::to_vec_pretty(&*values)
            .map_err(std::io::Error::from)
            .and_then(|json| {
                self.file.parent().map_or(Ok(()), std::fs::create_dir_all)?;
                std::fs::write(&self.file, json)
            });
        if let Err(error) = written {
            tracing::warn!(%error, file = %self.file.display(), "the window's settings cannot be kept");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("confab-settings-{}-{name}", std::process::id()))
    }

    #[test]
    fn settings_outlive_a_run() {
        let folder = folder("kept");
        let first = Settings::load(&folder);
        assert!(first.first_close());
        first.remember_window_size(LogicalSize::new(640.0, 700.0));
        let second = Settings::load(&folder);
        assert!(!second.first_close());
        assert_eq!(second.window_size(), LogicalSize::new(640.0, 700.0));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_broken_file_means_defaults() {
        let folder = folder("broken");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("window.json"), "[1, 2").unwrap();
        assert_eq!(Settings::load(&folder).window_size(), LogicalSize::new(1040.0, 820.0));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
