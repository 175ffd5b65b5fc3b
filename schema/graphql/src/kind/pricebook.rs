//! Enums of prices: of drafts, versions, and what is paid.

use async_graphql::Enum;
use frontoffice_domain::{
    credit,
    pricing::{self, rules},
};

/// Where prices are in their life.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "pricing::Status")]
pub(crate) enum PricebookStatus {
    /// Being written.
    Draft,
    /// Submitted, to be approved.
    InReview,
    /// Approved, to be published.
    Approved,
    /// Published, to take effect later.
    Scheduled,
    /// In force.
    Active,
    /// A later one is in force.
    Superseded,
    /// Taken back before it took effect.
    Withdrawn,
}

/// Whom a version reaches of those who are customers already. New customers begin with what is in force.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "pricing::Policy")]
pub(crate) enum PricebookPolicy {
    /// None of them: who is on an older version stays there.
    NewCustomers,
    /// Each of them, when their next period begins.
    AtRenewal,
    /// All of them, from the moment it takes effect.
    AllCustomers,
}

/// What was done with a draft or a version.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "pricing::StepKind")]
pub(crate) enum PricebookStepKind {
    /// It was begun.
    Created,
    /// It was changed.
    Edited,
    /// It was submitted.
    Submitted,
    /// It was opened for changes again; an approval was void from then on.
    Reopened,
    /// It was approved.
    Approved,
    /// It was published.
    Published,
    /// It was taken back before it took effect.
    Withdrawn,
    /// It was thrown away.
    Discarded,
}

/// What has to be acknowledged by its name before it is approved.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "pricing::Guard")]
pub(crate) enum PricebookGuard {
    /// The price of a plan, of a credit beyond its own, or of a credit of a top-up, moves by more than a quarter of what it was, up or down.
    PriceMove,
    /// The credits of a plan fall by more than a quarter of what they were.
    CreditsMove,
    /// What answers cost moves by more than a quarter of what it was, up or down, for some number of tokens.
    RateMove,
    /// Answers of a model bring in less on a plan than the model's provider takes.
    MarginBelowCost,
    /// A plan is not there any more.
    PlanRemoved,
    /// A plan is priced in a currency that it, or what is new, was not priced in before.
    CurrencyChange,
}

/// What happened to something.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "rules::DifferenceKind")]
pub(crate) enum PricebookDifferenceKind {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// It is another one.
    Changed,
    /// What it consists of stands in another order.
    Moved,
}

/// How far it is that those who are customers already are on a version.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "pricing::PublicationState")]
pub(crate) enum PricebookPublicationState {
    /// It takes effect later.
    Waiting,
    /// Customers are being moved.
    Running,
    /// Everybody it reaches is on it.
    Finished,
    /// It was taken back and reaches nobody.
    Withdrawn,
}

/// When a tenant goes over to another plan.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "credit::When")]
pub(crate) enum SubscriptionTiming {
    /// Now; for the rest of the period the difference is charged.
    Now,
    /// When the next period begins.
    AtRenewal,
}

/// What a line of a statement is for.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "pricing::LineKind")]
pub(crate) enum StatementLineKind {
    /// A plan for the period, in advance; or a trial of it, of 0.
    Plan,
    /// The rest of a period: charged at what is new, or credited at what was before.
    Proration,
    /// Credits used beyond those a plan has.
    Overage,
    /// Credits bought besides.
    TopUp,
}
