//! Cuts a recording into scenes: stretches of time in which the same people and pictures are to be seen. Pure; times of the film are counted in frames.

use super::super::metadata::{Span, TrackKind, TrackRecord};
use super::cast::Person;

/// Frames per second of the film.
pub(crate) const FRAME_RATE: u64 = 30;
/// Scenes shorter than this many frames are joined with their neighbour: people who come within a moment come together.
const SHORTEST: u64 = 15;
/// Longer ones are cut, so that what ffmpeg is told of each stays short: five minutes.
const LONGEST: u64 = 300 * FRAME_RATE;

/// The film's extent on the recording's time line, in milliseconds: from the first frame of any track to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) start_ms: u64,
    pub(crate) frames: u64,
}

/// A stretch in which nothing comes or goes. Tracks and people are indices into those of the recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scene {
    pub(crate) from: u64,
    pub(crate) to: u64,
    /// Shared screens, in the order in which they began.
    pub(crate) stage: Vec<usize>,
    /// Who is there, by seat.
    pub(crate) faces: Vec<Face>,
}

/// A person in a scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Face {
    pub(crate) person: usize,
    /// The track with their picture, if there is one.
    pub(crate) track: Option<usize>,
}

impl Extent {
    /// `None` if there is no track.
    pub(crate) fn of(tracks: &[TrackRecord]) -> Option<Self> {
        let times = tracks.iter().filter_map(|track| track.span());
        let start_ms = times.clone().map(|span| span.from).min()?;
        let end_ms = times.map(|span| span.to).max()?;
        let frames = (end_ms.saturating_sub(start_ms) * FRAME_RATE).div_ceil(1000);
        (frames > 0).then_some(Self { start_ms, frames })
    }

    /// A frame's time on the recording's time line, in milliseconds.
    pub(crate) fn time_ms(&self, frame: u64) -> u64 {
        self.start_ms + frame * 1000 / FRAME_RATE
    }

    /// The frame nearest to a time on the recording's time line.
    pub(crate) fn frame(&self, time_ms: u64) -> u64 {
        let thousandths = time_ms.saturating_sub(self.start_ms).saturating_mul(FRAME_RATE);
        (thousandths.saturating_add(500) / 1000).min(self.frames)
    }

    /// Where the film ends, in milliseconds of the recording.
    pub(crate) fn end_ms(&self) -> u64 {
        self.time_ms(self.frames)
    }
}

/// A time, in frames, in which somebody is there or a track is to be seen.
struct Shown {
    what: What,
    from: u64,
    to: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Person(usize),
    Track(usize),
}

/// The scenes of the film, without gaps, from frame 0 to its end.
pub(crate) fn scenes(tracks: &[TrackRecord], people: &[Person], extent: Extent) -> Vec<Scene> {
    let present = people.iter().enumerate().flat_map(|(index, person)| {
        let shown = move |span: &Span| (What::Person(index), *span);
        person.present.iter().map(shown)
    });
    let seen = tracks
        .iter()
        .enumerate()
        .filter(|(_, track)| track.kind == TrackKind::Video)
        .flat_map(|(index, track)| visible(track).into_iter().map(move |span| (What::Track(index), span)));
    let shown: Vec<Shown> = present
        .chain(seen)
        .map(|(what, span)| Shown {
            what,
            from: extent.frame(span.from),
            to: extent.frame(span.to),
        })
        .filter(|shown| shown.from < shown.to)
        .collect();
    let cuts = cuts(&shown, extent.frames);
    let nearest = |frame: u64| {
        let distance = |cut: &u64| cut.abs_diff(frame);
        cuts.iter().copied().min_by_key(distance).unwrap_or(frame)
    };
    let snapped: Vec<Shown> = shown
        .iter()
        .map(|shown| Shown {
            what: shown.what,
            from: nearest(shown.from),
            to: nearest(shown.to),
        })
        .collect();
    let mut scenes: Vec<Scene> = Vec::new();
    for pair in cuts.windows(2) {
        let [from, to] = [pair[0], pair[1]];
        let now: Vec<What> = snapped
            .iter()
            .filter(|shown| shown.from <= from && shown.to >= to)
            .map(|shown| shown.what)
            .collect();
        let scene = scene(&now, tracks, people, from, to);
        match scenes
            .last_mut()
            .filter(|last| last.stage == scene.stage && last.faces == scene.faces)
        {
            Some(last) => last.to = to,
            None => scenes.push(scene),
        }
    }
    scenes.into_iter().flat_map(shortened).collect()
}

/// What is to be seen while all of this is there.
fn scene(now: &[What], tracks: &[TrackRecord], people: &[Person], from: u64, to: u64) -> Scene {
    let is_shown = |index: &usize| now.contains(&What::Track(*index));
    let mut stage: Vec<usize> = (0..tracks.len())
        .filter(is_shown)
        .filter(|index| tracks[*index].is_screen_share)
        .collect();
    stage.sort_by_key(|index| tracks[*index].offset_ms);
    let camera = |seat: u64| {
        (0..tracks.len())
            .filter(is_shown)
            .filter(|index| tracks[*index].seat == seat && !tracks[*index].is_screen_share)
            .max_by_key(|index| tracks[*index].offset_ms)
    };
    let faces = people.iter().enumerate().filter_map(|(index, person)| {
        let track = camera(person.seat);
        let is_there = track.is_some() || now.contains(&What::Person(index));
        is_there.then_some(Face { person: index, track })
    });
    Scene {
        from,
        to,
        stage,
        faces: faces.collect(),
    }
}

/// A scene as several of nearly equal length, none longer than [`LONGEST`].
fn shortened(scene: Scene) -> Vec<Scene> {
    let length = scene.to - scene.from;
    let parts = length.div_ceil(LONGEST).max(1);
    let cut = |part: u64| scene.from + length * part / parts;
    (0..parts)
        .map(|part| Scene {
            from: cut(part),
            to: cut(part + 1),
            ..scene.clone()
        })
        .collect()
}

/// When a track is to be seen: from its start to its end, without its pauses.
fn visible(track: &TrackRecord) -> Vec<Span> {
    let Some(whole) = track.span() else { return Vec::new() };
    let mut times = Vec::new();
    let mut from = whole.from;
    for pause in &track.pauses {
        let to = pause.from_ms.min(whole.to);
        times.push(Span { from, to });
        from = from.max(pause.to_ms.unwrap_or(whole.to));
    }
    times.push(Span { from, to: whole.to });
    times.retain(|span| span.from < span.to);
    times
}

/// The frames at which something changes, at least [`SHORTEST`] apart, with the film's start and end.
fn cuts(shown: &[Shown], end: u64) -> Vec<u64> {
    let mut changes: Vec<u64> = shown.iter().flat_map(|shown| [shown.from, shown.to]).collect();
    changes.sort_unstable();
    let mut cuts = vec![0];
    for change in changes {
        if cuts.last().is_some_and(|last| change >= last + SHORTEST) && change + SHORTEST <= end {
            cuts.push(change);
        }
    }
    cuts.push(end);
    cuts
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::super::metadata::Pause;
    use super::super::cast::cast;
    use super::*;

    pub(crate) fn track(kind: TrackKind, seat: u64, offset_ms: u64, end_ms: u64) -> TrackRecord {
        let record = serde_json::json!({
            "file": format!("track-{seat}-{offset_ms}.webm"), "seat": seat, "peerName": "", "kind": kind,
            "isScreenShare": false, "offsetMs": offset_ms, "endMs": end_ms, "width": null, "height": null,
            "frames": 1, "lostPackets": 0, "pauses": [],
        });
        serde_json::from_value(record).unwrap()
    }

    fn camera(seat: u64, offset_ms: u64, end_ms: u64) -> TrackRecord {
        track(TrackKind::Video, seat, offset_ms, end_ms)
    }

    /// From, to, the stage, and for each person who is there their camera.
    type Cut = (u64, u64, Vec<usize>, Vec<Option<usize>>);

    fn cut(tracks: &[TrackRecord]) -> Vec<Cut> {
        let extent = Extent::of(tracks).unwrap();
        let people = cast(tracks, &[], extent.end_ms());
        let cut = |scene: Scene| {
            let faces = scene.faces.iter().map(|face| face.track).collect();
            (scene.from, scene.to, scene.stage, faces)
        };
        scenes(tracks, &people, extent).into_iter().map(cut).collect()
    }

    #[test]
    fn the_film_begins_with_the_first_track_and_ends_with_the_last() {
        let tracks = [track(TrackKind::Audio, 1, 2000, 5000), camera(2, 3000, 9990)];
        let extent = Extent::of(&tracks).unwrap();
        assert_eq!((extent.start_ms, extent.frames), (2000, 240));
        assert_eq!((extent.time_ms(30), extent.frame(3000)), (3000, 30));
        assert_eq!(extent.frame(u64::MAX), 240);
        assert_eq!(Extent::of(&[]), None);
        assert_eq!(Extent::of(&[camera(1, 0, i64::MAX as u64)]), None, "a damaged one");
    }

    #[test]
    fn somebody_comes_and_goes() {
        let tracks = [camera(1, 0, 10_000), camera(2, 4000, 8000)];
        assert_eq!(
            cut(&tracks),
            [
                (0, 120, vec![], vec![Some(0)]),
                (120, 240, vec![], vec![Some(0), Some(1)]),
                (240, 300, vec![], vec![Some(0)])
            ]
        );
    }

    #[test]
    fn those_who_come_within_a_moment_come_together() {
        let tracks = [camera(3, 0, 10_000), camera(1, 200, 9900), camera(2, 350, 9700)];
        assert_eq!(cut(&tracks), [(0, 300, vec![], vec![Some(1), Some(2), Some(0)])]);
    }

    #[test]
    fn a_shared_screen_is_on_the_stage_and_who_pauses_the_camera_stays_without_a_picture() {
        let mut tracks = [camera(1, 0, 10_000), camera(1, 2000, 6000)];
        tracks[1].is_screen_share = true;
        tracks[0].pauses = vec![Pause {
            from_ms: 4000,
            to_ms: Some(8000),
        }];
        assert_eq!(
            cut(&tracks),
            [
                (0, 60, vec![], vec![Some(0)]),
                (60, 120, vec![1], vec![Some(0)]),
                (120, 180, vec![1], vec![None]),
                (180, 240, vec![], vec![None]),
                (240, 300, vec![], vec![Some(0)])
            ]
        );
    }

    #[test]
    fn who_sends_sound_alone_is_there_and_a_pause_that_never_ended_lasts_to_the_end() {
        let mut tracks = [camera(1, 1000, 10_000), track(TrackKind::Audio, 2, 0, 10_000)];
        tracks[0].pauses = vec![
            Pause {
                from_ms: 0,
                to_ms: Some(900),
            },
            Pause {
                from_ms: 5000,
                to_ms: None,
            },
        ];
        assert_eq!(
            cut(&tracks),
            [
                (0, 30, vec![], vec![None]),
                (30, 150, vec![], vec![Some(0), None]),
                (150, 300, vec![], vec![None, None])
            ]
        );
    }

    #[test]
    fn of_two_cameras_of_one_person_the_newer_is_shown() {
        let tracks = [camera(1, 0, 10_000), camera(1, 4000, 10_000)];
        assert_eq!(
            cut(&tracks),
            [(0, 120, vec![], vec![Some(0)]), (120, 300, vec![], vec![Some(1)])]
        );
    }

    #[test]
    fn a_long_scene_is_told_in_parts() {
        let parts = cut(&[camera(1, 0, 640_000)]);
        assert_eq!(
            parts.iter().map(|part| (part.0, part.1)).collect::<Vec<_>>(),
            [(0, 6400), (6400, 12_800), (12_800, 19_200)]
        );
    }
}
