//! Names as they can be drawn: with a bundled font, and the system's for what it lacks. What none of them has is a question mark, as a blank would be a person without a name.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use resvg::usvg::fontdb::Database;
use resvg::usvg::{FontResolver, Options, Tree};

use super::plate::{document, text};

const FONT: &[u8] = include_bytes!("../../../../../assets/fonts/Inter-SemiBold.otf");
const FAMILY: &str = "Inter Semi Bold";

/// What draws letters. Making one reads the system's fonts the first time.
pub(crate) struct Letters {
    options: Options<'static>,
    /// Those that no font was found for since it was emptied.
    missing: Arc<Mutex<BTreeSet<char>>>,
}

impl Letters {
    pub(crate) fn new() -> Self {
        let missing = Arc::new(Mutex::new(BTreeSet::new()));
        let (found, others) = (FontResolver::default_fallback_selector(), Arc::clone(&missing));
        let resolver = FontResolver {
            select_fallback: Box::new(move |letter, tried, fonts| {
                let font = found(letter, tried, fonts);
                if font.is_none() {
                    lock(&others).insert(letter);
                }
                font
            }),
            ..FontResolver::default()
        };
        let options = Options {
            font_family: FAMILY.to_owned(),
            font_resolver: resolver,
            fontdb: fonts(),
            ..Options::default()
        };
        Self { options, missing }
    }

    /// Reads a drawing.
    pub(crate) fn tree(&self, svg: &str) -> Result<Tree, String> {
        Tree::from_str(svg, &self.options).map_err(|error| error.to_string())
    }

    /// A line of text of which every letter can be drawn.
    pub(crate) fn drawable(&self, words: &str) -> String {
        let mut words = printable(words);
        loop {
            lock(&self.missing).clear();
            // Of several letters without a font not all are told of at once.
            let drawn = self.tree(&document(&text(&words, 0.0, 0.0, 10.0, "start", "#fff", 1.0), (10, 10)));
            let missing = std::mem::take(&mut *lock(&self.missing));
            if drawn.is_err() || !words.contains(|letter| letter != '?' && missing.contains(&letter)) {
                return words;
            }
            words = marked(&words, &missing);
        }
    }

    /// One or two letters for a name, as the pages make them: the first of the first word and of the last.
    pub(crate) fn initials_of(&self, name: &str) -> String {
        initials(&self.drawable(name))
    }
}

/// The words with a question mark for each row of letters that are missing.
fn marked(words: &str, missing: &BTreeSet<char>) -> String {
    let mut marked = String::with_capacity(words.len());
    for letter in words.chars() {
        match (missing.contains(&letter), marked.ends_with('?')) {
            (false, _) => marked.push(letter),
            (true, false) => marked.push('?'),
            (true, true) => {}
        }
    }
    marked
}

/// Without what no line of text has, and no XML may have.
fn printable(words: &str) -> String {
    let is_odd = |letter: char| letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}');
    words.replace(is_odd, " ").trim().to_owned()
}

/// The first letter of the first word and of the last.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.last().and_then(|word| word.chars().next());
    let letters: String = first.into_iter().chain(last).flat_map(char::to_uppercase).collect();
    if letters.is_empty() { "?".to_owned() } else { letters }
}

/// Words as SVG has them.
pub(crate) fn escaped(words: &str) -> String {
    let mut escaped = String::with_capacity(words.len());
    for letter in words.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// The bundled font, and the system's for what it lacks.
fn fonts() -> Arc<Database> {
    static FONTS: OnceLock<Arc<Database>> = OnceLock::new();
    let read = || {
        let mut fonts = Database::new();
        fonts.load_font_data(FONT.to_vec());
        fonts.load_system_fonts();
        Arc::new(fonts)
    };
    FONTS.get_or_init(read).clone()
}

/// A lock that a panic elsewhere has poisoned still holds a whole value here: every change is one step.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_those_of_the_pages() {
        let letters = Letters::new();
        for (name, expected) in [("Anna", "A"), (" ada  maria lovelace ", "AL"), ("", "?")] {
            assert_eq!(letters.initials_of(name), expected);
        }
    }

    #[test]
    fn letters_that_no_font_has_are_a_question_mark() {
        let letters = Letters::new();
        // For private use: no honest font has them all.
        let (one, two) = ('\u{10fffa}', '\u{10fff7}');
        let name = format!("{one}{two} Anna {two}");
        assert_eq!(letters.drawable(&name), "? Anna ?");
        assert_eq!(letters.initials_of(&name), "??");
        assert_eq!(letters.drawable("Who? Zoë Łukasz"), "Who? Zoë Łukasz");
    }

    #[test]
    fn a_row_of_missing_letters_is_one_mark() {
        let missing = BTreeSet::from(['x', 'y']);
        assert_eq!(marked("axyxb?", &missing), "a?b?");
        assert_eq!(marked("?x y", &missing), "? ?");
    }
}
