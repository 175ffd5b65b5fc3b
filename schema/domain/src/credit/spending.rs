//! Shapes of what credits are used for, what that brings in, and what it costs.

use super::rules::margin::Mix;
use crate::{
    clock::Instant,
    id::{ProviderCostId, TenantId},
    money::{Credits, Currency, MicroMoney},
    text_enum::text_enum,
};

text_enum! {
    /// What usage is grouped by.
    UsageBy {
        /// Days, UTC.
        Day = "day",
        /// Who answered.
        Persona = "persona",
        /// The model that answered.
        Model = "model",
        /// Where it was asked.
        Channel = "channel",
        /// Who asked.
        Visitor = "visitor",
    }
}

/// What was used by one of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Which: a day (`2026-12-01`), a UUID, a model's or a channel's name; `None` where there was none.
    pub key: Option<String>,
    /// What people call it, where that is something else.
    pub label: Option<String>,
    /// How many charges.
    pub charges: i64,
    /// What was charged, less what was given back.
    pub credits: Credits,
    /// What was given back.
    pub refunded: Credits,
    /// Tokens read.
    pub prompt_tokens: i64,
    /// Tokens written.
    pub completion_tokens: i64,
}

/// What a provider takes for a model's tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewProviderCost {
    /// The model, by the name answers have it under; 1 to 200 characters.
    pub model: String,
    /// In which currency.
    pub currency: Currency,
    /// For a million tokens read, in millionths of it; 0 or more.
    pub prompt_micro: i64,
    /// For a million tokens written.
    pub completion_micro: i64,
    /// From when.
    pub effective_from: Instant,
}

/// The same, written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderCost {
    /// Its row.
    pub id: ProviderCostId,
    /// What it says.
    pub cost: NewProviderCost,
    /// When it was written down.
    pub created_at: Instant,
}

/// What a tenant's answers of one model brought in and cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Margin {
    /// Whose, by the id they are known by outside.
    pub tenant: TenantId,
    /// What people call them.
    pub name: String,
    /// Which model; `None` where there was no answer.
    pub model: Option<String>,
    /// How many charges.
    pub charges: i64,
    /// What was charged, less what was given back.
    pub credits: Credits,
    /// Tokens read and written.
    pub mix: Mix,
    /// What that is of the plans' list prices, by currency.
    pub revenue: Vec<MicroMoney>,
    /// What providers took, by currency.
    pub cost: Vec<MicroMoney>,
    /// Whether all of what they took is known.
    pub is_cost_known: bool,
}

impl Margin {
    /// What is left of what was brought in, in the currencies of both.
    #[must_use]
    pub fn left(&self) -> Vec<MicroMoney> {
        let mut left = self.revenue.clone();
        for cost in &self.cost {
            match left.iter_mut().find(|sum| sum.currency == cost.currency) {
                Some(sum) => sum.micro = sum.micro.saturating_sub(cost.micro),
                None => left.push(MicroMoney { micro: cost.micro.saturating_neg(), ..*cost }),
            }
        }
        left
    }

    /// Of nothing yet.
    pub(super) fn none(tenant: TenantId, model: Option<String>) -> Self {
        Self {
            tenant,
            name: String::new(),
            model,
            charges: 0,
            credits: Credits::ZERO,
            mix: Mix::default(),
            revenue: Vec::new(),
            cost: Vec::new(),
            is_cost_known: true,
        }
    }
}
