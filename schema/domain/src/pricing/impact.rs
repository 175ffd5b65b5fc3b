//! Shapes of what a draft would do to those who are customers.

use std::sync::Arc;

use super::model::{Action, Pricebook};
use crate::{
    id::TenantId,
    money::{Credits, Money},
    text_enum::text_enum,
};

/// So many charges that each took so many tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// What was charged for.
    pub action: Action,
    /// The model that answered, if one did.
    pub model: Option<String>,
    /// How many tokens each took, prompt and completion together.
    pub tokens: u64,
    /// How many charges.
    pub count: u64,
}

/// A customer, and what they used in a month.
#[derive(Clone, Debug)]
pub struct Customer {
    /// Who, by the id they are known by outside.
    pub tenant: TenantId,
    /// What people call them.
    pub name: String,
    /// The key of their plan.
    pub plan: String,
    /// Whether they only try it: they pay nothing, and have the credits of a trial.
    pub trial: bool,
    /// What they are on.
    pub before: Arc<Pricebook>,
    /// What they used.
    pub used: Vec<Used>,
}

/// What a draft would have done to one customer's month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Whom, by the id they are known by outside.
    pub tenant: TenantId,
    /// What people call them.
    pub name: String,
    /// The key of their plan.
    pub plan: String,
    /// Whether they only try it.
    pub trial: bool,
    /// What they pay for a month, with what their usage costs beyond its credits; 0 if they only try it. `None` if what they are on has no such plan.
    pub price_before: Option<Money>,
    /// What they would pay. `None` if the draft has no such plan: they stay at what they are on, with the credits they have there.
    pub price_after: Option<Money>,
    /// What their usage costs.
    pub credits_before: Credits,
    /// What it would cost.
    pub credits_after: Credits,
    /// The credits they have for a month, or to try it.
    pub allowance_before: Credits,
    /// Those they would have.
    pub allowance_after: Credits,
    /// Whether their usage costs more than these, and than what their plan sells beyond them.
    pub runs_out_before: bool,
    /// Whether it would.
    pub runs_out_after: bool,
}

text_enum! {
    /// What has to be acknowledged by its name before it is published.
    Guard {
        /// The price of a plan, of a credit beyond its own, or of a credit of a top-up, moves by more than a quarter of what it was, up or down.
        PriceMove = "PRICE_MOVE",
        /// The credits of a plan fall by more than a quarter of what they were.
        CreditsMove = "CREDITS_MOVE",
        /// What answers cost moves by more than a quarter of what it was, up or down, for some number of tokens.
        RateMove = "RATE_MOVE",
        /// Answers of a model bring in less on a plan than the model's provider takes.
        MarginBelowCost = "MARGIN_BELOW_COST",
        /// A plan is not there any more.
        PlanRemoved = "PLAN_REMOVED",
        /// A plan is priced in a currency that it, or what is new, was not priced in before.
        CurrencyChange = "CURRENCY_CHANGE",
    }
}

/// Something a draft does that people may not have meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What.
    pub guard: Guard,
    /// To what: `plans/pro/list_price`, `plans/pro/credits`, `plans/pro`, `rates/answer_written/gpt-4o`, `overage/pro/price`.
    pub path: String,
    /// What it was, as people write it.
    pub before: String,
    /// What it is in the draft.
    pub after: String,
}

/// What a draft would have done to the month of all customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How many there are.
    pub tenants: u64,
    /// For how many the price, what their usage costs, or the credits they have would be another.
    pub affected: u64,
    /// How many would stay at what they are on, because the draft does not have their plan.
    pub kept: u64,
    /// What all pay for a month, by currency in the order of the codes; those who only try it are left out. Here and below, the most
    /// that can be written down if it is more.
    pub revenue_before: Vec<Money>,
    /// What they would pay.
    pub revenue_after: Vec<Money>,
    /// What all usage costs.
    pub credits_before: Credits,
    /// What it would cost.
    pub credits_after: Credits,
    /// How many need more credits than they have.
    pub run_out_before: u64,
    /// How many would.
    pub run_out_after: u64,
    /// The largest moves among the affected, the largest first, at most 20: first those whose price would be in another currency, as
    /// nobody can say how far that moves; then by how far the price moves in minor units, up or down; then by how far the cost of their
    /// usage does; then by how far the credits they have do; then by tenant.
    pub largest: Vec<Effect>,
    /// Who would run out and did not, at most 20: who lacks most first, then by tenant.
    pub running_out: Vec<Effect>,
}
