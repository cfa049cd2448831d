//! That `PROTOCOL.md` says what the types say: its tables name every event, every field and every structure, and no
//! others. A name in a table stands between backticks; one that may be left out ends in `?`.

use std::collections::{BTreeMap, BTreeSet};

use ts_rs::{Config, TS};

use super::*;

const DOCUMENT: &str = include_str!("../../PROTOCOL.md");

/// Names of fields, each with its `?` if it may be left out.
type Fields = BTreeSet<String>;

macro_rules! structures {
    ($($name:ident),+ $(,)?) => {
        /// What the shapes of events refer to by name.
        fn structures() -> BTreeMap<String, String> {
            let config = Config::default();
            BTreeMap::from([$((stringify!($name).to_owned(), $name::inline(&config))),+])
        }
    };
}

structures!(
    ChatEntry,
    ChatMessage,
    OutgoingMessage,
    ParticipantEntry,
    ProducerSummary,
    ReactionUpdate,
    RemovedPerson,
    Reply,
    ReplyTo,
    RoleUpdate,
    RoomPolicy,
    RunningBroadcast,
    RunningRecording,
    Sender,
    SharedFile,
    StreamStats,
    TransportParams,
    TransportStats,
    WaitingPerson,
);

macro_rules! shapes {
    ($($(#[$doc:meta])* $event:literal => $variant:ident($payload:ty) -> $ack:ty $(= $cost:literal)?,)+) => {
        /// Every event's name with the shapes of its payload and of its acknowledgement, in TypeScript.
        fn shapes() -> Vec<(&'static str, String, String)> {
            let config = Config::default();
            vec![$(($event, <$payload>::inline(&config), <$ack>::inline(&config)),)+]
        }
    };
}

confab_wire::every_request!(shapes);

/// What is a text on the wire, or otherwise no structure with fields of its own: the document explains it in words.
const PLAIN: [&str; 12] = [
    "Array",
    "By",
    "Devices",
    "Direction",
    "DoorKind",
    "ForceAudio",
    "ForceVideo",
    "PeerId",
    "Record",
    "ReactionChange",
    "RoomId",
    "SocketId",
];

#[test]
fn every_event_of_clients_is_in_the_document_with_its_fields() {
    let requests = shapes();
    let of_types = requests
        .iter()
        .map(|(event, payload, ack)| ((*event).to_owned(), vec![fields(payload), fields(ack)]))
        .collect();
    compare(&table("What clients send"), &of_types);
}

#[test]
fn every_event_of_the_server_is_in_the_document_with_its_fields() {
    let of_types = server_events()
        .into_iter()
        .map(|(event, data)| (event, vec![fields(&data)]))
        .collect();
    compare(&table("What the server says"), &of_types);
}

#[test]
fn every_structure_is_in_the_document_with_its_fields() {
    let structures = structures();
    let of_types = structures
        .iter()
        .map(|(name, shape)| (name.clone(), vec![fields(shape)]));
    compare(&table("Structures"), &of_types.collect());

    let shapes = shapes().into_iter().flat_map(|(_, payload, ack)| [payload, ack]);
    let events = server_events().into_values();
    for shape in shapes.chain(events).chain(structures.values().cloned()) {
        for name in references(&shape) {
            let is_known = structures.contains_key(&name) || PLAIN.contains(&name.as_str());
            assert!(is_known, "{name} is not among the document's structures");
        }
    }
}

#[test]
fn every_refusal_is_in_the_document() {
    let texts = include_str!("../../../wire/src/refusal.rs").split("#[error(\"").skip(1);
    let texts = texts.filter_map(|rest| Some(rest.split_once("\")]")?.0.replace("{0}", "…")));
    let of_types: Fields = texts.filter(|text| text != "…").collect();
    let of_document: Fields = table("Refusals").into_keys().collect();
    assert_eq!(of_document, of_types);
}

/// What comes or not, as it happens, or takes a change of the network or the owner at the window: the kept shapes are
/// without it.
const BY_CHANCE: [&str; 7] = [
    "active-speaker",
    "broadcast-started",
    "broadcast-stopped",
    "consumer-layers-changed",
    "consumer-score",
    "recording-ready",
    "server-address-changed",
];

#[test]
fn every_event_of_both_sides_is_among_the_shapes_that_an_outside_client_saw() {
    let kept: serde_json::Value = serde_json::from_str(include_str!("../../../../tests/guide/shapes.json")).unwrap();
    let names = |part: &str| kept[part].as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let asked: BTreeSet<String> = Request::EVENTS.iter().map(|event| (*event).to_owned()).collect();
    assert_eq!(names("acknowledgements"), asked);
    let is_sure = |event: &String| !BY_CHANCE.contains(&event.as_str());
    let said: BTreeSet<String> = server_events().into_keys().filter(is_sure).collect();
    assert_eq!(names("events"), said);
}

/// Compares name by name, so that a failure names what differs.
fn compare(document: &BTreeMap<String, Vec<Fields>>, types: &BTreeMap<String, Vec<Fields>>) {
    let names = |map: &BTreeMap<String, Vec<Fields>>| map.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(document),
        names(types),
        "document and types name different things"
    );
    for (name, fields) in types {
        assert_eq!(
            document[name][..fields.len()],
            fields[..],
            "{name}: document and types differ"
        );
    }
}

/// The rows of the tables under a heading of the document: the name, and the names in each further cell.
fn table(heading: &str) -> BTreeMap<String, Vec<Fields>> {
    let start = DOCUMENT.find(&format!("\n## {heading}\n")).expect("the heading");
    let section = &DOCUMENT[start + 1..];
    let section = &section[..section.find("\n## ").unwrap_or(section.len())];
    let mut rows = BTreeMap::new();
    for row in section
        .lines()
        .filter(|line| line.starts_with("| `") || line.starts_with("| ＋"))
    {
        let mut cells = row.trim_matches('|').split(" | ").map(names_in);
        let name = cells.next().unwrap_or_default().pop_first().expect("a name");
        let known = rows.insert(name.clone(), cells.collect());
        assert!(known.is_none(), "{name} is in the document twice");
    }
    rows
}

fn names_in(cell: &str) -> Fields {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Every event of the server with the shape of what comes with it.
fn server_events() -> BTreeMap<String, String> {
    let shape = without_comments(&ServerEvent::inline(&Config::default()));
    let events = split(&shape, '|').into_iter().map(|event| {
        let entries = entries(event);
        (entries["event"].trim_matches('"').to_owned(), entries["data"].clone())
    });
    events.collect()
}

/// The names of a shape's fields; of a structure that it refers to, the structure's; none of what is no object.
fn fields(shape: &str) -> Fields {
    let shape = without_comments(shape);
    let by = By::inline(&Config::default());
    let structures = structures();
    let shape = match shape.trim() {
        "By" => &by,
        name => structures.get(name).unwrap_or(&shape),
    };
    entries(shape).into_keys().collect()
}

/// The entries of an object type: name and type.
fn entries(shape: &str) -> BTreeMap<String, String> {
    let shape = without_comments(shape);
    let mut entries = BTreeMap::new();
    for part in split(&shape, '&') {
        let Some(inside) = part.trim().strip_prefix('{').and_then(|part| part.strip_suffix('}')) else {
            continue;
        };
        for entry in split(inside, ',') {
            if let Some((name, shape)) = entry.split_once(':') {
                entries.insert(name.trim().trim_matches('"').to_owned(), shape.trim().to_owned());
            }
        }
    }
    entries
}

/// Splits where the separator stands outside of all brackets.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_i32);
    for (at, char) in text.char_indices() {
        match char {
            '{' | '[' | '(' | '<' => depth += 1,
            '}' | ']' | ')' | '>' => depth -= 1,
            _ if char == separator && depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => (),
        }
    }
    parts.push(text[start..].trim());
    parts
}

fn without_comments(text: &str) -> String {
    let mut parts = text.split("/**");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |sum, part| {
        sum + part.split_once("*/").map_or(part, |(_, code)| code)
    })
}

/// The types of our own that a shape refers to: capitalised words outside of quotes and of mediasoup's types.
fn references(shape: &str) -> BTreeSet<String> {
    let shape = without_comments(shape);
    let unquoted: String = shape.split(['\'', '"']).step_by(2).collect();
    let words = unquoted.split(|char: char| !char.is_ascii_alphanumeric() && char != '.' && char != '_');
    words
        .filter(|word| word.starts_with(|first: char| first.is_ascii_uppercase()))
        .map(str::to_owned)
        .collect()
}
