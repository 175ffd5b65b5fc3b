//! The instance key: 32 bytes that are never in the store. It signs what we hand out and keys the hashes of what we must
//! recognise but not know.

use std::net::IpAddr;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, Mac, digest::KeyInit};
use ring::aead;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    secret::{self, Token},
    talker::{VisitorKey, WidgetVisitor},
    throttle,
};
use crate::{
    clock::Instant,
    id::{LoginId, TenantId, WidgetKeyId},
};

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
/// The same, of one that is shown beside a widget key.
const WIDGET_PREFIX: &str = "fo_wv_";
/// The same, of somebody whose website says who they are.
const VOUCHED_PREFIX: &str = "fo_wi_";
/// How many bytes of these are signed.
const WIDGET_PAYLOADS: [usize; 2] = [24, 32];

/// A secret cannot be encrypted, or what is kept of it cannot be opened.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the instance key does not fit what is kept under it")]
pub struct SealError;

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

    /// What a visitor of a page with the widget shows: good until then, and only beside this key, whatever text it has by then, on a page
    /// of this origin (or in this app).
    #[must_use]
    pub fn widget_token(&self, visitor: WidgetVisitor, key: WidgetKeyId, place: &str) -> String {
        let payload = visitor.payload();
        let [signature, _] = self.halves(b"widget token", &[&payload, key.uuid().as_bytes(), place.as_bytes()]);
        let prefix = if visitor.vouched_by().is_some() { VOUCHED_PREFIX } else { WIDGET_PREFIX };
        format!("{prefix}{}{}", URL_SAFE_NO_PAD.encode(payload), URL_SAFE_NO_PAD.encode(signature))
    }

    /// The visitor such a token names, also where its time is over; `None` if it is not one of ours for this key and this place.
    #[must_use]
    pub fn widget_visitor(&self, token: &str, key: WidgetKeyId, place: &str) -> Option<WidgetVisitor> {
        let (payload, signature) =
            [WIDGET_PREFIX, VOUCHED_PREFIX].into_iter().zip(WIDGET_PAYLOADS).find_map(|(prefix, length)| {
                let written = base64::encoded_len(length, false)?;
                let (payload, signature) = token.strip_prefix(prefix)?.split_at_checked(written)?;
                let payload = URL_SAFE_NO_PAD.decode(payload).ok().filter(|payload| payload.len() == length)?;
                Some((payload, URL_SAFE_NO_PAD.decode(signature).ok()?))
            })?;
        let signature: [u8; 16] = signature.try_into().ok()?;
        let mac = self.mac(b"widget token", &[&payload, key.uuid().as_bytes(), place.as_bytes()]);
        mac.verify_truncated_left(&signature).ok()?;
        WidgetVisitor::of(&payload)
    }

    /// The visitor a tenant's website knows by this subject, as it says by a secret that was made then: the same in whichever browser.
    pub(crate) fn vouched_visitor(&self, tenant: TenantId, subject: &str, by: Instant, until: Instant) -> WidgetVisitor {
        let [secret, _] = self.halves(b"widget subject", &[tenant.uuid().as_bytes(), subject.as_bytes()]);
        WidgetVisitor::vouched(secret, by, until)
    }

    /// A secret that we must use ourselves, as it is kept: encrypted and authenticated (ChaCha20-Poly1305) with whose it is and what for,
    /// so that it opens nowhere else.
    pub(crate) fn seal(&self, purpose: &str, owner: Uuid, secret: &[u8]) -> Result<Vec<u8>, SealError> {
        let nonce: [u8; aead::NONCE_LEN] = rand::random();
        let mut sealed = secret.to_vec();
        self.sealing_key()?
            .seal_in_place_append_tag(aead::Nonce::assume_unique_for_key(nonce), Self::sealed_for(purpose, owner), &mut sealed)
            .map_err(|_| SealError)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// What was sealed for this purpose and owner.
    pub(crate) fn open(&self, purpose: &str, owner: Uuid, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (nonce, rest) = sealed.split_first_chunk::<{ aead::NONCE_LEN }>().ok_or(SealError)?;
        let mut rest = rest.to_vec();
        let secret = self
            .sealing_key()?
            .open_in_place(aead::Nonce::assume_unique_for_key(*nonce), Self::sealed_for(purpose, owner), &mut rest)
            .map_err(|_| SealError)?;
        Ok(secret.to_vec())
    }

    fn sealing_key(&self) -> Result<aead::LessSafeKey, SealError> {
        // A key of its own: what signs must not encrypt.
        let bytes: [u8; 32] = self.mac(b"seal", &[]).finalize().into_bytes().into();
        Ok(aead::LessSafeKey::new(aead::UnboundKey::new(&aead::CHACHA20_POLY1305, &bytes).map_err(|_| SealError)?))
    }

    fn sealed_for(purpose: &str, owner: Uuid) -> aead::Aad<Vec<u8>> {
        aead::Aad::from([purpose.as_bytes(), b"\0", owner.as_bytes()].concat())
    }

    /// What is counted under instead of an e-mail or an address, so that the store tells nobody who tried.
    pub(crate) fn counter(&self, kind: &str, text: &str) -> [u8; 32] {
        self.mac(b"counter", &[kind.as_bytes(), b"\0", text.as_bytes()]).finalize().into_bytes().into()
    }

    /// What a browser has to send with a change besides the cookie of this session: a page of another site cannot know it.
    #[must_use]
    pub fn csrf_token(&self, session: LoginId) -> String {
        let [token, _] = self.halves(b"csrf", &[session.uuid().as_bytes()]);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// Whether this is the CSRF token of a session. It takes as long however much of it is right.
    #[must_use]
    pub fn is_csrf_token(&self, session: LoginId, text: &str) -> bool {
        let Ok(token) = URL_SAFE_NO_PAD.decode(text) else { return false };
        token.len() == 16 && self.mac(b"csrf", &[session.uuid().as_bytes()]).verify_truncated_left(&token).is_ok()
    }

    /// What an address is counted under: those of one network together, as one household or office has one.
    #[must_use]
    pub fn address_key(&self, address: IpAddr) -> [u8; 32] {
        self.mac(b"rate", &[throttle::network(address).as_bytes()]).finalize().into_bytes().into()
    }

    /// What an address is noted as where somebody changed something: the same address is the same, and nobody can tell which.
    #[must_use]
    pub fn address_noted(&self, address: IpAddr) -> [u8; 32] {
        self.mac(b"audit", &[address.to_string().as_bytes()]).finalize().into_bytes().into()
    }

    /// What is in the link of the letter with this nonce. Only the nonce is stored, so that another attempt to send the letter sends
    /// the same link, and the store opens none.
    #[must_use]
    pub(crate) fn link(&self, nonce: &[u8; 32]) -> Token {
        Token::of(secret::LINK, self.mac(b"link", &[nonce]).finalize().into_bytes().into())
    }

    /// A cursor: a place in the list called `list`, signed, so that nobody can make up another.
    #[must_use]
    pub fn cursor(&self, list: &str, place: &str) -> String {
        let [signature, _] = self.halves(b"cursor", &[list.as_bytes(), b"\0", place.as_bytes()]);
        URL_SAFE_NO_PAD.encode([&signature, place.as_bytes()].concat())
    }

    /// The place a cursor names; `None` if we did not make it for this list.
    #[must_use]
    pub fn place(&self, list: &str, cursor: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (signature, place) = bytes.split_at_checked(16)?;
        self.mac(b"cursor", &[list.as_bytes(), b"\0", place]).verify_truncated_left(signature).ok()?;
        String::from_utf8(place.to_vec()).ok()
    }

    fn mac(&self, purpose: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
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
    fn halves(&self, purpose: &[u8], parts: &[&[u8]]) -> [[u8; 16]; 2] {
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
    fn a_cursor_is_a_place_in_the_list_it_was_made_for() {
        let key = InstanceKey::generate();
        let cursor = key.cursor("messages", "17");
        assert_eq!(key.place("messages", &cursor).as_deref(), Some("17"));
        assert_eq!(key.place("jobs", &cursor), None);
        assert_eq!(InstanceKey::generate().place("messages", &cursor), None);
        for position in 0..cursor.len() {
            let mut forged = cursor.clone().into_bytes();
            forged[position] = if forged[position] == b'A' { b'Q' } else { b'A' };
            assert_eq!(key.place("messages", &String::from_utf8(forged).unwrap()), None, "changed at {position}");
        }
        for nothing in ["", "AAAA", "ä"] {
            assert_eq!(key.place("messages", nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_csrf_token_is_its_sessions_alone() {
        let (key, session) = (InstanceKey::generate(), LoginId::new());
        let token = key.csrf_token(session);
        assert!(key.is_csrf_token(session, &token));
        assert!(!key.is_csrf_token(LoginId::new(), &token) && !InstanceKey::generate().is_csrf_token(session, &token));
        for wrong in ["", "AAAA", &format!("{token}A"), "ä"] {
            assert!(!key.is_csrf_token(session, wrong), "{wrong}");
        }
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

    #[test]
    fn a_widget_token_is_its_visitors_beside_its_key_at_its_place() {
        let (instance, key, tenant) = (InstanceKey::generate(), WidgetKeyId::new(), TenantId::new());
        let until = Instant::from_micros(1_795_348_800_000_000);
        let known = instance.vouched_visitor(tenant, "42", Instant::from_micros(7), until);
        for visitor in [WidgetVisitor::new(until), known] {
            let token = instance.widget_token(visitor, key, "https://a.example");
            assert_eq!(instance.widget_visitor(&token, key, "https://a.example"), Some(visitor));
            assert_eq!(instance.widget_visitor(&token, key, "https://b.example"), None);
            assert_eq!(instance.widget_visitor(&token, WidgetKeyId::new(), "https://a.example"), None);
            assert_eq!(InstanceKey::generate().widget_visitor(&token, key, "https://a.example"), None);
            let other =
                if token.starts_with(WIDGET_PREFIX) { (WIDGET_PREFIX, VOUCHED_PREFIX) } else { (VOUCHED_PREFIX, WIDGET_PREFIX) };
            assert_eq!(instance.widget_visitor(&token.replace(other.0, other.1), key, "https://a.example"), None);
            for position in 0..token.len() {
                let mut forged: Vec<u8> = token.bytes().collect();
                forged[position] = if forged[position] == b'A' { b'Q' } else { b'A' };
                assert_eq!(
                    instance.widget_visitor(&String::from_utf8(forged).unwrap(), key, "https://a.example"),
                    None,
                    "{position}"
                );
            }
        }
        // The same subject is the same visitor, of this tenant alone; and nobody else has such a key, with the same secret or not.
        let key_of = |tenant, subject| instance.vouched_visitor(tenant, subject, until, until).key();
        assert_eq!(key_of(tenant, "42"), known.key());
        assert!(key_of(tenant, "43") != known.key() && key_of(TenantId::new(), "42") != known.key());
        let same_secret = WidgetVisitor::of(&known.payload()[..24]).unwrap();
        assert_ne!(same_secret.key(), known.key());
    }

    #[test]
    fn what_is_sealed_opens_for_its_owner_and_purpose_alone() {
        let (key, owner) = (InstanceKey::generate(), Uuid::from_u128(1));
        let sealed = key.seal("one", owner, b"fo_ids_secret").unwrap();
        assert_eq!(key.open("one", owner, &sealed).unwrap(), b"fo_ids_secret");
        assert_ne!(sealed, key.seal("one", owner, b"fo_ids_secret").unwrap(), "each time in another way");
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
        assert!(key.open("two", owner, &sealed).is_err() && key.open("one", Uuid::from_u128(2), &sealed).is_err());
        assert!(InstanceKey::generate().open("one", owner, &sealed).is_err());
        for position in 0..sealed.len() {
            let mut forged = sealed.clone();
            forged[position] ^= 1;
            assert!(key.open("one", owner, &forged).is_err(), "{position}");
        }
        assert!(key.open("one", owner, b"short").is_err());
    }
}
