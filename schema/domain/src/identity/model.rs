//! Callers and permissions, and who is signed in.

use std::time::Duration;

use crate::{
    clock::Instant,
    id::{LoginId, UserId},
    text_enum::text_enum,
};

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

text_enum! {
    /// Whose doors a session opens. Neither opens the other's.
    Audience {
        /// Those who work for the platform.
        Staff = "staff",
    }
}

text_enum! {
    /// How a session's token travels. One that was made for one way is worth nothing on the other.
    SessionKind {
        /// In the `Authorization` header, by a program.
        Bearer = "bearer",
        /// In a cookie, by a browser; changes then need a CSRF token besides.
        Cookie = "cookie",
    }
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its row.
    pub id: UserId,
    /// Trimmed, in lower case.
    pub email: String,
    /// Its name for people.
    pub name: String,
}

/// Somebody who works for the platform and whose session is good.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// What they may do.
    pub staff: Staff,
    /// Who they are.
    pub user: User,
    /// The session.
    pub session: LoginId,
    /// How its token came.
    pub kind: SessionKind,
    /// When it ends however much it is used.
    pub expires_at: Instant,
}

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub struct SessionLengths {
    /// Without being used.
    pub idle: Duration,
    /// However much they are used.
    pub longest: Duration,
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
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}
