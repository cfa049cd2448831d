//! How a broadcast goes: what its states are, what a line that ended means for it, and how long is waited before the next one. Pure; time is passed in.

use std::time::Duration;

use serde::Serialize;
use ts_rs::TS;

use crate::recording::compose::ffmpeg::lacking;
use crate::recording::error::install_hint;

/// The waits between one line and the next; the last one stays.
const WAITS: [Duration; 6] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
    Duration::from_secs(30),
];
/// A line that lasted this long was a good one: the waits begin anew after it.
const GOOD: Duration = Duration::from_secs(20);

/// Where a broadcast stands, for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "is", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum BroadcastState {
    /// The server was not reached yet.
    Starting,
    /// The server takes it.
    Live {
        /// Since when, in ms since 1970.
        #[ts(type = "number")]
        since: u64,
    },
    /// The server does not take it; it is tried again.
    Reconnecting {
        /// Why, as a sentence.
        reason: String,
        /// When it is tried again, in ms since 1970.
        #[ts(type = "number")]
        retry_at: u64,
    },
    /// It ended by itself.
    Failed {
        /// Why and what to do, as a sentence.
        reason: String,
    },
}

/// A broadcast at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BroadcastStatus {
    /// Where it stands.
    pub state: BroadcastState,
    /// The address that it goes to, with dots for the stream key.
    pub address: String,
    /// What does not go well meanwhile, as a sentence.
    pub warning: Option<String>,
}

/// Why a line ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// There is no such server.
    Unknown,
    /// Nothing answers there.
    NoAnswer,
    /// It is reached, and does not take the stream.
    Refused,
    /// It closed the connection.
    Closed,
    /// It takes nothing any more.
    Stalled,
    /// No secure connection can be had.
    Insecure,
    /// ffmpeg is not there.
    NoFfmpeg,
    /// ffmpeg cannot do it, and why, as part of a sentence.
    Limited(String),
    /// ffmpeg failed; why is for the log.
    Failed(String),
}

impl End {
    /// Out of what ffmpeg complained about.
    pub(super) fn of(complaints: &str, was_flowing: bool) -> Self {
        let says = |words: &[&str]| words.iter().any(|words| complaints.contains(words));
        if let Some(missing) = lacking(complaints) {
            Self::Limited(missing)
        } else if says(&["Failed to resolve hostname"]) {
            Self::Unknown
        } else if says(&[
            "Connection refused",
            "No route to host",
            "Network is unreachable",
            "Connection timed out",
            "Operation timed out",
        ]) {
            Self::NoAnswer
        } else if says(&["[tls", "certificate"]) && !was_flowing {
            Self::Insecure
        } else if says(&[
            "Broken pipe",
            "Connection reset",
            "End of file",
            "Input/output error",
            "Operation not permitted",
        ]) || says(&["Server error"])
        {
            if was_flowing { Self::Closed } else { Self::Refused }
        } else if complaints.trim().is_empty() {
            Self::Closed
        } else {
            Self::Failed(complaints.trim().to_owned())
        }
    }

    /// The sentence for a person.
    pub(super) fn sentence(&self, server: &str) -> String {
        match self {
            Self::Unknown => format!(
                "There is no server called {server} to be found: check the address and this computer's connection."
            ),
            Self::NoAnswer => format!("Nothing answers at {server}: check the address, and whether the server runs."),
            Self::Refused => format!("{server} does not take the stream: check the address and the stream key."),
            Self::Closed => format!("{server} has closed the connection."),
            Self::Stalled => format!("{server} takes nothing any more, or the line to it is too slow."),
            Self::Insecure => format!(
                "No secure connection to {server} can be made: check whether the address is to begin with rtmp:// or rtmps://, and whether its certificate is one that this computer trusts."
            ),
            Self::NoFfmpeg => format!("Broadcasting needs ffmpeg: {}, then start it again.", install_hint()),
            Self::Limited(reason) => format!(
                "The ffmpeg found here cannot broadcast ({reason}): {}, then start it again.",
                install_hint()
            ),
            Self::Failed(_) => "ffmpeg could not go on with the broadcast.".to_owned(),
        }
    }

    /// Whether trying again is of no use before a person has done something.
    fn is_final(&self, was_live: bool) -> bool {
        match self {
            Self::NoFfmpeg | Self::Limited(_) => true,
            // What went well once will again: a server that starts anew may know nobody at first.
            Self::Unknown | Self::Refused | Self::Insecure => !was_live,
            Self::NoAnswer | Self::Closed | Self::Stalled | Self::Failed(_) => false,
        }
    }
}

/// The course of one broadcast.
#[derive(Debug)]
pub(super) struct Course {
    server: String,
    state: BroadcastState,
    was_live: bool,
    /// Lines that ended since one was good.
    ended: usize,
    /// When the line that is there began to flow.
    flowing: Option<Duration>,
}

impl Course {
    /// `server` is what sentences call it.
    pub(super) fn new(server: &str) -> Self {
        Self {
            server: server.to_owned(),
            state: BroadcastState::Starting,
            was_live: false,
            ended: 0,
            flowing: None,
        }
    }

    pub(super) fn state(&self) -> &BroadcastState {
        &self.state
    }

    /// The server takes what is sent, `now` since the broadcast began; `epoch_ms` is the same in ms since 1970.
    pub(super) fn flows(&mut self, now: Duration, epoch_ms: u64) {
        self.was_live = true;
        self.flowing = Some(now);
        self.state = BroadcastState::Live { since: epoch_ms };
    }

    /// The line ended. Returns how long to wait before the next one; `None` if there is to be none.
    pub(super) fn ended(&mut self, end: &End, now: Duration, epoch_ms: u64) -> Option<Duration> {
        let reason = end.sentence(&self.server);
        if end.is_final(self.was_live) {
            self.state = BroadcastState::Failed { reason };
            return None;
        }
        if self
            .flowing
            .take()
            .is_some_and(|since| now.saturating_sub(since) >= GOOD)
        {
            self.ended = 0;
        }
        let wait = WAITS[self.ended.min(WAITS.len() - 1)];
        self.ended += 1;
        let retry_at = epoch_ms + wait.as_millis() as u64;
        self.state = BroadcastState::Reconnecting { reason, retry_at };
        Some(wait)
    }

    /// The meeting's media are gone, and the broadcast with them.
    pub(super) fn lost_media(&mut self) {
        let reason = "The part of Confab that carries this meeting's sound and pictures stopped: start the meeting and the broadcast again.";
        self.state = BroadcastState::Failed {
            reason: reason.to_owned(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course() -> Course {
        Course::new("live.example.org")
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_server_that_does_not_answer_is_tried_again_after_growing_waits() {
        let mut course = course();
        assert_eq!(course.state(), &BroadcastState::Starting);
        let waits: Vec<u64> = (0..8)
            .map(|_| course.ended(&End::NoAnswer, seconds(1), 1000).unwrap().as_secs())
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 15, 30, 30, 30]);
        let BroadcastState::Reconnecting { reason, retry_at } = course.state() else {
            panic!("{:?}", course.state())
        };
        assert_eq!(*retry_at, 31_000);
        assert!(reason.contains("live.example.org"), "{reason}");
    }

    #[test]
    fn the_waits_begin_anew_after_a_good_line_and_not_after_a_short_one() {
        let mut course = course();
        course.flows(seconds(0), 5000);
        assert_eq!(course.state(), &BroadcastState::Live { since: 5000 });
        assert_eq!(course.ended(&End::Closed, seconds(2), 0), Some(seconds(1)));
        course.flows(seconds(3), 0);
        assert_eq!(course.ended(&End::Closed, seconds(4), 0), Some(seconds(2)));
        course.flows(seconds(6), 0);
        assert_eq!(course.ended(&End::Stalled, seconds(60), 0), Some(seconds(1)));
    }

    #[test]
    fn who_is_refused_at_first_must_do_something_and_later_it_is_tried_again() {
        for end in [End::Refused, End::Unknown, End::Insecure] {
            let mut course = course();
            assert_eq!(course.ended(&end, seconds(1), 0), None, "{end:?}");
            assert!(matches!(course.state(), BroadcastState::Failed { reason } if reason.contains("check")));
            let mut course = self::course();
            course.flows(seconds(1), 0);
            assert!(course.ended(&end, seconds(2), 0).is_some(), "{end:?}");
        }
    }

    #[test]
    fn without_ffmpeg_nothing_is_tried_again_and_the_package_is_named() {
        let mut course = course();
        course.flows(seconds(1), 0);
        assert_eq!(course.ended(&End::NoFfmpeg, seconds(2), 0), None);
        assert!(matches!(course.state(), BroadcastState::Failed { reason } if reason.contains("install")));
    }

    #[test]
    fn what_ffmpeg_complains_about_is_understood() {
        let before = |complaints| End::of(complaints, false);
        // As ffmpeg 5.1 has it.
        assert_eq!(
            before(
                "[tcp @ 0x1] Connection to tcp://127.0.0.1:1?tcp_nodelay=0 failed: Connection refused\nrtmp://127.0.0.1:1: Connection refused"
            ),
            End::NoAnswer
        );
        assert_eq!(
            before(
                "[tcp @ 0x1] Failed to resolve hostname x.invalid: Name or service not known\nrtmp://x.invalid: Input/output error"
            ),
            End::Unknown
        );
        assert_eq!(before("rtmp://127.0.0.1:1: Input/output error"), End::Refused);
        assert_eq!(before("av_interleaved_write_frame(): Broken pipe"), End::Refused);
        assert_eq!(
            before("[tls @ 0x1] Error in the pull function.\nrtmps://127.0.0.1:1: End of file"),
            End::Insecure
        );
        assert_eq!(End::of("av_interleaved_write_frame(): Broken pipe", true), End::Closed);
        assert_eq!(End::of("", true), End::Closed);
        assert_eq!(
            before("Unknown encoder 'libx264'"),
            End::Limited("it lacks libx264".to_owned())
        );
        assert_eq!(before("odd\n"), End::Failed("odd".to_owned()));
    }
}
