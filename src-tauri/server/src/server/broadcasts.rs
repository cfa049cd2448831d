//! What the owner of the machine does about broadcasts.

use super::Server;
use crate::broadcast::{BroadcastOptions, Target};
use crate::kept::KeptError;
use crate::meeting::CommandError;
use crate::wire::RoomId;

impl Server {
    /// Broadcasts a room to an address and a stream key, or to those that are kept for it. Returns before it is known
    /// whether the server takes it: that shows in the snapshots.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn start_broadcast(
        &self,
        room: &RoomId,
        target: Option<Target>,
        options: BroadcastOptions,
    ) -> Result<(), CommandError> {
        let kept = || self.kept().targets().remove(room);
        let target = target.or_else(kept).ok_or(CommandError::NoTarget)?;
        let meeting = self.inner.meetings.find(room).ok_or(CommandError::NobodyToBroadcast)?;
        meeting.start_broadcast(target, options).await
    }

    /// Stops a room's broadcast, or forgets one that ended by itself.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn stop_broadcast(&self, room: &RoomId) -> Result<(), CommandError> {
        let meeting = self.inner.meetings.find(room).ok_or(CommandError::NotBroadcast)?;
        meeting.stop_broadcast().await
    }

    /// Keeps over restarts where a room is broadcast to, or keeps it no longer.
    ///
    /// # Errors
    /// [`KeptError`], whose text is a sentence for a person.
    pub async fn keep_broadcast_target(&self, room: &RoomId, target: Option<Target>) -> Result<(), KeptError> {
        self.kept().set_target(room, target).await
    }
}
