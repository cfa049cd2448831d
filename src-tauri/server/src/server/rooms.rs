//! What the owner of the machine does about rooms, whether or not somebody is in them.

use super::Server;
use crate::kept::{KeptError, RoomPlan};
use crate::meeting::CommandError;
use crate::room::{Action, Door, DoorChange, tidied};
use crate::wire::{RoomId, Secret};

impl Server {
    /// Makes a room ahead: it is kept over restarts until it is deleted. A room that is open already under the plan's id
    /// becomes such a room. Returns its id.
    ///
    /// # Errors
    /// [`KeptError`], whose text is a sentence for a person.
    pub async fn make_room(&self, plan: RoomPlan) -> Result<RoomId, KeptError> {
        let door = plan.door.clone();
        let room = self.kept().make(plan, |room| self.open_room(room)).await?;
        if let Some(meeting) = self.inner.meetings.find(&room) {
            meeting.rename(self.kept().room(&room).and_then(|kept| kept.name)).await;
            self.set_open_door(&room, door).await?;
        }
        Ok(room)
    }

    /// Gives a room made ahead another name for people to see, or none.
    ///
    /// # Errors
    /// [`KeptError`], whose text is a sentence for a person.
    pub async fn rename_room(&self, room: &RoomId, name: Option<String>) -> Result<(), KeptError> {
        let name = name.and_then(tidied);
        let renamed = self.kept().rename(room, name.clone()).await;
        if let Some(meeting) = self.inner.meetings.find(room)
            && self.kept().has(room)
        {
            meeting.rename(name).await;
        }
        renamed
    }

    /// Changes who may come into a room, open or made ahead, and how many.
    ///
    /// # Errors
    /// [`KeptError`], whose text is a sentence for a person.
    pub async fn set_door(&self, room: &RoomId, change: DoorChange) -> Result<(), KeptError> {
        // The room that opens meanwhile has the new door already.
        let kept = match self.kept().has(room) {
            true => self.kept().change_door(room, change.clone()).await,
            false => Err(KeptError::NoRoom),
        };
        if matches!(kept, Err(KeptError::Refused(_))) || self.inner.meetings.find(room).is_none() {
            return kept;
        }
        let changed = self.set_open_door(room, change).await;
        if self.kept().has(room) {
            kept.and(changed)
        } else {
            changed
        }
    }

    /// Keeps a room no longer. If it is open, it goes on until the last one leaves.
    ///
    /// # Errors
    /// [`KeptError`], whose text is a sentence for a person.
    pub async fn delete_room(&self, room: &RoomId) -> Result<(), KeptError> {
        let deleted = self.kept().delete(room).await;
        if let Some(meeting) = self.inner.meetings.find(room)
            && !self.kept().has(room)
        {
            meeting.rename(None).await;
        }
        deleted
    }

    /// Lets guests make rooms up by opening a link, or not. Rooms that are open stay.
    ///
    /// # Errors
    /// [`KeptError`], whose text is a sentence for a person.
    pub async fn set_guests_may_make_rooms(&self, may: bool) -> Result<(), KeptError> {
        self.kept().set_guests_may_make_rooms(may).await
    }

    /// The key and the door of a room that is open.
    fn open_room(&self, room: &RoomId) -> Option<(Secret, Door)> {
        let views = self.inner.meetings.views();
        let view = views.borrow().get(room).cloned();
        view.map(|view| (view.host_key, view.door))
    }

    async fn set_open_door(&self, room: &RoomId, change: DoorChange) -> Result<(), KeptError> {
        match self.act(room, Action::SetDoor(change)).await {
            Ok(()) => Ok(()),
            Err(CommandError::Refused(refusal)) => Err(KeptError::Refused(refusal)),
            // It ended meanwhile; a room made ahead opens with its new door.
            Err(_) if self.kept().has(room) => Ok(()),
            Err(_) => Err(KeptError::NoRoom),
        }
    }
}
