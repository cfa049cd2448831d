//! Names of files as they are shown and saved: what comes from outside is never a path, and looks like what it is.

use unicode_segmentation::UnicodeSegmentation as _;

/// The longest name kept, in bytes; file systems take 255.
const MAX_NAME: usize = 180;
/// The longest ending that outlives a cut, in bytes with its dot.
const MAX_ENDING: usize = 16;

/// The name without folders, marks that are not seen or that turn the direction of writing, and what some file systems
/// give a meaning; short, and never empty. A long one keeps its ending.
pub(super) fn tidied(name: &str) -> String {
    let alone = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = alone.chars().filter_map(as_shown).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let bare = plain.trim_matches(|char: char| char == '.' || char == ' ');
    if bare.is_empty() {
        "file".to_owned()
    } else {
        shortened(bare)
    }
}

fn as_shown(char: char) -> Option<char> {
    match char {
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => Some(' '),
        _ if char.is_control() => None,
        // What joins the parts of a sign is not seen either, but stays: U+200C and U+200D.
        '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' => None,
        '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => None,
        ':' | '*' | '?' | '"' | '<' | '>' | '|' => Some('_'),
        _ => Some(char),
    }
}

fn shortened(name: &str) -> String {
    if name.len() <= MAX_NAME {
        return name.to_owned();
    }
    let ending = name.rfind('.').map_or("", |dot| &name[dot..]);
    let ending = if ending.len() <= MAX_ENDING { ending } else { "" };
    let room = MAX_NAME - ending.len() - '…'.len_utf8();
    let stem = &name[..name.len() - ending.len()];
    let fitting = |end: &(usize, &str)| end.0 + end.1.len() <= room;
    let kept: String = stem
        .grapheme_indices(true)
        .take_while(fitting)
        .map(|(_, sign)| sign)
        .collect();
    format!("{}…{ending}", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_a_path() {
        for (name, tidy) in [
            ("notes.pdf", "notes.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\anna\\plan.docx", "plan.docx"),
            ("/", "file"),
            ("..", "file"),
            (". .", "file"),
            ("", "file"),
            (".bashrc", "bashrc"),
            ("report. ", "report"),
            ("a:b*c?.txt", "a_b_c_.txt"),
            ("<img src=x>.png", "_img src=x_.png"),
        ] {
            assert_eq!(tidied(name), tidy, "{name:?}");
        }
    }

    #[test]
    fn what_is_not_seen_is_not_kept() {
        assert_eq!(tidied("a\0b\u{7}\r\nc.txt"), "ab c.txt");
        // Read from right to left this would end in “.pdf”.
        assert_eq!(tidied("invoice\u{202e}fdp.exe"), "invoicefdp.exe");
        assert_eq!(tidied("\u{2066}\u{feff}x\u{200b}.y"), "x.y");
        assert_eq!(tidied("👨‍👩‍👧 holidays 🏖️.jpg"), "👨‍👩‍👧 holidays 🏖️.jpg");
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let long = tidied(&format!("{}.tar.gz", "ä".repeat(300)));
        assert!(long.len() <= MAX_NAME && long.ends_with("….gz"), "{long}");
        let dotted = tidied(&"x.".repeat(300));
        assert!(dotted.len() <= MAX_NAME, "{dotted}");
        let endless = tidied(&format!("a.{}", "b".repeat(300)));
        assert!(endless.len() <= MAX_NAME && endless.ends_with('…'), "{endless}");
        let families = tidied(&"👨‍👩‍👧".repeat(100));
        assert!(families.trim_end_matches('…').ends_with("👨‍👩‍👧"), "{families}");
    }
}
