//! Passwords and their hashes: argon2id, off the async threads, few at once.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, Output, SaltString},
};
use tokio::sync::{Semaphore, SemaphorePermit};
use unicode_normalization::UnicodeNormalization;

use super::rules::{self, PasswordFault};
use crate::fault::Fault;

/// Memory of one hash, in KiB.
const MEMORY: u32 = 19_456;
/// Passes over it.
const PASSES: u32 = 2;
/// So many may wait for their turn; whoever comes then is told to come back.
const WAITING: usize = 64;
/// So many more may wait who show a device: whoever fills the other places cannot fill these.
const WAITING_WITH_DEVICE: usize = 16;

/// A password as somebody types it. Never shown in debug output.
#[derive(Clone)]
pub struct Password(String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(hidden)")
    }
}

/// Without letters and digits that are taken for each other.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

impl Password {
    /// One that somebody chose.
    ///
    /// # Errors
    /// Why somebody with this e-mail may not have it.
    pub fn choose(text: String, email: &str) -> Result<Self, PasswordFault> {
        rules::check_password(&text, email)?;
        Ok(Self(text))
    }

    /// One that somebody typed to sign in; whether it may be chosen is not asked any more.
    #[must_use]
    pub fn typed(text: String) -> Self {
        Self(text)
    }

    /// A new one: 150 random bits in six groups.
    #[must_use]
    pub fn generate() -> Self {
        let bytes: [u8; 30] = rand::random();
        let letters = bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 31))).map(|letter| char::from(*letter));
        let letters: Vec<char> = letters.collect();
        Self(letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
    }

    /// The password itself, for its owner's eyes.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Keyboards write the same letter in several ways.
    fn normal(&self) -> String {
        self.0.nfkc().collect()
    }
}

/// What a look at a password found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Checked {
    /// It is the one.
    Right {
        /// Its hash with today's parameters, if it is stored with others.
        rehashed: Option<String>,
    },
    /// It is not, or there is none.
    Wrong,
}

/// A place among those whose passwords wait to be looked at.
pub(super) struct Waiting<'a> {
    _permit: SemaphorePermit<'a>,
}

/// Hashes passwords. Clones share their slots.
#[derive(Clone)]
pub struct Passwords(Arc<Inner>);

struct Inner {
    slots: Arc<Semaphore>,
    waiting: Semaphore,
    waiting_with_device: Semaphore,
    hashed: Arc<AtomicU64>,
    /// Looked at in place of the hash of somebody who is not there, so that this takes as long.
    nobody: String,
}

impl Passwords {
    /// Hashes so many at once.
    ///
    /// # Errors
    /// If the parameters were wrong, which a test excludes.
    pub fn new(at_once: usize) -> Result<Self, Fault> {
        let nobody = nobody().map_err(Fault::Hash)?;
        let slots = Arc::new(Semaphore::new(at_once.max(1)));
        Ok(Self(Arc::new(Inner {
            slots,
            waiting: Semaphore::new(WAITING),
            waiting_with_device: Semaphore::new(WAITING_WITH_DEVICE),
            hashed: Arc::default(),
            nobody,
        })))
    }

    /// How many hashes were made so far.
    #[must_use]
    pub fn hashed(&self) -> u64 {
        self.0.hashed.load(Ordering::Relaxed)
    }

    /// The hash to store for a password.
    ///
    /// # Errors
    /// If it could not be made.
    pub async fn hash(&self, password: &Password) -> Result<String, Fault> {
        let password = password.normal();
        self.aside(move || hash(&password)).await
    }

    /// A place to wait in; `None` if too many are waiting.
    pub(super) fn place(&self, with_device: bool) -> Option<Waiting<'_>> {
        let places = if with_device { &self.0.waiting_with_device } else { &self.0.waiting };
        Some(Waiting { _permit: places.try_acquire().ok()? })
    }

    /// Whether a password is the one that `stored` is the hash of. Without one it takes as long, and is wrong.
    pub(super) async fn check(&self, _waiting: Waiting<'_>, password: &Password, stored: Option<&str>) -> Result<Checked, Fault> {
        let (typed, known) = (password.normal(), stored.is_some());
        let stored = stored.unwrap_or(&self.0.nobody).to_owned();
        let current = up_to_date(&stored);
        let right = self.aside(move || verify(&typed, &stored)).await?;
        if !right || !known {
            return Ok(Checked::Wrong);
        }
        let rehashed = if current { None } else { Some(self.hash(password).await?) };
        Ok(Checked::Right { rehashed })
    }

    /// Does one piece of slow work where it holds nobody up. A caller that leaves does not free the slot before the work is done.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, password_hash::Error> + Send + 'static,
    ) -> Result<T, Fault> {
        let slot = Arc::clone(&self.0.slots).acquire_owned().await.ok();
        let hashed = Arc::clone(&self.0.hashed);
        let done = tokio::task::spawn_blocking(move || {
            let _slot = slot;
            hashed.fetch_add(1, Ordering::Relaxed);
            work()
        });
        done.await.map_err(Fault::Ended)?.map_err(Fault::Hash)
    }
}

fn params() -> Result<Params, password_hash::Error> {
    Ok(Params::new(MEMORY, PASSES, 1, None)?)
}

fn hasher() -> Result<Argon2<'static>, password_hash::Error> {
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params()?))
}

fn salt() -> Result<SaltString, password_hash::Error> {
    SaltString::encode_b64(&rand::random::<[u8; 16]>())
}

fn hash(password: &str) -> Result<String, password_hash::Error> {
    Ok(hasher()?.hash_password(password.as_bytes(), &salt()?)?.to_string())
}

/// By the parameters that stand in the hash.
fn verify(password: &str, stored: &str) -> Result<bool, password_hash::Error> {
    match hasher()?.verify_password(password.as_bytes(), &PasswordHash::new(stored)?) {
        Ok(()) => Ok(true),
        Err(password_hash::Error::Password) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A hash of today's parameters that no password is known for.
fn nobody() -> Result<String, password_hash::Error> {
    let (params, salt) = (params()?, salt()?);
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: (&params).try_into()?,
        salt: Some(salt.as_salt()),
        hash: Some(Output::new(&rand::random::<[u8; 32]>())?),
    };
    Ok(hash.to_string())
}

/// Whether a hash was made with today's parameters.
fn up_to_date(stored: &str) -> bool {
    let Ok(stored) = PasswordHash::new(stored) else { return false };
    let (Ok(its), Ok(ours)) = (Params::try_from(&stored), params()) else { return false };
    let same = |of: &Params| (of.m_cost(), of.t_cost(), of.p_cost());
    stored.algorithm == Algorithm::Argon2id.ident() && same(&its) == same(&ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Password {
        Password::typed(text.into())
    }

    #[tokio::test]
    async fn only_the_right_password_is_right() {
        let passwords = Passwords::new(1).unwrap();
        let stored = passwords.hash(&typed("four random wörds")).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let check =
            async |text: &str| passwords.check(passwords.place(false).unwrap(), &typed(text), Some(&stored)).await.unwrap();
        assert_eq!(check("four random wörds").await, Checked::Right { rehashed: None });
        assert_eq!(check("four random wo\u{308}rds").await, Checked::Right { rehashed: None }, "the same letter");
        assert_eq!(check("four random words").await, Checked::Wrong);
        assert_eq!(check("").await, Checked::Wrong);
        assert_eq!(passwords.hashed(), 5);
    }

    #[tokio::test]
    async fn somebody_who_is_not_there_costs_one_hash_too() {
        let passwords = Passwords::new(1).unwrap();
        assert!(up_to_date(&passwords.0.nobody));
        assert_eq!(passwords.check(passwords.place(false).unwrap(), &typed("anything"), None).await.unwrap(), Checked::Wrong);
        assert_eq!(passwords.hashed(), 1);
    }

    #[tokio::test]
    async fn other_parameters_are_replaced() {
        let passwords = Passwords::new(1).unwrap();
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        let stored = weak.hash_password(b"four random words", &salt().unwrap()).unwrap().to_string();
        let Checked::Right { rehashed: Some(rehashed) } =
            passwords.check(passwords.place(false).unwrap(), &typed("four random words"), Some(&stored)).await.unwrap()
        else {
            panic!("right, and to be replaced");
        };
        assert!(up_to_date(&rehashed) && !up_to_date(&stored));
        assert_eq!(
            passwords.check(passwords.place(false).unwrap(), &typed("four random words"), Some(&rehashed)).await.unwrap(),
            Checked::Right { rehashed: None }
        );
    }

    #[test]
    fn a_generated_password_is_long_readable_and_new() {
        let password = Password::generate();
        assert_eq!(password.reveal().len(), 35);
        assert!(password.reveal().split('-').all(|group| group.len() == 5), "{}", password.reveal());
        assert_ne!(password.reveal(), Password::generate().reveal());
        assert!(Password::choose(password.reveal().to_owned(), "owner@localhost").is_ok());
        assert!(!format!("{password:?}").contains(password.reveal()));
    }
}
