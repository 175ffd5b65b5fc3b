//! Enums of credits.

use async_graphql::Enum;
use frontoffice_domain::{alert, credit, pricing};

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

/// Why a charge is given back.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "pricing::RefundReason")]
pub(crate) enum RefundReason {
    /// The answer failed.
    Failed,
    /// A person was asked for before there was an answer.
    HandedOver,
    /// The visitor stopped it before its first word.
    Stopped,
    /// An agent has found the answer wrong.
    RatedWrong,
}

/// What an alert is about.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "alert::AlertKind")]
pub(crate) enum AlertKind {
    /// So much of a period's own credits is used up.
    CreditsThreshold,
    /// A visitor was sent away because there were no credits for an answer.
    CreditsExhausted,
    /// What the tenant was on has ended.
    PlanEnded,
    /// The prices of another version hold.
    PricesChanged,
    /// Charges that were reckoned once more came out differently.
    ChargesDiffer,
}

/// What a cap is of.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "credit::CapKind")]
pub(crate) enum CreditCapKind {
    /// Each visitor, on a day (UTC).
    VisitorDay,
    /// A widget key, on a day.
    WidgetKeyDay,
    /// A persona, in a calendar month.
    PersonaMonth,
}

/// What usage is grouped by.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "credit::UsageBy")]
pub(crate) enum CreditUsageBy {
    /// Days, UTC.
    Day,
    /// Who answered.
    Persona,
    /// The model that answered.
    Model,
    /// Where it was asked.
    Channel,
    /// Who asked.
    Visitor,
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
    /// Carried over from the period before.
    Rollover,
    /// What a plan sells beyond its credits: billed by what was taken of it, and used last.
    Overage,
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
    /// Took away what a block still had that should not have been granted.
    Void,
    /// Added or took away, to put something right.
    Adjust,
    /// Gave back what was charged.
    Refund,
    /// Took what a turn cost beyond what was held for it, which the plan sells.
    Overage,
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
