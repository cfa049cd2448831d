//! Who and what is to be seen, and where: the same places and the same drawing as in a recording's film. Pure.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use mediasoup::prelude::ProducerId;

use super::decoder::Wanted;
use crate::recording::RecordedPerson;
use crate::recording::compose::layout::Rect;
use crate::recording::compose::plate::{Drawn, Kind};
use crate::recording::compose::scenery::{Arrangement, Rank, arranged, shape};

/// The most voices that are decoded: of more only those who spoke last are heard.
const MOST_VOICES: usize = 24;

/// A sound that somebody sends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sounding {
    pub(super) producer: ProducerId,
    pub(super) seat: u64,
    pub(super) is_share: bool,
}

/// A picture that somebody sends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shown {
    pub(super) producer: ProducerId,
    pub(super) seat: u64,
    pub(super) is_share: bool,
    /// The size in which it is sent, if that is known.
    pub(super) size: Option<(u16, u16)>,
    /// There is something of it to be seen already.
    pub(super) is_there: bool,
}

/// Who is in the room, and what was heard of them.
#[derive(Debug, Default)]
pub(super) struct Cast {
    people: BTreeMap<u64, String>,
    speaker: Option<u64>,
    /// When somebody spoke last, counted in speakers.
    spoke: HashMap<u64, u64>,
    count: u64,
}

/// Somebody or something in its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tile {
    pub(super) place: Rect,
    pub(super) drawn: Drawn,
    /// The picture to be laid there, once there is one.
    pub(super) producer: Option<ProducerId>,
}

impl Tile {
    /// The size in which its picture is wanted.
    pub(super) fn wanted(&self) -> Wanted {
        Wanted {
            width: self.place.width,
            height: self.place.height,
        }
    }
}

impl Cast {
    /// Takes in who is there now.
    pub(super) fn meet(&mut self, people: &[RecordedPerson]) {
        self.people = people.iter().map(|person| (person.seat, person.name.clone())).collect();
        self.spoke.retain(|seat, _| self.people.contains_key(seat));
    }

    /// Takes in who speaks now.
    pub(super) fn hear(&mut self, speaker: Option<u64>) {
        self.speaker = speaker;
        if let Some(seat) = speaker {
            self.count += 1;
            self.spoke.insert(seat, self.count);
        }
    }

    /// Everybody and everything in its place: shared screens first, in the order in which they began, then faces by seat.
    pub(super) fn tiles(&self, shown: &[Shown], (width, height): (u32, u32)) -> Vec<Tile> {
        let shares: Vec<&Shown> = shown.iter().filter(|shown| shown.is_share).collect();
        let camera = |seat: u64| shown.iter().rfind(|shown| shown.seat == seat && !shown.is_share);
        let people: Vec<(u64, &str, Option<&Shown>)> = self
            .people
            .iter()
            .map(|(seat, name)| (*seat, name.as_str(), camera(*seat)))
            .collect();
        let rank = |(seat, _, camera): &(u64, &str, Option<&Shown>)| Rank {
            has_picture: camera.is_some(),
            speech: self.spoke.get(seat).copied().unwrap_or_default(),
        };
        let ranks: Vec<Rank> = people.iter().map(rank).collect();
        let shapes: Vec<f64> = shares.iter().map(|share| shape(share.size)).collect();
        let canvas = Rect::whole((width, height));
        let Arrangement { stage, faces, others } = arranged(&shapes, &ranks, canvas);
        let name = |seat: u64| self.people.get(&seat).cloned().unwrap_or_default();
        let screens = shares
            .iter()
            .zip(stage)
            .map(|(share, place)| self.tile(place, Kind::Screen(name(share.seat)), Some(share), None));
        let persons = faces.into_iter().map(|(index, place)| {
            let (seat, name, camera) = people[index];
            self.tile(place, Kind::Person(name.to_owned()), camera, Some(seat))
        });
        let rest = others.map(|(count, place)| self.tile(place, Kind::Others(count), None, None));
        screens.chain(persons).chain(rest).collect()
    }

    /// Those of all sounds that are to be heard: those of shared screens, and who spoke last.
    pub(super) fn heard(&self, mut sounds: Vec<Sounding>) -> HashSet<ProducerId> {
        let spoke = |sound: &Sounding| self.spoke.get(&sound.seat).copied().unwrap_or_default();
        sounds.sort_by_key(|sound| (!sound.is_share, Reverse(spoke(sound))));
        sounds.truncate(MOST_VOICES);
        sounds.into_iter().map(|sound| sound.producer).collect()
    }

    fn tile(&self, place: Rect, kind: Kind, shown: Option<&Shown>, seat: Option<u64>) -> Tile {
        Tile {
            place,
            drawn: Drawn {
                spot: place.into(),
                kind,
                has_picture: shown.is_some_and(|shown| shown.is_there),
                opacity: 1.0,
                initials: 0.0,
                is_speaking: seat.is_some() && seat == self.speaker,
            },
            producer: shown.map(|shown| shown.producer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANVAS: (u32, u32) = (1280, 720);

    fn producer(number: u8) -> ProducerId {
        format!("00000000-0000-0000-0000-0000000000{number:02}")
            .parse()
            .unwrap()
    }

    fn shown(number: u8, seat: u64, is_share: bool) -> Shown {
        Shown {
            producer: producer(number),
            seat,
            is_share,
            size: None,
            is_there: true,
        }
    }

    fn cast(seats: std::ops::Range<u64>) -> Cast {
        let person = |seat| RecordedPerson {
            seat,
            name: format!("Person {seat}"),
            is_away: false,
            is_audio_muted: false,
            is_video_paused: false,
            is_screen_sharing: false,
        };
        let mut cast = Cast::default();
        cast.meet(&seats.map(person).collect::<Vec<_>>());
        cast
    }

    #[test]
    fn a_camera_alone_fills_the_canvas_and_a_shared_screen_takes_the_most_of_it() {
        let cast = cast(1..2);
        let alone = cast.tiles(&[shown(1, 1, false)], CANVAS);
        assert_eq!(alone[0].place, Rect::whole(CANVAS));
        let tiles = cast.tiles(&[shown(1, 1, false), shown(2, 1, true)], CANVAS);
        assert_eq!(tiles[0].producer, Some(producer(2)));
        assert_eq!(tiles[0].drawn.kind, Kind::Screen("Person 1".to_owned()));
        assert!(tiles[0].place.width > 900 && tiles[1].place.width < 300, "{tiles:?}");
    }

    #[test]
    fn who_has_no_picture_has_a_place_and_a_name_and_one_that_is_not_there_yet_has_no_window() {
        let coming = Shown {
            is_there: false,
            ..shown(1, 1, false)
        };
        let tiles = cast(1..3).tiles(&[coming], CANVAS);
        let drawn: Vec<(Option<ProducerId>, bool)> = tiles
            .iter()
            .map(|tile| (tile.producer, tile.drawn.has_picture))
            .collect();
        assert_eq!(drawn, [(Some(producer(1)), false), (None, false)]);
        assert!(cast(0..0).tiles(&[], CANVAS).is_empty());
    }

    #[test]
    fn who_spoke_last_has_a_place_where_not_all_have_and_is_marked() {
        let mut cast = cast(1..41);
        cast.hear(Some(39));
        cast.hear(Some(40));
        let tiles = cast.tiles(&[], CANVAS);
        let of = |name: &str| {
            tiles
                .iter()
                .find(|tile| tile.drawn.kind == Kind::Person(name.to_owned()))
        };
        assert!(of("Person 39").is_some_and(|tile| !tile.drawn.is_speaking));
        assert!(of("Person 40").is_some_and(|tile| tile.drawn.is_speaking));
        assert!(tiles.iter().any(|tile| matches!(tile.drawn.kind, Kind::Others(_))));
    }

    #[test]
    fn of_many_voices_those_are_heard_who_spoke_last() {
        let mut cast = cast(1..41);
        cast.hear(Some(40));
        let sound = |seat: u64| Sounding {
            producer: producer(seat as u8),
            seat,
            is_share: seat == 39,
        };
        let heard = cast.heard((1..41).map(sound).collect());
        assert_eq!(heard.len(), MOST_VOICES);
        assert!(
            heard.contains(&producer(39)) && heard.contains(&producer(40)),
            "{heard:?}"
        );
        assert_eq!(cast.heard(vec![sound(3)]).len(), 1);
    }

    #[test]
    fn of_two_cameras_of_one_person_the_newer_is_shown() {
        let tiles = cast(1..2).tiles(&[shown(1, 1, false), shown(2, 1, false)], CANVAS);
        assert_eq!(tiles[0].producer, Some(producer(2)));
    }
}
