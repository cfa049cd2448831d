//! Who is in a recording: when each person was there and when they spoke, from the sidecar, or from the tracks alone where there is none. Pure.

use std::collections::BTreeMap;

use super::super::metadata::{Span, TrackRecord};
use super::super::sidecar::{Event, Line};

/// Two stretches of speech with less than this between them are one: a mark that blinks is worse than one that stays.
const BREATH_MS: u64 = 1200;
/// Less than this is a cough.
const COUGH_MS: u64 = 250;

/// A person of the recording.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Person {
    /// The same over reconnects, as in the tracks.
    pub(crate) seat: u64,
    /// What they were called last.
    pub(crate) name: String,
    /// When they were there, in order.
    pub(crate) present: Vec<Span>,
    /// When they spoke, in order.
    pub(crate) spoke: Vec<Span>,
}

impl Person {
    /// How long they spoke, in milliseconds.
    pub(crate) fn spoke_ms(&self) -> u64 {
        self.spoke.iter().map(|span| span.to - span.from).sum()
    }
}

/// The people of a recording that ends at `end_ms`, by seat.
pub(crate) fn cast(tracks: &[TrackRecord], lines: &[Line], end_ms: u64) -> Vec<Person> {
    let mut people: BTreeMap<u64, Person> = BTreeMap::new();
    for line in lines {
        let at = time(line);
        match &line.event {
            Event::Joined { seat, name } => {
                let person = person(&mut people, *seat);
                person.name.clone_from(name);
                person.present.push(Span { from: at, to: end_ms });
            }
            Event::Named { seat, name } => person(&mut people, *seat).name.clone_from(name),
            Event::Left { seat } => {
                if let Some(span) = person(&mut people, *seat).present.last_mut() {
                    span.to = at.max(span.from);
                }
            }
            _ => {}
        }
    }
    for (seat, span) in speeches(lines, end_ms) {
        if let Some(person) = people.get_mut(&seat) {
            person.spoke.push(span);
        }
    }
    for track in tracks {
        let person = person(&mut people, track.seat);
        if person.name.is_empty() {
            person.name.clone_from(&track.peer_name);
        }
        person.present.extend(track.span());
    }
    people
        .into_values()
        .map(|person| Person {
            present: joined(person.present, 0),
            spoke: joined(person.spoke, BREATH_MS)
                .into_iter()
                .filter(|span| span.to >= span.from + COUGH_MS)
                .collect(),
            ..person
        })
        .collect()
}

/// When a line was written, in milliseconds of the recording.
pub(crate) fn time(line: &Line) -> u64 {
    u64::try_from(line.at).unwrap_or(0)
}

fn person(people: &mut BTreeMap<u64, Person>, seat: u64) -> &mut Person {
    people.entry(seat).or_insert_with(|| Person {
        seat,
        name: String::new(),
        present: Vec::new(),
        spoke: Vec::new(),
    })
}

/// Who spoke when: from one word about it to the next.
fn speeches(lines: &[Line], end_ms: u64) -> Vec<(u64, Span)> {
    let mut speeches = Vec::new();
    let mut now: Option<(u64, u64)> = None;
    for line in lines {
        let Event::Speaker { seat } = line.event else { continue };
        let at = time(line);
        speeches.extend(now.map(|(seat, from)| (seat, Span { from, to: at.max(from) })));
        now = seat.map(|seat| (seat, at));
    }
    speeches.extend(now.map(|(seat, from)| {
        let to = end_ms.max(from);
        (seat, Span { from, to })
    }));
    speeches
}

/// Spans in order, those with less than `gap` between them as one, the empty ones left out.
fn joined(mut spans: Vec<Span>, gap: u64) -> Vec<Span> {
    spans.sort_by_key(|span| span.from);
    let mut joined: Vec<Span> = Vec::new();
    for span in spans.into_iter().filter(|span| span.from < span.to) {
        match joined.last_mut().filter(|last| span.from <= last.to + gap) {
            Some(last) => last.to = last.to.max(span.to),
            None => joined.push(span),
        }
    }
    joined
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::super::metadata::TrackKind;
    use super::super::timeline::tests::track;
    use super::*;

    pub(crate) fn line(at: u64, event: Event) -> Line {
        Line { at: at as _, event }
    }

    fn span(from: u64, to: u64) -> Span {
        Span { from, to }
    }

    #[test]
    fn without_a_sidecar_people_are_there_while_something_of_theirs_is() {
        let tracks = [
            track(TrackKind::Audio, 2, 1000, 5000),
            track(TrackKind::Video, 2, 4000, 7000),
            track(TrackKind::Audio, 1, 8000, 9000),
        ];
        let people = cast(&tracks, &[], 9000);
        assert_eq!(people.iter().map(|person| person.seat).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(people[1].present, [span(1000, 7000)]);
    }

    #[test]
    fn with_one_they_are_there_from_joining_to_leaving_and_called_what_they_said_last() {
        let name = |name: &str| name.to_owned();
        let lines = [
            line(
                0,
                Event::Joined {
                    seat: 1,
                    name: name("Ann"),
                },
            ),
            line(
                500,
                Event::Joined {
                    seat: 2,
                    name: name("Ben"),
                },
            ),
            line(
                900,
                Event::Named {
                    seat: 1,
                    name: name("Anna"),
                },
            ),
            line(2000, Event::Left { seat: 2 }),
        ];
        let people = cast(&[track(TrackKind::Audio, 1, 100, 3000)], &lines, 3000);
        assert_eq!(people[0].name, "Anna");
        assert_eq!(people[0].present, [span(0, 3000)]);
        assert_eq!(
            (people[1].name.as_str(), people[1].present.as_slice()),
            ("Ben", &[span(500, 2000)][..])
        );
    }

    #[test]
    fn a_breath_does_not_end_a_speech_and_a_cough_is_none() {
        let speaker = |at, seat| line(at, Event::Speaker { seat });
        let lines = [
            line(
                0,
                Event::Joined {
                    seat: 1,
                    name: "Ann".to_owned(),
                },
            ),
            line(
                0,
                Event::Joined {
                    seat: 2,
                    name: "Ben".to_owned(),
                },
            ),
            speaker(1000, Some(1)),
            speaker(3000, None),
            speaker(3500, Some(1)),
            speaker(5000, Some(2)),
            speaker(5100, None),
            speaker(9000, Some(1)),
        ];
        let people = cast(&[], &lines, 10_000);
        assert_eq!(people[0].spoke, [span(1000, 5000), span(9000, 10_000)]);
        assert_eq!(people[1].spoke, []);
        assert_eq!(people[0].spoke_ms(), 5000);
    }
}
