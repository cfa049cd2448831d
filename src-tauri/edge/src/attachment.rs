//! Files that a browser is to save, not to show: what guests bring or say must not run under this server's name.

use http::HeaderValue;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Tells a browser to save what comes under this name (RFC 6266): in ASCII for the oldest, and as it is.
#[must_use]
pub fn under(name: &str) -> HeaderValue {
    let is_safe = |char: &char| char.is_ascii() && !char.is_ascii_control() && !matches!(char, '"' | '\\' | '%');
    let plain: String = name
        .chars()
        .map(|char| if is_safe(&char) { char } else { '_' })
        .collect();
    let whole = utf8_percent_encode(name, NON_ALPHANUMERIC);
    HeaderValue::try_from(format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}"))
        // It is ASCII without control characters; the other arm cannot happen and harms nobody.
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_said_to_old_browsers_and_new_ones() {
        for (name, header) in [
            (
                "notes.pdf",
                "attachment; filename=\"notes.pdf\"; filename*=UTF-8''notes%2Epdf",
            ),
            ("a b.c", "attachment; filename=\"a b.c\"; filename*=UTF-8''a%20b%2Ec"),
            ("ü.md", "attachment; filename=\"_.md\"; filename*=UTF-8''%C3%BC%2Emd"),
            (
                "x\"; y=\"z\r\n",
                "attachment; filename=\"x_; y=_z__\"; filename*=UTF-8''x%22%3B%20y%3D%22z%0D%0A",
            ),
            (
                "🏖️",
                "attachment; filename=\"__\"; filename*=UTF-8''%F0%9F%8F%96%EF%B8%8F",
            ),
        ] {
            assert_eq!(under(name), header, "{name:?}");
        }
    }
}
