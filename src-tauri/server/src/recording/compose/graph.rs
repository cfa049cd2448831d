//! The filters that make the picture of one scene: pictures in their places, what is drawn over them, and the way from the scene before. Pure.
//!
//! The moving part (if there is one) and the steady part are made from the same decoded pictures and joined. A picture that changes its size within its track must not
//! restart the filters, which would begin the scene anew: `scale` and `pad` follow it by themselves, and nothing behind them sees another size.

use std::fmt::Write as _;

use super::layout::Rect;
use super::plate::{GROUND, TILE};
use super::scenery::{MOVE_FRAMES, Spot};
use super::timeline::FRAME_RATE;

/// Cameras between these shapes (width by height) fill their tile; others are shown whole.
const FILLS: (f64, f64) = (1.15, 2.2);

/// What the filters of a scene are made for. Inputs are numbered: the pictures in their order, then the plates of the move (if there is one), then the plate, then the rings.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Graph {
    pub(crate) canvas: (u32, u32),
    pub(crate) pictures: Vec<Picture>,
    pub(crate) moves: bool,
    pub(crate) rings: Vec<Ring>,
}

/// A picture, from one input.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Picture {
    /// By how many seconds the times of the input are too late.
    pub(crate) late: f64,
    pub(crate) is_share: bool,
    /// Where it stands; `None` if it is there while the scene moves only.
    pub(crate) place: Option<Rect>,
    /// From where and to where it moves; `None` if it is not there while the scene moves.
    pub(crate) way: Option<(Spot, Spot)>,
}

/// The mark of who speaks, from one input.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ring {
    pub(crate) place: Rect,
    /// From frame to frame of the scene, the last one not counted.
    pub(crate) times: Vec<(u64, u64)>,
}

impl Graph {
    /// The filters; their output is `[film]`.
    pub(crate) fn filters(&self) -> String {
        let mut filters: Vec<String> = Vec::new();
        for (index, picture) in self.pictures.iter().enumerate() {
            filters.push(self.prepared(index, picture));
        }
        if self.moves {
            self.moving(&mut filters);
        }
        self.steady(&mut filters);
        if self.moves {
            filters.push("[moving][steady]concat=n=2:v=1:a=0[film]".to_owned());
        } else {
            filters.push("[steady]null[film]".to_owned());
        }
        filters.join(";\n")
    }

    /// A picture in the size of its place, from the scene's first frame on and for ever: as `p` for the place and as `m` for the way there.
    fn prepared(&self, index: usize, picture: &Picture) -> String {
        let (width, height) = picture.size();
        let late = picture.late;
        let sized = sized(picture.is_share, width, height);
        let split = match (picture.place, picture.way.filter(|_| self.moves)) {
            (Some(_), Some(_)) => format!("split[q{index}][m{index}];\n[q{index}]{}", self.after_move(index)),
            (Some(_), None) => format!("null[q{index}];\n[q{index}]{}", self.after_move(index)),
            (None, _) => format!("null[m{index}]"),
        };
        format!(
            "[{index}:v:0]setpts=PTS-{late:.3}/TB,fps={FRAME_RATE}:start_time=0,{sized},setsar=1,format=yuv420p,\
             tpad=stop=-1:stop_mode=clone,{split}"
        )
    }

    fn after_move(&self, index: usize) -> String {
        if self.moves {
            format!("trim=start_frame={MOVE_FRAMES},setpts=PTS-STARTPTS[p{index}]")
        } else {
            format!("null[p{index}]")
        }
    }

    /// The first frames of the scene, in which everything is on its way.
    fn moving(&self, filters: &mut Vec<String>) {
        filters.push(format!("{},trim=end_frame={MOVE_FRAMES}[w]", self.ground()));
        let mut below = "w".to_owned();
        for (index, picture) in self.pictures.iter().enumerate() {
            let Some((from, to)) = picture.way else { continue };
            // A pixel too large all around: the plate over it cuts it.
            let size = |from: f64, to: f64| format!("2*ceil(({})/2)+4", between(from, to));
            let place = |from: f64, to: f64| format!("2*floor(({})/2)-2", between(from, to));
            let above = format!("w{index}");
            filters.push(format!(
                "[m{index}]trim=end_frame={MOVE_FRAMES},format=yuva420p,scale=w='{}':h='{}':eval=frame[n{index}]",
                size(from.width, to.width),
                size(from.height, to.height),
            ));
            filters.push(format!(
                "[{below}][n{index}]overlay=x='{}':y='{}':format=yuv420[{above}]",
                place(from.x, to.x),
                place(from.y, to.y),
            ));
            below = above;
        }
        let plates = self.pictures.len();
        filters.push(format!(
            "[{below}][{plates}:v]overlay=format=yuv420,setsar=1,format=yuv420p[moving]"
        ));
    }

    /// The scene when all are in their places.
    fn steady(&self, filters: &mut Vec<String>) {
        let placed: Vec<(usize, Rect)> = self
            .pictures
            .iter()
            .enumerate()
            .filter_map(|(index, picture)| Some((index, picture.place?)))
            .collect();
        filters.push(self.joined(&placed));
        let plate = self.pictures.len() + usize::from(self.moves);
        let mut below = "o0".to_owned();
        filters.push(format!("[s][{plate}:v]overlay=format=yuv420[{below}]"));
        let begins = if self.moves { MOVE_FRAMES } else { 0 };
        for (index, ring) in self.rings.iter().enumerate() {
            let above = format!("o{}", index + 1);
            let Rect { x, y, .. } = ring.place;
            filters.push(format!(
                "[{below}][{}:v]overlay=x={x}:y={y}:format=yuv420:enable='{}'[{above}]",
                plate + 1 + index,
                within(&ring.times, begins),
            ));
            below = above;
        }
        filters.push(format!("[{below}]setsar=1,format=yuv420p[steady]"));
    }

    /// The pictures in their places on the ground, as `[s]`.
    fn joined(&self, placed: &[(usize, Rect)]) -> String {
        let (width, height) = self.canvas;
        match placed {
            [] => format!("{}[s]", self.ground()),
            [(index, place)] => format!(
                "[p{index}]pad={width}:{height}:{}:{}:color=0x{GROUND}[s]",
                place.x, place.y
            ),
            placed => {
                let inputs: String = placed.iter().map(|(index, _)| format!("[p{index}]")).collect();
                let places: Vec<String> = placed
                    .iter()
                    .map(|(_, place)| format!("{}_{}", place.x, place.y))
                    .collect();
                format!(
                    "{inputs}xstack=inputs={}:layout={}:fill=0x{GROUND},pad={width}:{height}:0:0:color=0x{GROUND}[s]",
                    placed.len(),
                    places.join("|"),
                )
            }
        }
    }

    fn ground(&self) -> String {
        let (width, height) = self.canvas;
        format!("color=c=0x{GROUND}:s={width}x{height}:r={FRAME_RATE},setsar=1,format=yuv420p")
    }
}

impl Picture {
    /// The size that it is brought to.
    fn size(&self) -> (u32, u32) {
        let even = |length: f64| (length.max(2.0) as u32) & !1;
        match (self.place, self.way) {
            (Some(place), _) => (place.width, place.height),
            (None, Some((from, _))) => (even(from.width), even(from.height)),
            (None, None) => (2, 2),
        }
    }
}

/// A picture in the size of its place: a shared screen as a whole, a face so that it fills it.
pub(crate) fn sized(is_share: bool, width: u32, height: u32) -> String {
    if is_share {
        shown_whole(width, height)
    } else {
        filling(width, height)
    }
}

/// All of a picture, in the middle.
fn shown_whole(width: u32, height: u32) -> String {
    format!(
        "scale={width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2:eval=frame,\
         pad={width}:{height}:-1:-1:color=0x{TILE}:eval=frame"
    )
}

/// A picture that fills its place, what is too much of it cut off, if it is roughly of the place's shape; and else all of it.
fn filling(width: u32, height: u32) -> String {
    let (narrow, wide) = FILLS;
    let even = |length: f64| (length.ceil() as u32).next_multiple_of(2);
    let most_width = even(f64::from(height) * wide).max(width) + 4;
    let most_height = even(f64::from(width) / narrow).max(height) + 4;
    let fills = format!("between(a,{narrow},{wide})");
    // `crop` would not follow a change of the size; between the largest size there is and the place's, nothing changes for it.
    format!(
        "scale=w='if({fills},2*ceil(max({width},{height}*a)/2),max(2,2*floor(min({width},{height}*a)/2)))'\
         :h='if({fills},2*ceil(max({height},{width}/a)/2),max(2,2*floor(min({height},{width}/a)/2)))':eval=frame,\
         pad={most_width}:{most_height}:-1:-1:color=0x{TILE}:eval=frame,crop={width}:{height}"
    )
}

/// A length on its way, as an expression of the time `t`: the same as `scenery::eased`.
fn between(from: f64, to: f64) -> String {
    let share = format!("((t*{FRAME_RATE}+1)/{})", MOVE_FRAMES + 1);
    let by = to - from;
    format!("{from:.2}+({by:.2})*{share}*{share}*(3-2*{share})")
}

/// Whether the frame `n` is within one of these times, the first of which are left out; as an expression.
fn within(times: &[(u64, u64)], begins: u64) -> String {
    let mut expression = String::new();
    for (from, to) in times.iter().filter(|(_, to)| *to > begins) {
        let (from, last) = (from.saturating_sub(begins), to - 1 - begins);
        let plus = if expression.is_empty() { "" } else { "+" };
        let _ = write!(expression, "{plus}between(n,{from},{last})"); // writing to a string does not fail
    }
    if expression.is_empty() {
        "0".to_owned()
    } else {
        expression
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(x: u32) -> Rect {
        Rect {
            x,
            y: 6,
            width: 160,
            height: 90,
        }
    }

    fn picture(x: u32) -> Picture {
        Picture {
            late: 3.0,
            is_share: false,
            place: Some(rect(x)),
            way: None,
        }
    }

    fn graph(pictures: Vec<Picture>) -> Graph {
        Graph {
            canvas: (640, 360),
            pictures,
            moves: false,
            rings: Vec::new(),
        }
    }

    #[test]
    fn pictures_are_stacked_where_they_belong_and_the_plate_lies_over_them() {
        let filters = graph(vec![picture(0), picture(200)]).filters();
        assert!(
            filters.contains("[p0][p1]xstack=inputs=2:layout=0_6|200_6"),
            "{filters}"
        );
        assert!(filters.contains("[s][2:v]overlay"), "{filters}");
        assert!(filters.contains("setpts=PTS-3.000/TB"), "{filters}");
        assert!(graph(vec![picture(200)]).filters().contains("pad=640:360:200:6"));
        assert!(graph(Vec::new()).filters().starts_with("color="));
    }

    #[test]
    fn a_move_comes_before_the_scene_and_the_marks_count_from_its_end() {
        let mut moving = graph(vec![picture(0), picture(200)]);
        moving.moves = true;
        moving.pictures[0].way = Some((Spot::from(rect(40)), Spot::from(rect(0))));
        moving.rings = vec![Ring {
            place: rect(0),
            times: vec![(0, 12), (6, 20), (30, 40)],
        }];
        let filters = moving.filters();
        assert!(filters.contains("[m0]trim=end_frame=12"), "{filters}");
        assert!(!filters.contains("[m1]"), "{filters}");
        assert!(filters.contains("[w0][2:v]overlay"), "{filters}");
        assert!(filters.contains("[o0][4:v]overlay=x=0:y=6:format=yuv420:enable='between(n,0,7)+between(n,18,27)'"));
        assert!(filters.ends_with("[moving][steady]concat=n=2:v=1:a=0[film]"));
    }
}
