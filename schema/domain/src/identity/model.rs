//! Callers and permissions, and who is signed in.

use std::time::Duration;

use super::talker::{Operator, VisitorKey};
use crate::{
    audit::{self, Actor, ActorKind, Change, Trace},
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{ApiKeyId, InvitationId, LoginId, TenantId, UserId},
    text_enum::text_enum,
};

text_enum! {
    /// What an act requires. The words are stable: they appear in errors, in API keys and in the documentation.
    Permission {
        /// Read a tenant's conversations, and who answers in them.
        ChatRead = "chat.read",
        /// Take part in a tenant's conversations.
        ChatManage = "chat.manage",
        /// Change who the assistant is.
        PersonaManage = "persona.manage",
        /// Change what the assistant knows.
        KnowledgeManage = "knowledge.manage",
        /// Change the widget and its keys.
        WidgetManage = "widget.manage",
        /// Change where events are sent to.
        WebhookManage = "webhook.manage",
        /// See and change who is on a tenant's team, or who works for the platform.
        MemberManage = "member.manage",
        /// See, make and revoke a tenant's API keys.
        ApiKeyManage = "apikey.manage",
        /// Read what a tenant is charged.
        BillingRead = "billing.read",
        /// Read a tenant's credits and what used them.
        UsageRead = "usage.read",
        /// Change a tenant itself and what it is on.
        TenantManage = "tenant.manage",
        /// Read prices that are not in force yet.
        PricebookRead = "pricebook.read",
        /// Draft prices.
        PricebookDraft = "pricebook.draft",
        /// Approve prices.
        PricebookApprove = "pricebook.approve",
        /// Publish prices.
        PricebookPublish = "pricebook.publish",
        /// Decide whether approving prices takes somebody who has not written them. The platform's owner has it.
        PricebookGovern = "pricebook.govern",
        /// Correct a tenant's credits.
        CreditAdjust = "credit.adjust",
        /// Read who changed what.
        AuditRead = "audit.read",
        /// Read the queue, and retry or discard jobs.
        JobManage = "job.manage",
        /// Export and erase what is known of a visitor.
        PrivacyManage = "privacy.manage",
        /// Take part in one's own conversation. Every visitor has it, and it can be given to nobody else.
        ChatVisit = "chat.visit",
        /// Answer a turn. Jobs have it, and it can be given to nobody else.
        ChatAnswer = "chat.answer",
        /// Charge what was used. Jobs have it, and it can be given to nobody else.
        UsageMeter = "usage.meter",
        /// Send a letter. Jobs have it, and it can be given to nobody else.
        MailSend = "mail.send",
        /// Erase what was kept as long as it may be. Jobs have it, and it can be given to nobody else.
        RetentionApply = "retention.apply",
        /// Look at a page of a tenant's website. Jobs have it, and it can be given to nobody else.
        WidgetCheck = "widget.check",
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

text_enum! {
    /// What a member may do in a tenant.
    MemberRole {
        /// Everything.
        Owner = "owner",
        /// Everything but to change who the owners are.
        Admin = "admin",
        /// Talk to visitors and keep the knowledge.
        Agent = "agent",
        /// Look.
        Viewer = "viewer",
    }
}

/// Somebody who works for the platform. Only a session that is good makes one, or the program that is run beside the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    pub(super) user: UserId,
    pub(super) role: StaffRole,
    pub(super) local: bool,
}

impl Staff {
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

    /// Whether they did not sign in but act on the store itself, on the machine it is on.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.local
    }
}

/// A member of a tenant. Only a session that is good makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub(super) user: UserId,
    pub(super) tenant: TenantId,
    pub(super) role: MemberRole,
}

impl Member {
    /// Who it is.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.user
    }

    /// The tenant this session is in.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// What they may do there.
    #[must_use]
    pub fn role(&self) -> MemberRole {
        self.role
    }
}

/// A tenant's server. Only an API key that is good makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHolder {
    pub(super) key: ApiKeyId,
    pub(super) name: String,
    pub(super) tenant: TenantId,
    pub(super) permissions: Vec<Permission>,
    pub(super) expires_at: Option<Instant>,
}

impl KeyHolder {
    /// When it ends by itself.
    #[must_use]
    pub fn expires_at(&self) -> Option<Instant> {
        self.expires_at
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> ApiKeyId {
        self.key
    }

    /// What its owner calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whose it is.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// What it was made for.
    #[must_use]
    pub fn permissions(&self) -> &[Permission] {
        &self.permissions
    }
}

/// Whose credential is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// Somebody who works for the platform.
    Staff(Staff),
    /// A member of a tenant.
    Member(Member),
    /// A tenant's server.
    Key(KeyHolder),
}

impl Principal {
    /// The only tenant there is for them; none for those who work for the platform.
    #[must_use]
    pub fn tenant(&self) -> Option<TenantId> {
        match self {
            Self::Staff(_) => None,
            Self::Member(member) => Some(member.tenant),
            Self::Key(key) => Some(key.tenant),
        }
    }

    /// As the audit log names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Staff(staff) => {
                Actor { kind: if staff.local { ActorKind::Local } else { ActorKind::Staff }, id: Some(staff.user.uuid()) }
            }
            Self::Member(member) => Actor { kind: ActorKind::Member, id: Some(member.user.uuid()) },
            Self::Key(key) => Actor { kind: ActorKind::ApiKey, id: Some(key.key.uuid()) },
        }
    }

    /// Notes what they changed of themselves, in the transaction that changes it.
    pub(super) async fn record(&self, conn: &mut Conn, trace: &Trace, change: Change<'_>, now: Instant) -> Result<(), Fault> {
        audit::record(conn, &self.actor(), self.tenant(), trace, change, now).await
    }
}

text_enum! {
    /// Whose doors a session opens. Neither opens the other's.
    Audience {
        /// Those who work for the platform.
        Staff = "staff",
        /// Members of tenants.
        Member = "member",
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

/// A session that is good.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its row.
    pub id: LoginId,
    /// Whose it is.
    pub user: User,
    /// How its token came.
    pub kind: SessionKind,
    /// When it ends however much it is used.
    pub expires_at: Instant,
}

/// Somebody whose credential is good.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// What they may do.
    pub principal: Principal,
    /// Their session; an API key has none.
    pub session: Option<Session>,
    /// Where the request comes from, and why.
    pub trace: Trace,
}

/// A tenant somebody may sign in to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The UUID it is known by outside.
    pub id: TenantId,
    /// Its short name in addresses.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// What they may do there.
    pub role: MemberRole,
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
    /// A visitor of a page with the widget on it.
    WidgetVisitor(VisitorKey),
    /// Somebody whose credential is good, where they talk to the assistant themselves: no more than a visitor.
    Operator(Operator),
    /// Somebody whose credential is good.
    SignedIn(Principal),
    /// A worker, doing a tenant's job.
    Job,
    /// The platform's owner, working on this tenant (set-up).
    Platform,
}

/// Somebody on a tenant's team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Who.
    pub user: User,
    /// What they may do.
    pub role: MemberRole,
    /// Since when.
    pub joined_at: Instant,
}

/// Somebody who works for the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    /// Who.
    pub user: User,
    /// What they are there for.
    pub role: StaffRole,
}

/// What somebody is asked to join as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinAs {
    /// A member of a tenant.
    Member(MemberRole),
    /// One who works for the platform.
    Staff(StaffRole),
}

/// Somebody is asked to join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its row.
    pub id: InvitationId,
    /// Who is asked.
    pub email: String,
    /// As what.
    pub join_as: JoinAs,
    /// When they were asked.
    pub created_at: Instant,
    /// Until when they may say yes.
    pub expires_at: Instant,
}

/// A tenant's key for its server, without what is shown only once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its row.
    pub id: ApiKeyId,
    /// What its owner calls it.
    pub name: String,
    /// Its last characters.
    pub hint: String,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// When it was made.
    pub created_at: Instant,
    /// When it ends by itself.
    pub expires_at: Option<Instant>,
    /// When it was last used, give or take a minute.
    pub used_at: Option<Instant>,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
}

/// What a new key is made of.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// 1 to 200 characters.
    pub name: String,
    /// What it is to be allowed.
    pub permissions: Vec<Permission>,
    /// When it ends by itself; in the future.
    pub expires_at: Option<Instant>,
}

impl SignedIn {
    /// By what id and in which words [`standing`](super::standing) tells whether they are still let in as they were.
    #[must_use]
    pub fn standing(&self) -> Option<(uuid::Uuid, String)> {
        match (&self.principal, &self.session) {
            (Principal::Staff(staff), Some(session)) => Some((session.id.uuid(), staff.role().as_str().to_owned())),
            (Principal::Member(member), Some(session)) => Some((session.id.uuid(), member.role().as_str().to_owned())),
            (Principal::Key(key), _) => {
                let words: Vec<&str> = key.permissions().iter().map(|permission| permission.as_str()).collect();
                Some((key.key().uuid(), words.join(" ")))
            }
            // Beside the store nobody signs in, so nothing can end.
            (_, None) => None,
        }
    }
}
