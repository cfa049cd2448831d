//! What a player shows beside the film: its title, chapters where people join and screens are shared, and the chat as subtitles. Pure.

use super::super::sidecar::{Event, Line};
use super::cast::{Person, time};
use super::timeline::Extent;

/// Chapters are at least this far apart, in milliseconds: who joins within a moment shares one.
const SHORTEST_MS: u64 = 5000;
/// Who is there within this of the start, in milliseconds, does not join.
const AT_ONCE_MS: u64 = 1000;
/// How long a line of the chat is to be read, in milliseconds, and how much longer for each letter.
const READING_MS: u64 = 3000;
const READING_MS_PER_LETTER: u64 = 50;
const LONGEST_READING_MS: u64 = 10_000;

/// A chapter of the film; times in milliseconds of the film.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chapter {
    from_ms: u64,
    title: String,
}

/// The chapters of the film: its start, and where people join and screens are shared. Fewer than two are none.
pub(crate) fn chapters(lines: &[Line], people: &[Person], extent: Extent) -> Vec<Chapter> {
    let name = |seat: u64| {
        people
            .iter()
            .find(|person| person.seat == seat)
            .map(|person| &person.name)
    };
    let mut chapters = vec![Chapter {
        from_ms: 0,
        title: "Start".to_owned(),
    }];
    let end_ms = extent.end_ms() - extent.start_ms;
    for line in lines {
        let said = match line.event {
            Event::Joined { seat, .. } => name(seat).map(|name| format!("{name} joins")),
            Event::Sharing { seat, on: true } => name(seat).map(|name| format!("{name} shares the screen")),
            _ => None,
        };
        let Some(title) = said else { continue };
        let from_ms = time(line).saturating_sub(extent.start_ms);
        if from_ms < AT_ONCE_MS || from_ms >= end_ms {
            continue;
        }
        match chapters.last_mut() {
            Some(last) if last.from_ms > 0 && from_ms < last.from_ms + SHORTEST_MS => {
                last.title = format!("{}, {title}", last.title);
            }
            _ => chapters.push(Chapter { from_ms, title }),
        }
    }
    if chapters.len() > 1 { chapters } else { Vec::new() }
}

/// The title and the chapters in ffmpeg's form for them.
pub(crate) fn metadata(title: &str, chapters: &[Chapter], extent: Extent) -> String {
    let end_ms = extent.end_ms() - extent.start_ms;
    let mut text = format!(";FFMETADATA1\ntitle={}\n", escaped(title));
    for (index, chapter) in chapters.iter().enumerate() {
        let to_ms = chapters.get(index + 1).map_or(end_ms, |next| next.from_ms);
        text += &format!(
            "[CHAPTER]\nTIMEBASE=1/1000\nSTART={}\nEND={to_ms}\ntitle={}\n",
            chapter.from_ms,
            escaped(&chapter.title)
        );
    }
    text
}

/// As ffmpeg's form wants values: these letters with a backslash before them.
fn escaped(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for letter in value.chars() {
        match letter {
            '=' | ';' | '#' | '\\' => escaped.extend(['\\', letter]),
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// The chat in the form WebVTT; `None` if nobody wrote.
pub(crate) fn subtitles(lines: &[Line], extent: Extent) -> Option<String> {
    let end_ms = extent.end_ms() - extent.start_ms;
    let messages: Vec<(u64, String)> = lines
        .iter()
        .filter_map(|line| match &line.event {
            Event::Message { name, text, .. } => {
                let at = time(line).saturating_sub(extent.start_ms);
                Some((at, format!("{}: {}", plain(name), plain(text))))
            }
            _ => None,
        })
        .filter(|(at, _)| *at < end_ms)
        .collect();
    if messages.is_empty() {
        return None;
    }
    let mut text = "WEBVTT\n".to_owned();
    for (index, (at, words)) in messages.iter().enumerate() {
        let reading = (READING_MS + READING_MS_PER_LETTER * words.chars().count() as u64).min(LONGEST_READING_MS);
        // The next one takes its place.
        let next = messages
            .get(index + 1)
            .map_or(u64::MAX, |(next, _)| (*next).max(at + 200));
        let until = (at + reading).min(next).min(end_ms.max(at + 200));
        text += &format!("\n{} --> {}\n{words}\n", clock(*at), clock(until));
    }
    Some(text)
}

/// Text as WebVTT wants it, on one line.
fn plain(text: &str) -> String {
    text.split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    format!(
        "{:02}:{:02}:{:02}.{:03}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        ms % 1000
    )
}

#[cfg(test)]
mod tests {
    use super::super::cast::{cast, tests::line};
    use super::*;

    const EXTENT: Extent = Extent {
        start_ms: 1000,
        frames: 30 * 100,
    };

    fn joined(at: u64, seat: u64, name: &str) -> Line {
        let name = name.to_owned();
        line(at, Event::Joined { seat, name })
    }

    #[test]
    fn chapters_are_where_people_join_and_screens_are_shared() {
        let lines = [
            joined(0, 1, "Anna"),
            joined(20_000, 2, "Ben"),
            joined(22_000, 3, "Cem"),
            line(61_000, Event::Sharing { seat: 2, on: true }),
            line(90_000, Event::Sharing { seat: 2, on: false }),
        ];
        let people = cast(&[], &lines, EXTENT.end_ms());
        let found: Vec<(u64, String)> = chapters(&lines, &people, EXTENT)
            .into_iter()
            .map(|chapter| (chapter.from_ms, chapter.title))
            .collect();
        assert_eq!(
            found,
            [
                (0, "Start".to_owned()),
                (19_000, "Ben joins, Cem joins".to_owned()),
                (60_000, "Ben shares the screen".to_owned()),
            ]
        );
        assert_eq!(chapters(&lines[..1], &people, EXTENT), []);
    }

    #[test]
    fn a_hostile_title_stays_a_title() {
        let chapters = [Chapter {
            from_ms: 0,
            title: "x\n[CHAPTER]\nSTART=0;#\\".to_owned(),
        }];
        let text = metadata("a=b", &chapters, EXTENT);
        assert_eq!(
            text,
            ";FFMETADATA1\ntitle=a\\=b\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=100000\ntitle=x [CHAPTER] START\\=0\\;\\#\\\\\n"
        );
    }

    #[test]
    fn messages_are_shown_one_after_the_other_and_hold_no_markup() {
        let message = |at, text: &str| {
            let (name, text) = ("Anna".to_owned(), text.to_owned());
            line(
                at,
                Event::Message {
                    seat: Some(1),
                    name,
                    text,
                },
            )
        };
        let lines = [
            message(3000, "<b>hi</b>\n\n00:00 --> 00:01\nx & y"),
            message(4500, "two"),
        ];
        assert_eq!(
            subtitles(&lines, EXTENT).unwrap(),
            "WEBVTT\n\n00:00:02.000 --> 00:00:03.500\nAnna: &lt;b&gt;hi&lt;/b&gt; 00:00 --&gt; 00:01 x &amp; y\n\
             \n00:00:03.500 --> 00:00:06.950\nAnna: two\n"
        );
        assert_eq!(subtitles(&[], EXTENT), None);
    }
}
