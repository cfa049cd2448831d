//! The picture of a moment: decoded pictures laid into their places, and what is drawn over them. Pure; all pictures are planes of YUV 4:2:0 (BT.601, limited range).
//!
//! What is drawn is taken apart once for each scene, so that a moment costs little more than copying rows.

use std::sync::Arc;

use resvg::tiny_skia::Pixmap;

use crate::recording::compose::layout::Rect;
use crate::recording::compose::plate::TILE;

/// The darkest of luma, and the middle of chroma.
const BLACK: u8 = 16;
const GREY: u8 = 128;

/// A picture in memory: all of luma, then both chromas at half the size. Width and height are even.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) data: Vec<u8>,
}

/// How many bytes a picture of this size has.
pub(super) fn bytes_of(width: u32, height: u32) -> usize {
    width as usize * height as usize * 3 / 2
}

impl Picture {
    /// A black one.
    pub(super) fn black((width, height): (u32, u32)) -> Self {
        let mut data = vec![GREY; bytes_of(width, height)];
        data[..width as usize * height as usize].fill(BLACK);
        Self { width, height, data }
    }
}

/// One of the three planes: where it begins, how wide and how high it is, and by what the canvas' lengths are divided there.
#[derive(Clone, Copy)]
struct Plane {
    start: usize,
    width: usize,
    height: usize,
    by: usize,
}

fn planes(width: u32, height: u32) -> [Plane; 3] {
    let (width, height) = (width as usize, height as usize);
    let chroma = |index: usize| Plane {
        start: width * height + index * (width / 2) * (height / 2),
        width: width / 2,
        height: height / 2,
        by: 2,
    };
    let luma = Plane {
        start: 0,
        width,
        height,
        by: 1,
    };
    [luma, chroma(0), chroma(1)]
}

/// A byte of the canvas that what is drawn covers by `alpha` of 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Touch {
    at: u32,
    value: u8,
    alpha: u8,
}

/// What is drawn over the pictures.
#[derive(Debug)]
pub(super) struct Overlay {
    /// On the ground of a tile, where there is no picture.
    base: Picture,
    /// What is drawn within the places of pictures.
    touches: Vec<Touch>,
}

impl Overlay {
    /// Takes apart what was drawn, with pictures in these places. Width and height of the plate are even.
    pub(super) fn of(plate: &Pixmap, windows: &[Rect]) -> Self {
        let size @ (width, height) = (plate.width(), plate.height());
        let mut base = Picture::black(size);
        let mut touches = Vec::new();
        let pixels = plate.pixels();
        let [luma, blue, red] = planes(width, height);
        let is_within = |x: u32, y: u32| windows.iter().any(|window| holds(*window, x, y));
        let ground = tile_colour();
        for y in (0..height).step_by(2) {
            for x in (0..width).step_by(2) {
                let mut sum = [0_u32; 4];
                let touched = is_within(x, y);
                for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                    let at = (y + dy) as usize * luma.width + (x + dx) as usize;
                    let pixel = pixels[at];
                    let colour = pixel.demultiply();
                    let alpha = pixel.alpha();
                    let [value, _, _] = yuv([colour.red(), colour.green(), colour.blue()]);
                    base.data[at] = mixed(value, yuv(ground)[0], alpha);
                    if touched && alpha > 0 {
                        touches.push(Touch {
                            at: at as u32,
                            value,
                            alpha,
                        });
                    }
                    let parts = [pixel.red(), pixel.green(), pixel.blue(), alpha];
                    sum.iter_mut()
                        .zip(parts)
                        .for_each(|(sum, part)| *sum += u32::from(part));
                }
                // The colour of the four together, each by how much there is of it.
                let alpha = (sum[3] / 4) as u8;
                let part = |sum_of: u32| (sum_of * 255).checked_div(sum[3]).unwrap_or(0).min(255) as u8;
                let chroma = yuv([part(sum[0]), part(sum[1]), part(sum[2])]);
                for (plane, index) in [(blue, 1), (red, 2)] {
                    let at = plane.start + (y / 2) as usize * plane.width + (x / 2) as usize;
                    base.data[at] = mixed(chroma[index], yuv(ground)[index], alpha);
                    if touched && alpha > 0 {
                        touches.push(Touch {
                            at: at as u32,
                            value: chroma[index],
                            alpha,
                        });
                    }
                }
            }
        }
        Self { base, touches }
    }

    /// The picture of a moment: these pictures in their places, and what is drawn over them.
    pub(super) fn over(&self, pictures: &[(Rect, Arc<Picture>)]) -> Picture {
        let mut canvas = self.base.clone();
        for (place, picture) in pictures {
            lay(&mut canvas, *place, picture);
        }
        for touch in &self.touches {
            let below = &mut canvas.data[touch.at as usize];
            *below = mixed(touch.value, *below, touch.alpha);
        }
        canvas
    }
}

/// Lays a picture into its place. One of another size, as decoders have it for a moment when the scene has changed, is stretched.
fn lay(canvas: &mut Picture, place: Rect, picture: &Picture) {
    let onto = planes(canvas.width, canvas.height);
    let from = planes(picture.width, picture.height);
    for (onto, from) in onto.into_iter().zip(from) {
        let (left, top) = (place.x as usize / onto.by, place.y as usize / onto.by);
        let width = (place.width as usize / onto.by).min(onto.width.saturating_sub(left));
        let height = (place.height as usize / onto.by).min(onto.height.saturating_sub(top));
        if width == 0 || height == 0 || from.width == 0 || from.height == 0 {
            continue;
        }
        for row in 0..height {
            let source = from.start + (row * from.height / height) * from.width;
            let source = &picture.data[source..source + from.width];
            let target = onto.start + (top + row) * onto.width + left;
            let target = &mut canvas.data[target..target + width];
            if from.width == width {
                target.copy_from_slice(source);
            } else {
                for (column, byte) in target.iter_mut().enumerate() {
                    *byte = source[column * from.width / width];
                }
            }
        }
    }
}

fn holds(rect: Rect, x: u32, y: u32) -> bool {
    (rect.x..rect.x + rect.width).contains(&x) && (rect.y..rect.y + rect.height).contains(&y)
}

fn mixed(over: u8, below: u8, alpha: u8) -> u8 {
    let (over, below, alpha) = (u32::from(over), u32::from(below), u32::from(alpha));
    ((over * alpha + below * (255 - alpha) + 127) / 255) as u8
}

/// Red, green and blue as luma and both chromas, by BT.601.
fn yuv([red, green, blue]: [u8; 3]) -> [u8; 3] {
    let [red, green, blue] = [red, green, blue].map(i32::from);
    let part = |r: i32, g: i32, b: i32, offset: i32| ((r * red + g * green + b * blue + 128) >> 8) + offset;
    [
        part(66, 129, 25, 16),
        part(-38, -74, 112, 128),
        part(112, -94, -18, 128),
    ]
    .map(|value| value.clamp(0, 255) as u8)
}

/// The colour of a tile without a picture, as the plate has it.
fn tile_colour() -> [u8; 3] {
    let number = u32::from_str_radix(TILE, 16).unwrap_or_default();
    [(number >> 16) as u8, (number >> 8) as u8, number as u8]
}

#[cfg(test)]
mod tests {
    use resvg::tiny_skia::{Color, Pixmap};

    use super::*;

    fn rect(x: u32, y: u32, width: u32, height: u32) -> Rect {
        Rect { x, y, width, height }
    }

    fn plain(width: u32, height: u32, colour: [u8; 3]) -> Picture {
        let [y, u, v] = yuv(colour);
        let area = width as usize * height as usize;
        let mut data = vec![y; area];
        data.extend(vec![u; area / 4]);
        data.extend(vec![v; area / 4]);
        Picture { width, height, data }
    }

    /// Luma and both chromas at a place.
    fn at(picture: &Picture, x: usize, y: usize) -> [u8; 3] {
        planes(picture.width, picture.height)
            .map(|plane| picture.data[plane.start + y / plane.by * plane.width + x / plane.by])
    }

    #[test]
    fn colours_are_those_of_bt_601() {
        assert_eq!(yuv([0, 0, 0]), [16, 128, 128]);
        assert_eq!(yuv([255, 255, 255]), [235, 128, 128]);
        assert_eq!(yuv([255, 0, 0]), [82, 90, 240]);
    }

    #[test]
    fn pictures_lie_in_their_places_and_what_is_drawn_over_them() {
        let mut plate = Pixmap::new(16, 8).unwrap();
        plate.fill(Color::TRANSPARENT);
        plate.pixels_mut()[0] = Color::WHITE.premultiply().to_color_u8();
        plate.pixels_mut()[15] = Color::WHITE.premultiply().to_color_u8();
        let overlay = Overlay::of(&plate, &[rect(0, 0, 8, 8)]);
        let red = Arc::new(plain(8, 8, [255, 0, 0]));
        let canvas = overlay.over(&[(rect(0, 0, 8, 8), red)]);
        assert_eq!(at(&canvas, 0, 0)[0], 235, "what is drawn over the picture");
        assert_eq!(at(&canvas, 4, 4), [82, 90, 240]);
        assert_eq!(at(&canvas, 12, 4), yuv(tile_colour()));
        assert_eq!(at(&canvas, 15, 0)[0], 235, "what is drawn beside it");
    }

    #[test]
    fn half_covered_is_half_seen() {
        let mut plate = Pixmap::new(4, 4).unwrap();
        plate.fill(Color::from_rgba8(255, 255, 255, 128));
        let overlay = Overlay::of(&plate, &[rect(0, 0, 4, 4)]);
        let canvas = overlay.over(&[(rect(0, 0, 4, 4), Arc::new(plain(4, 4, [0, 0, 0])))]);
        assert!((124..=128).contains(&at(&canvas, 2, 2)[0]), "{:?}", at(&canvas, 2, 2));
    }

    #[test]
    fn a_picture_of_another_size_fills_its_place_all_the_same() {
        let overlay = Overlay::of(&Pixmap::new(16, 16).unwrap(), &[]);
        let green = Arc::new(plain(4, 2, [0, 255, 0]));
        let canvas = overlay.over(&[(rect(2, 2, 12, 12), green)]);
        assert_eq!(at(&canvas, 2, 2), yuv([0, 255, 0]));
        assert_eq!(at(&canvas, 13, 13), yuv([0, 255, 0]));
        assert_eq!(at(&canvas, 14, 14), yuv(tile_colour()));
    }

    #[test]
    fn a_place_beyond_the_canvas_is_cut_off() {
        let overlay = Overlay::of(&Pixmap::new(8, 8).unwrap(), &[]);
        let canvas = overlay.over(&[(rect(6, 6, 8, 8), Arc::new(plain(8, 8, [0, 0, 255])))]);
        assert_eq!(canvas.data.len(), bytes_of(8, 8));
    }
}
