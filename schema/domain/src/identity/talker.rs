//! Who talks to an assistant.

use sha2::{Digest, Sha256};

use crate::{
    audit::{Actor, ActorKind},
    clock::Instant,
};

/// Somebody of the team, or a tenant's server, who talks to the assistant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    pub(crate) key: VisitorKey,
    /// Whether it is a server.
    pub(crate) is_server: bool,
}

impl Operator {
    pub(crate) fn of(actor: &Actor) -> Self {
        Self { key: VisitorKey::of_operator(actor), is_server: actor.kind == ActorKind::ApiKey }
    }
}

/// What we know a visitor by: 32 bytes that cannot be turned back into a cookie or an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VisitorKey(pub(crate) [u8; 32]);

impl VisitorKey {
    /// Somebody who is signed in, where they talk to the assistant themselves. No visitor's key is made like it.
    pub(crate) fn of_operator(actor: &Actor) -> Self {
        Self(Sha256::digest(format!("operator {} {}", actor.kind, actor.id.unwrap_or_default())).into())
    }

    /// The bytes that are stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A visitor of a page with the widget, as their token names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WidgetVisitor {
    secret: [u8; 16],
    /// When the token ends, in seconds since 1970.
    until: u64,
    /// When the secret was made by which the visitor's website said who they are, in microseconds since 1970; none: nobody said.
    vouched_by: Option<i64>,
}

impl WidgetVisitor {
    /// Somebody new.
    #[must_use]
    pub fn new(until: Instant) -> Self {
        Self { secret: rand::random(), until: seconds(until), vouched_by: None }
    }

    /// Somebody whose website says who they are.
    pub(super) fn vouched(secret: [u8; 16], by: Instant, until: Instant) -> Self {
        Self { secret, until: seconds(until), vouched_by: Some(by.as_micros()) }
    }

    /// The same, until later.
    #[must_use]
    pub fn renewed(self, until: Instant) -> Self {
        Self { until: seconds(until), ..self }
    }

    /// What we know them by. Of those whose website says who they are, and of the others, the keys are made of texts of another length, so
    /// that nobody of the one kind is ever somebody of the other.
    #[must_use]
    pub fn key(&self) -> VisitorKey {
        let hasher = Sha256::new_with_prefix(self.secret);
        let hasher = if self.vouched_by.is_some() { hasher.chain_update(b" vouched for") } else { hasher };
        VisitorKey(hasher.finalize().into())
    }

    /// When the token ends.
    #[must_use]
    pub fn until(&self) -> Instant {
        Instant::from_micros(i64::try_from(self.until).unwrap_or(0).saturating_mul(1_000_000))
    }

    /// When the secret was made by which their website said who they are; none: nobody said.
    #[must_use]
    pub fn vouched_by(&self) -> Option<Instant> {
        self.vouched_by.map(Instant::from_micros)
    }

    /// What is signed: with the secret that was vouched by, if any.
    pub(super) fn payload(&self) -> Vec<u8> {
        let by = self.vouched_by.map(i64::to_be_bytes);
        [self.secret.as_slice(), &self.until.to_be_bytes(), by.as_ref().map_or(&[], |by| by.as_slice())].concat()
    }

    /// From what was signed.
    pub(super) fn of(payload: &[u8]) -> Option<Self> {
        let (secret, rest) = payload.split_first_chunk::<16>()?;
        let (until, rest) = rest.split_first_chunk::<8>()?;
        let vouched_by = match rest {
            [] => None,
            by => Some(i64::from_be_bytes(by.try_into().ok()?)),
        };
        Some(Self { secret: *secret, until: u64::from_be_bytes(*until), vouched_by })
    }
}

fn seconds(at: Instant) -> u64 {
    u64::try_from(at.as_micros()).unwrap_or(0) / 1_000_000
}
