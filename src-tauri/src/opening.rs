//! Hands files, folders and links to the programs that the system has for them.

use std::path::{Path, PathBuf};

use confab_server::recording::RecordingSnapshot;
use tauri::AppHandle;
use tauri_plugin_opener::OpenerExt;

/// The file of a finished recording.
pub(crate) fn file_of(recording: &RecordingSnapshot) -> Option<PathBuf> {
    // `join` takes an absolute file as it is.
    recording
        .file
        .as_ref()
        .map(|file| Path::new(&recording.folder).join(file))
}

/// Opens a file or folder.
///
/// # Errors
/// A sentence for a person.
pub(crate) fn open_path(app: &AppHandle, path: &Path) -> Result<(), String> {
    if !path.exists() {
        return Err(format!("{} is no longer there.", path.display()));
    }
    app.opener()
        .open_path(path.to_string_lossy(), None::<&str>)
        .map_err(|error| {
            tracing::warn!(%error, path = %path.display(), "no program opens this");
            format!(
                "This computer has no program that opens {}. Open it by hand.",
                path.display()
            )
        })
}

/// Shows a file in its folder, or the folder alone where the file manager cannot point at a file.
///
/// # Errors
/// A sentence for a person.
pub(crate) fn reveal(app: &AppHandle, file: &Path) -> Result<(), String> {
    if file.exists() && app.opener().reveal_item_in_dir(file).is_ok() {
        return Ok(());
    }
    open_path(app, file.parent().unwrap_or(file))
}

/// Opens a link in the default browser.
///
/// # Errors
/// A sentence for a person.
pub(crate) fn open_link(app: &AppHandle, link: &str) -> Result<(), String> {
    app.opener().open_url(link, None::<&str>).map_err(|error| {
        // The link may hold a host's key, which no log keeps.
        let error = error.to_string().replace(link, "…");
        tracing::warn!(error, "no browser opens the link");
        format!("This computer has no default browser. Open {link} in one by hand.")
    })
}
