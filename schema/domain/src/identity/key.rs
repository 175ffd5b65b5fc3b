//! The instance key: 32 bytes that are never in the store. It signs what we hand out and keys the hashes of what we must
//! recognise but not know.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, Mac, digest::KeyInit};
use sha2::{Digest, Sha256};

use super::model::VisitorKey;

/// The instance key cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("it must be 32 bytes in base64 (44 characters), as `openssl rand -base64 32` prints them")]
pub struct KeyError;

/// The key of this installation. Never shown, not even in debug output.
#[derive(Clone)]
pub struct InstanceKey([u8; 32]);

impl std::fmt::Debug for InstanceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InstanceKey(hidden)")
    }
}

/// The scannable beginning of a visitor token.
const VISITOR_PREFIX: &str = "fo_v1_";

impl InstanceKey {
    /// A new key from the system's random source.
    #[must_use]
    pub fn generate() -> Self {
        Self(rand::random())
    }

    /// Reads a key from base64.
    ///
    /// # Errors
    /// If it is not base64 of exactly 32 bytes.
    pub fn from_base64(text: &str) -> Result<Self, KeyError> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| KeyError)?;
        Ok(Self(bytes.try_into().map_err(|_| KeyError)?))
    }

    /// The key as base64, for the file it is kept in.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// A visitor who came without a token: known by address and session id, so that the same two find the same visitor again.
    ///
    /// The token returned names this very visitor; an address alone can neither be read from it nor find it.
    #[must_use]
    pub fn visitor_at(&self, address: &str, session_id: &str) -> (VisitorKey, String) {
        let [secret, _] = self.halves(b"visitor", &[address.as_bytes(), b"\0", session_id.as_bytes()]);
        let [signature, _] = self.halves(b"visitor token", &[&secret]);
        let token = format!("{VISITOR_PREFIX}{}{}", URL_SAFE_NO_PAD.encode(secret), URL_SAFE_NO_PAD.encode(signature));
        (VisitorKey(Sha256::digest(secret).into()), token)
    }

    /// The session id for a message that came with neither token nor session id but with a key of its own: sent again, it gets
    /// the same one. Nobody without the instance key can work it out.
    #[must_use]
    pub fn session_for(&self, address: &str, key: &str) -> String {
        let halves = self.halves(b"session", &[address.as_bytes(), b"\0", key.as_bytes()]);
        URL_SAFE_NO_PAD.encode(halves.concat())
    }

    /// The visitor a token names; `None` if it is not one of ours.
    #[must_use]
    pub fn visitor_of(&self, token: &str) -> Option<VisitorKey> {
        let (secret, signature) = token.strip_prefix(VISITOR_PREFIX)?.split_at_checked(22)?;
        let secret: [u8; 16] = URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
        let signature: [u8; 16] = URL_SAFE_NO_PAD.decode(signature).ok()?.try_into().ok()?;
        self.mac(b"visitor token", &[&secret]).verify_truncated_left(&signature).ok()?;
        Some(VisitorKey(Sha256::digest(secret).into()))
    }

    pub(super) fn mac(&self, purpose: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
        // HMAC pads a key shorter than its block with zeros (RFC 2104 §2); doing it here needs no fallible constructor.
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        for (to, from) in block.iter_mut().zip(self.0) {
            *to = from;
        }
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block);
        mac.update(purpose);
        mac.update(b"\0");
        for part in parts {
            mac.update(part);
        }
        mac
    }

    /// A MAC of 32 bytes, cut in two.
    pub(super) fn halves(&self, purpose: &[u8], parts: &[&[u8]]) -> [[u8; 16]; 2] {
        let whole: [u8; 32] = self.mac(purpose, parts).finalize().into_bytes().into();
        let (mut first, mut second) = ([0; 16], [0; 16]);
        first.copy_from_slice(whole.split_at(16).0);
        second.copy_from_slice(whole.split_at(16).1);
        [first, second]
    }
}

/// SHA-256 over several texts, each preceded by its length, so that none can run into the next.
#[must_use]
pub fn hash(parts: &[&str]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

/// A session id of our own making: 160 random bits.
#[must_use]
pub fn new_session_id() -> String {
    let bytes: [u8; 20] = rand::random();
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_the_visitor_it_was_made_for_and_no_other() {
        let key = InstanceKey::generate();
        let (visitor, token) = key.visitor_at("192.0.2.7", "abc");
        assert_eq!(key.visitor_of(&token), Some(visitor));
        assert_eq!(key.visitor_at("192.0.2.7", "abc").0, visitor);
        assert_ne!(key.visitor_at("192.0.2.8", "abc").0, visitor);
        assert_ne!(key.visitor_at("192.0.2.7", "abd").0, visitor);
        assert_eq!(InstanceKey::generate().visitor_of(&token), None);
    }

    #[test]
    fn a_forged_token_names_nobody() {
        let key = InstanceKey::generate();
        let (_, token) = key.visitor_at("192.0.2.7", "abc");
        for position in 0..token.len() {
            let mut forged: Vec<u8> = token.bytes().collect();
            forged[position] = if forged[position] == b'A' { b'Q' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert_eq!(key.visitor_of(&forged), None, "changed at {position}");
        }
        for forged in ["", "fo_v1_", "fo_v1_AAAA", "ä", "fo_v1_ääääääääääääääääääääääääääää"] {
            assert_eq!(key.visitor_of(forged), None, "{forged}");
        }
    }
}
