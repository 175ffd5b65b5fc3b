//! Enums, as the domain has them.

mod audit;
mod chat;
mod credit;
mod pricebook;
mod widget;

use async_graphql::Enum;
use frontoffice_domain::{health, identity, job, knowledge, persona, process, tenancy};

pub(crate) use self::audit::{AuditAction, AuditActorKind};
pub(crate) use self::chat::{Channel, ConversationOrder, ConversationState, MessageRole, MessageStatus, Rating, TurnState};
pub(crate) use self::credit::{
    AlertKind, ChargedAction, CreditCapKind, CreditEntryKind, CreditGrantKind, CreditUsageBy, EntitlementKind, RefundReason,
};
pub(crate) use self::pricebook::{
    PricebookDifferenceKind, PricebookGuard, PricebookPolicy, PricebookPublicationState, PricebookStatus, PricebookStepKind,
    StatementLineKind, SubscriptionTiming,
};
pub(crate) use self::widget::{WidgetConsent, WidgetFindingCode, WidgetLauncher, WidgetPosition};

/// How far a job is.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "job::JobState")]
pub(crate) enum JobState {
    /// To be done at or after its time.
    Queued,
    /// A worker has it, until its lease ends.
    Leased,
    /// Done.
    Done,
    /// Given up, and kept to be looked at.
    Dead,
}

/// What somebody who works for the platform is there for.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "identity::StaffRole")]
pub(crate) enum StaffRole {
    /// Everything.
    Owner,
    /// Draft prices.
    FinanceAuthor,
    /// Approve and publish prices.
    FinanceApprover,
    /// Help tenants.
    Support,
    /// Read everything.
    Auditor,
}

/// What a process is for.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "process::Role")]
pub(crate) enum ProcessRole {
    /// Doors and workers.
    Serve,
    /// Doors alone.
    Api,
    /// Workers alone.
    Worker,
}

/// How the workers of a process are.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "health::Workers")]
pub(crate) enum WorkersState {
    /// They looked at the queue lately.
    Ok,
    /// They have not for too long.
    Silent,
}

/// What somebody came in as.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum Audience {
    /// Somebody who works for the platform.
    Staff,
    /// A member of a tenant.
    Member,
    /// A tenant's server.
    ApiKey,
}

/// What a member may do in a tenant.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "identity::MemberRole")]
pub(crate) enum MemberRole {
    /// Everything.
    Owner,
    /// Everything but to change who the owners are.
    Admin,
    /// Talk to visitors and keep the knowledge.
    Agent,
    /// Look.
    Viewer,
}

/// What a tenant is.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "tenancy::Status")]
pub(crate) enum TenantStatus {
    /// It tries a plan.
    Trial,
    /// It is on a plan.
    Active,
    /// Nothing is answered and nothing charged.
    Suspended,
    /// It is over.
    Closed,
}

/// A day of the week.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "tenancy::Day")]
pub(crate) enum Weekday {
    /// The first.
    Monday,
    /// The second.
    Tuesday,
    /// The third.
    Wednesday,
    /// The fourth.
    Thursday,
    /// The fifth.
    Friday,
    /// The sixth.
    Saturday,
    /// The seventh.
    Sunday,
}

/// How far a knowledge entry is.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "knowledge::EntryState")]
pub(crate) enum KnowledgeState {
    /// Written, not searched.
    Draft,
    /// Approved, and therefore searched.
    Approved,
    /// Withdrawn, not searched.
    Archived,
}

/// A field of a persona.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "persona::Field")]
pub(crate) enum PersonaField {
    /// The name visitors see.
    Name,
    /// What it is there for.
    Description,
    /// How it speaks.
    Tone,
    /// What a model is told first.
    SystemPrompt,
    /// How far its answers must rest on approved knowledge.
    Grounding,
    /// Which model answers.
    Model,
    /// How freely it chooses its words.
    Temperature,
    /// The language it answers in.
    Language,
}

/// How far a persona's answers must rest on approved knowledge.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "persona::Grounding")]
pub(crate) enum Grounding {
    /// Each sentence is shown only once the passages it cites say what it says.
    Strict,
    /// Answers may go beyond it, and still cite.
    Open,
}
