//! What became of what visitors said.

use async_graphql::{Enum, Object};
use frontoffice_domain::{
    id::{AuditEntryId, PrivacyReceiptId},
    privacy,
};

use super::audit::AuditActor;
use crate::scalar::{DateTime, Uuid};

/// What a receipt is for.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "privacy::ReceiptKind")]
pub(crate) enum PrivacyReceiptKind {
    /// Somebody took a copy of what is known of a visitor.
    Export,
    /// What is known of a visitor was erased.
    Erasure,
    /// What was kept as long as it may be was erased.
    Retention,
}

/// A receipt.
#[derive(Clone)]
pub(crate) struct PrivacyReceipt(pub(crate) privacy::Receipt);

impl PrivacyReceipt {
    /// Where it is in the list of receipts.
    pub(crate) fn place(&self) -> PrivacyReceiptId {
        self.0.id
    }
}

/// A receipt: that something became of what visitors said, and how much it was. It never changes, and says nothing of what was said.
#[Object]
impl PrivacyReceipt {
    /// The UUID it is known by.
    async fn uuid(&self) -> Uuid {
        Uuid(self.0.id.uuid())
    }

    /// What it is for.
    async fn kind(&self) -> PrivacyReceiptKind {
        self.0.kind.into()
    }

    /// Of whom, by the UUID they are known by in the tenant; null where it is of all whose time was over.
    async fn visitor_uuid(&self) -> Option<Uuid> {
        self.0.visitor_id.map(|visitor| Uuid(visitor.uuid()))
    }

    /// How many conversations.
    async fn conversations(&self) -> i64 {
        self.0.conversations
    }

    /// How many messages in them.
    async fn messages(&self) -> i64 {
        self.0.messages
    }

    /// Why, as it was put; null where nobody has to say.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// Who wanted it.
    async fn author(&self) -> AuditActor {
        AuditActor::new(self.0.author.kind, self.0.author.id.map(AuditEntryId::from), self.0.author_name.clone())
    }

    /// When.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
}
