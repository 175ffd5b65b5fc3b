//! Enums, as the domain has them.

mod chat;
mod pricebook;

use async_graphql::Enum;
use frontoffice_domain::{audit, credit, health, identity, job, knowledge, persona, pricing, process, tenancy};

pub(crate) use self::chat::{Channel, ConversationOrder, ConversationState, MessageRole, MessageStatus, Rating, TurnState};
pub(crate) use self::pricebook::{
    PricebookDifferenceKind, PricebookGuard, PricebookPolicy, PricebookPublicationState, PricebookStatus, PricebookStepKind,
    StatementLineKind, SubscriptionTiming,
};

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

/// What is charged for.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "pricing::Action")]
pub(crate) enum ChargedAction {
    /// An answer written by a language model.
    AnswerWritten,
    /// An answer quoted from knowledge without one.
    AnswerQuoted,
    /// A refusal.
    Refusal,
    /// A hand-over.
    Handoff,
    /// An answer that failed.
    Failure,
}

/// Why credits were granted.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "credit::GrantKind")]
pub(crate) enum CreditGrantKind {
    /// A plan's credits for a period.
    Allowance,
    /// To try the product.
    Trial,
    /// Bought besides.
    TopUp,
    /// Given away.
    Promotion,
    /// To make something good.
    Correction,
}

/// What an entry of the ledger did.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "credit::EntryKind")]
pub(crate) enum CreditEntryKind {
    /// Added a block.
    Grant,
    /// Set some aside for a turn.
    Hold,
    /// Took what a turn cost out of what was held for it.
    Capture,
    /// Gave back what was held and not needed.
    Release,
    /// Took away what a block still had at its end.
    Expire,
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

/// What kind of caller changed something.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "audit::ActorKind")]
pub(crate) enum AuditActorKind {
    /// Somebody who works for the platform.
    Staff,
    /// A member of a tenant.
    Member,
    /// A tenant's server.
    ApiKey,
    /// The platform's owner, on the machine the store is on.
    Local,
    /// The program itself.
    Process,
}

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "audit::Action")]
pub(crate) enum AuditAction {
    /// Somebody of the team looks after a conversation, or nobody any more.
    ConversationAssigned,
    /// Something was written beside a conversation.
    ConversationNoted,
    /// The assistant was given a conversation back.
    ConversationGivenBack,
    /// Somebody of the team said something to its visitor.
    ConversationReplied,
    /// A conversation was settled.
    ConversationResolved,
    /// A person of the team took over from the assistant.
    ConversationTakenOver,
    /// A key was made.
    ApiKeyCreated,
    /// A key was revoked.
    ApiKeyRevoked,
    /// Somebody was asked to join.
    InvitationCreated,
    /// That was taken back.
    InvitationRevoked,
    /// They joined.
    InvitationAccepted,
    /// A job that had been given up was thrown away.
    JobDiscarded,
    /// A job that had been given up is tried again.
    JobRetried,
    /// An entry was approved: the assistant may say it.
    KnowledgeApproved,
    /// An entry was withdrawn.
    KnowledgeArchived,
    /// An entry was written.
    KnowledgeCreated,
    /// Entries were imported.
    KnowledgeImported,
    /// An entry was changed.
    KnowledgeUpdated,
    /// A member's role was changed.
    MemberUpdated,
    /// A member left or was sent away.
    MemberRemoved,
    /// A password was changed by who knew it.
    PasswordChanged,
    /// A password was chosen anew by a link.
    PasswordReset,
    /// A persona is not used any more.
    PersonaArchived,
    /// A persona was made.
    PersonaCreated,
    /// Another persona answers unless one is chosen.
    PersonaDefaulted,
    /// A persona was asked something as a draft.
    PersonaPreviewed,
    /// A persona is what an earlier version of it was.
    PersonaRestored,
    /// A persona was changed.
    PersonaUpdated,
    /// A draft of prices was begun.
    PricebookDrafted,
    /// It was changed.
    PricebookEdited,
    /// It was submitted.
    PricebookSubmitted,
    /// It was opened for changes again; an approval was void from then on.
    PricebookReopened,
    /// It was thrown away.
    PricebookDiscarded,
    /// It was approved by somebody who had not written it.
    PricebookApproved,
    /// It was approved while that was waived.
    PricebookApprovedAlone,
    /// It was published.
    PricebookPublished,
    /// A version was taken back before it took effect.
    PricebookWithdrawn,
    /// From now on approving takes somebody who has not written the draft.
    PricebookFourEyesRequired,
    /// From now on it does not.
    PricebookFourEyesWaived,
    /// Somebody signed in.
    SessionOpened,
    /// Somebody signed out.
    SessionEnded,
    /// Somebody signed out everywhere.
    SessionsEnded,
    /// The role of somebody who works for the platform was changed.
    StaffUpdated,
    /// Somebody no longer works for the platform.
    StaffRemoved,
    /// A subscription ends with its period.
    SubscriptionCancelled,
    /// A tenant goes over to another plan.
    SubscriptionChanged,
    /// A subscription that was to end goes on.
    SubscriptionResumed,
    /// A tenant was closed.
    TenantClosed,
    /// A tenant was set up.
    TenantCreated,
    /// Somebody who works for the platform looked at a tenant's conversations, for a reason.
    TenantEntered,
    /// A suspended tenant goes on.
    TenantResumed,
    /// A tenant was suspended.
    TenantSuspended,
    /// A tenant was changed.
    TenantUpdated,
    /// What is known of a visitor was erased.
    VisitorErased,
    /// Somebody took a copy of what is known of a visitor.
    VisitorExported,
    /// A widget key was changed: where it may be shown, or whether it is good.
    WidgetKeyUpdated,
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

/// What a plan entitles a tenant to.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "credit::Entitlement")]
pub(crate) enum EntitlementKind {
    /// Members, and those who are asked to join.
    Seats,
    /// Webhooks and inbound endpoints.
    StandardIntegrations,
    /// Personas in use.
    Personas,
    /// Knowledge entries that are not archived.
    KnowledgeItems,
    /// For how many days conversations are kept.
    RetentionDays,
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
