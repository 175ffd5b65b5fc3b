//! What providers of language models take.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use frontoffice_domain::{
    credit::{self, NewProviderCost},
    identity::Permission,
    money::{Currency, MicroMoney},
};

use super::{UserError, UserErrorCode as Code};
use crate::{
    context::{asking, house, platform},
    object::spending::ProviderCost,
    scalar::DateTime,
};

/// What a provider takes for a model's tokens.
#[derive(InputObject)]
pub(crate) struct ProviderCostCreateInput {
    /// The model, by the name answers have it under; 1 to 200 characters.
    model: String,
    /// The currency's ISO 4217 code.
    currency: String,
    /// For a million tokens read, exact to the millionth: `2.5`.
    prompt: String,
    /// For a million tokens written.
    completion: String,
    /// From when; now if nothing is said.
    effective_from: Option<DateTime>,
}

/// What was written down.
#[derive(Default, SimpleObject)]
pub(crate) struct ProviderCostCreatePayload {
    /// The cost; null if nothing was written down.
    provider_cost: Option<ProviderCost>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// What providers take.
#[derive(Default)]
pub(crate) struct ProviderCosts;

/// What can be done with what providers take.
#[Object]
impl ProviderCosts {
    /// Writes down what a provider takes for a model's tokens from a moment on; what was written before stays. Prices are held against it, and
    /// margins are reckoned by it. Needs `pricebook.draft`.
    async fn provider_cost_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is taken for which model.")] input: ProviderCostCreateInput,
    ) -> Result<ProviderCostCreatePayload> {
        let (platform, now) = (platform(ctx, Permission::PricebookDraft)?, asking(ctx)?.now);
        let mut user_errors = Vec::new();
        let model = input.model.trim().to_owned();
        if model.is_empty() || model.chars().count() > 200 || model.chars().any(char::is_control) {
            user_errors.push(UserError::at("model", Code::Invalid, "must be 1 to 200 characters on one line"));
        }
        let currency = Currency::try_from(input.currency).ok();
        if currency.is_none() {
            user_errors.push(UserError::at("currency", Code::Invalid, "must be three capital letters, such as USD"));
        }
        let mut amount = |name: &'static str, text: &str| {
            let money = currency.and_then(|currency| MicroMoney::from_decimal(text, currency)).filter(|money| money.micro >= 0);
            if currency.is_some() && money.is_none() {
                user_errors.push(UserError::at(name, Code::Invalid, "must be a number of 0 or more with six decimals at most"));
            }
            money.map(|money| money.micro)
        };
        let amounts = (amount("prompt", &input.prompt), amount("completion", &input.completion));
        let (Some(currency), (Some(prompt_micro), Some(completion_micro)), true) = (currency, amounts, user_errors.is_empty())
        else {
            return Ok(ProviderCostCreatePayload { user_errors, ..Default::default() });
        };
        let effective_from = input.effective_from.map_or(now, |at| at.0);
        let new = NewProviderCost { model, currency, prompt_micro, completion_micro, effective_from };
        let set = async move |mut conn, platform| credit::set_cost(&mut conn, &platform, &new, now).await;
        let made = house(ctx)?.write_all(platform, set).await?;
        Ok(ProviderCostCreatePayload { provider_cost: Some(made.into()), ..Default::default() })
    }
}
