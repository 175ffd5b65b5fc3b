//! Reading tenants.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    clock::Instant,
    credit::{self, Entitlement},
    db::{Conn, containing, sought},
    fault::Fault,
    id::TenantId,
    identity::{self, Permission},
    knowledge,
    page::{Page, Slice},
    persona, run,
    tables::{subscriptions, tenants},
    tenancy::{
        model::{Entitlements, Filter, Status, Tenant},
        scope::{Platform, Scope},
    },
};

/// A page of all tenants, the newest first.
///
/// # Errors
/// If the store fails.
pub async fn list(conn: &mut Conn, platform: &Platform, filter: &Filter, page: Page<TenantId>) -> Result<Slice<Tenant>, Fault> {
    platform.require(Permission::UsageRead)?;
    let (postgres, text) = (conn.is_postgres(), filter.text.as_deref().map(sought));
    let rows = run!(conn, |c| {
        let trials = subscriptions::table.filter(subscriptions::tenant_id.eq(tenants::id).and(subscriptions::trial));
        let mut query = tenants::table.select(Tenant::as_select()).into_boxed();
        let open = tenants::closed_at.is_null().and(tenants::suspended_at.is_null());
        query = match filter.status {
            None => query,
            Some(Status::Closed) => query.filter(tenants::closed_at.is_not_null()),
            Some(Status::Suspended) => query.filter(tenants::closed_at.is_null().and(tenants::suspended_at.is_not_null())),
            Some(Status::Trial) => query.filter(open.and(diesel::dsl::exists(trials))),
            Some(Status::Active) => query.filter(open.and(diesel::dsl::not(diesel::dsl::exists(trials)))),
        };
        if let Some(text) = &text {
            let named = containing!(postgres, "tenants.name", text.clone());
            query = query.filter(named.or(containing!(postgres, "tenants.slug", text.clone())));
        }
        // Ids of rows sort by birth.
        if let Some(after) = page.after {
            query = query.filter(tenants::id.lt(after));
        }
        if let Some(before) = page.before {
            query = query.filter(tenants::id.gt(before));
        }
        if page.backwards() {
            query = query.order(tenants::id.asc());
        } else {
            query = query.order(tenants::id.desc());
        }
        query.limit(page.limit()).load(c)
    })?;
    Ok(page.slice(rows))
}

/// Whether the tenant only tries its plan. Whoever is let into a tenant may know what it is.
///
/// # Errors
/// If the store fails.
pub async fn on_trial(conn: &mut Conn, scope: &Scope) -> Result<bool, Fault> {
    let tenant = scope.tenant();
    let trial: Option<bool> =
        run!(conn, |c| subscriptions::table.find(tenant).select(subscriptions::trial).first(c)).optional()?;
    Ok(trial.unwrap_or(false))
}

/// What the tenant's plan entitles it to, and how much of that is used; nothing without a subscription.
///
/// # Errors
/// If the store fails.
pub async fn entitlements(conn: &mut Conn, scope: &Scope, now: Instant) -> Result<Entitlements, Fault> {
    scope.require(Permission::UsageRead)?;
    let used = [
        (Entitlement::Seats, Some(identity::seats_taken(conn, scope, None, now).await?)),
        (Entitlement::Personas, Some(persona::in_use(conn, scope).await?)),
        (Entitlement::KnowledgeItems, Some(knowledge::kept(conn, scope).await?)),
        // Nothing can be connected yet.
        (Entitlement::StandardIntegrations, Some(0)),
        (Entitlement::RetentionDays, None),
    ];
    credit::entitlements(conn, scope, &used, now).await
}
