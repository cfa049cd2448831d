//! Where each picture stands on the canvas: a grid of faces, or a stage for shared screens with the faces beside it. Pure arithmetic.
//!
//! Faces are 16 by 9 everywhere, so that they keep their cut when they move. Those without a picture need less room than those with one.

/// A rectangle on the canvas in pixels; all four numbers are even, as the encoder wants them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rect {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Rect {
    /// The whole of a picture of this size.
    pub(crate) fn whole((width, height): (u32, u32)) -> Self {
        Self {
            x: 0,
            y: 0,
            width,
            height,
        }
    }

    /// Where it ends on the right.
    fn right(self) -> u32 {
        self.x + self.width
    }

    /// Where it ends below.
    fn bottom(self) -> u32 {
        self.y + self.height
    }

    fn area(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Without a margin on all sides.
    fn within(self, margin: u32) -> Self {
        Self {
            x: self.x + margin,
            y: self.y + margin,
            width: self.width.saturating_sub(2 * margin).max(2),
            height: self.height.saturating_sub(2 * margin).max(2),
        }
    }

    /// Cuts a strip of this width off the right side: what is left, and the strip.
    fn cut_right(self, width: u32) -> (Self, Self) {
        let left = even(self.width.saturating_sub(width)).max(2);
        let strip = Self {
            x: self.x + left,
            width: (self.width - left.min(self.width)).max(2),
            ..self
        };
        (Self { width: left, ..self }, strip)
    }

    /// Cuts a strip of this height off the bottom: what is left, and the strip.
    fn cut_bottom(self, height: u32) -> (Self, Self) {
        let top = even(self.height.saturating_sub(height)).max(2);
        let strip = Self {
            y: self.y + top,
            height: (self.height - top.min(self.height)).max(2),
            ..self
        };
        (Self { height: top, ..self }, strip)
    }
}

/// The most faces that a grid shows, and the most beside a shared screen: more would be stamps.
pub(crate) const MOST_IN_GRID: usize = 25;
pub(crate) const MOST_BESIDE: usize = 8;

/// The space between tiles and around all of them, of the canvas' height: one in this many.
const GAP: u32 = 90;
/// The share of the canvas' width that the faces beside a shared screen take: one in this many.
const STRIP: u32 = 5;
/// The share of the canvas that people without a picture take beside those with one: one in this many.
const SIDE: u32 = 6;

/// The places of shared screens (by their shapes, width by height) and of faces (by whether they have a picture), in their order.
pub(crate) fn places(canvas: Rect, stage: &[f64], faces: &[bool]) -> (Vec<Rect>, Vec<Rect>) {
    let gap = (canvas.height / GAP / 4 * 4).max(4);
    match (stage.len(), faces) {
        (0, []) => (Vec::new(), Vec::new()),
        (0, [_]) => (Vec::new(), vec![canvas]),
        (0, _) => (Vec::new(), faces_in(canvas.within(gap / 2), faces, gap / 2)),
        (_, []) => (
            shares_in(canvas, stage, if stage.len() == 1 { 0 } else { gap / 2 }),
            Vec::new(),
        ),
        _ => {
            let area = canvas.within(gap / 2);
            let (large, beside) = area.cut_right(even(canvas.width / STRIP));
            (shares_in(large, stage, gap / 2), grid(beside, faces.len(), gap / 2))
        }
    }
}

/// Faces over an area: all alike, or those with a picture large and the others in a strip beside or below them.
fn faces_in(area: Rect, faces: &[bool], margin: u32) -> Vec<Rect> {
    let shown = faces.iter().filter(|has_picture| **has_picture).count();
    if shown == 0 || shown == faces.len() {
        return grid(area, faces.len(), margin);
    }
    let others = faces.len() - shown;
    let (above, below) = area.cut_bottom(even(area.height / SIDE));
    let (left, beside) = area.cut_right(even(area.width / SIDE));
    let split = |large: Rect, strip: Rect| {
        let (mut large, mut small) = (grid(large, shown, margin), grid(strip, others, margin));
        gather(area, &mut large, &mut small, margin);
        (large, small)
    };
    let size = |tiles: &[Rect]| tiles.first().map_or(0, |tile| tile.area());
    let alike = grid(area, faces.len(), margin);
    let best = [split(above, below), split(left, beside)]
        .into_iter()
        .max_by_key(|(large, small)| (size(large), size(small)));
    // Where a strip makes nobody larger, all are alike.
    let Some((large, small)) = best.filter(|(large, _)| size(large) > size(&alike)) else {
        return alike;
    };
    let (mut large, mut small) = (large.into_iter(), small.into_iter());
    let next = |has_picture: &bool| if *has_picture { large.next() } else { small.next() };
    faces.iter().filter_map(next).collect()
}

/// Brings the large tiles and the small ones beside or below them together, in the middle of the area.
fn gather(area: Rect, large: &mut [Rect], small: &mut [Rect], margin: u32) {
    let (Some(of_large), Some(of_small)) = (around(large, margin), around(small, margin)) else {
        return;
    };
    let is_below = of_small.y >= of_large.bottom();
    let (left, top) = if is_below {
        let height = of_large.height + of_small.height;
        (of_large.x, area.y + even(area.height.saturating_sub(height) / 2))
    } else {
        let width = of_large.width + of_small.width;
        (area.x + even(area.width.saturating_sub(width) / 2), of_large.y)
    };
    for tile in large {
        (tile.x, tile.y) = (tile.x - of_large.x + left, tile.y - of_large.y + top);
    }
    for tile in small {
        if is_below {
            tile.y = tile.y - of_small.y + top + of_large.height;
        } else {
            tile.x = tile.x - of_small.x + left + of_large.width;
        }
    }
}

/// What tiles take with their margins; `None` if there are none.
fn around(tiles: &[Rect], margin: u32) -> Option<Rect> {
    let x = tiles.iter().map(|tile| tile.x).min()?.saturating_sub(margin);
    let y = tiles.iter().map(|tile| tile.y).min()?.saturating_sub(margin);
    Some(Rect {
        x,
        y,
        width: tiles.iter().map(|tile| tile.right()).max()? + margin - x,
        height: tiles.iter().map(|tile| tile.bottom()).max()? + margin - y,
    })
}

/// Shared screens over an area, each in a cell and as large there as its shape allows.
fn shares_in(area: Rect, shapes: &[f64], margin: u32) -> Vec<Rect> {
    let columns = if shapes.len() > 1 && area.width >= area.height {
        2
    } else {
        1
    };
    cells(
        area,
        shapes.len(),
        columns,
        area.width / columns,
        area.height / rows(shapes.len(), columns),
    )
    .zip(shapes)
    .map(|(cell, shape)| fitted(cell.within(margin), *shape))
    .collect()
}

/// `count` tiles of 16:9, as large as they fit into the area, rows centred.
fn grid(area: Rect, count: usize, margin: u32) -> Vec<Rect> {
    if count == 0 {
        return Vec::new();
    }
    let size = |columns: u32| {
        let cell = Rect {
            x: 0,
            y: 0,
            width: area.width / columns,
            height: area.height / rows(count, columns),
        };
        fitted(cell.within(margin), 16.0 / 9.0)
    };
    let most = u32::try_from(count).unwrap_or(u32::MAX);
    // The first of the best, so that a tie goes to the fewest columns.
    let columns = (1..=most).rev().max_by_key(|columns| size(*columns).width).unwrap_or(1);
    let tile = size(columns);
    let (width, height) = (tile.width + 2 * margin, tile.height + 2 * margin);
    cells(area, count, columns, width, height)
        .map(|cell| Rect {
            x: cell.x + margin,
            y: cell.y + margin,
            ..tile
        })
        .collect()
}

/// Cells of one size, row by row, all of them in the middle of the area and each row in the middle of them.
fn cells(area: Rect, count: usize, columns: u32, width: u32, height: u32) -> impl Iterator<Item = Rect> {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let rows = count.div_ceil(columns);
    let top = area.height.saturating_sub(rows * height) / 2;
    (0..count).map(move |index| {
        let (row, column) = (index / columns, index % columns);
        let in_row = columns.min(count - row * columns);
        let left = area.width.saturating_sub(in_row * width) / 2;
        Rect {
            x: even(area.x + left + column * width),
            y: even(area.y + top + row * height),
            width,
            height,
        }
    })
}

/// The largest rectangle of a shape in the middle of an area.
fn fitted(area: Rect, shape: f64) -> Rect {
    let height = f64::from(area.height).min(f64::from(area.width) / shape);
    let width = f64::from(area.width).min(height * shape);
    let (width, height) = (even(width as u32).max(2), even(height as u32).max(2));
    Rect {
        x: even(area.x + area.width.saturating_sub(width) / 2),
        y: even(area.y + area.height.saturating_sub(height) / 2),
        width,
        height,
    }
}

fn rows(count: usize, columns: u32) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX).div_ceil(columns).max(1)
}

fn even(number: u32) -> u32 {
    number & !1
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANVAS: Rect = Rect {
        x: 0,
        y: 0,
        width: 1920,
        height: 1080,
    };
    const WIDE: f64 = 16.0 / 9.0;

    fn overlap(a: Rect, b: Rect) -> bool {
        a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()
    }

    #[test]
    fn one_face_fills_the_canvas_and_four_stand_two_by_two() {
        assert_eq!(places(CANVAS, &[], &[true]).1, [CANVAS]);
        let four = places(CANVAS, &[], &[true; 4]).1;
        assert!(
            four.iter().all(|tile| tile.width > 900 && tile.height > 500),
            "{four:?}"
        );
        assert!(
            four[0].x == four[2].x && four[1].x == four[3].x && four[0].y == four[1].y,
            "{four:?}"
        );
    }

    #[test]
    fn the_last_row_is_centred() {
        let three = places(CANVAS, &[], &[true; 3]).1;
        assert_eq!(three[2].x + three[2].width / 2, 960);
    }

    #[test]
    fn who_shows_a_picture_is_larger_than_who_does_not() {
        let mixed = places(CANVAS, &[], &[false, true, false, true, false]).1;
        assert!(mixed[1].area() > 4 * mixed[0].area(), "{mixed:?}");
        assert!(
            mixed[1].width == mixed[3].width && mixed[0].width == mixed[4].width,
            "{mixed:?}"
        );
        let alike = places(CANVAS, &[], &[false; 5]).1;
        assert!(alike.iter().all(|tile| tile.width == alike[0].width), "{alike:?}");
    }

    #[test]
    fn a_shared_screen_is_large_keeps_its_shape_and_has_the_faces_beside_it() {
        let (stage, faces) = places(CANVAS, &[1.6], &[true, false, true]);
        assert!(stage[0].width > 1480, "{stage:?}");
        let shape = f64::from(stage[0].width) / f64::from(stage[0].height);
        assert!((shape - 1.6).abs() < 0.01, "{shape}");
        assert!(
            faces.iter().all(|face| face.x >= stage[0].right() && face.width > 300),
            "{faces:?}"
        );
        assert_eq!(places(CANVAS, &[WIDE], &[]).0, [CANVAS]);
    }

    #[test]
    fn tiles_never_overlap_or_leave_the_canvas_and_are_even() {
        for canvas in [(1920, 1080), (1280, 720), (854, 480)].map(Rect::whole) {
            for stage in 0..3 {
                for faces in 0..30 {
                    for pictures in [0, faces / 2, faces] {
                        let faces: Vec<bool> = (0..faces).map(|index| index < pictures).collect();
                        let (stage, faces) = places(canvas, &vec![1.3; stage], &faces);
                        let all: Vec<Rect> = stage.into_iter().chain(faces).collect();
                        for (index, tile) in all.iter().enumerate() {
                            assert!(
                                tile.right() <= canvas.width && tile.bottom() <= canvas.height,
                                "{tile:?}"
                            );
                            let numbers = [tile.x, tile.y, tile.width, tile.height];
                            assert!(numbers.iter().all(|number| number % 2 == 0), "{tile:?}");
                            assert!(all[..index].iter().all(|other| !overlap(*tile, *other)), "{tile:?}");
                        }
                    }
                }
            }
        }
    }
}
