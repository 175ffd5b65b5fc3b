//! Prices as they are sent.

use async_graphql::InputObject;
use frontoffice_domain::{
    money::{Currency, Money},
    pricing::{Overage, Plan, Pricebook, Rate, RefundRule, Rollover, TopUp, Trial},
};

use super::super::{Refusable, UserError, UserErrorCode};
use crate::{
    kind::{ChargedAction, RefundReason},
    scalar::Credits,
};

/// An amount of money.
#[derive(InputObject)]
pub(crate) struct MoneyInput {
    /// The amount as a decimal text, exact, with no more decimals than its currency has: `79`, `79.00`.
    amount: String,
    /// The currency's ISO 4217 code: `USD`.
    currency: String,
}

/// A plan.
#[derive(InputObject)]
pub(crate) struct PlanInput {
    /// What programs call it.
    key: String,
    /// What people call it.
    name: String,
    /// A month's price.
    list_price: MoneyInput,
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

/// What an action costs.
#[derive(InputObject)]
pub(crate) struct RateInput {
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

/// What new tenants may try.
#[derive(InputObject)]
pub(crate) struct TrialInput {
    /// Whose plan's entitlements, by its key.
    plan: String,
    /// For how many days.
    days: u32,
    /// With how many credits.
    credits: Credits,
}

/// What a plan sells beyond its credits.
#[derive(InputObject)]
pub(crate) struct PlanOverageInput {
    /// The plan's key.
    plan: String,
    /// The price of each block of credits begun.
    price: MoneyInput,
    /// How many credits a block has.
    credits: Credits,
    /// The most that can be used beyond a month's credits.
    limit: Credits,
}

/// What a plan carries from one month into the next.
#[derive(InputObject)]
pub(crate) struct PlanRolloverInput {
    /// The plan's key.
    plan: String,
    /// At most so many credits.
    maximum: Credits,
    /// At least so many, even if fewer are left.
    minimum: Credits,
}

/// Credits that can be bought besides a plan.
#[derive(InputObject)]
pub(crate) struct TopUpInput {
    /// What programs call it.
    key: String,
    /// What people call it.
    name: String,
    /// What it costs.
    price: MoneyInput,
    /// How many credits it is.
    credits: Credits,
    /// For how many days they can be used; null is without end.
    days: Option<u32>,
}

/// What of a charge is given back for a reason.
#[derive(InputObject)]
pub(crate) struct RefundRuleInput {
    /// The reason.
    reason: RefundReason,
    /// How much of it, in percent.
    percent: u32,
    /// For how many days after the charge it can be asked for; null where it is given back at once.
    days: Option<u32>,
}

/// All that prices consist of, as far as it is said.
#[derive(Default)]
pub(super) struct Said {
    pub(super) plans: Option<Vec<PlanInput>>,
    pub(super) rates: Option<Vec<RateInput>>,
    pub(super) trial: Option<TrialInput>,
    pub(super) overage: Option<Vec<PlanOverageInput>>,
    pub(super) rollover: Option<Vec<PlanRolloverInput>>,
    pub(super) top_ups: Option<Vec<TopUpInput>>,
    pub(super) refunds: Option<Vec<RefundRuleInput>>,
}

/// An amount that stands at a place of the input.
fn money(input: MoneyInput, at: [&str; 3]) -> Refusable<Money> {
    let field = |name: &str| ["input"].into_iter().chain(at).chain([name]).map(str::to_owned).collect();
    let invalid = |name: &str, message: String| UserError { code: UserErrorCode::Invalid, message, field: Some(field(name)) };
    let no_currency = |_| invalid("currency", "It must be three capital letters, as ISO 4217 has them.".into());
    let currency = Currency::try_from(input.currency).map_err(no_currency)?;
    let decimals = currency.decimals();
    Money::from_decimal(&input.amount, currency).ok_or_else(|| {
        let code = currency.code();
        invalid("amount", format!("It must be a decimal number such as `79`, with at most {decimals} decimals in {code}."))
    })
}

fn plan((at, input): (usize, PlanInput)) -> Refusable<Plan> {
    Ok(Plan {
        key: input.key,
        name: input.name,
        list_price: money(input.list_price, ["plans", &at.to_string(), "listPrice"])?,
        credits: input.credits.0,
        seats: input.seats,
        standard_integrations: input.standard_integrations,
        support: input.support,
        personas: input.personas,
        knowledge_items: input.knowledge_items,
        retention_days: input.retention_days,
    })
}

fn rate(input: RateInput) -> Rate {
    Rate {
        action: input.action.into(),
        model: input.model,
        credits: input.credits.0,
        per_tokens: input.per_tokens,
        minimum: input.minimum.0,
    }
}

fn overage((at, input): (usize, PlanOverageInput)) -> Refusable<Overage> {
    let price = money(input.price, ["overage", &at.to_string(), "price"])?;
    Ok(Overage { plan: input.plan, price, credits: input.credits.0, limit: input.limit.0 })
}

fn rollover(input: PlanRolloverInput) -> Rollover {
    Rollover { plan: input.plan, maximum: input.maximum.0, minimum: input.minimum.0 }
}

fn top_up((at, input): (usize, TopUpInput)) -> Refusable<TopUp> {
    let price = money(input.price, ["topUps", &at.to_string(), "price"])?;
    Ok(TopUp { key: input.key, name: input.name, price, credits: input.credits.0, days: input.days })
}

fn refund(input: RefundRuleInput) -> RefundRule {
    RefundRule { reason: input.reason.into(), percent: input.percent, days: input.days }
}

/// What of the prices is to be another.
#[derive(Clone)]
pub(super) struct Parts {
    plans: Option<Vec<Plan>>,
    rates: Option<Vec<Rate>>,
    trial: Option<Trial>,
    overage: Option<Vec<Overage>>,
    rollover: Option<Vec<Rollover>>,
    top_ups: Option<Vec<TopUp>>,
    refunds: Option<Vec<RefundRule>>,
}

/// All of a list, each by its place, or the first that cannot be read.
fn each<I, O>(list: Option<Vec<I>>, read: fn((usize, I)) -> Refusable<O>) -> Refusable<Option<Vec<O>>> {
    list.map(|list| list.into_iter().enumerate().map(read).collect()).transpose()
}

impl Parts {
    pub(super) fn read(said: Said) -> Refusable<Self> {
        let Said { plans, rates, trial, overage, rollover, top_ups, refunds } = said;
        Ok(Self {
            plans: each(plans, plan)?,
            rates: rates.map(|rates| rates.into_iter().map(rate).collect()),
            trial: trial.map(|trial| Trial { plan: trial.plan, days: trial.days, credits: trial.credits.0 }),
            overage: each(overage, self::overage)?,
            rollover: rollover.map(|all| all.into_iter().map(self::rollover).collect()),
            top_ups: each(top_ups, top_up)?,
            refunds: refunds.map(|all| all.into_iter().map(refund).collect()),
        })
    }

    /// Whether nothing is.
    pub(super) fn are_none(&self) -> bool {
        let Self { plans, rates, trial, overage, rollover, top_ups, refunds } = self;
        let besides = overage.is_none() && rollover.is_none() && top_ups.is_none() && refunds.is_none();
        plans.is_none() && rates.is_none() && trial.is_none() && besides
    }

    /// Prices, with these parts in the place of theirs.
    pub(super) fn over(&self, prices: &Pricebook) -> Pricebook {
        Pricebook {
            plans: self.plans.clone().unwrap_or_else(|| prices.plans.clone()),
            rates: self.rates.clone().unwrap_or_else(|| prices.rates.clone()),
            trial: self.trial.clone().unwrap_or_else(|| prices.trial.clone()),
            overage: self.overage.clone().unwrap_or_else(|| prices.overage.clone()),
            rollover: self.rollover.clone().unwrap_or_else(|| prices.rollover.clone()),
            top_ups: self.top_ups.clone().unwrap_or_else(|| prices.top_ups.clone()),
            refunds: self.refunds.clone().unwrap_or_else(|| prices.refunds.clone()),
        }
    }
}
