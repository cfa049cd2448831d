//! Draws what lies over the pictures: the ground with a window for each picture, names, initials, and the mark of who speaks.
//!
//! Drawn as SVG, so names never reach ffmpeg.

use resvg::tiny_skia::{Pixmap, Transform};
use std::borrow::Cow;
use std::fmt::Write as _;

use super::letters::{Letters, escaped};
use super::scenery::Spot;

/// The colour behind the tiles.
pub(crate) const GROUND: &str = "11181c";
/// The colour of a tile without a picture, and beside pictures of another shape.
pub(crate) const TILE: &str = "222e35";
const ON_TILE: &str = "#f3f7f8";
const LABEL: &str = "rgba(10,18,22,0.72)";
const ACCENT: &str = "#4cc2e6";
const MUTED: &str = "#a4b4bc";

/// The height of the canvas that lengths below are for, in pixels.
const DESIGN_HEIGHT: f64 = 1080.0;
const RADIUS: f64 = 14.0;
const RING: f64 = 5.0;
/// The smallest letters, in pixels of the film.
const SMALLEST_TEXT: f64 = 11.0;

/// A tile as it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Drawn {
    pub(crate) spot: Spot,
    pub(crate) kind: Kind,
    /// A picture is to be seen through it.
    pub(crate) has_picture: bool,
    /// Of all of it, from 0 to 1.
    pub(crate) opacity: f64,
    /// Of the initials before the picture.
    pub(crate) initials: f64,
    pub(crate) is_speaking: bool,
}

/// What a tile says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// A person, by name.
    Person(String),
    /// The screen of a person, by name.
    Screen(String),
    /// So many people more.
    Others(usize),
}

/// What draws. Making one reads the system's fonts the first time.
pub(crate) struct Pens {
    letters: Letters,
    canvas: (u32, u32),
    /// Pixels of the film for each of the design.
    unit: f64,
}

impl Pens {
    /// For a film of this size, in pixels.
    pub(crate) fn new(canvas: (u32, u32)) -> Self {
        Self {
            letters: Letters::new(),
            canvas,
            unit: f64::from(canvas.1) / DESIGN_HEIGHT,
        }
    }

    /// All that lies over the pictures of one moment, as a PNG file of the canvas' size.
    pub(crate) fn plate(&self, tiles: &[Drawn]) -> Result<Vec<u8>, String> {
        self.pixels(tiles)?.encode_png().map_err(|error| error.to_string())
    }

    /// The same as it is in memory.
    pub(crate) fn pixels(&self, tiles: &[Drawn]) -> Result<Pixmap, String> {
        let (width, height) = self.canvas;
        let mut windows = String::new();
        let mut over = String::new();
        for tile in tiles {
            if tile.has_picture {
                windows.push_str(&self.shape(tile.spot, r##"fill="#000""##));
            }
            self.draw(tile, &mut over);
        }
        if tiles.is_empty() {
            over = self.nobody();
        }
        let svg = format!(
            r##"<mask id="w" maskUnits="userSpaceOnUse" x="0" y="0" width="{width}" height="{height}"><rect width="{width}" height="{height}" fill="#fff"/>{windows}</mask><rect width="{width}" height="{height}" fill="#{GROUND}" mask="url(#w)"/>{over}"##
        );
        self.paint(&svg, self.canvas)
    }

    /// The mark of who speaks, as a PNG file of a tile's size.
    pub(crate) fn ring(&self, width: u32, height: u32) -> Result<Vec<u8>, String> {
        let spot = Spot {
            x: 0.0,
            y: 0.0,
            width: f64::from(width),
            height: f64::from(height),
        };
        let ring = self.paint(&self.ring_in(spot), (width, height))?;
        ring.encode_png().map_err(|error| error.to_string())
    }

    fn draw(&self, tile: &Drawn, over: &mut String) {
        let ground = |opacity: f64| format!(r##"fill="#{GROUND}" fill-opacity="{opacity:.3}""##);
        let mut inner = String::new();
        if !tile.has_picture || tile.initials > 0.0 {
            let shown = if tile.has_picture { tile.initials } else { 1.0 };
            inner.push_str(&self.shape(tile.spot, &format!(r##"fill="#{TILE}" fill-opacity="{shown:.3}""##)));
            inner.push_str(&self.middle(tile, shown));
        }
        if tile.is_speaking {
            inner.push_str(&self.ring_in(tile.spot));
        }
        inner.push_str(&self.label(tile));
        if tile.opacity >= 1.0 {
            over.push_str(&inner);
            return;
        }
        if tile.has_picture {
            over.push_str(&self.shape(tile.spot, &ground(1.0 - tile.opacity)));
        }
        let _ = write!(over, r#"<g opacity="{:.3}">{inner}</g>"#, tile.opacity); // writing to a string does not fail
    }

    /// What stands for a person without a picture.
    fn middle(&self, tile: &Drawn, opacity: f64) -> String {
        let spot = tile.spot;
        let (x, y) = (spot.x + spot.width / 2.0, spot.y + spot.height / 2.0);
        let diameter = (spot.height.min(spot.width) * 0.44).min(320.0 * self.unit);
        match &tile.kind {
            Kind::Person(name) => {
                let [red, green, blue] = colour_of(name);
                let circle = format!(
                    r#"<circle cx="{x:.1}" cy="{y:.1}" r="{:.1}" fill="rgb({red},{green},{blue})" fill-opacity="{opacity:.3}"/>"#,
                    diameter / 2.0
                );
                circle
                    + &text(
                        &self.letters.initials_of(name),
                        x,
                        y,
                        diameter * 0.4,
                        "middle",
                        "#fff",
                        opacity,
                    )
            }
            Kind::Others(count) => text(&format!("+{count}"), x, y, diameter * 0.5, "middle", ON_TILE, opacity),
            Kind::Screen(_) => String::new(),
        }
    }

    /// The name, in the lower left corner.
    fn label(&self, tile: &Drawn) -> String {
        let words: Cow<'_, str> = match &tile.kind {
            Kind::Person(name) => name.as_str().into(),
            Kind::Screen(name) => format!("{name}’s screen").into(),
            Kind::Others(_) => return String::new(),
        };
        let (spot, unit) = (tile.spot, self.unit);
        let size = (spot.height * 0.045 + 9.0 * unit)
            .clamp(20.0 * unit, 32.0 * unit)
            .max(SMALLEST_TEXT);
        let margin = if self.fills_canvas(spot) {
            28.0 * unit
        } else {
            size * 0.5
        };
        let padding = size * 0.6;
        let (words, width) = self.shortened(&words, size, spot.width - 2.0 * (margin + padding));
        if words.is_empty() {
            return String::new();
        }
        let height = size * 1.75;
        let (left, top) = (spot.x + margin, spot.y + spot.height - margin - height);
        let pill = format!(
            r#"<rect x="{left:.1}" y="{top:.1}" width="{:.1}" height="{height:.1}" rx="{:.1}" fill="{LABEL}"/>"#,
            width + 2.0 * padding,
            height * 0.3
        );
        pill + &text(&words, left + padding, top + height / 2.0, size, "start", ON_TILE, 1.0)
    }

    fn nobody(&self) -> String {
        let (x, y) = (f64::from(self.canvas.0) / 2.0, f64::from(self.canvas.1) / 2.0);
        text("Nobody is in the meeting", x, y, 36.0 * self.unit, "middle", MUTED, 1.0)
    }

    fn ring_in(&self, spot: Spot) -> String {
        let width = (RING * self.unit).max(2.0);
        let inset = width / 2.0;
        format!(
            r#"<rect x="{:.1}" y="{:.1}" width="{:.1}" height="{:.1}" rx="{:.1}" fill="none" stroke="{ACCENT}" stroke-width="{width:.1}"/>"#,
            spot.x + inset,
            spot.y + inset,
            (spot.width - width).max(1.0),
            (spot.height - width).max(1.0),
            (self.radius(spot) - inset).max(0.0),
        )
    }

    fn shape(&self, spot: Spot, fill: &str) -> String {
        format!(
            r#"<rect x="{:.2}" y="{:.2}" width="{:.2}" height="{:.2}" rx="{:.2}" {fill}/>"#,
            spot.x,
            spot.y,
            spot.width.max(1.0),
            spot.height.max(1.0),
            self.radius(spot)
        )
    }

    /// Corners are round, but for a tile that fills the canvas, and less so for one that nearly does.
    fn radius(&self, spot: Spot) -> f64 {
        let width = f64::from(self.canvas.0);
        let room = (width - spot.width) / (width * 0.1);
        RADIUS * self.unit * room.clamp(0.0, 1.0)
    }

    fn fills_canvas(&self, spot: Spot) -> bool {
        spot.width > f64::from(self.canvas.0) * 0.95
    }

    /// Words that are no wider than `most`, and how wide they are, in pixels.
    fn shortened(&self, words: &str, size: f64, most: f64) -> (String, f64) {
        let words = self.letters.drawable(words);
        let whole = self.width(&words, size);
        if whole <= most {
            return (words, whole);
        }
        let letters: Vec<char> = words.chars().collect();
        let cut = |count: usize| letters[..count].iter().collect::<String>().trim_end().to_owned() + "…";
        let (mut fits, mut too_long) = (0, letters.len());
        while fits + 1 < too_long {
            let middle = fits.midpoint(too_long);
            if self.width(&cut(middle), size) <= most {
                fits = middle;
            } else {
                too_long = middle;
            }
        }
        if fits == 0 {
            return (String::new(), 0.0);
        }
        let words = cut(fits);
        let width = self.width(&words, size);
        (words, width)
    }

    fn width(&self, words: &str, size: f64) -> f64 {
        let svg = document(&text(words, 0.0, 0.0, size, "start", ON_TILE, 1.0), (100, 100));
        self.letters
            .tree(&svg)
            .map_or(0.0, |tree| f64::from(tree.root().bounding_box().right()))
    }

    fn paint(&self, content: &str, (width, height): (u32, u32)) -> Result<Pixmap, String> {
        let tree = self.letters.tree(&document(content, (width, height)))?;
        let mut pixels = Pixmap::new(width, height).ok_or("the picture has no size")?;
        resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
        Ok(pixels)
    }
}

pub(super) fn document(content: &str, (width, height): (u32, u32)) -> String {
    format!(r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">{content}</svg>"#)
}

/// A line of text whose capitals have their middle at `y`.
pub(super) fn text(words: &str, x: f64, y: f64, size: f64, anchor: &str, colour: &str, opacity: f64) -> String {
    const HALF_A_CAPITAL: f64 = 0.364;
    let baseline = y + size * HALF_A_CAPITAL;
    format!(
        r#"<text x="{x:.1}" y="{baseline:.1}" font-size="{size:.1}" text-anchor="{anchor}" fill="{colour}" fill-opacity="{opacity:.3}" xml:space="preserve">{}</text>"#,
        escaped(words)
    )
}

/// The colour of a name, the same as on the pages: red, green, blue.
fn colour_of(name: &str) -> [u8; 3] {
    let hash = name.chars().fold(7_u64, |hash, letter| {
        (hash * 31 + u64::from(u32::from(letter))) % 100_003
    });
    let hue = (hash * 47 % 360) as f64;
    let (saturation, lightness) = (0.42, 0.34);
    // By the definition of HSL.
    let reach = saturation * f64::min(lightness, 1.0 - lightness);
    [0.0, 8.0, 4.0].map(|offset| {
        let k = (offset + hue / 30.0) % 12.0;
        let share = lightness - reach * f64::min(k - 3.0, 9.0 - k).clamp(-1.0, 1.0);
        (share * 255.0).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANVAS: (u32, u32) = (320, 180);

    fn drawn(kind: Kind, has_picture: bool) -> Drawn {
        Drawn {
            spot: Spot {
                x: 20.0,
                y: 20.0,
                width: 160.0,
                height: 90.0,
            },
            kind,
            has_picture,
            opacity: 1.0,
            initials: 0.0,
            is_speaking: false,
        }
    }

    fn person(name: &str, has_picture: bool) -> Drawn {
        drawn(Kind::Person(name.to_owned()), has_picture)
    }

    /// Red, green, blue and opacity at a place of a plate with these tiles.
    fn at(tiles: &[Drawn], x: u32, y: u32) -> [u8; 4] {
        let plate = Pens::new(CANVAS).plate(tiles).unwrap();
        let pixel = Pixmap::decode_png(&plate).unwrap().pixel(x, y).unwrap().demultiply();
        [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]
    }

    #[test]
    fn a_picture_is_seen_through_a_window_with_round_corners() {
        let tile = [person("Anna", true)];
        assert_eq!(at(&tile, 100, 50)[3], 0);
        assert_eq!(at(&tile, 5, 5), [0x11, 0x18, 0x1c, 255]);
        assert!(at(&tile, 20, 20)[3] > 150, "the corner");
        assert!(at(&tile, 40, 97)[3] > 150, "the name");
    }

    #[test]
    fn who_has_no_picture_is_shown_by_initials_on_their_own_colour() {
        let [red, green, blue] = colour_of("Anna");
        assert_eq!(at(&[person("Anna", false)], 88, 60), [red, green, blue, 255]);
        assert_eq!(at(&[person("Anna", false)], 30, 30), [0x22, 0x2e, 0x35, 255]);
    }

    #[test]
    fn who_comes_is_half_there_half_way() {
        let mut tile = person("Anna", true);
        tile.opacity = 0.5;
        let alpha = at(&[tile], 100, 40)[3];
        assert!((120..136).contains(&alpha), "{alpha}");
    }

    #[test]
    fn who_speaks_is_marked() {
        let mut tile = person("Anna", true);
        tile.is_speaking = true;
        assert_eq!(at(&[tile], 100, 20), [0x4c, 0xc2, 0xe6, 255]);
        let ring = Pens::new(CANVAS).ring(160, 90).unwrap();
        let ring = Pixmap::decode_png(&ring).unwrap();
        assert_eq!(ring.pixel(80, 45).unwrap().alpha(), 0);
        assert!(ring.pixel(80, 1).unwrap().alpha() > 200);
    }

    #[test]
    fn any_name_can_be_drawn_and_none_is_wider_than_its_tile() {
        let pens = Pens::new(CANVAS);
        for name in [
            "",
            "<b>&\"'",
            "a\0\u{1}\n\u{fffe}b",
            "Zoë 🦊",
            "مرحبا",
            &"W".repeat(300),
            "\u{202e}evil",
        ] {
            let tiles = [person(name, false), drawn(Kind::Screen(name.to_owned()), true)];
            pens.plate(&tiles).unwrap();
            let (_, width) = pens.shortened(name, 12.0, 60.0);
            assert!(width <= 60.0, "{name}");
        }
        let (words, _) = pens.shortened("Bartholomew Fitzgerald", 12.0, 60.0);
        assert!(words.ends_with('…') && words.starts_with("Bar"), "{words}");
    }

    #[test]
    fn colours_are_those_of_the_pages() {
        // What `ui/src/shared/initials.ts` makes of the name: a hue of 248 degrees.
        assert_eq!(colour_of("Anna"), [60, 50, 123]);
    }
}
