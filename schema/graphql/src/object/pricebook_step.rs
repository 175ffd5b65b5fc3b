//! What was done with prices.

use async_graphql::Object;
use frontoffice_domain::{
    id::{AuditEntryId, PricebookStepId},
    pricing::{self, rules::hex},
};

use super::audit::AuditActor;
use crate::{
    kind::{PricebookGuard, PricebookStepKind},
    scalar::{DateTime, Uuid},
};

/// A step on the way of prices.
#[derive(Clone)]
pub(crate) struct PricebookStep(pub(crate) pricing::Step);

impl PricebookStep {
    /// Where it is in the list of steps.
    pub(crate) fn place(&self) -> PricebookStepId {
        self.0.id
    }
}

/// A step on the way of prices from a draft to a version; it never changes.
#[Object]
impl PricebookStep {
    /// The UUID it is known by.
    async fn uuid(&self) -> Uuid {
        Uuid(self.0.id.uuid())
    }

    /// What was done.
    async fn kind(&self) -> PricebookStepKind {
        self.0.kind.into()
    }

    /// The number of the version, once there is one.
    async fn number(&self) -> Option<i32> {
        self.0.number
    }

    /// Which revision the draft had since; null where it was done with a version alone.
    async fn revision(&self) -> Option<i64> {
        self.0.revision
    }

    /// SHA-256 over the canonical JSON of what it said, in hexadecimal.
    async fn content_hash(&self) -> String {
        hex(&self.0.content_hash)
    }

    /// From when it was to be in force, where that was said.
    async fn effective_from(&self) -> Option<DateTime> {
        self.0.effective_from.map(DateTime)
    }

    /// Whether approving took somebody who had not written it; null where this is no approval.
    async fn four_eyes(&self) -> Option<bool> {
        self.0.four_eyes
    }

    /// What was acknowledged by name.
    async fn acknowledged(&self) -> Vec<PricebookGuard> {
        self.0.acknowledged.iter().copied().map(Into::into).collect()
    }

    /// What was said with it: why it was reopened, or taken back.
    async fn comment(&self) -> Option<&str> {
        self.0.comment.as_deref()
    }

    /// Who did it.
    async fn author(&self) -> AuditActor {
        AuditActor::new(self.0.actor.kind, self.0.actor.id.map(AuditEntryId::from), self.0.actor_name.clone())
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }
}
