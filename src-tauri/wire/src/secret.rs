//! Secrets that clients hold and show: proof of a place, of a browser, of being the host, of being invited.
//!
//! Their text gets out only where it is meant to; a log gets dots.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize as _, Serializer};
use subtle::ConstantTimeEq as _;

/// A text that proves something to whoever made it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// The longest secret taken from a client, in bytes.
    pub const MAX_LENGTH: usize = 128;
    /// How much chance is in a new secret, in bytes.
    const STRENGTH: usize = 24;

    /// A new secret that nobody can guess: 192 random bits in 32 characters that need no escaping in a link.
    ///
    /// # Panics
    /// Where the system has no source of chance; nothing can be kept from anybody there.
    #[must_use]
    pub fn random() -> Self {
        let mut bytes = [0; Self::STRENGTH];
        getrandom::fill(&mut bytes).expect("the system gives random bytes");
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The secret itself, for the one whom it is for.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether this is the other secret, without telling by the time taken how much of it was guessed.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.len() > Self::MAX_LENGTH {
            let explanation = format!("longer than {} bytes", Self::MAX_LENGTH);
            return Err(serde::de::Error::custom(explanation));
        }
        Ok(Self(text))
    }
}

/// Writes a secret out for the one whom it is for.
pub(super) fn in_full<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(Secret::reveal).serialize(serializer)
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_random_long_and_fit_for_a_link() {
        let (one, other) = (Secret::random(), Secret::random());
        assert_ne!(one.reveal(), other.reveal());
        assert_eq!(one.reveal().len(), 32);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        assert!(one.reveal().bytes().all(plain));
    }

    #[test]
    fn a_secret_matches_itself_alone() {
        let secret = Secret::from("secret");
        assert!(secret.matches(&Secret::from("secret")));
        for other in ["", "s", "secre", "secret ", "Secret", "secrets", "terces"] {
            assert!(!secret.matches(&Secret::from(other)), "{other}");
        }
    }

    #[test]
    fn a_log_gets_dots() {
        assert_eq!(format!("{:?}", Some(Secret::random())), "Some(…)");
    }

    #[test]
    fn a_client_cannot_bring_a_long_one() {
        let read = |length| serde_json::from_value::<Secret>("x".repeat(length).into());
        assert!(read(Secret::MAX_LENGTH).is_ok());
        assert!(read(Secret::MAX_LENGTH + 1).is_err());
    }
}
