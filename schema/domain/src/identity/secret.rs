//! Secrets that we hand out once and keep only as a hash.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::model::Audience;

/// The scannable beginning of a device's token.
pub(super) const DEVICE: &str = "fo_dev_";
/// The scannable beginning of an API key.
pub(super) const API_KEY: &str = "fo_sk_";
/// The scannable beginning of what is in a letter's link.
pub(crate) const LINK: &str = "fo_ln_";

/// The scannable beginning of a session's token.
pub(super) const fn of_session(audience: Audience) -> &'static str {
    match audience {
        Audience::Staff => "fo_st_",
        Audience::Member => "fo_mb_",
    }
}

/// A token to be handed out: 256 random bits behind a prefix. Never shown in debug output.
#[derive(Clone)]
pub struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(hidden)")
    }
}

impl Token {
    /// A new one.
    pub(super) fn issue(prefix: &'static str) -> Self {
        Self::of(prefix, rand::random())
    }

    /// The one made of these bytes.
    pub(crate) fn of(prefix: &'static str, bytes: [u8; 32]) -> Self {
        Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Reads one that came in; `None` if it has not the form of those with this prefix.
    pub(crate) fn read(prefix: &'static str, text: &str) -> Option<Self> {
        let secret = text.strip_prefix(prefix)?;
        let bytes = URL_SAFE_NO_PAD.decode(secret).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The token itself, for the one it is handed to.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Its last characters, by which its owner knows it among others.
    pub(super) fn hint(&self) -> String {
        let skip = self.0.len().saturating_sub(4);
        self.0.chars().skip(skip).collect()
    }

    /// What is stored of it.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_what_it_was_issued_for() {
        const STAFF: &str = of_session(Audience::Staff);
        let token = Token::issue(STAFF);
        assert_eq!(Token::read(STAFF, token.reveal()).unwrap().hash(), token.hash());
        assert!(Token::read(DEVICE, token.reveal()).is_none());
        assert!(Token::read(of_session(Audience::Member), token.reveal()).is_none());
        assert!(token.reveal().ends_with(&token.hint()) && token.hint().len() == 4);
        for wrong in ["", "fo_st_", "fo_st_AAAA", "fo_st_ä", &token.reveal().replace("fo_st_", "fo_st_A")] {
            assert!(Token::read(STAFF, wrong).is_none(), "{wrong}");
        }
        assert!(!format!("{token:?}").contains(token.reveal()));
    }
}
