//! The bounds that a client can reach, each with its sentence.

/// What there was too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Bound {
    /// Requests of one socket in a time.
    #[error("Too many requests; wait a moment")]
    Requests,
    /// Requests of one socket that wait for their answers.
    #[error("Too many requests at once; wait for some answers first")]
    Waiting,
    /// Requests from one address in a time.
    #[error("Too many requests from your address; wait a moment")]
    RequestsOfAddress,
    /// Connections from one address at once.
    #[error("Too many connections from your address; close some first")]
    Connections,
    /// New connections from one address in a time.
    #[error("Too many new connections from your address; wait a minute")]
    Arrivals,
    /// Bytes in one message of the protocol.
    #[error("This message is too large; {0} bytes are the most")]
    MessageBytes(usize),
    /// Bytes in the chat in a time.
    #[error("Too many words at once; wait a moment before the next message")]
    Words,
    /// Characters in one message of the chat.
    #[error("Message is too long; 4,000 characters are the most")]
    MessageLength,
    /// Reactions to the messages of one room.
    #[error("There are too many reactions in this chat; take one of yours back first")]
    Reactions,
    /// Bytes of files that one address shares in a time.
    #[error("Too much was shared from this device; wait a minute, then share the file again")]
    FileBytes,
    /// Files that one peer sends at once.
    #[error("Too many files at once; wait until one has arrived")]
    FilesAtOnce,
    /// Bytes of all files of a room.
    #[error("The files of this meeting take up all the space that they may; share this one another way")]
    FilesOfRoom,
    /// Transports that one peer makes in a time.
    #[error("Too many transports from one participant; wait a minute")]
    Transports,
    /// Rooms that one address makes in a time.
    #[error("Too many new rooms from this device; try again in a minute")]
    NewRooms,
    /// Rooms at once.
    #[error("Too many rooms on this server; wait until one ends")]
    Rooms,
    /// People who wait to be let into one room.
    #[error("Too many people wait to be let in; try again in a few minutes")]
    Lobby,
    /// Streams that one peer sends.
    #[error("Too many streams from one participant; close one first")]
    StreamsSent,
    /// Streams that one peer receives.
    #[error("Too many streams for one participant; close one first")]
    StreamsReceived,
    /// Encodings of one stream.
    #[error("Too many encodings for one stream; send at most 8")]
    Encodings,
}

impl Bound {
    /// The bound's name in one word, for counting.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Requests => "too_many_requests",
            Self::Waiting => "too_many_waiting",
            Self::RequestsOfAddress => "too_many_requests_of_address",
            Self::Connections => "too_many_connections",
            Self::Arrivals => "too_many_arrivals",
            Self::MessageBytes(_) => "message_too_large",
            Self::Words => "too_many_words",
            Self::MessageLength => "message_too_long",
            Self::Reactions => "too_many_reactions",
            Self::FileBytes => "too_many_file_bytes",
            Self::FilesAtOnce => "too_many_files_at_once",
            Self::FilesOfRoom => "too_many_files",
            Self::Transports => "too_many_transports",
            Self::NewRooms => "too_many_new_rooms",
            Self::Rooms => "too_many_rooms",
            Self::Lobby => "too_many_in_lobby",
            Self::StreamsSent => "too_many_streams_sent",
            Self::StreamsReceived => "too_many_streams_received",
            Self::Encodings => "too_many_encodings",
        }
    }
}
