//! What everything costs.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use frontoffice_domain::{
    id::DraftId,
    page::Slice,
    pricing::{self, Sight, rules::hex},
    tenancy::Platform,
};
use futures_util::FutureExt;

use super::{pricebook_publication::PricebookPublication, pricebook_step::PricebookStep};
use crate::{
    context::{asking, house, sight},
    global_id::GlobalId,
    kind::{ChargedAction, PricebookPolicy, PricebookStatus, RefundReason},
    level::Loaded,
    scalar::{Credits, DateTime, Money},
};

/// A plan.
#[derive(SimpleObject)]
pub(crate) struct Plan {
    /// What programs call it.
    key: String,
    /// What people call it.
    name: String,
    /// A month's price.
    list_price: Money,
    /// The credits of a month.
    credits: Credits,
    /// How many members it allows; null is unlimited.
    seats: Option<u32>,
    /// How many webhooks and inbound endpoints it allows; null is unlimited.
    standard_integrations: Option<u32>,
    /// What kind of support comes with it.
    support: String,
    /// How many personas it allows; null is unlimited.
    personas: Option<u32>,
    /// How many knowledge entries it allows; null is unlimited.
    knowledge_items: Option<u32>,
    /// For how many days conversations are kept; null is for ever.
    retention_days: Option<u32>,
}

impl From<pricing::Plan> for Plan {
    fn from(plan: pricing::Plan) -> Self {
        Self {
            key: plan.key,
            name: plan.name,
            list_price: plan.list_price.into(),
            credits: Credits(plan.credits),
            seats: plan.seats,
            standard_integrations: plan.standard_integrations,
            support: plan.support,
            personas: plan.personas,
            knowledge_items: plan.knowledge_items,
            retention_days: plan.retention_days,
        }
    }
}

/// What an action costs.
#[derive(SimpleObject)]
pub(crate) struct Rate {
    /// The action.
    action: ChargedAction,
    /// The model whose answers cost this; null: every model's that has no rate of its own.
    model: Option<String>,
    /// The price of one, or of each block of tokens begun.
    credits: Credits,
    /// How many tokens a block has; null where tokens do not count.
    per_tokens: Option<u32>,
    /// The least it costs.
    minimum: Credits,
}

impl From<pricing::Rate> for Rate {
    fn from(rate: pricing::Rate) -> Self {
        Self {
            action: rate.action.into(),
            model: rate.model,
            credits: Credits(rate.credits),
            per_tokens: rate.per_tokens,
            minimum: Credits(rate.minimum),
        }
    }
}

/// What new tenants may try.
#[derive(SimpleObject)]
pub(crate) struct Trial {
    /// Whose plan's entitlements, by its key.
    plan: String,
    /// For how many days.
    days: u32,
    /// With how many credits.
    credits: Credits,
}

impl From<pricing::Trial> for Trial {
    fn from(trial: pricing::Trial) -> Self {
        Self { plan: trial.plan, days: trial.days, credits: Credits(trial.credits) }
    }
}

/// What a plan sells beyond its credits, within a month; it is billed after the month, by what was used.
#[derive(SimpleObject)]
pub(crate) struct PlanOverage {
    /// The plan's key.
    plan: String,
    /// The price of each block of credits begun.
    price: Money,
    /// How many credits a block has.
    credits: Credits,
    /// The most that can be used beyond a month's credits.
    limit: Credits,
}

impl From<pricing::Overage> for PlanOverage {
    fn from(overage: pricing::Overage) -> Self {
        let pricing::Overage { plan, price, credits, limit } = overage;
        Self { plan, price: price.into(), credits: Credits(credits), limit: Credits(limit) }
    }
}

/// What a plan carries from one month into the next: of what is left, at most the maximum and at least the minimum.
#[derive(SimpleObject)]
pub(crate) struct PlanRollover {
    /// The plan's key.
    plan: String,
    /// At most so many credits.
    maximum: Credits,
    /// At least so many, even if fewer are left.
    minimum: Credits,
}

impl From<pricing::Rollover> for PlanRollover {
    fn from(rollover: pricing::Rollover) -> Self {
        let pricing::Rollover { plan, maximum, minimum } = rollover;
        Self { plan, maximum: Credits(maximum), minimum: Credits(minimum) }
    }
}

/// Credits that can be bought besides a plan.
#[derive(SimpleObject)]
pub(crate) struct TopUp {
    /// What programs call it.
    key: String,
    /// What people call it.
    name: String,
    /// What it costs.
    price: Money,
    /// How many credits it is.
    credits: Credits,
    /// For how many days they can be used; null is without end.
    days: Option<u32>,
}

impl From<pricing::TopUp> for TopUp {
    fn from(top_up: pricing::TopUp) -> Self {
        let pricing::TopUp { key, name, price, credits, days } = top_up;
        Self { key, name, price: price.into(), credits: Credits(credits), days }
    }
}

/// What of a charge is given back for a reason.
#[derive(SimpleObject)]
pub(crate) struct RefundRule {
    /// The reason.
    reason: RefundReason,
    /// How much of it, in percent.
    percent: u32,
    /// For how many days after the charge it can be asked for; null where it is given back at once.
    days: Option<u32>,
}

impl From<pricing::RefundRule> for RefundRule {
    fn from(rule: pricing::RefundRule) -> Self {
        Self { reason: rule.reason.into(), percent: rule.percent, days: rule.days }
    }
}

/// What is loaded of versions that were loaded together.
struct VersionLevel {
    numbers: Vec<i32>,
    drafts: Vec<DraftId>,
    publications: Loaded<(), HashMap<i32, pricing::Publication>>,
    steps: Loaded<(), Vec<pricing::Step>>,
}

/// A version of the pricebook.
#[derive(Clone)]
pub(crate) struct PricebookVersion {
    its: pricing::Version,
    level: Arc<VersionLevel>,
}

impl PricebookVersion {
    /// Versions that were loaded together.
    pub(crate) fn all(versions: Vec<pricing::Version>) -> Vec<Self> {
        let level = Arc::new(VersionLevel {
            numbers: versions.iter().map(|version| version.number).collect(),
            drafts: versions.iter().filter_map(|version| version.inside.as_ref()?.draft).collect(),
            publications: Loaded::default(),
            steps: Loaded::default(),
        });
        versions.into_iter().map(|its| Self { its, level: Arc::clone(&level) }).collect()
    }

    /// One alone.
    pub(crate) fn alone(version: pricing::Version) -> Option<Self> {
        Self::all(vec![version]).pop()
    }

    /// A page of them.
    pub(crate) fn page(Slice { items, has_previous, has_next }: Slice<pricing::Version>) -> Slice<Self> {
        Slice { items: Self::all(items), has_previous, has_next }
    }

    /// Where it is in the list of versions.
    pub(crate) fn place(&self) -> i32 {
        self.its.number
    }

    /// Who asks, if they may see what is not public.
    fn insider(ctx: &Context<'_>) -> Result<Option<Platform>> {
        Ok(match sight(ctx)? {
            Sight::Inside(platform) => Some(platform),
            Sight::Public => None,
        })
    }
}

/// What everything costs, in one version; it never changes.
#[Object]
impl PricebookVersion {
    /// Its id among all objects.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::PricebookVersion(self.its.number).encode()
    }

    /// Its number, from 1.
    async fn number(&self) -> i32 {
        self.its.number
    }

    /// Where it is in its life, at the instant that was asked for.
    async fn status(&self) -> PricebookStatus {
        self.its.status.into()
    }

    /// SHA-256 over the canonical JSON of what it says, in hexadecimal.
    async fn content_hash(&self) -> String {
        hex(&self.its.content_hash)
    }

    /// From when it is in force.
    async fn effective_from(&self) -> DateTime {
        DateTime(self.its.effective_from)
    }

    /// Until when, if a later one is in force.
    async fn effective_to(&self) -> Option<DateTime> {
        self.its.effective_to.map(DateTime)
    }

    /// The plans, cheapest first.
    async fn plans(&self) -> Vec<Plan> {
        self.its.pricebook.plans.iter().cloned().map(Into::into).collect()
    }

    /// What actions cost.
    async fn rates(&self) -> Vec<Rate> {
        self.its.pricebook.rates.iter().cloned().map(Into::into).collect()
    }

    /// What new tenants may try.
    async fn trial(&self) -> Trial {
        self.its.pricebook.trial.clone().into()
    }

    /// What plans sell beyond their credits; a plan that is not listed stops at its credits.
    async fn overage(&self) -> Vec<PlanOverage> {
        self.its.pricebook.overage.iter().cloned().map(Into::into).collect()
    }

    /// What plans carry from one month into the next; a plan that is not listed carries nothing.
    async fn rollover(&self) -> Vec<PlanRollover> {
        self.its.pricebook.rollover.iter().cloned().map(Into::into).collect()
    }

    /// What can be bought besides a plan.
    async fn top_ups(&self) -> Vec<TopUp> {
        self.its.pricebook.top_ups.iter().cloned().map(Into::into).collect()
    }

    /// What of a charge is given back, and when.
    async fn refunds(&self) -> Vec<RefundRule> {
        self.its.pricebook.refunds.iter().cloned().map(Into::into).collect()
    }

    /// Why prices changed; null without `pricebook.read`.
    async fn note(&self) -> Option<&str> {
        self.its.inside.as_ref().map(|inside| inside.note.as_str())
    }

    /// Whom of those who were customers already it reaches; null without `pricebook.read`.
    async fn policy(&self) -> Option<PricebookPolicy> {
        self.its.inside.as_ref().map(|inside| inside.policy.into())
    }

    /// The number of the earlier version that it brings back; null if it brings back none, or without `pricebook.read`.
    async fn restored_from(&self) -> Option<i32> {
        self.its.inside.as_ref().and_then(|inside| inside.restored_from)
    }

    /// When it was published; null without `pricebook.read`.
    async fn published_at(&self) -> Option<DateTime> {
        self.its.inside.as_ref().map(|inside| DateTime(inside.published_at))
    }

    /// When it was taken back; null if it was not, or without `pricebook.read`.
    async fn withdrawn_at(&self) -> Option<DateTime> {
        self.its.inside.as_ref().and_then(|inside| inside.withdrawn_at).map(DateTime)
    }

    /// How far it is that those who were customers already are on it; null without `pricebook.read`, and where nobody was there whom it could
    /// have reached.
    async fn publication(&self, ctx: &Context<'_>) -> Result<Option<PricebookPublication>> {
        let Some(platform) = Self::insider(ctx)? else { return Ok(None) };
        let (house, now, level) = (house(ctx)?, asking(ctx)?.now, &self.level);
        let load = || {
            let numbers = level.numbers.clone();
            let read = async move |mut conn, platform| {
                let found = pricing::publications(&mut conn, &platform, &numbers, now).await?;
                Ok(found.into_iter().map(|publication| (publication.number, publication)).collect())
            };
            house.read_all(platform, read).boxed()
        };
        let found = level.publications.get((), load).await?;
        Ok(found.get(&self.its.number).cloned().map(Into::into))
    }

    /// What was done with the draft it was, the newest first, at most 100 of it; null without `pricebook.read`.
    async fn steps(&self, ctx: &Context<'_>) -> Result<Option<Vec<PricebookStep>>> {
        let Some(platform) = Self::insider(ctx)? else { return Ok(None) };
        let Some(draft) = self.its.inside.as_ref().and_then(|inside| inside.draft) else { return Ok(Some(Vec::new())) };
        let (house, level) = (house(ctx)?, &self.level);
        let load = || {
            let drafts = level.drafts.clone();
            let read = async move |mut conn, platform| pricing::steps_of_each(&mut conn, &platform, &drafts).await;
            house.read_all(platform, read).boxed()
        };
        let steps = level.steps.get((), load).await?;
        Ok(Some(steps.iter().filter(|step| step.draft == Some(draft)).cloned().map(PricebookStep).collect()))
    }
}
