//! `events.jsonl`: what happened while a recording ran, a line for each thing, as far as composing needs it. Lines that do not parse are passed over.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) at: i64,
    #[serde(flatten)]
    pub(crate) event: Event,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Event {
    Joined {
        seat: u64,
        name: String,
    },
    Left {
        seat: u64,
    },
    Named {
        seat: u64,
        name: String,
    },
    Sharing {
        seat: u64,
        on: bool,
    },
    Speaker {
        seat: Option<u64>,
    },
    Message {
        seat: Option<u64>,
        name: String,
        text: String,
    },
}

/// What a recording's folder says happened; nothing if it has no such file.
pub(crate) fn read(folder: &Path) -> io::Result<Vec<Line>> {
    let text = match std::fs::read_to_string(folder.join("events.jsonl")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        text => text?,
    };
    Ok(text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect())
}
