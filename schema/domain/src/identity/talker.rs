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
}

impl WidgetVisitor {
    /// Somebody new.
    #[must_use]
    pub fn new(until: Instant) -> Self {
        Self { secret: rand::random(), until: seconds(until) }
    }

    /// The same, until later.
    #[must_use]
    pub fn renewed(self, until: Instant) -> Self {
        Self { until: seconds(until), ..self }
    }

    /// What we know them by.
    #[must_use]
    pub fn key(&self) -> VisitorKey {
        VisitorKey(Sha256::digest(self.secret).into())
    }

    /// When the token ends.
    #[must_use]
    pub fn until(&self) -> Instant {
        Instant::from_micros(i64::try_from(self.until).unwrap_or(0).saturating_mul(1_000_000))
    }

    pub(super) fn payload(&self) -> [u8; 24] {
        let mut payload = [0; 24];
        let (secret, until) = payload.split_at_mut(16);
        secret.copy_from_slice(&self.secret);
        until.copy_from_slice(&self.until.to_be_bytes());
        payload
    }

    pub(super) fn of(payload: [u8; 24]) -> Self {
        let (mut secret, mut until) = ([0; 16], [0; 8]);
        let (first, last) = payload.split_at(16);
        secret.copy_from_slice(first);
        until.copy_from_slice(last);
        Self { secret, until: u64::from_be_bytes(until) }
    }
}

fn seconds(at: Instant) -> u64 {
    u64::try_from(at.as_micros()).unwrap_or(0) / 1_000_000
}
