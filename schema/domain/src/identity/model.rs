//! Callers and permissions.

use crate::{id::UserId, text_enum::text_enum};

text_enum! {
    /// What an act requires. The words are stable: they appear in errors and in the documentation.
    Permission {
        /// Take part in one's own conversation. Every visitor has it, and it can be given to nobody else.
        ChatVisit = "chat.visit",
        /// Answer a turn. Jobs have it, and it can be given to nobody else.
        ChatAnswer = "chat.answer",
        /// Read a tenant's conversations, and who answers in them.
        ChatRead = "chat.read",
        /// Read a tenant's credits and what used them.
        UsageRead = "usage.read",
        /// Read the queue, and retry or discard jobs.
        JobManage = "job.manage",
        /// Change what a tenant is on.
        TenantManage = "tenant.manage",
        /// Charge what was used. Jobs have it, and it can be given to nobody else.
        UsageMeter = "usage.meter",
        /// Change what the assistant knows.
        KnowledgeManage = "knowledge.manage",
        /// Change who the assistant is.
        PersonaManage = "persona.manage",
    }
}

text_enum! {
    /// What somebody who works for the platform may do, by what they are there for.
    StaffRole {
        /// Everything.
        Owner = "owner",
        /// Draft prices.
        FinanceAuthor = "finance_author",
        /// Approve and publish prices.
        FinanceApprover = "finance_approver",
        /// Help tenants.
        Support = "support",
        /// Read everything.
        Auditor = "auditor",
    }
}

/// Somebody who works for the platform, signed in. Only a session that is good makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    user: UserId,
    role: StaffRole,
}

impl Staff {
    /// What a session says.
    pub(crate) fn new(user: UserId, role: StaffRole) -> Self {
        Self { user, role }
    }

    /// Who it is.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.user
    }

    /// What they are there for.
    #[must_use]
    pub fn role(&self) -> StaffRole {
        self.role
    }
}

/// Who is calling, as the door could tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A visitor of a page of this host.
    PublicVisitor(VisitorKey),
    /// Somebody who works for the platform.
    Staff(Staff),
    /// A worker, doing a tenant's job.
    Job,
    /// The platform's owner, working on this tenant (set-up).
    Platform,
}

/// What we know a visitor by: 32 bytes that cannot be turned back into a cookie or an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VisitorKey(pub(crate) [u8; 32]);

impl VisitorKey {
    /// The bytes that are stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
