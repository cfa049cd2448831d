//! What was made of a recording's tracks and is to be made of them: the part of `recording.json` that is the library's own.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::options::{ExportFormat, ExportOptions, PictureSize};

/// The longest name of a file that is made of a title, in bytes: file systems take 255, and there is more to come.
const LONGEST_NAME: usize = 120;

/// What the owner calls a recording, and the files that were made of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Products {
    /// What the owner calls it; `None` if it has no name but its room's.
    pub title: Option<String>,
    /// The finished files, the newest last.
    pub files: Vec<Product>,
    /// What is to be made next, if that is not the usual.
    pub wanted: Option<ExportOptions>,
    /// The owner did not want the file any more.
    pub is_cancelled: bool,
}

/// A finished file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// Its name in the folder of all recordings.
    pub file: String,
    /// What it was to be.
    pub options: ExportOptions,
}

impl Products {
    /// Takes in a file that was made now.
    pub fn add(&mut self, file: String, options: ExportOptions) {
        self.files.retain(|product| product.file != file);
        self.files.push(Product { file, options });
        self.wanted = None;
        self.is_cancelled = false;
    }

    /// Whether a file of this name was made.
    pub fn has(&self, file: &str) -> bool {
        self.files.iter().any(|product| product.file == file)
    }

    /// The newest file that is still there.
    pub fn newest(&self, root: &Path) -> Option<(&Product, PathBuf)> {
        let mut there = self
            .files
            .iter()
            .rev()
            .map(|product| (product, root.join(&product.file)));
        there.find(|(_, path)| path.is_file())
    }

    /// The file that recordings of earlier versions have, which do not name it.
    pub fn or_earlier(&mut self, base: &str) {
        if self.files.is_empty() {
            let options = ExportOptions {
                format: ExportFormat::WebM,
                size: PictureSize::P720,
                chat: false,
            };
            self.files.push(Product {
                file: format!("{base}.webm"),
                options,
            });
        }
    }
}

/// What a file of these options is called. `base` is `room_<room>_<id>`, which a title takes the place of.
pub fn file_name(base: &str, title: Option<&str>, options: ExportOptions) -> String {
    let stem = title.and_then(file_stem).unwrap_or_else(|| base.to_owned());
    let size = match options.size {
        _ if !options.format.has_picture() => "",
        PictureSize::P1080 => "",
        PictureSize::P720 => "-720p",
        PictureSize::P480 => "-480p",
    };
    let chat = if options.chat && options.format.has_picture() {
        "-chat"
    } else {
        ""
    };
    format!("{stem}{size}{chat}.{}", options.format.extension())
}

/// A title as part of a file's name, on any system; `None` if nothing is left of it.
fn file_stem(title: &str) -> Option<String> {
    // The last ones turn round what follows, an ending as well.
    let is_odd = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || r#"/\:*?"<>|"#.contains(letter)
    };
    let plain = title.replace(is_odd, "-");
    let mut stem = plain.trim_matches([' ', '.']).to_owned();
    while stem.len() > LONGEST_NAME {
        stem.pop();
    }
    let stem = stem.trim_end_matches([' ', '.']).to_owned();
    let stem = if is_reserved(&stem) { format!("_{stem}") } else { stem };
    (!stem.is_empty()).then_some(stem)
}

/// Whether Windows keeps a name for a device, whatever its ending.
fn is_reserved(stem: &str) -> bool {
    const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];
    let name = stem.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let is_numbered = |kind| {
        name.strip_prefix(kind).is_some_and(|number: &str| {
            number.chars().count() == 1 && number.chars().all(|digit| "0123456789¹²³".contains(digit))
        })
    };
    DEVICES.contains(&name.as_str()) || is_numbered("COM") || is_numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_called_after_the_room_or_the_title_and_tell_what_is_unusual() {
        let usual = ExportOptions::default();
        assert_eq!(file_name("room_a_7", None, usual), "room_a_7.mp4");
        assert_eq!(file_name("room_a_7", Some("Board, June"), usual), "Board, June.mp4");
        let small = ExportOptions {
            format: ExportFormat::WebM,
            size: PictureSize::P720,
            chat: true,
        };
        assert_eq!(file_name("room_a_7", None, small), "room_a_7-720p-chat.webm");
        let sound = ExportOptions {
            format: ExportFormat::Mp3,
            ..small
        };
        assert_eq!(file_name("room_a_7", None, sound), "room_a_7.mp3");
    }

    #[test]
    fn no_title_leads_out_of_the_folder_or_is_too_long() {
        let named = |title: &str| file_name("base", Some(title), ExportOptions::default());
        assert_eq!(named("../../etc/passwd"), "-..-etc-passwd.mp4");
        assert_eq!(named(".."), "base.mp4");
        assert_eq!(named("a\0b\nc"), "a-b-c.mp4");
        assert!(named(&"🦊".repeat(300)).len() < 140);
        assert_eq!(named("Films\u{202e}4pm.exe"), "Films-4pm.exe.mp4");
    }

    #[test]
    fn no_title_is_the_name_of_a_device() {
        let named = |title: &str| file_name("base", Some(title), ExportOptions::default());
        for (title, name) in [
            ("CON", "_CON.mp4"),
            ("nul.old", "_nul.old.mp4"),
            ("aux .", "_aux.mp4"),
            ("Com1", "_Com1.mp4"),
            ("lpt³", "_lpt³.mp4"),
            ("Con brio", "Con brio.mp4"),
            ("COM10", "COM10.mp4"),
            ("console", "console.mp4"),
        ] {
            assert_eq!(named(title), name);
        }
    }

    #[test]
    fn the_newest_file_that_is_there_counts() {
        let root = tempfile::tempdir().unwrap();
        let mut products = Products::default();
        products.or_earlier("room_a_7");
        assert_eq!(products.files[0].file, "room_a_7.webm");
        products.add("two.mp4".to_owned(), ExportOptions::default());
        assert!(products.newest(root.path()).is_none());
        std::fs::write(root.path().join("room_a_7.webm"), "").unwrap();
        assert_eq!(products.newest(root.path()).unwrap().0.file, "room_a_7.webm");
        std::fs::write(root.path().join("two.mp4"), "").unwrap();
        assert_eq!(products.newest(root.path()).unwrap().0.file, "two.mp4");
    }
}
