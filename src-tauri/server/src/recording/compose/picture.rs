//! The film's picture: scene after scene, drawn, decoded and poured into the encoder.

use std::path::{Path, PathBuf};

use super::super::metadata::Span;
use super::Work;
use super::arguments::{self, Drawings, Parts, Source};
use super::cast::Person;
use super::graph::{Graph, Picture, Ring};
use super::layout::Rect;
use super::plate::{Drawn, Kind, Pens};
use super::scenery::{self, MOVE_FRAMES, Move, Tile, Who, eased};
use super::timeline::{self, Extent, Scene};
use crate::recording::error::RecordingError;

/// How far before its end a picture stands still that goes away, in milliseconds: its last frames are shown once more.
const BEFORE_END_MS: i64 = 300;
/// The name of the file with a scene's filters, in the working folder.
const FILTERS: &str = "filters.txt";

/// A scene with all in their places, and how they come there.
struct Staged {
    scene: Scene,
    tiles: Vec<Tile>,
    /// Empty if nothing moves.
    moves: Vec<Move>,
}

impl Work<'_> {
    /// Makes the picture and puts it together with the other parts.
    pub(super) async fn picture(
        &self,
        parts: &Parts,
        film: &Path,
        progress: &impl Fn(f64),
    ) -> Result<(), RecordingError> {
        let (reader, writer) = self.pipe()?;
        let pouring = async {
            for staged in self.staged() {
                let arguments = self.prepare(&staged).await?;
                let writer = self.again(&writer)?;
                self.ffmpeg.run_into(&arguments, &self.scratch, writer).await?;
            }
            drop(writer); // the end of the encoder's input
            Ok::<_, RecordingError>(())
        };
        let frames = self.extent.frames;
        let arguments = arguments::film(self.options.format, self.options.size, parts, film);
        let mut encoded = 0;
        let encoding = self.ffmpeg.run_from(&arguments, &self.scratch, reader, |done| {
            encoded = done;
            progress(done.min(frames) as f64 / frames as f64);
        });
        let (taken, poured) = tokio::join!(encoding, pouring);
        // Who pours fails too when nobody takes: the encoder knows why.
        taken?;
        poured?;
        if encoded < frames {
            return Err(RecordingError::Ffmpeg(format!(
                "only {encoded} of {frames} pictures came"
            )));
        }
        Ok(())
    }

    fn staged(&self) -> Vec<Staged> {
        let canvas = Rect::whole(self.options.size.pixels());
        let mut staged: Vec<Staged> = Vec::new();
        for scene in timeline::scenes(&self.tracks, &self.people, self.extent) {
            let tiles = scenery::tiles(&scene, &self.tracks, &self.people, canvas);
            let moves = match staged.last() {
                Some(last) if last.tiles != tiles => scenery::moves(&last.tiles, &tiles),
                _ => Vec::new(),
            };
            staged.push(Staged { scene, tiles, moves });
        }
        staged
    }

    /// Draws what a scene needs and writes its filters; returns what ffmpeg is to be told.
    async fn prepare(&self, staged: &Staged) -> Result<Vec<std::ffi::OsString>, RecordingError> {
        let speakers = self.speakers(staged);
        let drawings = Drawings {
            moving: (!staged.moves.is_empty()).then(|| "moving-%d.png".to_owned()),
            steady: "plate.png".to_owned(),
            rings: speakers.iter().map(|ring| ring_name(ring.place)).collect(),
        };
        self.draw(staged, &speakers).await?;
        let (sources, pictures) = self.pictures(staged);
        let graph = Graph {
            canvas: self.options.size.pixels(),
            pictures,
            moves: !staged.moves.is_empty(),
            rings: speakers,
        };
        self.write(&self.scratch.join(FILTERS), graph.filters().into()).await?;
        let frames = staged.scene.to - staged.scene.from;
        Ok(arguments::scene(
            &sources,
            &drawings,
            self.ffmpeg.filters_from(FILTERS),
            frames,
        ))
    }

    /// Draws the plates and the rings of a scene.
    async fn draw(&self, staged: &Staged, speakers: &[Ring]) -> Result<(), RecordingError> {
        let moving = (0..MOVE_FRAMES).filter(|_| !staged.moves.is_empty());
        let moving: Vec<(String, Vec<Drawn>)> = moving
            .map(|frame| (format!("moving-{frame}.png"), self.drawn_moving(staged, frame)))
            .collect();
        let steady = ("plate.png".to_owned(), self.drawn_steady(staged));
        let rings: Vec<Rect> = speakers.iter().map(|ring| ring.place).collect();
        let (canvas, scratch) = (self.options.size.pixels(), self.scratch.clone());
        let drawing = move || -> Result<(), DrawingError> {
            let pens = Pens::new(canvas);
            for (name, tiles) in moving.into_iter().chain([steady]) {
                std::fs::write(scratch.join(name), pens.plate(&tiles)?)?;
            }
            for place in rings {
                let file = scratch.join(ring_name(place));
                if !file.exists() {
                    std::fs::write(file, pens.ring(place.width, place.height)?)?;
                }
            }
            Ok(())
        };
        match tokio::task::spawn_blocking(drawing).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(DrawingError::Io(error))) => Err(RecordingError::from_composing_io(&error, self.folder)),
            Ok(Err(DrawingError::Drawing(reason))) => Err(RecordingError::Ffmpeg(reason)),
            Err(panicked) => Err(RecordingError::Ffmpeg(panicked.to_string())),
        }
    }

    fn drawn_steady(&self, staged: &Staged) -> Vec<Drawn> {
        let drawn = |tile: &Tile| Drawn {
            spot: tile.place.into(),
            kind: self.kind(tile.who),
            has_picture: tile.track.is_some(),
            opacity: 1.0,
            initials: 0.0,
            is_speaking: false, // by the rings
        };
        staged.tiles.iter().map(drawn).collect()
    }

    fn drawn_moving(&self, staged: &Staged, frame: u64) -> Vec<Drawn> {
        let share = eased(frame);
        let at_ms = self.extent.time_ms(staged.scene.from + frame);
        let between = |(from, to): (f64, f64)| from + (to - from) * share;
        let drawn = |moved: &Move| Drawn {
            spot: moved.from.towards(moved.to, share),
            kind: self.kind(moved.who),
            has_picture: moved.track.is_some(),
            opacity: between(moved.opacity),
            initials: between(moved.initials),
            is_speaking: self
                .person(moved.who)
                .is_some_and(|person| person.spoke.iter().any(|span| span.from <= at_ms && at_ms < span.to)),
        };
        staged.moves.iter().map(drawn).collect()
    }

    /// Who speaks in a scene and when.
    fn speakers(&self, staged: &Staged) -> Vec<Ring> {
        let ring = |tile: &Tile| {
            let spoke = &self.person(tile.who)?.spoke;
            let times: Vec<(u64, u64)> = spoke
                .iter()
                .filter_map(|span| within(*span, &staged.scene, self.extent))
                .collect();
            (!times.is_empty()).then_some(Ring {
                place: tile.place,
                times,
            })
        };
        staged.tiles.iter().filter_map(ring).collect()
    }

    /// The pictures of a scene: those in their places, and those that are there only while it moves.
    fn pictures(&self, staged: &Staged) -> (Vec<Source>, Vec<Picture>) {
        let at_ms = self.extent.time_ms(staged.scene.from) as i64;
        let way = |tile: &Tile| {
            let moved = staged.moves.iter().find(|moved| moved.who == tile.who);
            moved.map(|moved| (moved.from, moved.to))
        };
        let going = staged.moves.iter().filter(|moved| moved.is_ending).filter_map(|moved| {
            let index = moved.track?;
            let end = self.tracks[index].end_ms.unwrap_or(at_ms);
            let source = self.source(index, at_ms.min(end) - BEFORE_END_MS);
            Some(self.pictured(source, moved.who, None, Some((moved.from, moved.to))))
        });
        let placed = staged.tiles.iter().filter_map(|tile| {
            let source = self.source(tile.track?, at_ms);
            Some(self.pictured(source, tile.who, Some(tile.place), way(tile)))
        });
        going.chain(placed).unzip()
    }

    fn pictured(
        &self,
        source: Source,
        who: Who,
        place: Option<Rect>,
        way: Option<(scenery::Spot, scenery::Spot)>,
    ) -> (Source, Picture) {
        let picture = Picture {
            late: source.late(),
            is_share: matches!(who, Who::Share(_)),
            place,
            way,
        };
        (source, picture)
    }

    fn person(&self, who: Who) -> Option<&Person> {
        match who {
            Who::Person(index) => self.people.get(index),
            Who::Share(_) | Who::Others(_) => None,
        }
    }

    fn kind(&self, who: Who) -> Kind {
        let name = |index: usize| {
            self.people
                .get(index)
                .map_or_else(String::new, |person| person.name.clone())
        };
        match who {
            Who::Person(index) => Kind::Person(name(index)),
            Who::Others(count) => Kind::Others(count),
            Who::Share(track) => {
                let seat = self.tracks[track].seat;
                let sharer = self.people.iter().position(|person| person.seat == seat);
                Kind::Screen(sharer.map_or_else(String::new, name))
            }
        }
    }
}

/// Why something could not be drawn.
#[derive(Debug, thiserror::Error)]
enum DrawingError {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Drawing(String),
}

impl From<String> for DrawingError {
    fn from(reason: String) -> Self {
        Self::Drawing(reason)
    }
}

fn ring_name(place: Rect) -> PathBuf {
    format!("ring-{}x{}.png", place.width, place.height).into()
}

/// The part of a span that lies in a scene, in frames of the scene.
fn within(span: Span, scene: &Scene, extent: Extent) -> Option<(u64, u64)> {
    let from = extent.frame(span.from).max(scene.from);
    let to = extent.frame(span.to).min(scene.to);
    (from < to).then(|| (from - scene.from, to - scene.from))
}
