//! Puts the people and screens of a scene in their places, and says how each moves there from where it was in the scene before. Pure.

use super::super::metadata::TrackRecord;
use super::cast::Person;
use super::layout::{self, MOST_BESIDE, MOST_IN_GRID, Rect};
use super::timeline::{Face, Scene};

/// How many frames a change of the scene takes: 0.4 s.
pub(crate) const MOVE_FRAMES: u64 = 12;
/// The shape of a shared screen whose size is not known.
const USUAL_SHAPE: f64 = 16.0 / 9.0;
/// How large somebody who comes is at first, and who goes is in the end.
const DISTANT: f64 = 0.86;

/// What stands in a place. People and tracks are indices into those of the recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Person(usize),
    /// A shared screen, by its track.
    Share(usize),
    /// So many people for whom there is no place.
    Others(usize),
}

/// Somebody or something in its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tile {
    pub(crate) who: Who,
    pub(crate) place: Rect,
    /// The track with the picture; a person without one is shown by initials.
    pub(crate) track: Option<usize>,
}

/// A place while something moves, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spot {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// How a tile gets from one scene to the next. Opacities are from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Move {
    pub(crate) who: Who,
    pub(crate) from: Spot,
    pub(crate) to: Spot,
    /// Of all of it.
    pub(crate) opacity: (f64, f64),
    /// Of the initials before the picture.
    pub(crate) initials: (f64, f64),
    pub(crate) track: Option<usize>,
    /// The picture ends here, and stands still meanwhile.
    pub(crate) is_ending: bool,
}

impl Spot {
    fn shrunk(self, by: f64) -> Self {
        Self {
            x: self.x + self.width * (1.0 - by) / 2.0,
            y: self.y + self.height * (1.0 - by) / 2.0,
            width: self.width * by,
            height: self.height * by,
        }
    }

    /// Part of the way to another, from 0 to 1.
    pub(crate) fn towards(self, other: Self, share: f64) -> Self {
        let between = |a: f64, b: f64| a + (b - a) * share;
        Self {
            x: between(self.x, other.x),
            y: between(self.y, other.y),
            width: between(self.width, other.width),
            height: between(self.height, other.height),
        }
    }
}

impl From<Rect> for Spot {
    fn from(rect: Rect) -> Self {
        Self {
            x: f64::from(rect.x),
            y: f64::from(rect.y),
            width: f64::from(rect.width),
            height: f64::from(rect.height),
        }
    }
}

/// How far a move is at one of its frames, from 0 to 1: slow at both ends.
pub(crate) fn eased(frame: u64) -> f64 {
    let share = (frame + 1) as f64 / (MOVE_FRAMES + 1) as f64;
    share * share * (3.0 - 2.0 * share)
}

/// Somebody who wants a place: whether they have a picture, and how much they speak, by which they are chosen where not all have a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rank {
    pub(crate) has_picture: bool,
    pub(crate) speech: u64,
}

/// Where all stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arrangement {
    /// Shared screens, in their order.
    pub(crate) stage: Vec<Rect>,
    /// Those who have a place, by their index.
    pub(crate) faces: Vec<(usize, Rect)>,
    /// How many have none, and where that is said.
    pub(crate) others: Option<(usize, Rect)>,
}

/// Shared screens (by their shapes, width by height) and faces in their places.
pub(crate) fn arranged(shapes: &[f64], faces: &[Rank], canvas: Rect) -> Arrangement {
    let most = if shapes.is_empty() { MOST_IN_GRID } else { MOST_BESIDE };
    let (chosen, others) = chosen(faces, most);
    let mut with_picture: Vec<bool> = chosen.iter().map(|index| faces[*index].has_picture).collect();
    if others > 0 {
        with_picture.push(false);
    }
    let (stage, mut places) = layout::places(canvas, shapes, &with_picture);
    let rest = if others > 0 { places.pop() } else { None };
    Arrangement {
        stage,
        faces: chosen.into_iter().zip(places).collect(),
        others: rest.map(|place| (others, place)),
    }
}

/// Everybody and everything of a scene in its place: shared screens first, then faces by seat.
pub(crate) fn tiles(scene: &Scene, tracks: &[TrackRecord], people: &[Person], canvas: Rect) -> Vec<Tile> {
    let size = |track: &TrackRecord| track.width.zip(track.height);
    let shapes: Vec<f64> = scene.stage.iter().map(|index| shape(size(&tracks[*index]))).collect();
    let rank = |face: &Face| Rank {
        has_picture: face.track.is_some(),
        speech: people[face.person].spoke_ms(),
    };
    let ranks: Vec<Rank> = scene.faces.iter().map(rank).collect();
    let Arrangement { stage, faces, others } = arranged(&shapes, &ranks, canvas);
    let shares = scene.stage.iter().zip(stage).map(|(track, place)| Tile {
        who: Who::Share(*track),
        place,
        track: Some(*track),
    });
    let persons = faces.into_iter().map(|(index, place)| Tile {
        who: Who::Person(scene.faces[index].person),
        place,
        track: scene.faces[index].track,
    });
    let rest = others.map(|(count, place)| Tile {
        who: Who::Others(count),
        place,
        track: None,
    });
    shares.chain(persons).chain(rest).collect()
}

/// Who is shown where not all have a place, in their order: who has a picture before who has none, and then who speaks most; and how many are left.
fn chosen(faces: &[Rank], most: usize) -> (Vec<usize>, usize) {
    let mut ranked: Vec<usize> = (0..faces.len()).collect();
    if faces.len() <= most {
        return (ranked, 0);
    }
    ranked.sort_by_key(|index| (!faces[*index].has_picture, std::cmp::Reverse(faces[*index].speech)));
    ranked.truncate(most - 1);
    ranked.sort_unstable();
    (ranked, faces.len() - (most - 1))
}

/// The shape of a shared screen of this size, width by height, within what a stage can show.
pub(crate) fn shape(size: Option<(u16, u16)>) -> f64 {
    match size {
        Some((width, height)) if width > 0 && height > 0 => (f64::from(width) / f64::from(height)).clamp(0.4, 4.0),
        _ => USUAL_SHAPE,
    }
}

/// How the tiles of one scene become those of the next. Those who go come first, so that they are behind the others.
pub(crate) fn moves(before: &[Tile], after: &[Tile]) -> Vec<Move> {
    let at = |tiles: &[Tile], who: Who| tiles.iter().find(|tile| same(tile.who, who)).copied();
    let going = before
        .iter()
        .filter(|tile| at(after, tile.who).is_none())
        .map(|tile| Move {
            who: tile.who,
            from: tile.place.into(),
            to: Spot::from(tile.place).shrunk(DISTANT),
            opacity: (1.0, 0.0),
            initials: both(tile.track.is_none()),
            track: tile.track,
            is_ending: true,
        });
    let staying = after.iter().map(|tile| match at(before, tile.who) {
        None => Move {
            who: tile.who,
            from: Spot::from(tile.place).shrunk(DISTANT),
            to: tile.place.into(),
            opacity: (0.0, 1.0),
            initials: both(tile.track.is_none()),
            track: tile.track,
            is_ending: false,
        },
        Some(earlier) => Move {
            who: tile.who,
            from: earlier.place.into(),
            to: tile.place.into(),
            opacity: (1.0, 1.0),
            initials: match (earlier.track, tile.track) {
                (None, Some(_)) => (1.0, 0.0),
                (Some(_), None) => (0.0, 1.0),
                (_, track) => both(track.is_none()),
            },
            track: tile.track.or(earlier.track),
            is_ending: tile.track.is_none(),
        },
    });
    going.chain(staying).collect()
}

fn both(is_there: bool) -> (f64, f64) {
    let opacity = f64::from(u8::from(is_there));
    (opacity, opacity)
}

fn same(a: Who, b: Who) -> bool {
    a == b || matches!((a, b), (Who::Others(_), Who::Others(_)))
}

#[cfg(test)]
mod tests {
    use super::super::super::metadata::TrackKind;
    use super::super::timeline::tests::track;
    use super::*;

    fn person(seat: u64, spoke: u64) -> Person {
        Person {
            seat,
            name: format!("Person {seat}"),
            present: Vec::new(),
            spoke: vec![super::super::super::metadata::Span { from: 0, to: spoke }],
        }
    }

    fn tile(who: Who, x: u32, track: Option<usize>) -> Tile {
        let place = Rect {
            x,
            y: 0,
            width: 160,
            height: 90,
        };
        Tile { who, place, track }
    }

    #[test]
    fn where_not_all_have_a_place_those_who_speak_most_and_show_themselves_do() {
        let people: Vec<Person> = (0..30).map(|seat| person(seat, 100 * seat)).collect();
        let face = |person| Face {
            person,
            track: (person == 0).then_some(0),
        };
        let scene = Scene {
            from: 0,
            to: 100,
            stage: Vec::new(),
            faces: (0..30).map(face).collect(),
        };
        let tracks = [track(TrackKind::Video, 0, 0, 9000)];
        let tiles = tiles(&scene, &tracks, &people, Rect::whole((1280, 720)));
        assert_eq!(tiles.len(), 25);
        assert_eq!((tiles[0].who, tiles[1].who), (Who::Person(0), Who::Person(7)));
        assert_eq!(tiles[24].who, Who::Others(6));
    }

    #[test]
    fn a_move_is_slow_at_both_ends_and_goes_all_the_way() {
        let steps: Vec<f64> = (0..MOVE_FRAMES).map(eased).collect();
        assert!(steps[0] < 0.03 && steps[11] > 0.97, "{steps:?}");
        assert!(steps.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn who_comes_fades_in_who_goes_fades_out_and_who_stays_moves() {
        let before = [tile(Who::Person(0), 0, Some(0)), tile(Who::Person(1), 200, Some(1))];
        let after = [tile(Who::Person(0), 100, Some(0)), tile(Who::Share(2), 300, Some(2))];
        let moves = moves(&before, &after);
        assert_eq!(moves.len(), 3);
        assert_eq!(
            (moves[0].who, moves[0].opacity, moves[0].is_ending),
            (Who::Person(1), (1.0, 0.0), true)
        );
        assert_eq!(
            (moves[1].from.x, moves[1].to.x, moves[1].opacity),
            (0.0, 100.0, (1.0, 1.0))
        );
        assert_eq!((moves[2].who, moves[2].opacity), (Who::Share(2), (0.0, 1.0)));
    }

    #[test]
    fn a_camera_that_goes_off_gives_way_to_the_initials_in_its_place() {
        let (on, off) = (tile(Who::Person(0), 0, Some(3)), tile(Who::Person(0), 0, None));
        let to_off = moves(&[on], &[off])[0];
        assert_eq!(
            (to_off.initials, to_off.track, to_off.is_ending),
            ((0.0, 1.0), Some(3), true)
        );
        let to_on = moves(&[off], &[on])[0];
        assert_eq!(
            (to_on.initials, to_on.track, to_on.is_ending),
            ((1.0, 0.0), Some(3), false)
        );
    }
}
