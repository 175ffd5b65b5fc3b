//! Shapes of the pricebook.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Instant,
    id::DraftId,
    money::{Credits, Money},
    tenancy::Platform,
    text_enum::text_enum,
};

text_enum! {
    /// Where prices are in their life. Computed, never stored.
    Status {
        /// Being written.
        Draft = "DRAFT",
        /// Submitted, to be approved.
        InReview = "IN_REVIEW",
        /// Approved, to be published.
        Approved = "APPROVED",
        /// Published, to take effect later.
        Scheduled = "SCHEDULED",
        /// In force.
        Active = "ACTIVE",
        /// A later one is in force.
        Superseded = "SUPERSEDED",
        /// Taken back before it took effect.
        Withdrawn = "WITHDRAWN",
    }
}

text_enum! {
    /// What a line of the publication log says.
    LogKind {
        /// A version was published.
        Published = "PUBLISHED",
        /// A version was taken back.
        Withdrawn = "WITHDRAWN",
    }
}

text_enum! {
    /// Whom a version reaches of those who are customers already. New customers begin with what is in force, whatever it says here.
    Policy {
        /// None of them: who is on an older version stays there.
        NewCustomers = "NEW_CUSTOMERS",
        /// Each of them, when their next period begins.
        AtRenewal = "AT_RENEWAL",
        /// All of them, from the moment it takes effect.
        AllCustomers = "ALL_CUSTOMERS",
    }
}

/// What everything costs: the content of one version. Its canonical JSON is what is stored and hashed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pricebook {
    /// The plans, cheapest first.
    pub plans: Vec<Plan>,
    /// What actions cost.
    pub rates: Vec<Rate>,
    /// What new tenants may try.
    pub trial: Trial,
    // What was added later is not written where there is none of it, so that the hashes of what was published before stay what they are.
    /// What plans sell beyond their credits; a plan without an entry stops at its credits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overage: Vec<Overage>,
    /// What plans carry from one period into the next; a plan without an entry carries nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rollover: Vec<Rollover>,
    /// What can be bought besides a plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub top_ups: Vec<TopUp>,
    /// What of a charge is given back, and when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<RefundRule>,
}

impl Pricebook {
    /// The plan of a key.
    #[must_use]
    pub fn plan(&self, key: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.key == key)
    }

    /// What the plan of a key sells beyond its credits.
    #[must_use]
    pub fn overage_of(&self, plan: &str) -> Option<&Overage> {
        self.overage.iter().find(|overage| overage.plan == plan)
    }

    /// What the plan of a key carries from one period into the next.
    #[must_use]
    pub fn rollover_of(&self, plan: &str) -> Option<&Rollover> {
        self.rollover.iter().find(|rollover| rollover.plan == plan)
    }

    /// The top-up of a key.
    #[must_use]
    pub fn top_up(&self, key: &str) -> Option<&TopUp> {
        self.top_ups.iter().find(|top_up| top_up.key == key)
    }

    /// What is given back for a reason.
    #[must_use]
    pub fn refund_for(&self, reason: RefundReason) -> Option<&RefundRule> {
        self.refunds.iter().find(|rule| rule.reason == reason)
    }
}

/// A plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What programs call it.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// A month's price.
    pub list_price: Money,
    /// The credits of a month.
    pub credits: Credits,
    /// How many members; `null` is unlimited, here and below.
    pub seats: Option<u32>,
    /// How many webhooks and inbound endpoints.
    pub standard_integrations: Option<u32>,
    /// What kind of support.
    pub support: String,
    /// How many personas.
    pub personas: Option<u32>,
    /// How many knowledge entries.
    pub knowledge_items: Option<u32>,
    /// How long conversations are kept.
    pub retention_days: Option<u32>,
}

text_enum! {
    /// What is charged for.
    Action {
        /// An answer written by a language model.
        AnswerWritten = "answer_written",
        /// An answer quoted from knowledge without one.
        AnswerQuoted = "answer_quoted",
        /// A refusal.
        Refusal = "refusal",
        /// A hand-over.
        Handoff = "handoff",
        /// An answer that failed.
        Failure = "failure",
    }
}

impl<'de> Deserialize<'de> for Action {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What a plan sells beyond its credits, within a period. It is billed after the period, by what was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overage {
    /// The plan's key.
    pub plan: String,
    /// The price of each block of credits begun.
    pub price: Money,
    /// How many credits a block has.
    pub credits: Credits,
    /// The most that can be used beyond a period's credits: what nobody can lose more than.
    pub limit: Credits,
}

/// What a plan carries from one period into the next: of what is left, `min(maximum, max(left, minimum))`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rollover {
    /// The plan's key.
    pub plan: String,
    /// At most so much.
    pub maximum: Credits,
    /// At least so much, even if less is left.
    pub minimum: Credits,
}

/// Credits that can be bought besides a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopUp {
    /// What programs call it.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// What it costs.
    pub price: Money,
    /// How many credits it is.
    pub credits: Credits,
    /// For how many days they can be used; `null` is without end.
    pub days: Option<u32>,
}

text_enum! {
    /// Why a charge is given back.
    RefundReason {
        /// The answer failed.
        Failed = "failed",
        /// A person was asked for before there was an answer.
        HandedOver = "handed_over",
        /// The visitor stopped it before its first word.
        Stopped = "stopped",
        /// An agent has found the answer wrong.
        RatedWrong = "rated_wrong",
    }
}

impl<'de> Deserialize<'de> for RefundReason {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What of a charge is given back for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundRule {
    /// The reason.
    pub reason: RefundReason,
    /// How much of it, in percent; what is not a whole micro-credit is given back too.
    pub percent: u32,
    /// For how many days after the charge it can be asked for; `null` where it is given back at once, without anybody asking.
    pub days: Option<u32>,
}

/// What an action costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// The action.
    pub action: Action,
    /// The model whose answers cost this; without it, every model's that has no rate of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The price of one, or of each block of tokens begun.
    pub credits: Credits,
    /// How many tokens a block has; `null` where tokens do not count.
    pub per_tokens: Option<u32>,
    /// The least it costs.
    pub minimum: Credits,
}

/// What new tenants may try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// Whose entitlements.
    pub plan: String,
    /// For how long.
    pub days: u32,
    /// With how many credits.
    pub credits: Credits,
}

/// A published version.
#[derive(Clone, Debug)]
pub struct Version {
    /// Its number, from 1.
    pub number: i32,
    /// What it says.
    pub pricebook: Pricebook,
    /// SHA-256 over the canonical JSON of what it says.
    pub content_hash: [u8; 32],
    /// From when it is in force.
    pub effective_from: Instant,
    /// Until when: the beginning of the next live one.
    pub effective_to: Option<Instant>,
    /// Where it is in its life, as of the instant that was asked for.
    pub status: Status,
    /// What is nobody's to know but those who may read drafts.
    pub inside: Option<Inside>,
}

/// What of a version is not public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inside {
    /// Why prices changed.
    pub note: String,
    /// Whom of those who were customers already it reaches.
    pub policy: Policy,
    /// The earlier version that it brings back.
    pub restored_from: Option<i32>,
    /// When it was published.
    pub published_at: Instant,
    /// When it was taken back.
    pub withdrawn_at: Option<Instant>,
    /// The draft it was.
    pub draft: Option<DraftId>,
}

/// How much of the pricebook somebody may see.
#[derive(Clone, Debug)]
pub enum Sight {
    /// What is in force or was, and what it says: everybody.
    Public,
    /// What is to come and what was taken back, with notes and policies: whoever may read drafts.
    Inside(Platform),
}

/// A line of the publication log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Its number, from 1.
    pub line: i32,
    /// What happened.
    pub kind: LogKind,
    /// To which version.
    pub number: i32,
    /// The hash of what that says.
    pub content_hash: [u8; 32],
    /// From when it is, or was to be, in force.
    pub effective_from: Instant,
    /// The hash of the line before; zeros for the first.
    pub previous_hash: [u8; 32],
    /// The hash of this line.
    pub hash: [u8; 32],
}
