//! What prices would have done to those who are customers.

use async_graphql::{Context, ID, Result, SimpleObject};
use frontoffice_domain::{
    credit,
    identity::Permission,
    pricing::{self, Foreseen, Of},
};

use crate::{
    context::{asking, house, platform},
    global_id::GlobalId,
    scalar::{Credits, Money, Uuid},
};

/// A customer, by their names.
#[derive(SimpleObject)]
pub(crate) struct PricebookEffectTenant {
    /// The tenant's id among all objects.
    id: ID,
    /// The UUID it is known by.
    uuid: Uuid,
    /// Its name for people.
    name: String,
}

/// What prices would have done to one customer's month.
#[derive(SimpleObject)]
pub(crate) struct PricebookEffect {
    /// Whom.
    tenant: PricebookEffectTenant,
    /// The key of their plan.
    plan: String,
    /// Whether they only try it.
    trial: bool,
    /// What they pay for a month, 0 if they only try it; null if what they are on has no such plan.
    price_before: Option<Money>,
    /// What they would pay; null if there is no such plan any more: they stay at what they are on.
    price_after: Option<Money>,
    /// What their usage costs.
    credits_before: Credits,
    /// What it would cost.
    credits_after: Credits,
    /// The credits they have for a month, or to try it.
    allowance_before: Credits,
    /// Those they would have.
    allowance_after: Credits,
    /// Whether their usage costs more than these.
    runs_out_before: bool,
    /// Whether it would.
    runs_out_after: bool,
}

impl From<pricing::Effect> for PricebookEffect {
    fn from(its: pricing::Effect) -> Self {
        let uuid = its.tenant.uuid();
        Self {
            tenant: PricebookEffectTenant { id: GlobalId::Tenant(uuid).encode(), uuid: Uuid(uuid), name: its.name },
            plan: its.plan,
            trial: its.trial,
            price_before: its.price_before.map(Into::into),
            price_after: its.price_after.map(Into::into),
            credits_before: Credits(its.credits_before),
            credits_after: Credits(its.credits_after),
            allowance_before: Credits(its.allowance_before),
            allowance_after: Credits(its.allowance_after),
            runs_out_before: its.runs_out_before,
            runs_out_after: its.runs_out_after,
        }
    }
}

/// What prices would have done to what all customers used lately, had all of them been on them.
#[derive(SimpleObject)]
pub(crate) struct PricebookImpact {
    /// So many days of usage were looked at.
    days: u32,
    /// How many customers there are.
    tenants: u64,
    /// For how many the price, what their usage costs, or the credits they have would be another.
    affected: u64,
    /// How many would stay at what they are on, because there is no such plan any more.
    kept: u64,
    /// What all pay for a month, by currency; those who only try it are left out.
    revenue_before: Vec<Money>,
    /// What they would pay.
    revenue_after: Vec<Money>,
    /// What all usage costs.
    credits_before: Credits,
    /// What it would cost.
    credits_after: Credits,
    /// How many need more credits than they have.
    run_out_before: u64,
    /// How many would.
    run_out_after: u64,
    /// The largest moves, the largest first, at most 20.
    largest: Vec<PricebookEffect>,
    /// Who would run out and did not, who lacks most first, at most 20.
    running_out: Vec<PricebookEffect>,
    /// Whether those who are customers already would be on these prices at all: not with the policy `NEW_CUSTOMERS`.
    reaches_existing: bool,
}

impl PricebookImpact {
    /// Of a version, or of the draft; `None` if there is none.
    pub(crate) async fn of(ctx: &Context<'_>, number: Option<i32>) -> Result<Option<Self>> {
        let (platform, now) = (platform(ctx, Permission::PricebookRead)?, asking(ctx)?.now);
        let of = number.map_or(Of::Draft, Of::Version);
        let read = async move |mut conn, platform| pricing::foresee(&mut conn, &platform, of, now).await;
        let found = house(ctx)?.read_all(platform, read).await?;
        Ok(found.map(|Foreseen { subject, summary }| Self::new(summary, subject.reaches_existing())))
    }

    fn new(its: pricing::Summary, reaches_existing: bool) -> Self {
        Self {
            days: credit::IMPACT_DAYS,
            tenants: its.tenants,
            affected: its.affected,
            kept: its.kept,
            revenue_before: its.revenue_before.into_iter().map(Into::into).collect(),
            revenue_after: its.revenue_after.into_iter().map(Into::into).collect(),
            credits_before: Credits(its.credits_before),
            credits_after: Credits(its.credits_after),
            run_out_before: its.run_out_before,
            run_out_after: its.run_out_after,
            largest: its.largest.into_iter().map(Into::into).collect(),
            running_out: its.running_out.into_iter().map(Into::into).collect(),
            reaches_existing,
        }
    }
}
