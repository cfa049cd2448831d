//! What the owner does with recordings.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tracing::error;

use super::Server;
use crate::recording::{ExportOptions, LibrarySettings, RecordingError, RecordingId};

impl Server {
    /// Composes a recording anew, after a failure.
    ///
    /// # Errors
    /// [`RecordingError::NotComposable`].
    pub fn retry_composition(&self, recording: RecordingId) -> Result<(), RecordingError> {
        self.inner.library.retry(recording)
    }

    /// Gives up composing a recording.
    ///
    /// # Errors
    /// [`RecordingError::NotComposable`].
    pub fn cancel_composition(&self, recording: RecordingId) -> Result<(), RecordingError> {
        self.inner.library.cancel(recording)
    }

    /// Lets composing stand still, or go on.
    pub fn hold_composition(&self, held: bool) {
        self.inner.library.hold(held);
    }

    /// Makes one more file of a recording.
    ///
    /// # Errors
    /// [`RecordingError::NotComposable`].
    pub fn export_recording(&self, recording: RecordingId, options: ExportOptions) -> Result<(), RecordingError> {
        self.inner.library.export(recording, options)
    }

    /// Gives a recording a name; an empty one takes it away.
    ///
    /// # Errors
    /// [`RecordingError`].
    pub fn rename_recording(&self, recording: RecordingId, title: &str) -> Result<(), RecordingError> {
        self.inner.library.rename(recording, title)
    }

    /// Moves a recording to the bin.
    ///
    /// # Errors
    /// [`RecordingError`].
    pub async fn delete_recording(&self, recording: RecordingId) -> Result<(), RecordingError> {
        self.inner.library.delete(recording).await
    }

    /// A still of a recording's film as a `data:` link, if there is one.
    pub async fn recording_still(&self, recording: RecordingId) -> Option<String> {
        let picture = tokio::fs::read(self.inner.library.still(recording)?).await.ok()?;
        Some(format!("data:image/jpeg;base64,{}", STANDARD.encode(picture)))
    }

    /// Changes what is wanted of all recordings, and keeps it.
    ///
    /// # Errors
    /// [`RecordingError`]; nothing is changed then.
    pub async fn set_recordings(&self, settings: LibrarySettings) -> Result<(), RecordingError> {
        let library = &self.inner.library;
        let folder = settings.folder.clone().filter(|folder| *folder != library.root());
        if let Some(folder) = folder {
            library.move_to(folder).await?;
        }
        if let Err(error) = settings.save(&self.inner.data_dir) {
            error!(%error, "What is wanted of recordings counts until Confab ends, as it cannot be kept");
        }
        library.set(settings);
        self.inner.redraw.notify_one();
        Ok(())
    }
}
