//! Who is in the room while it is recorded: from one list of people to the next, what happened between them.

use std::collections::BTreeMap;

use super::sidecar::Event;

/// Somebody in the room, as everybody sees them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordedPerson {
    /// The person, the same over reconnects.
    pub seat: u64,
    /// What the person is called now.
    pub name: String,
    /// The connection is lost, and the place kept.
    pub is_away: bool,
    /// The microphone is off.
    pub is_audio_muted: bool,
    /// The camera is off.
    pub is_video_paused: bool,
    /// A screen is shared.
    pub is_screen_sharing: bool,
}

/// Who is in the room.
#[derive(Debug, Default)]
pub(super) struct People(BTreeMap<u64, RecordedPerson>);

impl People {
    /// Takes in who is there now; returns what happened since the last time.
    pub(super) fn update(&mut self, now: Vec<RecordedPerson>) -> Vec<Event> {
        let now: BTreeMap<u64, RecordedPerson> = now.into_iter().map(|person| (person.seat, person)).collect();
        let mut events: Vec<Event> = self
            .0
            .keys()
            .filter(|seat| !now.contains_key(seat))
            .map(|seat| Event::Left { seat: *seat })
            .collect();
        for person in now.values() {
            changes(self.0.get(&person.seat), person, &mut events);
        }
        self.0 = now;
        events
    }

    /// What somebody is called, as far as it was told.
    pub(super) fn name_of(&self, seat: u64) -> Option<&str> {
        self.0.get(&seat).map(|person| person.name.as_str())
    }
}

fn changes(before: Option<&RecordedPerson>, person: &RecordedPerson, events: &mut Vec<Event>) {
    let seat = person.seat;
    let differs = |of: fn(&RecordedPerson) -> bool| before.is_some_and(of) != of(person);
    match before {
        None => events.push(Event::Joined {
            seat,
            name: person.name.clone(),
        }),
        Some(before) if before.name != person.name => events.push(Event::Named {
            seat,
            name: person.name.clone(),
        }),
        Some(_) => {}
    }
    if differs(|person| person.is_away) {
        events.push(if person.is_away {
            Event::Away { seat }
        } else {
            Event::Back { seat }
        });
    }
    let is_same = |before: &RecordedPerson| {
        (before.is_audio_muted, before.is_video_paused) == (person.is_audio_muted, person.is_video_paused)
    };
    if !before.is_some_and(is_same) {
        events.push(Event::Muted {
            seat,
            audio: person.is_audio_muted,
            video: person.is_video_paused,
        });
    }
    if differs(|person| person.is_screen_sharing) {
        let on = person.is_screen_sharing;
        events.push(Event::Sharing { seat, on });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(seat: u64, name: &str) -> RecordedPerson {
        RecordedPerson {
            seat,
            name: name.to_owned(),
            ..RecordedPerson::default()
        }
    }

    fn joined(seat: u64, name: &str) -> Event {
        let name = name.to_owned();
        Event::Joined { seat, name }
    }

    fn muted(seat: u64, audio: bool, video: bool) -> Event {
        Event::Muted { seat, audio, video }
    }

    #[test]
    fn people_come_and_go() {
        let mut people = People::default();
        let (anna, ben) = (person(1, "Anna"), person(2, "Ben"));
        assert_eq!(
            people.update(vec![anna.clone(), ben.clone()]),
            [
                joined(1, "Anna"),
                muted(1, false, false),
                joined(2, "Ben"),
                muted(2, false, false)
            ]
        );
        assert_eq!(people.update(vec![anna, ben.clone()]), []);
        assert_eq!(people.update(vec![ben]), [Event::Left { seat: 1 }]);
    }

    #[test]
    fn what_changes_about_a_person_is_told_and_nothing_else() {
        let mut people = People::default();
        people.update(vec![person(1, "Anna")]);
        let mut anna = person(1, "Anna B.");
        anna.is_away = true;
        assert_eq!(
            people.update(vec![anna.clone()]),
            [
                Event::Named {
                    seat: 1,
                    name: "Anna B.".to_owned()
                },
                Event::Away { seat: 1 }
            ]
        );
        anna.is_away = false;
        anna.is_audio_muted = true;
        anna.is_screen_sharing = true;
        assert_eq!(
            people.update(vec![anna.clone()]),
            [
                Event::Back { seat: 1 },
                muted(1, true, false),
                Event::Sharing { seat: 1, on: true }
            ]
        );
        anna.is_screen_sharing = false;
        assert_eq!(people.update(vec![anna]), [Event::Sharing { seat: 1, on: false }]);
    }
}
