//! The roots of reading what everything costs.

use async_graphql::{Context, Object, Result};
use frontoffice_domain::{id::PricebookStepId, identity::Permission, pricing, tenancy::Platform};

use crate::{
    connection::Connection,
    context::{asking, house, platform, sight},
    error::refuse,
    object::{
        pricebook::PricebookVersion,
        pricebook_draft::{PricebookDifference, PricebookDraft},
        pricebook_impact::PricebookImpact,
        pricebook_publication::PricebookPublication,
        pricebook_step::PricebookStep,
    },
    paging::{Window, connection},
    scalar::DateTime,
};

/// The list of the pricebook's versions, in cursors.
const VERSIONS: &str = "pricebookVersions";
/// The list of what was done with prices, in cursors.
const STEPS: &str = "pricebookSteps";

/// What everything costs.
#[derive(Default)]
pub(crate) struct PriceRoots;

/// What can be read.
#[Object]
impl PriceRoots {
    /// The pricebook in force now, or at an instant; null before the first.
    async fn pricebook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant, not in the future; now if nothing is said.")] at: Option<DateTime>,
    ) -> Result<Option<PricebookVersion>> {
        let now = asking(ctx)?.now;
        let at = at.map_or(now, |at| at.0);
        if at > now {
            let message = "`at` must not be in the future: what is not in force yet is not public.";
            return Err(refuse("INPUT_INVALID", message));
        }
        let found = house(ctx)?
            .read_all(Platform::of_this_process(), async move |mut conn, _| pricing::resolve_at(&mut conn, at, now).await)
            .await?;
        Ok(found.and_then(PricebookVersion::alone))
    }

    /// A version of the pricebook that is or was in force, or with `pricebook.read` any; null if there is none of that number.
    async fn pricebook_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its number, from 1.")] number: i32,
    ) -> Result<Option<PricebookVersion>> {
        let (now, sight) = (asking(ctx)?.now, sight(ctx)?);
        let read = async move |mut conn, _| pricing::version(&mut conn, &sight, number, now).await;
        let found = house(ctx)?.read_all(Platform::of_this_process(), read).await?;
        Ok(found.and_then(PricebookVersion::alone))
    }

    /// The versions of the pricebook that are or were in force, or with `pricebook.read` all of them, the newest first.
    async fn pricebook_versions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<PricebookVersion>>> {
        let (house, now, sight) = (house(ctx)?, asking(ctx)?.now, sight(ctx)?);
        let page = Window { first, last, after, before }.page(&house.key, VERSIONS)?;
        let read = async move |mut conn, _| pricing::versions(&mut conn, &sight, page, now).await;
        let slice = house.read_all(Platform::of_this_process(), read).await?;
        Ok(Some(connection(PricebookVersion::page(slice), &house.key, VERSIONS, PricebookVersion::place)))
    }

    /// The prices somebody is working on; null if nobody is. Needs `pricebook.read`.
    async fn pricebook_draft(&self, ctx: &Context<'_>) -> Result<Option<PricebookDraft>> {
        let platform = platform(ctx, Permission::PricebookRead)?;
        let read = async |mut conn, platform| pricing::draft(&mut conn, &platform).await;
        let draft = house(ctx)?.read_all(platform.clone(), read).await?;
        Ok(draft.map(|draft| PricebookDraft::new(&platform, draft)))
    }

    /// What is different between two pricebooks; null if there is no such version, or no draft. Drafts, and versions that are not in force
    /// by now, are for those who have `pricebook.read`.
    async fn pricebook_diff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the version that is compared with; the last live one if nothing is said.")] from: Option<
            i32,
        >,
        #[graphql(desc = "The number of the version that is compared; the draft if nothing is said.")] to: Option<i32>,
    ) -> Result<Option<Vec<PricebookDifference>>> {
        let (now, sight) = (asking(ctx)?.now, sight(ctx)?);
        // Whoever may not see drafts is told so, instead of that there is none.
        let reader = match to {
            None => platform(ctx, Permission::PricebookRead)?,
            Some(_) => Platform::of_this_process(),
        };
        let read = async move |mut conn, reader: Platform| {
            let before = match from {
                None => pricing::latest(&mut conn, &sight, now).await?,
                Some(number) => pricing::version(&mut conn, &sight, number, now).await?,
            };
            let after = match to {
                None => pricing::draft(&mut conn, &reader).await?.map(|draft| draft.pricebook),
                Some(number) => pricing::version(&mut conn, &sight, number, now).await?.map(|version| version.pricebook),
            };
            Ok(before.map(|version| version.pricebook).zip(after))
        };
        let found = house(ctx)?.read_all(reader, read).await?;
        Ok(found.map(|(before, after)| PricebookDifference::between(&before, &after)))
    }

    /// What prices would have done to what all customers used in the last 30 days; null if there is no such version, or no draft. Needs
    /// `pricebook.read`.
    async fn pricebook_impact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the version; the draft if nothing is said.")] number: Option<i32>,
    ) -> Result<Option<PricebookImpact>> {
        PricebookImpact::of(ctx, number).await
    }

    /// How far it is that those who are customers already are on a version; null if there is no such version, or nobody was there whom it could
    /// have reached. Needs `pricebook.read`.
    async fn pricebook_publication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version's number, from 1.")] number: i32,
    ) -> Result<Option<PricebookPublication>> {
        let (platform, now) = (platform(ctx, Permission::PricebookRead)?, asking(ctx)?.now);
        let read = async move |mut conn, platform| pricing::publication(&mut conn, &platform, number, now).await;
        Ok(house(ctx)?.read_all(platform, read).await?.map(Into::into))
    }

    /// What was done with prices, the newest first. Needs `pricebook.read`.
    async fn pricebook_steps(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<PricebookStep>>> {
        let (house, platform) = (house(ctx)?, platform(ctx, Permission::PricebookRead)?);
        let page = Window { first, last, after, before }.page::<PricebookStepId>(&house.key, STEPS)?;
        let read = async move |mut conn, platform| pricing::history(&mut conn, &platform, page).await;
        let slice = house.read_all(platform, read).await?;
        Ok(Some(connection(slice.map(PricebookStep), &house.key, STEPS, PricebookStep::place)))
    }

    /// Whether approving prices takes somebody who has not written them. Needs `pricebook.read`.
    async fn pricebook_four_eyes(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        let platform = platform(ctx, Permission::PricebookRead)?;
        let read = async |mut conn, platform| pricing::four_eyes(&mut conn, &platform).await;
        house(ctx)?.read_all(platform, read).await.map(Some)
    }
}
