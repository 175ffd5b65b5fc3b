//! What credits are used for, what that brings in, and what it costs.

use async_graphql::{ID, SimpleObject};
use frontoffice_domain::{credit, money::MicroMoney};

use super::place::Place;
use crate::{
    global_id::GlobalId,
    kind::CreditCapKind,
    scalar::{Credits, DateTime, Uuid},
};

/// What answers may take at most.
#[derive(SimpleObject)]
pub(crate) struct CreditCap {
    /// What it is of.
    kind: CreditCapKind,
    /// The widget key or the persona; null where it is of each visitor.
    subject: Option<ID>,
    /// The most answers may take.
    credits: Credits,
    /// What they took since the day or the month began; 0 where it is of each visitor, who has their own.
    used: Credits,
}

impl CreditCap {
    pub(crate) fn new(place: &Place, cap: credit::Cap) -> Self {
        let id = cap.subject.uuid();
        let subject = match cap.kind {
            credit::CapKind::VisitorDay => None,
            credit::CapKind::WidgetKeyDay => Some(GlobalId::WidgetKey(place.uuid(), id).encode()),
            credit::CapKind::PersonaMonth => Some(GlobalId::Persona(place.uuid(), id).encode()),
        };
        Self { kind: cap.kind.into(), subject, credits: Credits(cap.credits), used: Credits(cap.used) }
    }
}

/// What was used by one of a group.
#[derive(SimpleObject)]
pub(crate) struct CreditUsage {
    /// Which: a day (`2026-12-01`, UTC), a UUID, a model's or a channel's name; null where there was none.
    key: Option<String>,
    /// What people call it, where that is something else.
    label: Option<String>,
    /// How many charges.
    charges: i64,
    /// What was charged, less what was given back.
    credits: Credits,
    /// What was given back.
    refunded: Credits,
    /// Tokens read.
    prompt_tokens: i64,
    /// Tokens written.
    completion_tokens: i64,
}

impl From<credit::Usage> for CreditUsage {
    fn from(its: credit::Usage) -> Self {
        let credit::Usage { key, label, charges, credits, refunded, prompt_tokens, completion_tokens } = its;
        let (credits, refunded) = (Credits(credits), Credits(refunded));
        Self { key, label, charges, credits, refunded, prompt_tokens, completion_tokens }
    }
}

/// When credits run out if things go on as they did, and how sure that is.
#[derive(SimpleObject)]
pub(crate) struct CreditProjection {
    /// What was used on a day, on average.
    per_day: Credits,
    /// How many whole days (UTC) that is the average of, 14 at most.
    days: i32,
    /// When the credits there are will be used up at that pace; null if that is after the period has ended, or nothing was used.
    runs_out_at: Option<DateTime>,
    /// The same at the fast end of what that pace may be: mean and 1.645 standard errors, which nineteen of twenty times is not exceeded.
    earliest: Option<DateTime>,
    /// The same at the slow end.
    latest: Option<DateTime>,
}

impl From<credit::rules::projection::Projection> for CreditProjection {
    fn from(its: credit::rules::projection::Projection) -> Self {
        Self {
            per_day: Credits(its.per_day),
            days: i32::try_from(its.days).unwrap_or(i32::MAX),
            runs_out_at: its.runs_out_at.map(DateTime),
            earliest: its.earliest.map(DateTime),
            latest: its.latest.map(DateTime),
        }
    }
}

/// An amount of money, finer than its currency's own smallest part.
#[derive(SimpleObject)]
pub(crate) struct FineMoney {
    /// The amount, exact to the millionth: `0.0025`.
    amount: String,
    /// The currency's ISO 4217 code.
    currency: String,
}

impl From<MicroMoney> for FineMoney {
    fn from(money: MicroMoney) -> Self {
        Self { amount: money.decimal(), currency: money.currency.code() }
    }
}

/// What a provider takes for a model's tokens from a moment on. Of two for one moment the one written down later holds.
#[derive(SimpleObject)]
pub(crate) struct ProviderCost {
    /// Which one.
    uuid: Uuid,
    /// The model, by the name answers have it under.
    model: String,
    /// For a million tokens read.
    prompt: FineMoney,
    /// For a million tokens written.
    completion: FineMoney,
    /// From when.
    effective_from: DateTime,
    /// When it was written down.
    created_at: DateTime,
}

impl From<credit::ProviderCost> for ProviderCost {
    fn from(its: credit::ProviderCost) -> Self {
        let credit::ProviderCost { id, cost, created_at } = its;
        let fine = |micro| MicroMoney { micro, currency: cost.currency }.into();
        Self {
            uuid: Uuid(id.uuid()),
            prompt: fine(cost.prompt_micro),
            completion: fine(cost.completion_micro),
            effective_from: DateTime(cost.effective_from),
            created_at: DateTime(created_at),
            model: cost.model,
        }
    }
}

/// What a tenant's answers of one model brought in and cost.
#[derive(SimpleObject)]
pub(crate) struct Margin {
    /// The tenant.
    tenant_uuid: Uuid,
    /// What people call it.
    tenant_name: String,
    /// The model; null where no answer was written or quoted.
    model: Option<String>,
    /// How many charges.
    charges: i64,
    /// What was charged, less what was given back.
    credits: Credits,
    /// Tokens read.
    prompt_tokens: i64,
    /// Tokens written.
    completion_tokens: i64,
    /// What those credits are of the list price of the plan they were used on, by currency; those of a trial bring in nothing.
    revenue: Vec<FineMoney>,
    /// What providers took, by currency.
    cost: Vec<FineMoney>,
    /// Whether all of what they took is known.
    cost_known: bool,
    /// What is left, in the currencies of both.
    left: Vec<FineMoney>,
}

impl From<credit::Margin> for Margin {
    fn from(its: credit::Margin) -> Self {
        let left = its.left();
        let fine = |some: Vec<MicroMoney>| some.into_iter().map(Into::into).collect();
        Self {
            tenant_uuid: Uuid(its.tenant.uuid()),
            tenant_name: its.name,
            model: its.model,
            charges: its.charges,
            credits: Credits(its.credits),
            prompt_tokens: its.mix.prompt,
            completion_tokens: its.mix.completion,
            revenue: fine(its.revenue),
            cost: fine(its.cost),
            cost_known: its.is_cost_known,
            left: fine(left),
        }
    }
}
