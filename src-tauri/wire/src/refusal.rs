//! What a client is told when it does not get what it asked for.

use std::fmt;
use std::time::Duration;

use super::bound::Bound;

/// A while to wait, in words: "1 second", "20 seconds", "2 minutes".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(pub Duration);

impl fmt::Display for Wait {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never less than there is to wait.
        let seconds = self.0.as_secs() + u64::from(self.0.subsec_nanos() > 0);
        match seconds {
            1 => formatter.write_str("1 second"),
            0..120 => write!(formatter, "{seconds} seconds"),
            _ => write!(formatter, "{} minutes", seconds.div_ceil(60)),
        }
    }
}
/// One sentence, sent as `{"error": …}`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request's shape is wrong; names the field.
    #[error("Invalid request: {0}")]
    Invalid(String),
    /// No such room here.
    #[error("Room not found")]
    RoomNotFound,
    /// This socket has not joined this room.
    #[error("Peer not found")]
    PeerNotFound,
    /// No transport of this id belongs to this peer.
    #[error("Transport not found")]
    TransportNotFound,
    /// The peer has no send transport of this id.
    #[error("Send transport not found")]
    SendTransportNotFound,
    /// The peer has no receive transport yet.
    #[error("Receive transport not found")]
    ReceiveTransportNotFound,
    /// No producer of this id is in the room, or it is not this peer's.
    #[error("Producer not found")]
    ProducerNotFound,
    /// No consumer of this id belongs to this peer.
    #[error("Consumer not found")]
    ConsumerNotFound,
    /// The peer's capabilities do not fit the producer.
    #[error("Cannot consume")]
    CannotConsume,
    /// The transport was connected before.
    #[error("Transport is already connected")]
    AlreadyConnected,
    /// The room is being recorded.
    #[error("Already recording")]
    AlreadyRecording,
    /// The room is not being recorded.
    #[error("No active recording")]
    NoActiveRecording,
    /// Only hosts may do that, or only to those below them.
    #[error("Not allowed")]
    NotAllowed,
    /// Nobody in the room has this id or label.
    #[error("Participant not found")]
    ParticipantNotFound,
    /// Nobody new gets in.
    #[error("Room is locked")]
    RoomLocked,
    /// The room holds no more people.
    #[error("Room is full")]
    RoomFull,
    /// The room is open to those who know its passcode.
    #[error("Passcode required")]
    PasscodeRequired,
    /// The passcode is another one.
    #[error("Wrong passcode")]
    WrongPasscode,
    /// Too many passcodes were guessed from this address.
    #[error("Too many wrong passcodes from your network; try again in {0}")]
    TooManyGuesses(Wait),
    /// Hosts say who comes in, and were told that somebody waits.
    #[error("Waiting for the host")]
    WaitingForHost,
    /// A host did not let in whoever asks to join.
    #[error("A host did not let you in; you can ask again in {0}")]
    TurnedAway(Wait),
    /// There is no such room, and guests may not make it.
    #[error("There is no such room here; ask the host for the link")]
    NoSuchRoom,
    /// A host removed whoever asks to join.
    #[error("You were removed from this room; a host can let you back in")]
    Removed,
    /// A host keeps the peer's microphone muted.
    #[error("A host has muted you; ask to be allowed to unmute")]
    AudioHeld,
    /// A host keeps the peer's camera off.
    #[error("A host has turned your camera off; ask to be allowed to turn it on")]
    VideoHeld,
    /// The room keeps all guests' cameras off.
    #[error("Cameras are off for all guests; allow them again first")]
    CamerasOff,
    /// The room would have no host.
    #[error("You are the only host; make somebody else a host first")]
    OnlyHost,
    /// The file is larger than the room takes; names the most, as “50 MB”.
    #[error("Files can have {0} at most here")]
    FileTooLarge(String),
    /// The room takes no files.
    #[error("Files cannot be shared here")]
    FilesOff,
    /// No message of this id is kept.
    #[error("Message not found")]
    MessageNotFound,
    /// A bound was reached; says which.
    #[error(transparent)]
    Limit(#[from] Bound),
    /// The server is going away.
    #[error("The server is closing; please join again later")]
    Closing,
    /// The request was well formed but cannot be done; says why in a sentence.
    #[error("{0}")]
    Failed(String),
    /// Our fault; the log has the rest.
    #[error("Something went wrong on the server; please try again, and tell the host if it happens again")]
    Internal,
}

impl Refusal {
    /// The refusal's kind in one word, for counting.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::RoomNotFound | Self::NoSuchRoom => "room_not_found",
            Self::PeerNotFound => "peer_not_found",
            Self::TransportNotFound | Self::SendTransportNotFound | Self::ReceiveTransportNotFound => {
                "transport_not_found"
            }
            Self::ProducerNotFound => "producer_not_found",
            Self::ConsumerNotFound => "consumer_not_found",
            Self::CannotConsume => "cannot_consume",
            Self::AlreadyConnected => "already_connected",
            Self::AlreadyRecording => "already_recording",
            Self::NoActiveRecording => "no_active_recording",
            Self::NotAllowed => "not_allowed",
            Self::ParticipantNotFound => "participant_not_found",
            Self::RoomLocked => "room_locked",
            Self::RoomFull => "room_full",
            Self::PasscodeRequired => "passcode_required",
            Self::WrongPasscode => "wrong_passcode",
            Self::TooManyGuesses(_) => "too_many_guesses",
            Self::WaitingForHost => "waiting",
            Self::TurnedAway(_) => "turned_away",
            Self::Removed => "removed",
            Self::AudioHeld | Self::VideoHeld | Self::CamerasOff => "held",
            Self::OnlyHost => "only_host",
            Self::FileTooLarge(_) | Self::FilesOff => "file",
            Self::MessageNotFound => "message_not_found",
            Self::Limit(bound) => bound.kind(),
            Self::Closing => "closing",
            Self::Failed(_) => "failed",
            Self::Internal => "internal",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_while_is_told_in_words_and_never_too_short() {
        let told = |ms| Wait(Duration::from_millis(ms)).to_string();
        assert_eq!(told(1), "1 second");
        assert_eq!(told(1_000), "1 second");
        assert_eq!(told(9_001), "10 seconds");
        assert_eq!(told(119_000), "119 seconds");
        assert_eq!(told(120_000), "2 minutes");
        assert_eq!(told(120_001), "3 minutes");
    }
}
