//! Who talks to an assistant.

use sha2::{Digest, Sha256};

use crate::audit::{Actor, ActorKind};

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
