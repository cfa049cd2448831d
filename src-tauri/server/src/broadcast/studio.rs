//! Puts the moments together: the scene that is to be seen, drawn anew whenever it changes, and thirty times a second its picture and its sound.

use std::collections::HashMap;
use std::sync::Arc;

use mediasoup::prelude::ProducerId;
use tokio::task::JoinHandle;

use super::capture::Capture;
use super::decoder::{Sink, Wanted, lock};
use super::picture::{Overlay, Picture};
use super::sound::{self, CHANNELS, SAMPLE_RATE};
use super::stage::{Cast, Shown, Sounding, Tile};
use crate::recording::PictureSize;
use crate::recording::compose::layout::Rect;
use crate::recording::compose::plate::{Drawn, Pens};

/// Pictures a second.
pub(super) const FRAME_RATE: u64 = 30;
/// Samples of both channels that a picture lasts.
const SAMPLES: usize = SAMPLE_RATE / FRAME_RATE as usize * CHANNELS;

/// The streams of the room, in the order in which they began.
pub(super) type Captures = indexmap::IndexMap<ProducerId, Capture>;

/// What is to be seen, and the drawing of it.
struct Scene {
    tiles: Vec<Tile>,
    overlay: Overlay,
}

/// A scene that is being drawn.
struct Drawing {
    tiles: Vec<Tile>,
    overlay: JoinHandle<Result<Overlay, String>>,
}

/// Where moments are made.
pub(super) struct Studio {
    canvas: (u32, u32),
    scene: Option<Scene>,
    drawing: Option<Drawing>,
    /// What is to be drawn next.
    next: Vec<Tile>,
    /// What could not be drawn, and is not tried again thirty times a second.
    failed: Option<Vec<Tile>>,
}

impl Studio {
    pub(super) fn new(size: PictureSize) -> Self {
        Self {
            canvas: size.pixels(),
            scene: None,
            drawing: None,
            next: Vec::new(),
            failed: None,
        }
    }

    /// The size of the picture.
    pub(super) fn canvas(&self) -> (u32, u32) {
        self.canvas
    }

    /// Puts all in their places anew. Those who are neither seen nor heard are not decoded.
    pub(super) fn arrange(&mut self, cast: &Cast, captures: &Captures, paused: &dyn Fn(&ProducerId) -> bool) {
        let shown: Vec<Shown> = captures
            .iter()
            .filter(|(id, _)| !paused(id))
            .filter_map(|(id, capture)| {
                let screen = capture.screen()?;
                Some(Shown {
                    producer: *id,
                    seat: capture.seat,
                    is_share: capture.is_share,
                    size: screen.size(),
                    is_there: screen.picture().is_some(),
                })
            })
            .collect();
        let tiles = cast.tiles(&shown, self.canvas);
        let wanted: HashMap<ProducerId, _> = tiles
            .iter()
            .filter_map(|tile| Some((tile.producer?, tile.wanted())))
            .collect();
        let sounding = |(id, capture): (&ProducerId, &Capture)| Sounding {
            producer: *id,
            seat: capture.seat,
            is_share: capture.is_share,
        };
        let sounds = captures
            .iter()
            .filter(|(id, capture)| capture.screen().is_none() && !paused(id));
        let heard = cast.heard(sounds.map(sounding).collect());
        for (id, capture) in captures {
            match capture.screen() {
                Some(_) => capture.want(wanted.get(id).copied()),
                None => capture.want(heard.contains(id).then_some(Wanted::HEARD)),
            }
        }
        self.next = tiles;
    }

    /// Draws what is to be drawn. Returns at once; the scene changes when it is done.
    pub(super) async fn draw(&mut self) {
        if let Some(Drawing { tiles, overlay }) = self.drawing.take_if(|drawing| drawing.overlay.is_finished()) {
            match overlay.await.unwrap_or_else(|panicked| Err(panicked.to_string())) {
                Ok(overlay) => self.scene = Some(Scene { tiles, overlay }),
                Err(reason) => {
                    tracing::warn!(reason, "a scene cannot be drawn");
                    self.failed = Some(tiles);
                }
            }
        }
        let is_new = self.scene.as_ref().is_none_or(|scene| scene.tiles != self.next);
        let is_hopeless = self.failed.as_ref() == Some(&self.next);
        if self.drawing.is_none() && is_new && !is_hopeless {
            let (tiles, canvas) = (self.next.clone(), self.canvas);
            let drawn: Vec<Drawn> = tiles.iter().map(|tile| tile.drawn.clone()).collect();
            let windows: Vec<Rect> = tiles
                .iter()
                .filter(|tile| tile.drawn.has_picture)
                .map(|tile| tile.place)
                .collect();
            let overlay = tokio::task::spawn_blocking(move || {
                let plate = Pens::new(canvas).pixels(&drawn)?;
                Ok(Overlay::of(&plate, &windows))
            });
            self.drawing = Some(Drawing { tiles, overlay });
        }
    }

    /// The picture of this moment.
    pub(super) fn picture(&self, captures: &Captures) -> Picture {
        let Some(scene) = &self.scene else {
            return Picture::black(self.canvas);
        };
        let seen = |tile: &Tile| {
            let screen = captures.get(&tile.producer?)?.screen()?;
            Some((tile.place, screen.picture()?))
        };
        let windows = scene.tiles.iter().filter(|tile| tile.drawn.has_picture);
        let pictures: Vec<(Rect, Arc<Picture>)> = windows.filter_map(seen).collect();
        scene.overlay.over(&pictures)
    }

    /// The sound of the next moment, as bytes.
    pub(super) fn sound(captures: &Captures) -> Vec<u8> {
        let mut mix = vec![0; SAMPLES];
        for capture in captures.values() {
            if let Sink::Voice(voice) = &capture.sink {
                lock(voice).add_to(&mut mix);
            }
        }
        sound::bytes_of(&mix)
    }
}
