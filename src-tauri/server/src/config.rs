//! What the server is told from outside: flags, the environment and a `.env` file, in that order of weight.

use std::net::IpAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use axum::http::HeaderValue;
use clap::ArgAction;
use directories::{ProjectDirs, UserDirs};

use crate::meeting::MeetingsSettings;
use crate::recording::LibrarySettings;
use crate::room::{FileBounds, RoomSettings};
use crate::signaling::Limits;
use crate::wire::{RoomId, Secret};

/// A MB, in bytes.
const MB: u64 = 1 << 20;
/// How much of the disk people's files leave free, in bytes: recordings and the system need it.
const KEEP_FREE: u64 = 1 << 30;

/// Everything that a server is started with.
#[derive(Debug, Clone)]
pub struct Config {
    /// The port for the pages and for signalling, by HTTP and HTTPS; 0 takes any.
    pub port: u16,
    /// The address that guests are told instead of this computer's own, behind a router that forwards to it.
    pub announced_ip: Option<IpAddr>,
    /// The origin of a frontend served from elsewhere that may use this server.
    pub frontend_url: HeaderValue,
    /// The ports for media, one for each worker.
    pub media_ports: RangeInclusive<u16>,
    /// How many media workers.
    pub workers: NonZeroUsize,
    /// Where certificates and rooms made ahead are kept, and the files that people share while their meetings last.
    pub data_dir: PathBuf,
    /// How much of the disk people's files leave free, in bytes.
    pub keep_free: u64,
    /// Where recordings go.
    pub recordings_dir: PathBuf,
    /// The room that is always there.
    pub default_room: RoomId,
    /// Whether guests may make rooms up by opening a link; as the owner set it in the window if not said.
    pub guests_make_rooms: Option<bool>,
    /// What opens `GET /metrics` to other computers; closed to them if none.
    pub metrics_token: Option<Secret>,
    /// What clients are bounded to.
    pub limits: Limits,
    /// What all meetings are set to.
    pub meetings: MeetingsSettings,
}

/// The flags that both programs share. Each can also come from the environment or from a `.env` file.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// The port for the pages and for signalling, by HTTP and HTTPS.
    #[arg(long, env = "PORT", default_value_t = 8080)]
    pub port: u16,
    /// The IP address that guests are told, where it is not this computer's own.
    #[arg(long, env = "ANNOUNCED_IP", default_value = "", hide_default_value = true)]
    pub announced_ip: OptionalIp,
    /// The origin of a frontend served from elsewhere that may use this server.
    #[arg(long, env = "FRONTEND_URL", default_value = "http://localhost:3000")]
    pub frontend_url: HeaderValue,
    /// The ports for media, one for each worker, by UDP and TCP.
    #[arg(long, env = "MEDIA_PORTS", default_value = "10000-10100")]
    pub media_ports: PortRange,
    /// How many media workers run; one per core if not set.
    #[arg(long, env = "CONFAB_WORKERS")]
    pub workers: Option<NonZeroUsize>,
    /// The room that is always there.
    #[arg(long, env = "CONFAB_ROOM", default_value = "meeting")]
    pub room: RoomId,
    /// Whether guests may make rooms up by opening /r/anything: yes or no; as set in the window, or yes, if not set.
    #[arg(long, env = "CONFAB_GUESTS_MAKE_ROOMS", value_name = "YES|NO", value_parser = yes_or_no)]
    pub guests_make_rooms: Option<bool>,
    /// Whether the first to join an empty room with an open door hosts it: yes or no.
    #[arg(
        long,
        env = "CONFAB_FIRST_COMER_HOSTS",
        value_name = "YES|NO",
        value_parser = yes_or_no,
        default_value = "yes",
        action = ArgAction::Set
    )]
    pub first_comer_hosts: bool,
    /// Where recordings go; the system's folder for videos if not set.
    #[arg(long, env = "CONFAB_RECORDINGS")]
    pub recordings: Option<PathBuf>,
    /// Where certificates, rooms made ahead, and files while their meetings last are kept; the system's folder for
    /// application data if not set.
    #[arg(long, env = "CONFAB_DATA")]
    pub data: Option<PathBuf>,
    /// What another computer must show as a bearer token to read `/metrics`; without it, only this one may.
    #[arg(long, env = "CONFAB_METRICS_TOKEN", hide_env_values = true)]
    pub metrics_token: Option<String>,
    /// What clients are bounded to.
    #[command(flatten)]
    pub limits: LimitOptions,
    /// How much files may take.
    #[command(flatten)]
    pub files: FileOptions,
}

/// The flags that bound what clients may ask for.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct LimitOptions {
    /// How many requests one guest's page may make in a second, in the long run.
    #[arg(long, env = "CONFAB_REQUESTS_PER_SECOND", default_value_t = Limits::default().requests_per_second)]
    pub requests_per_second: NonZeroU32,
    /// How many requests all pages at one address may make in a second, in the long run.
    #[arg(
        long,
        env = "CONFAB_ADDRESS_REQUESTS_PER_SECOND",
        default_value_t = Limits::default().requests_per_second_of_address
    )]
    pub address_requests_per_second: NonZeroU32,
    /// How many connections one address may have at once.
    #[arg(long, env = "CONFAB_ADDRESS_CONNECTIONS", default_value_t = Limits::default().connections_of_address)]
    pub address_connections: NonZeroU32,
    /// How many bytes one message of a page may have.
    #[arg(long, env = "CONFAB_MESSAGE_BYTES", default_value_t = Limits::default().message_bytes)]
    pub message_bytes: NonZeroUsize,
    /// How many streams one guest may send at once.
    #[arg(long, env = "CONFAB_STREAMS_PER_GUEST", default_value_t = RoomSettings::default().max_streams)]
    pub streams_per_guest: usize,
    /// How many transports one guest may make in a minute; at once there are two at most, one to send and one to receive.
    #[arg(long, env = "CONFAB_TRANSPORTS_PER_GUEST", default_value_t = Limits::default().transports_per_minute)]
    pub transports_per_guest: NonZeroU32,
    /// How many bytes one guest may write into the chat in a second, in the long run.
    #[arg(long, env = "CONFAB_CHAT_BYTES_PER_SECOND", default_value_t = Limits::default().chat_bytes_per_second)]
    pub chat_bytes_per_second: NonZeroU32,
    /// How many rooms one device may make in a minute.
    #[arg(long, env = "CONFAB_ROOMS_PER_MINUTE", default_value_t = Limits::default().rooms_per_minute)]
    pub rooms_per_minute: NonZeroU32,
    /// How many MB one device may share as files in a minute, in the long run.
    #[arg(long, env = "CONFAB_FILE_MB_PER_MINUTE", default_value_t = Limits::default().file_mb_per_minute)]
    pub file_mb_per_minute: NonZeroU32,
    /// After how many seconds a connection that joined no room is closed.
    #[arg(long, env = "CONFAB_UNJOINED_SECONDS", default_value_t = Limits::default().unjoined.as_secs())]
    pub unjoined_seconds: u64,
}

/// The flags that bound files, in MB of 1,048,576 bytes.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct FileOptions {
    /// The most that hosts can allow for one file, in MB; at first a room allows 50, or this if it is less. 0 for no files.
    #[arg(long, env = "CONFAB_LARGEST_FILE_MB", default_value_t = as_mb(FileBounds::default().largest))]
    pub largest_file_mb: u32,
    /// How much all files of a room may take on the disk, in MB.
    #[arg(long, env = "CONFAB_ROOM_FILES_MB", default_value_t = as_mb(FileBounds::default().in_room))]
    pub room_files_mb: u32,
}

impl From<FileOptions> for FileBounds {
    fn from(options: FileOptions) -> Self {
        Self {
            largest: u64::from(options.largest_file_mb) * MB,
            in_room: u64::from(options.room_files_mb) * MB,
        }
    }
}

fn as_mb(bytes: u64) -> u32 {
    u32::try_from(bytes / MB).unwrap_or(u32::MAX)
}

impl From<LimitOptions> for Limits {
    fn from(options: LimitOptions) -> Self {
        Self {
            requests_per_second: options.requests_per_second,
            requests_per_second_of_address: options.address_requests_per_second,
            connections_of_address: options.address_connections,
            message_bytes: options.message_bytes,
            chat_bytes_per_second: options.chat_bytes_per_second,
            transports_per_minute: options.transports_per_guest,
            rooms_per_minute: options.rooms_per_minute,
            file_mb_per_minute: options.file_mb_per_minute,
            unjoined: Duration::from_secs(options.unjoined_seconds),
        }
    }
}

/// Why the settings cannot be used, as a sentence for a person.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The `.env` file is there and cannot be read.
    #[error("The file {} cannot be read: {source}. Correct it or remove it, then start Confab again.", path.display())]
    DotEnv {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: dotenvy::Error,
    },
    /// The `.env` file has a line that says nothing.
    #[error("The file {} has a line that is no setting: {line}. Write it as NAME=value, then start Confab again.", path.display())]
    DotEnvLine {
        /// The file.
        path: PathBuf,
        /// The line.
        line: String,
    },
    /// The user has no home folder.
    #[error("This user has no home folder: name folders with --data and --recordings.")]
    NoHome,
}

/// Reads the `.env` file of the working folder, if there is one, into the environment; what is set already stays.
///
/// # Errors
/// [`ConfigError::DotEnv`] and [`ConfigError::DotEnvLine`].
pub fn load_dotenv() -> Result<(), ConfigError> {
    // Not that of a folder above, which may be another project's.
    let path = std::path::absolute(".env").unwrap_or_else(|_| PathBuf::from(".env"));
    match dotenvy::from_path(&path) {
        Err(dotenvy::Error::LineParse(line, _)) => Err(ConfigError::DotEnvLine {
            path,
            line: line.trim().to_owned(),
        }),
        Err(source) if !source.not_found() => Err(ConfigError::DotEnv { path, source }),
        _ => Ok(()),
    }
}

impl Options {
    /// Fills in what was not said.
    ///
    /// # Errors
    /// [`ConfigError::NoHome`].
    pub fn into_config(self) -> Result<Config, ConfigError> {
        let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let data_dir = || ProjectDirs::from("", "", "Confab").map(|dirs| dirs.data_dir().to_owned());
        let recordings_dir = || UserDirs::new().map(|dirs| videos(&dirs).join("Confab"));
        let data_dir = self.data.or_else(data_dir).ok_or(ConfigError::NoHome)?;
        // A flag counts more than what was chosen in the window.
        let chosen = || LibrarySettings::load(&data_dir).folder;
        let recordings_dir = self.recordings.or_else(chosen).or_else(recordings_dir);
        Ok(Config {
            port: self.port,
            announced_ip: self.announced_ip.0,
            frontend_url: self.frontend_url,
            media_ports: self.media_ports.0,
            workers: self.workers.unwrap_or_else(cores),
            recordings_dir: recordings_dir.ok_or(ConfigError::NoHome)?,
            data_dir,
            default_room: self.room,
            guests_make_rooms: self.guests_make_rooms,
            // An empty one, as in a copied `.env` file, is none: it would open the figures to everybody.
            metrics_token: self
                .metrics_token
                .filter(|token| !token.is_empty())
                .map(|token| Secret::from(token.as_str())),
            limits: self.limits.into(),
            keep_free: KEEP_FREE,
            meetings: MeetingsSettings {
                room: RoomSettings {
                    first_comer_hosts: self.first_comer_hosts,
                    max_streams: self.limits.streams_per_guest,
                    files: self.files.into(),
                    ..RoomSettings::default()
                },
                ..MeetingsSettings::default()
            },
        })
    }
}

/// The system's folder for videos; where the system names none, the usual one.
fn videos(dirs: &UserDirs) -> PathBuf {
    dirs.video_dir()
        .map_or_else(|| dirs.home_dir().join("Videos"), PathBuf::from)
}

/// An IP address, or none where the text is empty, as it is in a copied `.env` file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionalIp(Option<IpAddr>);

impl FromStr for OptionalIp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self(None));
        }
        let ip = text
            .trim()
            .parse()
            .map_err(|_| "write an IP address such as 192.168.1.20".to_owned())?;
        Ok(Self(Some(ip)))
    }
}

/// Ports from one number to another, written `10000-10100`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortRange(RangeInclusive<u16>);

impl FromStr for PortRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text
            .split_once('-')
            .and_then(|(first, last)| Some((first.trim().parse::<u16>().ok()?, last.trim().parse::<u16>().ok()?)));
        match parsed {
            Some((first, last)) if first > 0 && first <= last => Ok(Self(first..=last)),
            _ => Err("write the first and the last port, such as 10000-10100".to_owned()),
        }
    }
}

/// Reads a switch as people write one, in a flag or in the environment.
fn yes_or_no(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" | "1" => Ok(true),
        "no" | "false" | "off" | "0" => Ok(false),
        _ => Err("write yes or no".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Program {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn every_flag_reaches_the_bound_that_it_names() {
        let flags = [
            "requests-per-second",
            "address-requests-per-second",
            "address-connections",
            "message-bytes",
            "streams-per-guest",
            "transports-per-guest",
            "chat-bytes-per-second",
            "rooms-per-minute",
            "file-mb-per-minute",
            "unjoined-seconds",
            "largest-file-mb",
            "room-files-mb",
        ];
        let said = flags.iter().zip(101..).map(|(flag, value)| format!("--{flag}={value}"));
        let folders = ["confab", "--data=data", "--recordings=recordings"].map(str::to_owned);
        let program = <Program as clap::Parser>::parse_from(folders.into_iter().chain(said));
        let Config { limits, meetings, .. } = program.options.into_config().unwrap();
        let reached = [
            u64::from(limits.requests_per_second.get()),
            limits.requests_per_second_of_address.get().into(),
            limits.connections_of_address.get().into(),
            limits.message_bytes.get() as u64,
            meetings.room.max_streams as u64,
            limits.transports_per_minute.get().into(),
            limits.chat_bytes_per_second.get().into(),
            limits.rooms_per_minute.get().into(),
            limits.file_mb_per_minute.get().into(),
            limits.unjoined.as_secs(),
            meetings.room.files.largest / MB,
            meetings.room.files.in_room / MB,
        ];
        assert!(reached.into_iter().eq(101..=112), "{reached:?}");
    }

    #[test]
    fn an_empty_announced_address_is_none() {
        assert_eq!("".parse(), Ok(OptionalIp(None)));
        assert_eq!(" 192.168.1.20 ".parse(), Ok(OptionalIp("192.168.1.20".parse().ok())));
        assert!("your.public.ip.address".parse::<OptionalIp>().is_err());
    }

    #[test]
    fn a_switch_is_said_as_people_say_it() {
        assert_eq!(yes_or_no("Yes"), Ok(true));
        assert_eq!(yes_or_no(" off"), Ok(false));
        assert_eq!(yes_or_no("maybe"), Err("write yes or no".to_owned()));
    }

    #[test]
    fn a_port_range_runs_upwards() {
        assert_eq!("10000-10100".parse(), Ok(PortRange(10_000..=10_100)));
        assert_eq!("9-9".parse(), Ok(PortRange(9..=9)));
        for bad in ["", "10000", "10-9", "0-5", "1-70000", "a-b"] {
            assert!(bad.parse::<PortRange>().is_err(), "{bad}");
        }
    }
}
