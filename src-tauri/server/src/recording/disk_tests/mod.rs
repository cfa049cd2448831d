//! The thread that writes, given its jobs without a router.

mod asking;
mod hours;
mod loops;
mod senders;
mod watching;

use std::path::Path;

use super::super::id::RecordingId;
use super::super::queue::{Inlet, queue};
use super::*;

struct Prepared {
    inlet: Inlet<Job>,
    outlet: Outlet<Job>,
    disk: Disk,
    warnings: watch::Receiver<Option<String>>,
    failures: watch::Receiver<Option<String>>,
    key_frames: mpsc::UnboundedReceiver<TrackNumber>,
}

/// A disk whose thread does not run yet.
fn prepared(folder: &Path) -> Prepared {
    let (ask, key_frames) = mpsc::unbounded_channel();
    let (warning, warnings) = watch::channel(None);
    let (failure, failures) = watch::channel(None);
    let reports = DiskReports {
        key_frames: ask,
        warning,
        failure,
        space: watch::Sender::new(Space::default()),
    };
    let metadata = Metadata::new(RecordingId::from_millis(7), "room".to_owned(), 7);
    let disk = Disk::prepare(folder.to_path_buf(), metadata, reports).unwrap();
    let (inlet, outlet) = queue();
    Prepared {
        inlet,
        outlet,
        disk,
        warnings,
        failures,
        key_frames,
    }
}

#[test]
fn packets_that_a_slow_disk_costs_are_told() {
    let packet = bytes::Bytes::from(vec![0; 1 << 20]);
    let add = |inlet: &Inlet<Job>| inlet.add_if_it_fits(packet.len(), Job::Packet(1, packet.clone()));
    let folder = tempfile::tempdir().unwrap();
    let stuck = prepared(folder.path());
    for _ in 0..40 {
        add(&stuck.inlet);
    }
    drop(stuck.inlet);
    stuck.disk.run(&stuck.outlet);
    let told = stuck.warnings.borrow().clone().expect("it is told");
    assert!(told.contains("too slow") && told.contains("missing"), "{told}");
    assert_eq!(*stuck.failures.borrow(), None, "the recording goes on");
    assert_eq!(Metadata::load(folder.path()).unwrap().message, Some(told));

    let folder = tempfile::tempdir().unwrap();
    let quick = prepared(folder.path());
    add(&quick.inlet);
    drop(quick.inlet);
    quick.disk.run(&quick.outlet);
    assert_eq!(*quick.warnings.borrow(), None);
}

#[test]
fn what_happened_is_noted_from_the_first_line_to_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let Prepared {
        inlet, outlet, disk, ..
    } = prepared(folder.path());
    let anna = RecordedPerson {
        seat: 4,
        name: "Anna".to_owned(),
        is_audio_muted: true,
        ..RecordedPerson::default()
    };
    inlet.add(Duration::from_millis(5), Job::People(vec![anna]));
    inlet.add(Duration::from_millis(6), Job::Note(Event::Speaker { seat: Some(4) }));
    inlet.add(Duration::from_millis(7), Job::People(Vec::new()));
    drop(inlet);
    disk.run(&outlet);
    let lines = sidecar::read(folder.path()).unwrap();
    let noted: Vec<(i64, &Event)> = lines.iter().map(|line| (line.at, &line.event)).collect();
    let [
        (0, Event::Started { .. }),
        (5, Event::Joined { seat: 4, .. }),
        (5, Event::Muted { audio: true, .. }),
        (6, Event::Speaker { seat: Some(4) }),
        (7, Event::Left { seat: 4 }),
        (_, Event::Stopped { .. }),
    ] = noted[..]
    else {
        panic!("{lines:?}")
    };
}
