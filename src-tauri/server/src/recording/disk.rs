//! The recording's own thread: everything that touches the disk, so that neither mediasoup's workers nor the rooms ever wait for it.
//!
//! Packets reach it through a queue that counts bytes: when the disk is stuck, new packets are dropped (and a key frame is asked for later) instead of filling the
//! memory, which is told in a sentence. The first error of the disk is told, too, and ends the writing, as does a disk that is nearly full; what was written stays.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use super::error::RecordingError;
use super::metadata::{FILE_NAME, Metadata, Status, TrackRecord, millis};
use super::people::{People, RecordedPerson};
use super::queue::{Outlet, Taken};
use super::rtp::reports::{SenderClock, SenderReport};
use super::sidecar::{self, Event, Sidecar};
use super::space::{self, Space, SpaceWatch};
use super::track::{Desk, Track, TrackSpec};

/// How often what waits is looked through: packets are worked on in batches, which costs less than waking up for each.
pub(super) const TICK: Duration = Duration::from_millis(50);
/// How often what happened is written, at least.
const NOTE_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked whether the folder is still there (on Linux writing to removed files succeeds), and how much room is left.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A track's number within its recording.
pub(super) type TrackNumber = usize;

/// What the thread is to do.
#[derive(Debug)]
pub(super) enum Job {
    Open(TrackNumber, TrackSpec),
    Packet(TrackNumber, bytes::Bytes),
    Report(TrackNumber, SenderReport),
    Pause(TrackNumber),
    Resume(TrackNumber),
    Close(TrackNumber),
    /// Keep nothing more of a person, or do so again.
    LeaveOut(u64, bool),
    People(Vec<RecordedPerson>),
    Note(Event),
    /// What the recording's description is to say for good.
    Tell(String),
    Finish(oneshot::Sender<Metadata>),
}

/// What the thread tells.
pub(super) struct DiskReports {
    /// Tracks whose sender should be asked for a key frame.
    pub(super) key_frames: mpsc::UnboundedSender<TrackNumber>,
    /// What the owner should know of a recording that goes on, as a sentence.
    pub(super) warning: watch::Sender<Option<String>>,
    /// What ended the writing, as a sentence.
    pub(super) failure: watch::Sender<Option<String>>,
    /// How much is on the disk, and for how long there is room.
    pub(super) space: watch::Sender<Space>,
}

/// Makes the folder and starts the thread, which ends by itself when nobody is left who could give it a job. `metadata` is saved first, so trouble with the folder
/// shows here; what was made of it by then is removed again.
pub(super) fn start(
    folder: &Path,
    metadata: Metadata,
    reports: DiskReports,
    jobs: Outlet<Job>,
) -> Result<(), RecordingError> {
    let root = folder.parent().unwrap_or(folder);
    let trouble = |error: io::Error| {
        tracing::error!(%error, folder = %root.display(), "no recording can be written there");
        RecordingError::from_starting_io(&error, root)
    };
    std::fs::create_dir_all(root).map_err(trouble)?;
    // Made here, so it may be removed here.
    std::fs::create_dir(folder).map_err(trouble)?;
    let start = || {
        if space::is_short(folder).map_err(trouble)? {
            let folder = root.to_path_buf();
            return Err(RecordingError::NoRoom { folder });
        }
        let disk = Disk::prepare(folder.to_path_buf(), metadata, reports).map_err(trouble)?;
        let thread = std::thread::Builder::new().name("recording".to_owned());
        thread.spawn(move || disk.run(&jobs)).map_err(trouble)?;
        Ok(())
    };
    start().inspect_err(|_| {
        if let Err(error) = std::fs::remove_dir_all(folder) {
            tracing::warn!(%error, folder = %folder.display(), "a recording that did not start has left its folder");
        }
    })
}

struct Disk {
    folder: PathBuf,
    /// With the tracks that are complete.
    metadata: Metadata,
    sidecar: Sidecar,
    tracks: BTreeMap<TrackNumber, OpenTrack>,
    /// The senders' clocks.
    clocks: HashMap<SenderKey, SenderClock>,
    people: People,
    /// Those of whom nothing is kept.
    left_out: HashSet<u64>,
    closed_bytes: u64,
    reports: DiskReports,
    space: SpaceWatch,
    noted: Duration,
    looked: Duration,
    /// That packets were dropped is a sentence to keep; that there is little room passes.
    late: Option<String>,
    short: Option<String>,
    /// An error of the disk, or too little room, ended the writing.
    stopped: bool,
}

/// Streams with the same name of one person run by one clock.
type SenderKey = (u64, String);

struct OpenTrack {
    track: Track,
    sender: SenderKey,
}

impl Disk {
    fn prepare(folder: PathBuf, metadata: Metadata, reports: DiskReports) -> io::Result<Self> {
        let mut sidecar = Sidecar::create(&folder)?;
        let started = Event::Started {
            version: sidecar::VERSION,
            id: metadata.id,
            room_id: metadata.room_id.clone(),
            started_at: metadata.started_at,
        };
        sidecar.add(0, started);
        sidecar.flush()?;
        metadata.save(&folder)?;
        Ok(Self {
            folder,
            metadata,
            sidecar,
            tracks: BTreeMap::new(),
            clocks: HashMap::new(),
            people: People::default(),
            left_out: HashSet::new(),
            closed_bytes: 0,
            reports,
            space: SpaceWatch::default(),
            noted: Duration::ZERO,
            looked: Duration::ZERO,
            late: None,
            short: None,
            stopped: false,
        })
    }

    fn run(mut self, jobs: &Outlet<Job>) {
        loop {
            let Taken {
                items,
                dropped,
                is_over,
            } = jobs.take(TICK);
            let now = jobs.now();
            self.tell_if_late(dropped);
            for (at, job) in items {
                if let Job::Finish(done) = job {
                    let _ = done.send(self.finish(now)); // nobody waits for it when the server is torn down
                    return;
                }
                self.handle(job, at);
            }
            if is_over {
                self.finish(now);
                return;
            }
            self.advance(now);
        }
    }

    fn handle(&mut self, job: Job, at: Duration) {
        match job {
            Job::Packet(number, packet) => {
                if let Some(open) = self.tracks.get_mut(&number).filter(|_| !self.stopped) {
                    open.track.push(&packet, at);
                }
            }
            Job::Report(number, report) => {
                if let Some(open) = self.tracks.get_mut(&number) {
                    let clock = self.clocks.entry(open.sender.clone()).or_default();
                    clock.heard(report.ntp, at.as_secs_f64());
                    open.track.report(report, at, &mut self.sidecar);
                }
            }
            // Asked for before, and they are left out since.
            Job::Open(_, spec) if self.left_out.contains(&spec.seat) => {}
            Job::Open(number, spec) => {
                let sender = (spec.seat, spec.cname.clone());
                let mut track = Track::new(number, spec, at);
                // It may have changed on the way.
                if let Some(name) = self.people.name_of(track.seat()) {
                    track.rename(name);
                }
                self.tracks.insert(number, OpenTrack { track, sender });
            }
            Job::Pause(number) => {
                if let Some(open) = self.tracks.get_mut(&number) {
                    open.track.pause(at, &mut self.sidecar);
                    self.save();
                }
            }
            Job::Resume(number) => {
                if let Some(open) = self.tracks.get_mut(&number) {
                    open.track.resume(at, &mut self.sidecar);
                    self.save();
                }
            }
            Job::Close(number) => {
                if let Some(open) = self.tracks.remove(&number) {
                    self.complete(open, at);
                    self.save();
                }
            }
            Job::LeaveOut(seat, true) => {
                self.left_out.insert(seat);
                let theirs = self.tracks.extract_if(.., |_, open| open.track.seat() == seat);
                let theirs: Vec<OpenTrack> = theirs.map(|(_, open)| open).collect();
                theirs.into_iter().for_each(|open| self.complete(open, at));
                self.save();
            }
            Job::LeaveOut(seat, false) => {
                self.left_out.remove(&seat);
            }
            Job::People(people) => self.meet(people, at),
            Job::Note(event) => self.sidecar.add(millis(at) as i64, event),
            Job::Tell(sentence) => {
                self.metadata.message = Some(sentence);
                self.save();
            }
            Job::Finish(_) => {}
        }
    }

    fn meet(&mut self, people: Vec<RecordedPerson>, at: Duration) {
        let mut renamed = false;
        for event in self.people.update(people) {
            if let Event::Joined { seat, name } | Event::Named { seat, name } = &event {
                renamed |= self.rename(*seat, name);
            }
            if let Event::Left { seat } = &event {
                self.clocks.retain(|(owner, _), _| owner != seat);
            }
            self.sidecar.add(millis(at) as i64, event);
        }
        if renamed {
            self.save();
        }
    }

    fn rename(&mut self, seat: u64, name: &str) -> bool {
        let mut is_any = false;
        let open = self.tracks.values_mut().map(|open| &mut open.track);
        for track in open.filter(|track| track.seat() == seat) {
            track.rename(name);
            is_any |= track.record().is_some();
        }
        for record in self.metadata.tracks.iter_mut().filter(|record| record.seat == seat) {
            is_any |= record.peer_name != name;
            name.clone_into(&mut record.peer_name);
        }
        is_any
    }

    fn advance(&mut self, now: Duration) {
        if self.stopped {
            return;
        }
        let mut changed = false;
        let mut trouble = None;
        for (number, OpenTrack { track, sender }) in &mut self.tracks {
            let mut desk = Desk {
                folder: &self.folder,
                sidecar: &mut self.sidecar,
                sender: self.clocks.entry(sender.clone()).or_default(),
            };
            match track.advance(&mut desk, now) {
                Ok(moved) => changed |= moved,
                Err(error) => trouble = Some(error),
            }
            if track.asks_for_key_frame(now) {
                let _ = self.reports.key_frames.send(*number); // the recorder is on its way out
            }
        }
        if now >= self.noted + NOTE_EVERY {
            self.noted = now;
            trouble = trouble.or(self.sidecar.flush().err());
        }
        if let Some(error) = trouble {
            self.fail(&error);
        } else if changed {
            self.save();
        }
        if now >= self.looked + LOOK_EVERY {
            self.looked = now;
            self.look(now);
        }
        self.tell_space(|space| space.seconds_left);
    }

    fn tell_space(&self, seconds_left: impl FnOnce(&Space) -> Option<u64>) {
        let bytes = self.bytes();
        self.reports.space.send_modify(|space| {
            space.seconds_left = seconds_left(space);
            space.bytes = bytes;
        });
    }

    /// Looks whether the folder is still there, and how much room is left.
    fn look(&mut self, now: Duration) {
        if !self.folder.join(FILE_NAME).exists() {
            return self.fail(&io::ErrorKind::NotFound.into());
        }
        let Ok(available) = space::available(&self.folder) else {
            return; // writing tells more
        };
        let seconds_left = self.space.look(now, self.bytes(), available);
        self.tell_space(|_| seconds_left);
        if space::is_full(available) {
            let folder = self.folder.parent().unwrap_or(&self.folder).to_path_buf();
            return self.stop(RecordingError::NearlyFull { folder }.to_string());
        }
        let short = self.space.warning(&self.folder);
        if short != self.short {
            self.short = short;
            self.warn();
        }
    }

    fn bytes(&self) -> u64 {
        let open: u64 = self.tracks.values().map(|open| open.track.bytes()).sum();
        self.closed_bytes + open + self.sidecar.bytes()
    }

    fn tell_if_late(&mut self, dropped: u64) {
        if dropped == 0 || self.late.is_some() || self.stopped {
            return;
        }
        let folder = self.folder.display();
        tracing::warn!(%folder, dropped, "the disk is too slow for the recording");
        let sentence = format!(
            "The disk with {folder} is too slow for this recording, so parts of it are missing: let other programs on \
             that disk rest, or choose a folder on a faster one for the next recording."
        );
        self.metadata.message = Some(sentence.clone());
        self.late = Some(sentence);
        self.warn();
    }

    fn warn(&self) {
        let sentence = self.short.clone().or_else(|| self.late.clone());
        self.reports.warning.send_replace(sentence);
    }

    fn complete(&mut self, mut open: OpenTrack, at: Duration) {
        let mut desk = Desk {
            folder: &self.folder,
            sidecar: &mut self.sidecar,
            sender: self.clocks.entry(open.sender).or_default(),
        };
        match open.track.finish(&mut desk, at) {
            Ok(Some(record)) => self.metadata.tracks.push(record),
            Ok(None) => {}
            Err(error) => {
                self.metadata.tracks.extend(open.track.record().cloned());
                self.fail(&error);
            }
        }
        self.closed_bytes += open.track.bytes();
    }

    /// Saves the metadata with the running tracks as they stand.
    fn save(&mut self) {
        if self.stopped {
            return;
        }
        let mut metadata = self.metadata.clone();
        let open = self.tracks.values().filter_map(|open| open.track.record());
        metadata.tracks.extend(open.cloned());
        if let Err(error) = metadata.save(&self.folder) {
            self.fail(&error);
        }
    }

    fn fail(&mut self, error: &io::Error) {
        if !self.stopped {
            tracing::error!(%error, folder = %self.folder.display(), "the recording cannot be written any more");
            self.stop(RecordingError::from_io(error, &self.folder).to_string());
        }
    }

    /// Ends the writing. What ended it first is what is told: a disk that is full is nearly full as well.
    fn stop(&mut self, sentence: String) {
        if self.stopped {
            return;
        }
        self.stopped = true;
        self.metadata.message = Some(sentence.clone());
        self.reports.failure.send_replace(Some(sentence));
    }

    fn finish(&mut self, now: Duration) -> Metadata {
        for (_, open) in std::mem::take(&mut self.tracks) {
            self.complete(open, now);
        }
        let duration_ms = millis(now);
        self.metadata.duration_ms = Some(duration_ms);
        self.metadata.status = Status::Recorded;
        self.metadata.tracks.sort_by(|a: &TrackRecord, b| a.file.cmp(&b.file));
        self.sidecar.add(duration_ms as i64, Event::Stopped { duration_ms });
        if let Err(error) = self.sidecar.finish() {
            self.fail(&error);
        }
        if let Err(error) = self.metadata.save(&self.folder) {
            tracing::error!(%error, folder = %self.folder.display(), "the recording's description cannot be saved");
        }
        self.tell_space(|_| None);
        self.metadata.clone()
    }
}

#[cfg(test)]
#[path = "disk_tests/mod.rs"]
mod tests;
