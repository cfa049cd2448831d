//! Files, as the model has them, and the commands about them.

use super::super::super::*;
use super::commands::{Command, Who};
use super::model::Model;
use super::world::World;
use crate::wire::{Bound, FileId, Refusal};

const MB: u64 = 1 << 20;
/// Few and small enough to be outgrown.
pub(super) const BOUNDS: FileBounds = FileBounds {
    largest: 60 * MB,
    in_room: 150 * MB,
};
const OFFER_MS: u64 = 60_000;
const AT_ONCE: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    OfferedUntil(u64),
    Arriving,
    There,
}

#[derive(Debug, Clone)]
pub(super) struct Shared {
    pub(super) id: FileId,
    sender: Seat,
    size: u64,
    pub(super) stage: Stage,
}

impl Model {
    fn offer(&mut self, seat: Seat, size: u64, id: FileId, time: u64) -> Result<(), Refusal> {
        self.may(seat, self.policy.chat_enabled)?;
        let most = self.policy.max_file_bytes;
        if most == 0 {
            return Err(Refusal::FilesOff);
        }
        if size > most {
            return Err(Refusal::FileTooLarge(format!("{} MB", most / MB)));
        }
        let own = self
            .files
            .iter()
            .filter(|file| file.sender == seat && file.stage != Stage::There);
        if own.count() == AT_ONCE {
            return Err(Bound::FilesAtOnce.into());
        }
        let taken: u64 = self.files.iter().map(|file| file.size).sum();
        if taken + size > BOUNDS.in_room {
            return Err(Bound::FilesOfRoom.into());
        }
        let stage = Stage::OfferedUntil(time + OFFER_MS);
        let sender = seat;
        self.files.push(Shared {
            id,
            sender,
            size,
            stage,
        });
        Ok(())
    }

    fn stage(&mut self, id: &FileId) -> Option<&mut Stage> {
        self.files
            .iter_mut()
            .find(|file| file.id == *id)
            .map(|file| &mut file.stage)
    }

    /// After anything: nobody sends who may not, or is not there.
    pub(super) fn settle_files(&mut self) {
        let mut files = std::mem::take(&mut self.files);
        files.retain(|file| {
            let may = self.may(file.sender, self.policy.chat_enabled).is_ok() && self.policy.max_file_bytes > 0;
            may || file.stage == Stage::There
        });
        self.files = files;
    }

    pub(super) fn expire_files(&mut self, time: u64) {
        self.files
            .retain(|file| !matches!(file.stage, Stage::OfferedUntil(until) if until <= time));
    }

    pub(super) fn next_offer_expiry(&self) -> Option<u64> {
        let until = self.files.iter().filter_map(|file| match file.stage {
            Stage::OfferedUntil(until) => Some(until),
            _ => None,
        });
        until.min()
    }

    fn there(&self) -> (usize, u64) {
        let there = self.files.iter().filter(|file| file.stage == Stage::There);
        there.fold((0, 0), |(count, bytes), file| (count + 1, bytes + file.size))
    }
}

impl World {
    pub(super) fn share(&mut self, command: &Command) {
        match command {
            Command::Offer(who, mb) => self.offer(*who, u64::from(*mb) * MB),
            Command::FileArrives(number) => {
                let Some(id) = self.offered(*number) else { return };
                let stage = self
                    .model
                    .stage(&id)
                    .filter(|stage| matches!(stage, Stage::OfferedUntil(_)));
                let is_waited_for = stage.is_some();
                stage.into_iter().for_each(|stage| *stage = Stage::Arriving);
                assert_eq!(
                    self.room.file_arrives(&id).is_some(),
                    is_waited_for,
                    "a file comes once"
                );
                if is_waited_for {
                    self.disk.push(id);
                }
            }
            Command::FileCame(number, true) => {
                let Some(id) = self.offered(*number) else { return };
                let stage = self.model.stage(&id).filter(|stage| **stage == Stage::Arriving);
                let is_waited_for = stage.is_some();
                stage.into_iter().for_each(|stage| *stage = Stage::There);
                let effects = self.room.file_arrived(&id, self.now());
                assert_eq!(effects.is_some(), is_waited_for);
                if is_waited_for {
                    self.model.chat.push(id.reveal().to_owned());
                }
                self.deliver(&effects.unwrap_or_default());
            }
            Command::FileCame(number, false) => {
                let Some(id) = self.offered(*number) else { return };
                self.model
                    .files
                    .retain(|file| file.id != id || file.stage == Stage::There);
                let effects = self.room.file_failed(&id);
                self.deliver(&effects);
            }
            _ => (),
        }
    }

    fn offer(&mut self, who: Who, size: u64) {
        let seat = self.seat(who).unwrap_or(self.gone);
        let id = FileId::from(format!("file-{}", self.offers.len()).as_str());
        self.offers.push(id.clone());
        let expected = self.model.offer(seat, size, id.clone(), self.time);
        let offer = FileOffer {
            name: "a/b.c".to_owned(),
            size,
            kind: None,
        };
        let done = self.room.offer_file(seat, offer, id, self.now());
        assert_eq!(done.as_ref().err(), expected.as_ref().err());
        assert!(done.is_ok_and(|file| file.name == "b.c" && file.size == size) || expected.is_err());
    }

    fn offered(&self, number: u8) -> Option<FileId> {
        let count = self.offers.len();
        (count > 0).then(|| self.offers[count - 1 - usize::from(number) % count].clone())
    }

    pub(super) fn check_files(&self) {
        let mut held: Vec<_> = self.disk.iter().map(FileId::reveal).collect();
        let on_disk = self
            .model
            .files
            .iter()
            .filter(|file| !matches!(file.stage, Stage::OfferedUntil(_)));
        let mut expected: Vec<_> = on_disk.map(|file| file.id.reveal()).collect();
        held.sort_unstable();
        expected.sort_unstable();
        assert_eq!(held, expected, "what lies on the disk is what the room holds");
        assert_eq!(self.room.files(), self.model.there());
        for id in &self.offers {
            let is_there = self
                .model
                .files
                .iter()
                .any(|file| file.id == *id && file.stage == Stage::There);
            assert_eq!(self.room.file(id).is_some(), is_there);
        }
    }
}
