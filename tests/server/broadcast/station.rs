//! A streaming server of a test's own, and what is to be seen and heard there.

use std::path::PathBuf;
use std::process::Command;

use confab_server::broadcast::Target;

use super::nginx::Nginx;
use crate::guest::HUNG;

pub(super) const KEY: &str = "geheimer-schluessel";

/// The server. Dropping it ends it.
pub(super) struct Station {
    nginx: Nginx,
}

/// A picture as it came out of the server.
pub(super) struct Seen {
    pixels: Vec<u8>,
}

const WIDTH: usize = 64;
const HEIGHT: usize = 36;

impl Station {
    /// A server that runs.
    pub(super) async fn open() -> Self {
        let mut station = Self::closed();
        station.start().await;
        station
    }

    /// One that does not run yet.
    pub(super) fn closed() -> Self {
        Self { nginx: Nginx::closed() }
    }

    pub(super) async fn start(&mut self) {
        self.nginx.start().await;
    }

    /// Ends it as a crash does.
    pub(super) fn kill(&mut self) {
        self.nginx.kill();
    }

    pub(super) fn port(&self) -> u16 {
        self.nginx.port()
    }

    pub(super) fn target(&self) -> Target {
        Target::parse(&self.address("live"), KEY).unwrap()
    }

    pub(super) fn address(&self, app: &str) -> String {
        format!("rtmp://127.0.0.1:{}/{app}", self.port())
    }

    /// What it kept: a file for each time that it was connected to.
    pub(super) fn kept(&self) -> Vec<PathBuf> {
        self.nginx.kept()
    }

    /// What somebody sees who looks now; `None` if nothing is sent.
    pub(super) async fn look(&self) -> Option<Seen> {
        let output = tokio::process::Command::new("ffmpeg")
            .args("-v quiet -nostdin -rw_timeout 5000000 -analyzeduration 300000 -probesize 200000 -i".split(' '))
            .arg(format!("{}/{KEY}", self.address("live")))
            .args(format!("-an -frames:v 1 -vf scale={WIDTH}:{HEIGHT} -f rawvideo -pix_fmt rgb24 pipe:1").split(' '))
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        let pixels = output.stdout;
        (pixels.len() == WIDTH * HEIGHT * 3).then_some(Seen { pixels })
    }

    /// Waits until what is seen is as it should be.
    pub(super) async fn until_seen(&self, what: &str, is_right: impl Fn(&Seen) -> bool) {
        let deadline = tokio::time::Instant::now() + HUNG;
        loop {
            let seen = self.look().await;
            if seen.as_ref().is_some_and(&is_right) {
                return;
            }
            if tokio::time::Instant::now() > deadline {
                if let Ok(path) = std::env::var("CONFAB_TEST_PICTURES") {
                    let pixels = seen.map(|seen| seen.pixels).unwrap_or_default();
                    std::fs::write(
                        path,
                        [format!("P6 {WIDTH} {HEIGHT} 255\n").as_bytes(), &pixels].concat(),
                    )
                    .unwrap();
                }
                panic!("never seen: {what}");
            }
        }
    }
}

impl Seen {
    /// Red, green and blue at a place given in shares of the whole.
    fn at(&self, x: f64, y: f64) -> [u8; 3] {
        let (x, y) = ((x * WIDTH as f64) as usize, (y * HEIGHT as f64) as usize);
        let start = (y * WIDTH + x) * 3;
        [self.pixels[start], self.pixels[start + 1], self.pixels[start + 2]]
    }

    /// Whether a colour of full strength is at a place.
    pub(super) fn is(&self, colour: Colour, x: f64, y: f64) -> bool {
        let [red, green, blue] = self.at(x, y);
        let (strong, weak) = match colour {
            Colour::Red => (red, [green, blue]),
            Colour::Lime => (green, [red, blue]),
            Colour::Blue => (blue, [red, green]),
        };
        strong > 180 && weak.iter().all(|weak| *weak < 90)
    }

    /// Whether it is so dark there as what is drawn where there is no picture.
    pub(super) fn is_dark(&self, x: f64, y: f64) -> bool {
        self.at(x, y).iter().all(|part| *part < 90)
    }
}

#[derive(Clone, Copy)]
pub(super) enum Colour {
    Red,
    Lime,
    Blue,
}

/// How much of a tone is in each second of a file's sound, from 0 to 1 of full strength.
pub(super) fn tone(path: &std::path::Path, frequency: f64) -> Vec<f64> {
    const RATE: usize = 16_000;
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-i"]).arg(path);
    command.args(format!("-vn -ac 1 -ar {RATE} -f s16le pipe:1").split(' '));
    let samples: Vec<f64> = command
        .output()
        .expect("ffmpeg is installed")
        .stdout
        .chunks_exact(2)
        .map(|bytes| f64::from(i16::from_le_bytes([bytes[0], bytes[1]])) / f64::from(i16::MAX))
        .collect();
    // A tenth of a second at a time, as a gap within would hide a tone of changed phase.
    let strength = |part: &[f64]| {
        let turn = std::f64::consts::TAU * frequency / RATE as f64;
        let (mut cosine, mut sine) = (0.0, 0.0);
        for (index, sample) in part.iter().enumerate() {
            cosine += sample * (turn * index as f64).cos();
            sine += sample * (turn * index as f64).sin();
        }
        2.0 * cosine.hypot(sine) / part.len() as f64
    };
    samples
        .chunks(RATE)
        .map(|second| {
            let parts = second.chunks(RATE / 10).map(strength);
            parts.sum::<f64>() / 10.0
        })
        .collect()
}
