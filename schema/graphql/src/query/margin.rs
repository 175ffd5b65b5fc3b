//! The roots of reading what answers bring in and cost.

use async_graphql::{Context, Object, Result};
use frontoffice_domain::{credit, identity::Permission};

use crate::{
    context::{house, platform},
    object::{
        credits::stretch,
        spending::{Margin, ProviderCost},
    },
    scalar::DateTime,
};

/// What answers bring in and cost.
#[derive(Default)]
pub(crate) struct MarginRoots;

/// What can be read.
#[Object]
impl MarginRoots {
    /// What providers of language models take and took, by model, the newest moment first. Needs `pricebook.read`.
    async fn provider_costs(&self, ctx: &Context<'_>) -> Result<Vec<ProviderCost>> {
        let read = async move |mut conn, platform| credit::costs(&mut conn, &platform).await;
        let found = house(ctx)?.read_all(platform(ctx, Permission::PricebookRead)?, read).await?;
        Ok(found.into_iter().map(Into::into).collect())
    }

    /// What answers brought in and cost, by tenant and model. Needs `pricebook.read`.
    #[graphql(complexity = "100 * child_complexity")]
    async fn margins(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From when.")] from: DateTime,
        #[graphql(desc = "Until when, not included; at most 400 days later.")] to: DateTime,
    ) -> Result<Vec<Margin>> {
        let platform = platform(ctx, Permission::PricebookRead)?;
        let time = stretch(from, to)?;
        let read = async move |mut conn, platform| credit::margins(&mut conn, &platform, time).await;
        let found = house(ctx)?.read_all(platform, read).await?;
        Ok(found.into_iter().map(Into::into).collect())
    }
}
