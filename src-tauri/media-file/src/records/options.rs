//! What a finished file is to be: its format, its size, and whether it carries the chat.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How a recording is put together into one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct ExportOptions {
    /// The kind of file.
    pub format: ExportFormat,
    /// The size of the picture; of no account where there is none.
    pub size: PictureSize,
    /// Whether what was written in the chat can be shown as subtitles.
    pub chat: bool,
}

/// The kinds of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
#[ts(export)]
pub enum ExportFormat {
    /// H.264 and AAC, which play everywhere.
    #[default]
    Mp4,
    /// VP8 and Opus.
    WebM,
    /// The sound alone, as Opus.
    Opus,
    /// The sound alone, as MP3.
    Mp3,
}

/// The sizes of the picture, 16 by 9 all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub enum PictureSize {
    /// 1920 by 1080 pixels.
    #[default]
    #[serde(rename = "1080p")]
    P1080,
    /// 1280 by 720 pixels.
    #[serde(rename = "720p")]
    P720,
    /// 854 by 480 pixels.
    #[serde(rename = "480p")]
    P480,
}

impl ExportFormat {
    /// What the names of its files end with.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::WebM => "webm",
            Self::Opus => "opus",
            Self::Mp3 => "mp3",
        }
    }

    /// Whether there is something to be seen in it.
    pub fn has_picture(self) -> bool {
        matches!(self, Self::Mp4 | Self::WebM)
    }

    /// What the file's kind is called on the web.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Mp4 => "video/mp4",
            Self::WebM => "video/webm",
            Self::Opus => "audio/ogg",
            Self::Mp3 => "audio/mpeg",
        }
    }

    /// The encoders that it takes, by ffmpeg's names.
    pub fn encoders(self) -> &'static [&'static str] {
        match self {
            Self::Mp4 => &["libx264", "aac"],
            Self::WebM => &["libvpx", "libopus"],
            Self::Opus => &["libopus"],
            Self::Mp3 => &["libmp3lame"],
        }
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mp4 => "MP4",
            Self::WebM => "WebM",
            Self::Opus => "Opus",
            Self::Mp3 => "MP3",
        }
    }
}

impl PictureSize {
    /// Width and height in pixels, both even.
    pub fn pixels(self) -> (u32, u32) {
        match self {
            Self::P1080 => (1920, 1080),
            Self::P720 => (1280, 720),
            Self::P480 => (854, 480),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_are_not_said_are_the_usual_ones() {
        let said: ExportOptions = serde_json::from_str(r#"{"format":"webm"}"#).unwrap();
        assert_eq!(
            (said.format, said.size, said.chat),
            (ExportFormat::WebM, PictureSize::P1080, false)
        );
        assert_eq!(serde_json::to_value(PictureSize::P720).unwrap(), "720p");
    }
}
