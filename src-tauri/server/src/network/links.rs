//! Join links and their QR codes, for a window and for a terminal.

use std::{
    fmt::Write,
    net::{IpAddr, SocketAddr},
};

use qrcode::{Color, EcLevel, QrCode};
use thiserror::Error;

use super::watch::AddressWatch;
use crate::wire::{RoomId, Secret};

/// Blank modules around a code. The standard asks for four; scanners need them in dark surroundings.
const QUIET_ZONE: usize = 4;

/// The text does not fit into a QR code (about 2,300 characters do).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("The link is too long for a QR code: share it as text.")]
pub struct TooLongForQr;

/// The link under which a guest joins `room`: `https://<ip>:<port>/r/<room>`. A room's id needs no escaping.
#[must_use]
pub fn join_link(ip: IpAddr, port: u16, room: &RoomId) -> String {
    // A socket address puts an IPv6 address into brackets.
    format!("https://{}/r/{room}", SocketAddr::new(ip, port))
}

/// A room's join link with proof of being its host: after the `#`, so that a browser sends it to no server.
#[must_use]
pub fn host_link(join_link: &str, key: &Secret) -> String {
    format!("{join_link}#host={}", key.reveal())
}

/// The links of rooms at this computer's addresses, as they are at the moment of asking.
#[derive(Debug, Clone)]
pub struct JoinLinks {
    addresses: AddressWatch,
    port: u16,
}

impl JoinLinks {
    /// The links at these addresses and this port.
    #[must_use]
    pub fn new(addresses: AddressWatch, port: u16) -> Self {
        Self { addresses, port }
    }

    /// A room's link at the chosen address.
    #[must_use]
    pub fn best(&self, room: &RoomId) -> String {
        join_link(self.addresses.current().chosen, self.port, room)
    }

    /// A room's links at all addresses, the chosen one first.
    #[must_use]
    pub fn all(&self, room: &RoomId) -> Vec<String> {
        let addresses = self.addresses.current();
        let others = addresses.all.iter().map(|address| address.ip);
        std::iter::once(addresses.chosen)
            .chain(others.filter(|ip| *ip != addresses.chosen))
            .map(|ip| join_link(ip, self.port, room))
            .collect()
    }
}

/// The QR code of a text as an SVG image without a size of its own: black on white in any theme, with its quiet zone.
///
/// # Errors
/// When the text does not fit.
pub fn qr_svg(text: &str) -> Result<String, TooLongForQr> {
    let code = Modules::of(text)?;
    let size = code.size;
    let mut path = String::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let run = (x..size).take_while(|x| code.is_dark(*x, y)).count();
            if run > 0 {
                // Writing to a string cannot fail.
                _ = write!(path, "M{x} {y}h{run}v1h-{run}z");
            }
            x += run.max(1);
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

/// The QR code of a text for a terminal, two rows of modules to a line of half blocks.
///
/// With `colours` each line sets black on white by escape codes and so scans on any background; without them (output
/// into a file) the dark modules are drawn as ink.
///
/// # Errors
/// When the text does not fit.
pub fn qr_terminal(text: &str, colours: bool) -> Result<String, TooLongForQr> {
    let code = Modules::of(text)?;
    let mut drawing = String::new();
    for y in (0..code.size).step_by(2) {
        if colours {
            drawing.push_str("\x1b[38;5;16;48;5;231m");
        }
        for x in 0..code.size {
            drawing.push(match (code.is_dark(x, y), code.is_dark(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        drawing.push_str(if colours { "\x1b[0m\n" } else { "\n" });
    }
    Ok(drawing)
}

/// A code's modules inside its quiet zone.
struct Modules {
    dark: Vec<bool>,
    width: usize,
    /// Modules on a side, quiet zone included.
    size: usize,
}

impl Modules {
    fn of(text: &str) -> Result<Self, TooLongForQr> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| TooLongForQr)?;
        let width = code.width();
        let dark = code
            .into_colors()
            .into_iter()
            .map(|module| module == Color::Dark)
            .collect();
        Ok(Self {
            dark,
            width,
            size: width + 2 * QUIET_ZONE,
        })
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        match (x.checked_sub(QUIET_ZONE), y.checked_sub(QUIET_ZONE)) {
            (Some(x), Some(y)) if x < self.width && y < self.width => self.dark[y * self.width + x],
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://192.168.1.20:8080/r/standup";

    fn room(text: &str) -> RoomId {
        text.parse().expect("a room's id")
    }

    #[test]
    fn links_name_address_port_and_room() {
        assert_eq!(join_link(IpAddr::from([192, 168, 1, 20]), 8080, &room("standup")), LINK);
        let ipv6 = "fd00::7".parse().expect("an address");
        assert_eq!(
            join_link(ipv6, 443, &room("a.b_c-1")),
            "https://[fd00::7]:443/r/a.b_c-1"
        );
    }

    /// Draws the paths of an SVG made by `qr_svg` back into modules.
    fn modules_of(svg: &str, size: usize) -> Vec<bool> {
        let mut dark = vec![false; size * size];
        let path = svg
            .split("d=\"")
            .nth(2)
            .expect("the second path")
            .split('"')
            .next()
            .expect("its end");
        for piece in path.split('M').skip(1) {
            let (x, rest) = piece.split_once(' ').expect("x and y");
            let (y, rest) = rest.split_once('h').expect("y and a run");
            let (run, _) = rest.split_once('v').expect("a run");
            let number = |text: &str| text.parse::<usize>().expect("a number");
            for column in number(x)..number(x) + number(run) {
                dark[number(y) * size + column] = true;
            }
        }
        dark
    }

    #[test]
    fn both_drawings_show_the_same_code() {
        let code = Modules::of(LINK).expect("it fits");
        let size = code.size;
        let expected: Vec<bool> = (0..size * size)
            .map(|index| code.is_dark(index % size, index / size))
            .collect();
        assert_eq!(modules_of(&qr_svg(LINK).expect("it fits"), size), expected);

        let terminal = qr_terminal(LINK, false).expect("it fits");
        let lines: Vec<Vec<char>> = terminal.lines().map(|line| line.chars().collect()).collect();
        let drawn: Vec<bool> = (0..size * size)
            .map(|index| {
                let (letter, upper) = (lines[index / size / 2][index % size], (index / size).is_multiple_of(2));
                letter == '█' || letter == if upper { '▀' } else { '▄' }
            })
            .collect();
        assert_eq!(drawn, expected);
    }

    #[test]
    fn the_quiet_zone_is_blank_and_four_wide() {
        let code = Modules::of(LINK).expect("it fits");
        assert!((0..code.size).all(|x| (0..4).all(|y| !code.is_dark(x, y) && !code.is_dark(y, x))));
        assert!(code.is_dark(4, 4) && code.is_dark(code.size - 5, 4));
    }

    #[test]
    fn colours_are_set_and_reset_on_every_line() {
        let terminal = qr_terminal(LINK, true).expect("it fits");
        assert!(
            terminal
                .lines()
                .all(|line| line.starts_with("\x1b[38;5;16;48;5;231m") && line.ends_with("\x1b[0m"))
        );
    }

    #[test]
    fn the_svg_is_plain_black_on_white() {
        let svg = qr_svg(LINK).expect("it fits");
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"));
        assert!(svg.contains("fill=\"#fff\"") && svg.contains("fill=\"#000\"") && !svg.contains("currentColor"));
        assert!(
            !svg.contains("style="),
            "a page's content security policy forbids inline styles"
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(qr_svg(&"x".repeat(5000)), Err(TooLongForQr));
        assert_eq!(qr_terminal(&"x".repeat(5000), true), Err(TooLongForQr));
    }
}
