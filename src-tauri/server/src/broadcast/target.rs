//! Where a broadcast goes: the address of an RTMP server, and the stream key, which is a secret.
//!
//! Nothing of it reaches ffmpeg that was not looked at here, and the key never as an argument, which everybody on the computer could read.

use std::fmt::Write as _;

use axum::http::Uri;

use crate::wire::Secret;

/// What is shown in place of a key.
const DOTS: &str = "••••";
/// The longest address and the longest key, in bytes: ffmpeg takes no more.
const LONGEST: usize = 500;

/// An RTMP server and the place on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// `rtmp` or `rtmps`.
    scheme: &'static str,
    /// With the port, if there is one.
    server: String,
    app: String,
    key: Secret,
}

/// Why something is no place to broadcast to, as a sentence for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// There is no address.
    #[error("Enter the address to broadcast to: your streaming service shows it, as rtmp://live.example.org/app.")]
    Missing,
    /// It is none of RTMP.
    #[error("The address must begin with rtmp:// or rtmps://: copy it from your streaming service.")]
    Scheme,
    /// It is no address.
    #[error("This is not a whole address: copy it from your streaming service, as rtmp://live.example.org/app.")]
    Address,
    /// There is no key.
    #[error("The stream key is missing: copy it from your streaming service.")]
    NoKey,
    /// The key has blanks or other letters than plain ones, or is too long.
    #[error("The stream key has characters that none has: copy it anew from your streaming service.")]
    Key,
}

impl Target {
    /// Takes an address and a key as a person enters them. Without a key the address' last part is the key.
    ///
    /// # Errors
    /// [`TargetError`].
    pub fn parse(address: &str, key: &str) -> Result<Self, TargetError> {
        let (address, key) = (address.trim(), key.trim());
        if address.is_empty() {
            return Err(TargetError::Missing);
        }
        let (scheme, _) = address.split_once("://").ok_or(TargetError::Scheme)?;
        let scheme = ["rtmp", "rtmps"]
            .into_iter()
            .find(|known| scheme.eq_ignore_ascii_case(known))
            .ok_or(TargetError::Scheme)?;
        // What stands after a # is not sent, so a key there would be cut without a word.
        if address.len() > LONGEST || address.contains('#') {
            return Err(TargetError::Address);
        }
        let uri: Uri = address.parse().map_err(|_| TargetError::Address)?;
        let server = server_of(&uri).ok_or(TargetError::Address)?;
        let path = uri.path_and_query().map_or("", |path| path.as_str()).trim_matches('/');
        let (app, key) = match (key, path.rsplit_once('/')) {
            ("", Some((app, key))) => (app, key),
            ("", None) => {
                return Err(if path.is_empty() {
                    TargetError::Address
                } else {
                    TargetError::NoKey
                });
            }
            (key, _) => (path, key),
        };
        if app.is_empty() {
            return Err(TargetError::Address);
        }
        if key.is_empty() {
            return Err(TargetError::NoKey);
        }
        if key.len() > LONGEST || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TargetError::Key);
        }
        Ok(Self {
            scheme,
            server,
            app: app.to_owned(),
            key: Secret::from(key),
        })
    }

    /// The address without the key.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}://{}/{}", self.scheme, self.server, self.app)
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &Secret {
        &self.key
    }

    /// The address as it may be seen, with dots for the key.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{}/{DOTS}", self.address())
    }

    /// The server alone, as people call it.
    pub(super) fn server(&self) -> &str {
        &self.server
    }

    /// Whether it is reached by TLS.
    pub(super) fn is_secure(&self) -> bool {
        self.scheme == "rtmps"
    }

    /// What ffmpeg is told as an argument: the server without the place on it.
    pub(super) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.server)
    }

    /// What ffmpeg reads from a file: the place on the server, and the key. There is no line break in either.
    pub(super) fn preset(&self) -> String {
        let mut preset = String::new();
        let _ = write!(preset, "rtmp_app={}\nrtmp_playpath={}\n", self.app, self.key.reveal()); // writing to a string does not fail
        preset
    }
}

/// The server of an address, with its port; `None` if it has another form than that of a name or a number.
fn server_of(uri: &Uri) -> Option<String> {
    let host = uri.host().filter(|host| !host.is_empty())?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    let authority = uri.authority()?;
    if authority.as_str().contains('@') || !host.bytes().all(is_plain) {
        return None;
    }
    match authority.port() {
        Some(port) => Some(format!("{host}:{}", port.as_str().parse::<u16>().ok()?)),
        None if authority.as_str() == host => Some(host.to_owned()),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_a_key_become_what_ffmpeg_is_told() {
        let target = Target::parse(" RTMP://live.example.org:1936/live2/ ", " abcd-1234?x=1&y=#2 ").unwrap();
        assert_eq!(target.url(), "rtmp://live.example.org:1936");
        assert_eq!(target.preset(), "rtmp_app=live2\nrtmp_playpath=abcd-1234?x=1&y=#2\n");
        assert_eq!(target.address(), "rtmp://live.example.org:1936/live2");
        let [six, deep] = ["rtmps://[::1]/app", "rtmps://live.example.org:443/app/instance"]
            .map(|address| Target::parse(address, "k").unwrap());
        assert_eq!(six.url(), "rtmps://[::1]");
        assert_eq!(deep.preset(), "rtmp_app=app/instance\nrtmp_playpath=k\n");
    }

    #[test]
    fn the_last_part_of_an_address_alone_is_the_key() {
        let whole = Target::parse("rtmp://live.example.org/app/geheim", "").unwrap();
        assert_eq!(whole, Target::parse("rtmp://live.example.org/app", "geheim").unwrap());
    }

    #[test]
    fn the_key_is_never_shown() {
        let target = Target::parse("rtmp://live.example.org/app", "geheim").unwrap();
        assert_eq!(target.shown(), "rtmp://live.example.org/app/••••");
        for text in [target.shown(), target.url(), format!("{target:?}"), target.address()] {
            assert!(!text.contains("geheim"), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_what_to_do() {
        for (address, key, expected) in [
            ("", "k", TargetError::Missing),
            ("live.example.org/app", "k", TargetError::Scheme),
            ("file:///etc/passwd", "k", TargetError::Scheme),
            ("tee:rtmp://a/b", "k", TargetError::Scheme),
            ("rtmp://", "k", TargetError::Address),
            ("rtmp://live.example.org", "k", TargetError::Address),
            ("rtmp://live.example.org:0x50/app", "k", TargetError::Address),
            ("rtmp://live.example.org:99999/app", "k", TargetError::Address),
            ("rtmp://anna:secret@live.example.org/app", "k", TargetError::Address),
            ("rtmp://live example.org/app", "k", TargetError::Address),
            ("rtmp://live.example.org/app/k#2", "", TargetError::Address),
            ("rtmp://live.example.org/a\nrtmp_app=b", "k", TargetError::Address),
            ("rtmp://live.example.org/app", "", TargetError::NoKey),
            ("rtmp://live.example.org/app/", "", TargetError::NoKey),
            ("rtmp://live.example.org/app", "a b", TargetError::Key),
            ("rtmp://live.example.org/app", "a\nrtmp_flashver=x", TargetError::Key),
            ("rtmp://live.example.org/app", "schlüssel", TargetError::Key),
        ] {
            assert_eq!(Target::parse(address, key), Err(expected), "{address} {key}");
        }
        assert_eq!(Target::parse("rtmp://a/b", &"k".repeat(501)), Err(TargetError::Key));
    }
}
