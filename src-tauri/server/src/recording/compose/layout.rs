//! Where each picture stands on the canvas: a grid of faces, or a stage for shared screens with the faces beside it. Pure arithmetic.

/// A rectangle on the canvas in pixels; all four numbers are even, as the encoder wants them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rect {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// Space around a tile within its cell.
const GAP: u32 = 4;
/// The share of the canvas' width that the faces beside a shared screen take: one in this many.
const STRIP: u32 = 5;

/// The places of shared screens and of faces, in their order.
pub(crate) fn places(canvas: Rect, stage: usize, faces: usize) -> (Vec<Rect>, Vec<Rect>) {
    if stage == 0 {
        return (Vec::new(), grid(canvas, faces));
    }
    if faces == 0 {
        return (grid(canvas, stage), Vec::new());
    }
    let strip = even(canvas.width / STRIP);
    let beside = Rect {
        x: canvas.x + canvas.width - strip,
        width: strip,
        ..canvas
    };
    let large = Rect {
        width: canvas.width - strip,
        ..canvas
    };
    (grid(large, stage), grid(beside, faces))
}

/// `count` tiles of 16:9, as large as they fit into the area, rows centred.
fn grid(area: Rect, count: usize) -> Vec<Rect> {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    if count == 0 {
        return Vec::new();
    }
    let tile = |columns: u32| {
        let (cell_width, cell_height) = (area.width / columns, area.height / count.div_ceil(columns));
        let width = cell_width.min(cell_height * 16 / 9);
        (even(width), even(cell_height.min(width * 9 / 16)))
    };
    // The first of the best, so that a tie goes to the fewest columns.
    let columns = (1..=count).rev().max_by_key(|columns| tile(*columns).0).unwrap_or(1);
    let rows = count.div_ceil(columns);
    let (width, height) = tile(columns);
    let gap = if count == 1 { 0 } else { GAP };
    let top = (area.height - rows * height) / 2;
    (0..count)
        .map(|index| {
            let (row, column) = (index / columns, index % columns);
            let in_row = columns.min(count - row * columns);
            let left = (area.width - in_row * width) / 2;
            Rect {
                x: even(area.x + left + column * width) + gap,
                y: even(area.y + top + row * height) + gap,
                width: width.saturating_sub(2 * gap).max(2),
                height: height.saturating_sub(2 * gap).max(2),
            }
        })
        .collect()
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
        width: 1280,
        height: 720,
    };

    fn overlap(a: Rect, b: Rect) -> bool {
        a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
    }

    #[test]
    fn one_face_fills_the_canvas_and_four_stand_two_by_two() {
        assert_eq!(places(CANVAS, 0, 1).1, [CANVAS]);
        let four = places(CANVAS, 0, 4).1;
        assert_eq!(
            four[0],
            Rect {
                x: 4,
                y: 4,
                width: 632,
                height: 352
            }
        );
        assert_eq!(
            four[3],
            Rect {
                x: 644,
                y: 364,
                width: 632,
                height: 352
            }
        );
    }

    #[test]
    fn the_last_row_is_centred() {
        let three = places(CANVAS, 0, 3).1;
        assert_eq!(three[2].x + three[2].width / 2, 640);
    }

    #[test]
    fn a_shared_screen_is_large_with_the_faces_beside_it() {
        let (stage, faces) = places(CANVAS, 1, 3);
        assert_eq!(stage[0].width, 1024);
        assert!(faces.iter().all(|face| face.x >= 1024 && face.width > 200));
        assert_eq!(places(CANVAS, 1, 0).0, [CANVAS]);
    }

    #[test]
    fn tiles_never_overlap_or_leave_the_canvas_and_are_even() {
        for stage in 0..3 {
            for faces in 0..60 {
                let (stage, faces) = places(CANVAS, stage, faces);
                let all: Vec<Rect> = stage.into_iter().chain(faces).collect();
                for (index, tile) in all.iter().enumerate() {
                    assert!(tile.x + tile.width <= 1280 && tile.y + tile.height <= 720, "{tile:?}");
                    assert!(
                        [tile.x, tile.y, tile.width, tile.height]
                            .iter()
                            .all(|number| number % 2 == 0),
                        "{tile:?}"
                    );
                    assert!(all[..index].iter().all(|other| !overlap(*tile, *other)), "{tile:?}");
                }
            }
        }
    }
}
