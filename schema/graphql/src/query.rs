//! The roots of reading.

use async_graphql::{Context, ID, Object, Result, connection::Connection};
use frontoffice_domain::{
    job, pricing,
    tenancy::{self, Platform},
};

use crate::{
    context::{asking, house, signed_in},
    error::refuse,
    object::{
        job::{Job, JobFilter},
        node::{self, Node},
        pricebook::PricebookVersion,
        status::SystemStatus,
        tenant::{Place, Tenant},
        viewer::Viewer,
    },
    paging::{Cursor, MOST, Window, connection},
    scalar::{DateTime, Uuid},
};

/// The roots of reading.
pub(crate) struct Query;

/// The list of all jobs, in cursors.
const JOBS: &str = "jobs";
/// The list of the pricebook's versions, in cursors.
const VERSIONS: &str = "pricebookVersions";

/// What can be read.
#[Object]
impl Query {
    /// Who is signed in; null for strangers.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Option<Viewer>> {
        Ok(asking(ctx)?.by.clone().map(Viewer))
    }

    /// A tenant, by its UUID or its slug; null if there is none. For those who are signed in.
    async fn tenant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The UUID it is known by.")] id: Option<Uuid>,
        #[graphql(desc = "Its short name in addresses.")] slug: Option<String>,
    ) -> Result<Option<Tenant>> {
        let name = match (id, slug) {
            (Some(id), None) => id.0.to_string(),
            (None, Some(slug)) => slug,
            _ => return Err(refuse("INPUT_INVALID", "Exactly one of `id` and `slug` must be said.")),
        };
        let staff = signed_in(ctx)?.staff.clone();
        let entered = house(ctx)?
            .read_all(Platform::of_staff(&staff), async move |mut conn, _| {
                tenancy::enter_as_staff(&mut conn, &staff, Some(&name)).await
            })
            .await?;
        Ok(entered.map(|entered| Tenant(Place::new(entered))))
    }

    /// What has this id; null if nothing has that the caller may see.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "The id.")] id: ID) -> Result<Option<Node>> {
        Ok(node::find(ctx, &[id]).await?.pop().flatten())
    }

    /// What has these ids, in their order; null for each that nothing has that the caller may see.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > MOST.into() {
            return Err(refuse("INPUT_INVALID", format!("`ids` may have at most {MOST}.")));
        }
        node::find(ctx, &ids).await
    }

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
            .read_all(Platform::of_this_process(), async move |mut conn, _| pricing::resolve(&mut conn, at).await)
            .await?;
        Ok(found.map(PricebookVersion))
    }

    /// A version of the pricebook that is or was in force; null if there is none of that number.
    async fn pricebook_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its number, from 1.")] number: i32,
    ) -> Result<Option<PricebookVersion>> {
        let now = asking(ctx)?.now;
        let found = house(ctx)?
            .read_all(Platform::of_this_process(), async move |mut conn, _| pricing::version(&mut conn, number, now).await)
            .await?;
        Ok(found.map(PricebookVersion))
    }

    /// The versions of the pricebook that are or were in force, the newest first.
    async fn pricebook_versions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Cursor, PricebookVersion>>> {
        let (house, now) = (house(ctx)?, asking(ctx)?.now);
        let page = Window { first, last, after, before }.page(&house.key, VERSIONS)?;
        let slice = house
            .read_all(Platform::of_this_process(), async move |mut conn, _| pricing::versions(&mut conn, page, now).await)
            .await?;
        Ok(Some(connection(slice.map(PricebookVersion), &house.key, VERSIONS, PricebookVersion::place)))
    }

    /// The jobs of all tenants, the newest first. Needs `job.manage`.
    async fn jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all of them if nothing is said.")] filter: Option<JobFilter>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Cursor, Job>>> {
        let house = house(ctx)?;
        let platform = Platform::of_staff(&signed_in(ctx)?.staff);
        let page = Window { first, last, after, before }.page(&house.key, JOBS)?;
        let filter = filter.map(job::Filter::from).unwrap_or_default();
        let slice = house
            .read_all(platform, async move |mut conn, platform| job::list(&mut conn, &platform, &filter, page).await)
            .await?;
        Ok(Some(connection(slice.map(Job), &house.key, JOBS, Job::place)))
    }

    /// How the system is.
    async fn system_status(&self, ctx: &Context<'_>) -> Result<SystemStatus> {
        Ok(SystemStatus::look(house(ctx)?).await)
    }
}
