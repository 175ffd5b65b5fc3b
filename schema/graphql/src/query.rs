//! The roots of reading.

mod margin;
mod pricebook;

use async_graphql::{Context, ID, InputObject, MergedObject, Object, Result, SimpleObject};
use frontoffice_domain::{
    identity::{self, Permission},
    job, tenancy,
};

use crate::{
    connection::Connection,
    context::{asking, house, platform, signed_in},
    error::{failed, refuse},
    global_id::GlobalId,
    kind::TenantStatus,
    object::{
        audit::{self, AuditEntry, AuditFilter},
        conversation::Conversation,
        job::{Job, JobFilter},
        member::{StaffInvitation, StaffMember},
        node::{self, Found},
        status::SystemStatus,
        tenant::{Place, Tenant},
        viewer::Viewer,
    },
    paging::{MOST, Window, connection},
    row::Row,
    scalar::{DateTime, Uuid},
};

/// What can be read.
#[derive(Default, MergedObject)]
pub(crate) struct Query(Roots, pricebook::PriceRoots, margin::MarginRoots);

/// All but prices.
#[derive(Default)]
pub(crate) struct Roots;

/// The list of all tenants, in cursors.
const TENANTS: &str = "tenants";
/// The list of all jobs, in cursors.
const JOBS: &str = "jobs";

/// The list of those who work for the platform, in cursors.
const STAFF: &str = "staff";
/// The list of those who are asked to, in cursors.
const STAFF_INVITATIONS: &str = "staffInvitations";

/// An invitation, as it is shown to who holds its link.
#[derive(SimpleObject)]
pub(crate) struct InvitationPreview {
    /// The business that asks.
    business_name: String,
    /// Whom it asks.
    email: String,
    /// Whether they have an account; if not, they choose a password when they join.
    has_account: bool,
    /// Until when they may say yes.
    expires_at: DateTime,
}

/// Which tenants are wanted. What is left out does not matter.
#[derive(InputObject)]
pub(crate) struct TenantFilter {
    /// What they are.
    status: Option<TenantStatus>,
    /// What their name or slug has in it; A to Z in whatever case.
    text: Option<String>,
}

/// What can be read.
#[Object]
impl Roots {
    /// Who is signed in; null for strangers.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Option<Viewer>> {
        Ok(asking(ctx)?.by.clone().map(Viewer))
    }

    /// A tenant, by its UUID or its slug; null if there is none that the caller may know of. For those who are signed in.
    async fn tenant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The UUID it is known by.")] id: Option<Uuid>,
        #[graphql(desc = "Its short name in addresses.")] slug: Option<String>,
    ) -> Result<Option<Row<Tenant>>> {
        let name = match (id, slug) {
            (Some(id), None) => id.0.to_string(),
            (None, Some(slug)) => slug,
            _ => return Err(refuse("INPUT_INVALID", "Exactly one of `id` and `slug` must be said.")),
        };
        let (who, now) = (signed_in(ctx)?, asking(ctx)?.now);
        let entered = tenancy::enter_named(&house(ctx)?.db, who, Some(name), now).await.map_err(failed)?;
        Ok(entered.map(|entered| Row(Tenant(Place::new(entered)))))
    }

    /// What has this id; null if nothing has that the caller may see.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "The id.")] id: ID) -> Result<Option<Found>> {
        Ok(node::find(ctx, &[id]).await?.pop().flatten())
    }

    /// What has these ids, in their order; null for each that nothing has that the caller may see.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Found>>> {
        if ids.len() > MOST.into() {
            return Err(refuse("INPUT_INVALID", format!("`ids` may have at most {MOST}.")));
        }
        node::find(ctx, &ids).await
    }

    /// A conversation, by its id; null if there is none that the caller may know of. Needs `chat.read`.
    async fn conversation(&self, ctx: &Context<'_>, #[graphql(desc = "The id.")] id: ID) -> Result<Option<Row<Conversation>>> {
        if !matches!(GlobalId::decode(&id), Some(GlobalId::Conversation(..))) {
            return Err(refuse("INPUT_INVALID", "`id` must be the id of a conversation."));
        }
        Ok(node::find(ctx, &[id]).await?.pop().flatten().and_then(Found::conversation).map(Row))
    }

    /// All tenants, the newest first. For those who work for the platform. Needs `usage.read`.
    async fn tenants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all of them if nothing is said.")] filter: Option<TenantFilter>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Tenant>>> {
        let (house, platform) = (house(ctx)?, platform(ctx, Permission::UsageRead)?);
        let page = Window { first, last, after, before }.page(&house.key, TENANTS)?;
        let entering = platform.clone();
        let filter = filter.map_or_else(tenancy::Filter::default, |filter| tenancy::Filter {
            status: filter.status.map(Into::into),
            text: filter.text.filter(|text| !text.is_empty()),
        });
        let slice = house
            .read_all(platform, async move |mut conn, platform| tenancy::list(&mut conn, &platform, &filter, page).await)
            .await?;
        let slice = slice.map(|tenant| Tenant(Place::new(entering.entered(tenant))));
        Ok(Some(connection(slice, &house.key, TENANTS, Tenant::place)))
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
    ) -> Result<Option<Connection<Job>>> {
        let house = house(ctx)?;
        let platform = platform(ctx, Permission::JobManage)?;
        let page = Window { first, last, after, before }.page(&house.key, JOBS)?;
        let filter = filter.map(job::Filter::from).unwrap_or_default();
        let slice = house
            .read_all(platform, async move |mut conn, platform| job::list(&mut conn, &platform, &filter, page).await)
            .await?;
        Ok(Some(connection(slice.map(Job), &house.key, JOBS, Job::place)))
    }

    /// Those who work for the platform, in the order their accounts were made. Needs `member.manage`.
    async fn staff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<StaffMember>>> {
        let (house, platform) = (house(ctx)?, platform(ctx, Permission::MemberManage)?);
        let page = Window { first, last, after, before }.page(&house.key, STAFF)?;
        let slice = house
            .read_all(platform, async move |mut conn, platform| identity::colleagues(&mut conn, &platform, page).await)
            .await?;
        Ok(Some(connection(slice.map(StaffMember), &house.key, STAFF, StaffMember::place)))
    }

    /// Who is asked to work for the platform and may still say yes, the newest first. Needs `member.manage`.
    async fn staff_invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<StaffInvitation>>> {
        let (house, platform, now) = (house(ctx)?, platform(ctx, Permission::MemberManage)?, asking(ctx)?.now);
        let page = Window { first, last, after, before }.page(&house.key, STAFF_INVITATIONS)?;
        let slice = house
            .read_all(platform, async move |mut conn, platform| {
                identity::staff_invitations(&mut conn, &platform, page, now).await
            })
            .await?;
        Ok(Some(connection(slice.map(StaffInvitation), &house.key, STAFF_INVITATIONS, StaffInvitation::place)))
    }

    /// Who changed what, the newest first: in the whole platform for those who work for it and name no tenant in the filter, else in one
    /// tenant; null if there is no such tenant. Needs `audit.read`.
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which lines; all of them if nothing is said.")] filter: Option<AuditFilter>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<AuditEntry>>> {
        audit::log(ctx, filter, Window { first, last, after, before }).await
    }

    /// What the link in a letter that asks somebody to join leads to; null if it is not good, or no longer.
    async fn invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the link carries.")] token: String,
    ) -> Result<Option<InvitationPreview>> {
        let now = asking(ctx)?.now;
        let found = house(ctx)?.accounts.invitation(&token, now).await.map_err(failed)?;
        Ok(found.map(|invited| InvitationPreview {
            business_name: invited.business,
            email: invited.email,
            has_account: invited.has_account,
            expires_at: DateTime(invited.expires_at),
        }))
    }

    /// How the system is.
    async fn system_status(&self, ctx: &Context<'_>) -> Result<SystemStatus> {
        Ok(SystemStatus::look(house(ctx)?).await)
    }
}
