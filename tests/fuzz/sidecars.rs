//! Whatever lies in `events.jsonl` is read as far as it makes sense, and makes a description of a recording that is written and read back.

#![no_main]

use std::fs;

use confab_fuzz::{bounded, folder};
use confab_media_file::records::id::RecordingId;
use confab_media_file::records::metadata::{self, Metadata};
use confab_media_file::records::rebuild::rebuild;
use confab_media_file::records::sidecar::{self, Line};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    bounded(data, || run(data));
});

fn run(data: &[u8]) {
    let lines = sidecar::read_from(data).expect("memory is read");
    assert!(lines.len() <= data.split(|byte| *byte == b'\n').count());
    for line in &lines {
        let written = serde_json::to_vec(line).expect("plain data");
        assert!(!written.contains(&b'\n'));
        assert_eq!(
            serde_json::from_slice::<Line>(&written).expect("what was written"),
            *line
        );
    }
    let folder = folder();
    fs::write(folder.join(sidecar::FILE_NAME), data).expect("a file");
    let id = RecordingId::from_millis(7);
    let rebuilt = rebuild(folder, id, "team").expect("a folder");
    assert_eq!(rebuilt.is_some(), !lines.is_empty());
    let Some(mut metadata) = rebuilt else { return };
    assert!(metadata.tracks.iter().all(|track| metadata::is_plain_name(&track.file)));
    assert!(metadata.tracks.len() <= lines.len());
    metadata.mend(folder);
    assert!(metadata.duration_ms.is_some());
    assert!(
        metadata
            .tracks
            .iter()
            .all(|track| track.span().is_none_or(|span| span.from < span.to))
    );
    metadata.save(folder).expect("a file");
    assert_eq!(Metadata::load(folder).expect("what was saved"), metadata);
}
