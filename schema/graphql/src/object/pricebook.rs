//! What everything costs.

use async_graphql::{ID, Object, SimpleObject};
use frontoffice_domain::pricing::{self, rules::hex};

use crate::{
    global_id::GlobalId,
    kind::{ChargedAction, PricebookStatus},
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

/// A version of the pricebook.
#[derive(Clone)]
pub(crate) struct PricebookVersion(pub(crate) pricing::Version);

impl PricebookVersion {
    /// Where it is in the list of versions.
    pub(crate) fn place(&self) -> i32 {
        self.0.number
    }
}

/// What everything costs, in one version; it never changes.
#[Object]
impl PricebookVersion {
    /// Its id among all objects.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::PricebookVersion(self.0.number).encode()
    }

    /// Its number, from 1.
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// Where it is in its life, at the instant that was asked for.
    async fn status(&self) -> PricebookStatus {
        self.0.status.into()
    }

    /// SHA-256 over the canonical JSON of what it says, in hexadecimal.
    async fn content_hash(&self) -> String {
        hex(&self.0.content_hash)
    }

    /// From when it is in force.
    async fn effective_from(&self) -> DateTime {
        DateTime(self.0.effective_from)
    }

    /// Until when, if a later one is in force.
    async fn effective_to(&self) -> Option<DateTime> {
        self.0.effective_to.map(DateTime)
    }

    /// The plans, cheapest first.
    async fn plans(&self) -> Vec<Plan> {
        self.0.pricebook.plans.iter().cloned().map(Into::into).collect()
    }

    /// What actions cost.
    async fn rates(&self) -> Vec<Rate> {
        self.0.pricebook.rates.iter().cloned().map(Into::into).collect()
    }

    /// What new tenants may try.
    async fn trial(&self) -> Trial {
        let pricing::Trial { plan, days, credits } = self.0.pricebook.trial.clone();
        Trial { plan, days, credits: Credits(credits) }
    }
}
