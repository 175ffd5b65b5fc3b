//! What the plan a tenant is on entitles it to.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::ledger::{of_version, prices};
use crate::{
    clock::Instant,
    credit::{
        model::{Entitled, Entitlement},
        rules,
    },
    db::Conn,
    fault::Fault,
    pricing::{self, Plan},
    run,
    tables::{pricebook_versions, subscriptions},
    tenancy::Scope,
};

/// How an entitlement of the tenant's plan stands if so many are used; `None` without a subscription.
pub(crate) async fn entitled(
    conn: &mut Conn,
    scope: &Scope,
    what: Entitlement,
    used: i64,
    now: Instant,
) -> Result<Option<Entitled>, Fault> {
    Ok(entitlements(conn, scope, &[(what, Some(used))], now).await?.pop())
}

/// For how many days the tenant's plan keeps conversations; `None` is for ever, and what holds without a subscription.
pub(crate) async fn retention_days(conn: &mut Conn, scope: &Scope) -> Result<Option<u32>, Fault> {
    let tenant = scope.tenant();
    let pinned: Option<(String, i32, Vec<u8>)> = run!(conn, |c| {
        subscriptions::table
            .inner_join(pricebook_versions::table)
            .filter(subscriptions::tenant_id.eq(tenant))
            .select((subscriptions::plan, pricebook_versions::number, pricebook_versions::content_hash))
            .first(c)
    })
    .optional()?;
    match pinned {
        Some((plan, number, hash)) => retention_of(conn, &plan, number, &hash).await,
        None => Ok(None),
    }
}

/// The same of a plan as a version of the pricebook has it.
pub(crate) async fn retention_of(conn: &mut Conn, plan: &str, number: i32, hash: &[u8]) -> Result<Option<u32>, Fault> {
    let prices = of_version(conn, number, hash).await?;
    let plan = prices.pricebook.plans.iter().find(|known| known.key == plan);
    Ok(plan.and_then(|plan| rules::limit(plan, Entitlement::RetentionDays)))
}

/// How several stand, by how many of each are used; none without a subscription.
pub(crate) async fn entitlements(
    conn: &mut Conn,
    scope: &Scope,
    used: &[(Entitlement, Option<i64>)],
    now: Instant,
) -> Result<Vec<Entitled>, Fault> {
    let tenant = scope.tenant();
    let key: Option<String> =
        run!(conn, |c| subscriptions::table.find(tenant).select(subscriptions::plan).first(c)).optional()?;
    let (Some(key), Some(prices)) = (key, prices(conn, scope).await?) else { return Ok(Vec::new()) };
    let Some(plan) = prices.pricebook.plans.iter().find(|known| known.key == key) else { return Ok(Vec::new()) };
    let today = pricing::resolve(conn, now).await?;
    let offered: &[Plan] = today.as_ref().map_or(&prices.pricebook.plans, |version| &version.pricebook.plans);
    let stands = |(what, used): &(Entitlement, Option<i64>)| {
        let limit = rules::limit(plan, *what);
        let more_in = rules::more_in(offered, *what, limit).map(|more| (more.name.clone(), rules::limit(more, *what)));
        Entitled { what: *what, plan: plan.name.clone(), limit, used: *used, more_in }
    };
    Ok(used.iter().map(stands).collect())
}
