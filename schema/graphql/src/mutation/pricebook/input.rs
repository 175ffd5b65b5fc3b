//! Prices as they are sent.

use async_graphql::InputObject;
use frontoffice_domain::{
    money::{Currency, Money},
    pricing::{Plan, Pricebook, Rate, Trial},
};

use super::super::{Refusable, UserError, UserErrorCode};
use crate::{kind::ChargedAction, scalar::Credits};

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

fn money(input: MoneyInput, at: usize) -> Refusable<Money> {
    let field = |name: &str| ["input", "plans", &at.to_string(), "listPrice", name].map(str::to_owned).to_vec();
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
        list_price: money(input.list_price, at)?,
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

/// What of the prices is to be another.
#[derive(Clone)]
pub(super) struct Parts {
    plans: Option<Vec<Plan>>,
    rates: Option<Vec<Rate>>,
    trial: Option<Trial>,
}

impl Parts {
    pub(super) fn read(
        plans: Option<Vec<PlanInput>>,
        rates: Option<Vec<RateInput>>,
        trial: Option<TrialInput>,
    ) -> Refusable<Self> {
        Ok(Self {
            plans: plans.map(|plans| plans.into_iter().enumerate().map(plan).collect::<Refusable<_>>()).transpose()?,
            rates: rates.map(|rates| rates.into_iter().map(rate).collect()),
            trial: trial.map(|trial| Trial { plan: trial.plan, days: trial.days, credits: trial.credits.0 }),
        })
    }

    /// Whether nothing is.
    pub(super) fn are_none(&self) -> bool {
        self.plans.is_none() && self.rates.is_none() && self.trial.is_none()
    }

    /// Prices, with these parts in the place of theirs.
    pub(super) fn over(&self, prices: &Pricebook) -> Pricebook {
        Pricebook {
            plans: self.plans.clone().unwrap_or_else(|| prices.plans.clone()),
            rates: self.rates.clone().unwrap_or_else(|| prices.rates.clone()),
            trial: self.trial.clone().unwrap_or_else(|| prices.trial.clone()),
        }
    }
}
