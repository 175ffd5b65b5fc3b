//! Cursors: places in lists, as clients carry them. They are signed, so that nobody makes one up, and for one list only.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::Mac;

use super::key::InstanceKey;

/// What the signature is over, besides the place.
const PURPOSE: &[u8] = b"cursor";

impl InstanceKey {
    /// Signs a place in the list called `list`.
    #[must_use]
    pub fn sign_cursor(&self, list: &str, place: &[u8]) -> String {
        let [signature, _] = self.halves(PURPOSE, &[list.as_bytes(), b"\0", place]);
        URL_SAFE_NO_PAD.encode([signature.as_slice(), place].concat())
    }

    /// The place a cursor names in the list called `list`; `None` if it is not one of ours for that list.
    #[must_use]
    pub fn verify_cursor(&self, list: &str, cursor: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (signature, place) = bytes.split_at_checked(16)?;
        self.mac(PURPOSE, &[list.as_bytes(), b"\0", place]).verify_truncated_left(signature).ok()?;
        Some(place.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_list_and_as_it_was_signed() {
        let key = InstanceKey::generate();
        let cursor = key.sign_cursor("jobs", b"place");
        assert_eq!(key.verify_cursor("jobs", &cursor).as_deref(), Some(b"place".as_slice()));
        assert_eq!(key.verify_cursor("messages", &cursor), None);
        assert_eq!(InstanceKey::generate().verify_cursor("jobs", &cursor), None);
        for position in 0..cursor.len() {
            let mut forged: Vec<u8> = cursor.bytes().collect();
            forged[position] = if forged[position] == b'A' { b'Q' } else { b'A' };
            assert_eq!(key.verify_cursor("jobs", &String::from_utf8(forged).unwrap()), None, "changed at {position}");
        }
        for forged in ["", "A", "cGxhY2U", "ä", "=="] {
            assert_eq!(key.verify_cursor("jobs", forged), None, "{forged}");
        }
    }
}
