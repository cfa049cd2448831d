//! Whatever a client sends becomes a request, a refusal in a sentence, or nothing; it never brings the server down.
//!
//! What comes is an event's name, a line's end, and what came with the event, as in `corpus/requests`.

#![no_main]

use confab_fuzz::bounded;
use confab_wire::{Refusal, Request};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// The longest sentence that answers a request whose shape is wrong, in characters.
const LONGEST: usize = 300;

fuzz_target!(|text: &str| {
    bounded(text.as_bytes(), || run(text));
});

fn run(text: &str) {
    let (event, payload) = text.split_once('\n').unwrap_or((text, ""));
    // As the server has it: what is no JSON is nothing.
    let payload: Value = serde_json::from_str(payload).unwrap_or_default();
    let is_known = Request::EVENTS.contains(&event);
    assert_eq!(Request::known(event).is_some(), is_known);
    assert!(Request::cost(event) > 0);
    match Request::parse(event, payload) {
        None => assert!(!is_known),
        Some(Ok(request)) => {
            assert_eq!(request.event(), event);
            let room = request.room_id().map(|room| room.as_str());
            assert!(room.is_none_or(|room| (1..=64).contains(&room.len()) && !room.contains(['/', '\\'])));
            // What the log may show of it.
            let _ = format!("{request:?}");
        }
        Some(Err(refusal)) => {
            assert!(is_known && matches!(refusal, Refusal::Invalid(_)));
            let sentence = refusal.to_string();
            assert!(sentence.starts_with("Invalid request: ") && sentence.chars().count() < LONGEST);
        }
    }
}
