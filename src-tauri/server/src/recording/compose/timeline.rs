//! Cuts a recording into stretches of time in which the same pictures are to be seen. Pure; times of the film are counted in frames.

use super::super::metadata::{TrackKind, TrackRecord};

/// Frames per second of the film.
pub(crate) const FRAME_RATE: u64 = 25;
/// Stretches shorter than this many frames are joined with their neighbour: people who come within a moment come together.
const SHORTEST: u64 = 10;

/// The film's extent on the recording's time line, in milliseconds: from the first frame of any track to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) start_ms: u64,
    pub(crate) frames: u64,
}

/// A stretch in which nothing comes or goes. Tracks are indices into the recording's tracks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) from: u64,
    pub(crate) to: u64,
    /// Shared screens, in the order in which they began.
    pub(crate) stage: Vec<usize>,
    /// Cameras, by seat.
    pub(crate) faces: Vec<usize>,
}

impl Extent {
    /// `None` if there is no track.
    pub(crate) fn of(tracks: &[TrackRecord]) -> Option<Self> {
        let start_ms = tracks.iter().map(|track| track.offset_ms).min()?;
        let end_ms = tracks.iter().filter_map(|track| track.end_ms).max()?;
        let frames = (end_ms.saturating_sub(start_ms) * FRAME_RATE).div_ceil(1000);
        (frames > 0).then_some(Self { start_ms, frames })
    }

    /// A frame's time on the recording's time line, in milliseconds.
    pub(crate) fn time_ms(&self, frame: u64) -> u64 {
        self.start_ms + frame * 1000 / FRAME_RATE
    }

    /// The frame nearest to a time on the recording's time line.
    fn frame(&self, time_ms: u64) -> u64 {
        ((time_ms.saturating_sub(self.start_ms) * FRAME_RATE + 500) / 1000).min(self.frames)
    }
}

/// A time in which a track is to be seen.
struct Visible {
    track: usize,
    from: u64,
    to: u64,
}

/// The stretches of the film, without gaps, from frame 0 to its end.
pub(crate) fn stretches(tracks: &[TrackRecord], extent: Extent) -> Vec<Stretch> {
    let visible: Vec<Visible> = tracks
        .iter()
        .enumerate()
        .filter(|(_, track)| track.kind == TrackKind::Video)
        .flat_map(|(index, track)| visible_times(index, track, extent))
        .collect();
    let cuts = cuts(&visible, extent.frames);
    let nearest = |frame: u64| {
        cuts.iter()
            .copied()
            .min_by_key(|cut| cut.abs_diff(frame))
            .unwrap_or(frame)
    };
    let snapped: Vec<Visible> = visible
        .iter()
        .map(|visible| Visible {
            track: visible.track,
            from: nearest(visible.from),
            to: nearest(visible.to),
        })
        .collect();
    let mut stretches: Vec<Stretch> = Vec::new();
    for pair in cuts.windows(2) {
        let [from, to] = [pair[0], pair[1]];
        let mut shown: Vec<usize> = snapped
            .iter()
            .filter(|visible| visible.from <= from && visible.to >= to)
            .map(|visible| visible.track)
            .collect();
        shown.dedup();
        let (mut stage, mut faces): (Vec<usize>, Vec<usize>) =
            shown.into_iter().partition(|index| tracks[*index].is_screen_share);
        stage.sort_by_key(|index| tracks[*index].offset_ms);
        faces.sort_by_key(|index| (tracks[*index].seat, tracks[*index].offset_ms));
        match stretches
            .last_mut()
            .filter(|last| last.stage == stage && last.faces == faces)
        {
            Some(last) => last.to = to,
            None => stretches.push(Stretch { from, to, stage, faces }),
        }
    }
    stretches
}

/// When a track is to be seen: from its start to its end, without its pauses.
fn visible_times(index: usize, track: &TrackRecord, extent: Extent) -> Vec<Visible> {
    let end = track.end_ms.unwrap_or(track.offset_ms);
    let mut times = Vec::new();
    let mut from = track.offset_ms;
    for pause in &track.pauses {
        times.push((from, pause.from_ms.min(end)));
        from = from.max(pause.to_ms.unwrap_or(end));
    }
    times.push((from, end));
    times
        .into_iter()
        .map(|(from, to)| Visible {
            track: index,
            from: extent.frame(from),
            to: extent.frame(to),
        })
        .filter(|visible| visible.from < visible.to)
        .collect()
}

/// The frames at which something changes, at least [`SHORTEST`] apart, with the film's start and end.
fn cuts(visible: &[Visible], end: u64) -> Vec<u64> {
    let mut changes: Vec<u64> = visible.iter().flat_map(|visible| [visible.from, visible.to]).collect();
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
    use super::*;

    pub(crate) fn track(kind: TrackKind, seat: u64, offset_ms: u64, end_ms: u64) -> TrackRecord {
        TrackRecord {
            file: format!("track-{seat}-{offset_ms}.webm"),
            seat,
            peer_name: String::new(),
            kind,
            is_screen_share: false,
            offset_ms,
            end_ms: Some(end_ms),
            width: None,
            height: None,
            frames: 1,
            lost_packets: 0,
            pauses: Vec::new(),
        }
    }

    fn camera(seat: u64, offset_ms: u64, end_ms: u64) -> TrackRecord {
        track(TrackKind::Video, seat, offset_ms, end_ms)
    }

    fn cut(tracks: &[TrackRecord]) -> Vec<(u64, u64, Vec<usize>, Vec<usize>)> {
        stretches(tracks, Extent::of(tracks).unwrap())
            .into_iter()
            .map(|stretch| (stretch.from, stretch.to, stretch.stage, stretch.faces))
            .collect()
    }

    #[test]
    fn the_film_begins_with_the_first_track_and_ends_with_the_last() {
        let tracks = [track(TrackKind::Audio, 1, 2000, 5000), camera(2, 3000, 9990)];
        let extent = Extent::of(&tracks).unwrap();
        assert_eq!(
            extent,
            Extent {
                start_ms: 2000,
                frames: 200
            }
        );
        assert_eq!(extent.time_ms(25), 3000);
        assert_eq!(Extent::of(&[]), None);
    }

    #[test]
    fn somebody_comes_and_goes() {
        let tracks = [camera(1, 0, 10_000), camera(2, 4000, 8000)];
        assert_eq!(
            cut(&tracks),
            [
                (0, 100, vec![], vec![0]),
                (100, 200, vec![], vec![0, 1]),
                (200, 250, vec![], vec![0])
            ]
        );
    }

    #[test]
    fn those_who_come_within_a_moment_come_together() {
        let tracks = [camera(3, 0, 10_000), camera(1, 200, 9900), camera(2, 350, 9700)];
        assert_eq!(cut(&tracks), [(0, 250, vec![], vec![1, 2, 0])]);
    }

    #[test]
    fn a_shared_screen_is_on_the_stage_and_a_paused_camera_is_nowhere() {
        let mut tracks = [camera(1, 0, 10_000), camera(1, 2000, 6000)];
        tracks[1].is_screen_share = true;
        tracks[0].pauses = vec![Pause {
            from_ms: 4000,
            to_ms: Some(8000),
        }];
        assert_eq!(
            cut(&tracks),
            [
                (0, 50, vec![], vec![0]),
                (50, 100, vec![1], vec![0]),
                (100, 150, vec![1], vec![]),
                (150, 200, vec![], vec![]),
                (200, 250, vec![], vec![0])
            ]
        );
    }

    #[test]
    fn a_pause_that_never_ended_lasts_to_the_end_and_one_before_the_start_is_none() {
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
                (0, 25, vec![], vec![]),
                (25, 125, vec![], vec![0]),
                (125, 250, vec![], vec![])
            ]
        );
    }

    #[test]
    fn a_film_without_pictures_is_one_empty_stretch() {
        assert_eq!(cut(&[track(TrackKind::Audio, 1, 0, 1000)]), [(0, 25, vec![], vec![])]);
    }
}
