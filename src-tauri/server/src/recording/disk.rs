//! The recording's own thread: everything that touches the disk, so that neither mediasoup's workers nor the rooms ever wait for it.
//!
//! Packets reach it through a queue that counts bytes: when the disk is stuck, new packets are dropped (and a key frame is asked for later) instead of filling the
//! memory, which is told in a sentence. The first error of the disk is told, too, and ends the writing; what was written stays.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot, watch};

use super::error::RecordingError;
use super::metadata::{FILE_NAME, Metadata, Status, TrackRecord, millis};
use super::track::{Track, TrackSpec};

/// How many bytes of packets may wait for the disk: half a minute of four good cameras.
const QUEUE_BYTES: usize = 32 << 20;
/// How often waiting packets are looked through when none comes.
const TICK: Duration = Duration::from_millis(50);
/// How often it is checked that the folder is still there (on Linux writing to removed files succeeds).
const FOLDER_CHECK_EVERY: Duration = Duration::from_secs(2);

/// A track's number within its recording.
pub(super) type TrackNumber = usize;

enum Job {
    Open(TrackNumber, TrackSpec),
    Packet(TrackNumber, Bytes, Duration),
    Pause(TrackNumber),
    Resume(TrackNumber),
    Close(TrackNumber),
    Rename(u64, String),
    Finish(oneshot::Sender<Metadata>),
}

/// The way to the thread. The thread ends by itself when the last clone is gone.
#[derive(Clone)]
pub(super) struct DiskHandle {
    jobs: Sender<Job>,
    queued: Arc<AtomicUsize>,
    dropped: Arc<AtomicU64>,
    written: Arc<AtomicU64>,
    origin: Instant,
}

impl DiskHandle {
    /// Hands a packet over; called on mediasoup's threads, never waits.
    pub(super) fn packet(&self, track: TrackNumber, packet: &[u8]) {
        let waiting = self.queued.fetch_add(packet.len(), Ordering::Relaxed);
        if waiting > QUEUE_BYTES {
            self.queued.fetch_sub(packet.len(), Ordering::Relaxed);
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.send(Job::Packet(
            track,
            Bytes::copy_from_slice(packet),
            self.origin.elapsed(),
        ));
    }

    pub(super) fn open(&self, track: TrackNumber, spec: TrackSpec) {
        self.send(Job::Open(track, spec));
    }

    pub(super) fn pause(&self, track: TrackNumber) {
        self.send(Job::Pause(track));
    }

    pub(super) fn resume(&self, track: TrackNumber) {
        self.send(Job::Resume(track));
    }

    pub(super) fn close(&self, track: TrackNumber) {
        self.send(Job::Close(track));
    }

    pub(super) fn rename(&self, seat: u64, name: String) {
        self.send(Job::Rename(seat, name));
    }

    /// How many bytes are on the disk.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Completes all files; `None` if the thread is gone.
    pub(super) async fn finish(&self) -> Option<Metadata> {
        let (done, finished) = oneshot::channel();
        self.send(Job::Finish(done));
        finished.await.ok()
    }

    fn send(&self, job: Job) {
        // The thread is gone only after `finish`; what comes later has no place to go.
        let _ = self.jobs.send(job);
    }
}

/// What the thread tells.
pub(super) struct DiskReports {
    /// Tracks whose sender should be asked for a key frame.
    pub(super) key_frames: mpsc::UnboundedSender<TrackNumber>,
    /// What the owner should know of a recording that goes on, as a sentence.
    pub(super) warning: watch::Sender<Option<String>>,
    /// What ended the writing, as a sentence.
    pub(super) failure: watch::Sender<Option<String>>,
}

/// Makes the folder and starts the thread. `metadata` is saved first, so trouble with the folder shows here.
pub(super) fn start(folder: PathBuf, metadata: Metadata, reports: DiskReports) -> Result<DiskHandle, RecordingError> {
    let root = folder.parent().unwrap_or(&folder).to_path_buf();
    std::fs::create_dir_all(&folder)
        .and_then(|()| metadata.save(&folder))
        .map_err(|error| RecordingError::from_io(&error, &root))?;
    let (handle, disk, received) = prepared(folder, metadata, reports);
    std::thread::Builder::new()
        .name("recording".to_owned())
        .spawn(move || disk.run(&received))
        .map_err(|error| RecordingError::Storage {
            folder: root,
            reason: error.to_string(),
        })?;
    Ok(handle)
}

/// All that is needed but the thread.
fn prepared(folder: PathBuf, metadata: Metadata, reports: DiskReports) -> (DiskHandle, Disk, Receiver<Job>) {
    let (jobs, received) = channel();
    let handle = DiskHandle {
        jobs,
        queued: Arc::default(),
        dropped: Arc::default(),
        written: Arc::default(),
        origin: Instant::now(),
    };
    let disk = Disk {
        folder,
        metadata,
        tracks: BTreeMap::new(),
        closed_bytes: 0,
        reports,
        queued: handle.queued.clone(),
        dropped: handle.dropped.clone(),
        written: handle.written.clone(),
        origin: handle.origin,
        folder_checked: Duration::ZERO,
        is_late: false,
        stopped: false,
    };
    (handle, disk, received)
}

struct Disk {
    folder: PathBuf,
    /// With the tracks that are complete.
    metadata: Metadata,
    tracks: BTreeMap<TrackNumber, Track>,
    closed_bytes: u64,
    reports: DiskReports,
    queued: Arc<AtomicUsize>,
    dropped: Arc<AtomicU64>,
    written: Arc<AtomicU64>,
    origin: Instant,
    folder_checked: Duration,
    /// Packets were dropped, and that was told.
    is_late: bool,
    /// An error of the disk ended the writing.
    stopped: bool,
}

impl Disk {
    fn run(mut self, jobs: &Receiver<Job>) {
        let mut advanced = Duration::ZERO;
        loop {
            match jobs.recv_timeout(TICK) {
                Ok(Job::Finish(done)) => {
                    let metadata = self.finish();
                    let _ = done.send(metadata); // nobody waits for it when the server is torn down
                    return;
                }
                Ok(job) => self.handle(job),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.finish();
                    return;
                }
            }
            let now = self.origin.elapsed();
            if now >= advanced + TICK {
                advanced = now;
                self.advance(now);
            }
        }
    }

    fn handle(&mut self, job: Job) {
        let now = self.origin.elapsed();
        match job {
            Job::Packet(number, packet, arrival) => {
                self.queued.fetch_sub(packet.len(), Ordering::Relaxed);
                if let Some(track) = self.tracks.get_mut(&number).filter(|_| !self.stopped) {
                    track.push(&packet, arrival);
                }
            }
            Job::Open(number, spec) => {
                self.tracks.insert(number, Track::new(number, spec, now));
            }
            Job::Pause(number) => {
                if let Some(track) = self.tracks.get_mut(&number) {
                    track.pause(now);
                    self.save();
                }
            }
            Job::Resume(number) => {
                if let Some(track) = self.tracks.get_mut(&number) {
                    track.resume(now);
                    self.save();
                }
            }
            Job::Close(number) => {
                if let Some(mut track) = self.tracks.remove(&number) {
                    self.complete(&mut track);
                    self.save();
                }
            }
            Job::Rename(seat, name) => {
                self.tracks
                    .values_mut()
                    .filter(|track| track.seat() == seat)
                    .for_each(|track| track.rename(&name));
                let closed = self.metadata.tracks.iter_mut().filter(|track| track.seat == seat);
                closed.for_each(|track| name.clone_into(&mut track.peer_name));
                self.save();
            }
            Job::Finish(_) => {}
        }
    }

    fn advance(&mut self, now: Duration) {
        if self.stopped {
            return;
        }
        self.tell_if_late();
        let mut begun = false;
        let mut trouble = None;
        for (number, track) in &mut self.tracks {
            match track.advance(&self.folder, now) {
                Ok(file_begun) => begun |= file_begun,
                Err(error) => trouble = Some(error),
            }
            if track.asks_for_key_frame(now) {
                let _ = self.reports.key_frames.send(*number); // the recorder is on its way out
            }
        }
        let bytes: u64 = self.tracks.values().map(Track::bytes).sum();
        self.written.store(self.closed_bytes + bytes, Ordering::Relaxed);
        if let Some(error) = trouble {
            self.fail(&error);
        } else if begun {
            self.save();
        }
        if now >= self.folder_checked + FOLDER_CHECK_EVERY {
            self.folder_checked = now;
            if !self.folder.join(FILE_NAME).exists() {
                self.fail(&io::ErrorKind::NotFound.into());
            }
        }
    }

    fn tell_if_late(&mut self) {
        let dropped = self.dropped.load(Ordering::Relaxed);
        if dropped == 0 || self.is_late {
            return;
        }
        self.is_late = true;
        let folder = self.folder.display();
        tracing::warn!(%folder, dropped, "the disk is too slow for the recording");
        let sentence = format!(
            "The disk with {folder} is too slow for this recording, so parts of it are missing: let other programs on \
             that disk rest, or choose a folder on a faster one for the next recording."
        );
        self.metadata.message = Some(sentence.clone());
        self.reports.warning.send_replace(Some(sentence));
    }

    fn complete(&mut self, track: &mut Track) {
        match track.finish(&self.folder) {
            Ok(Some(record)) => self.metadata.tracks.push(record),
            Ok(None) => {}
            Err(error) => {
                self.metadata.tracks.extend(track.record().cloned());
                self.fail(&error);
            }
        }
        self.closed_bytes += track.bytes();
    }

    /// Saves the metadata with the running tracks as they stand.
    fn save(&mut self) {
        if self.stopped {
            return;
        }
        let mut metadata = self.metadata.clone();
        metadata
            .tracks
            .extend(self.tracks.values().filter_map(Track::record).cloned());
        if let Err(error) = metadata.save(&self.folder) {
            self.fail(&error);
        }
    }

    fn fail(&mut self, error: &io::Error) {
        if self.stopped {
            return;
        }
        self.stopped = true;
        let sentence = RecordingError::from_io(error, &self.folder).to_string();
        tracing::error!(%error, folder = %self.folder.display(), "the recording cannot be written any more");
        self.metadata.message = Some(sentence.clone());
        self.reports.failure.send_replace(Some(sentence));
    }

    fn finish(mut self) -> Metadata {
        if !self.stopped {
            self.tell_if_late();
        }
        for (_, mut track) in std::mem::take(&mut self.tracks) {
            self.complete(&mut track);
        }
        self.metadata.duration_ms = Some(millis(self.origin.elapsed()));
        self.metadata.status = Status::Recorded;
        self.metadata.tracks.sort_by(|a: &TrackRecord, b| a.file.cmp(&b.file));
        save_last(&self.metadata, &self.folder);
        self.metadata
    }
}

fn save_last(metadata: &Metadata, folder: &Path) {
    if let Err(error) = metadata.save(folder) {
        tracing::error!(%error, folder = %folder.display(), "the recording's description cannot be saved");
    }
}

#[cfg(test)]
mod tests {
    use super::super::id::RecordingId;
    use super::*;

    #[test]
    fn packets_that_a_slow_disk_costs_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let metadata = || Metadata::new(RecordingId::from_millis(7), "room".to_owned(), 7);
        let prepare = || {
            let (key_frames, _) = mpsc::unbounded_channel();
            let (warning, warnings) = watch::channel(None);
            let (failure, failures) = watch::channel(None);
            let reports = DiskReports {
                key_frames,
                warning,
                failure,
            };
            let (handle, disk, jobs) = prepared(folder.path().to_path_buf(), metadata(), reports);
            (handle, disk, jobs, warnings, failures)
        };
        // The thread does not run yet: a disk that is stuck.
        let (stuck, disk, jobs, warnings, failures) = prepare();
        let packet = vec![0; 1 << 20];
        for _ in 0..QUEUE_BYTES / packet.len() + 3 {
            stuck.packet(1, &packet);
        }
        drop(stuck);
        disk.run(&jobs);
        let told = warnings.borrow().clone().expect("it is told");
        assert!(told.contains("too slow") && told.contains("missing"), "{told}");
        assert_eq!(*failures.borrow(), None, "the recording goes on");
        assert_eq!(Metadata::load(folder.path()).unwrap().message, Some(told));

        let (quick, disk, jobs, warnings, _) = prepare();
        quick.packet(1, &packet);
        drop(quick);
        disk.run(&jobs);
        assert_eq!(*warnings.borrow(), None);
    }
}
